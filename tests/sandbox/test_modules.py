"""Sites installed with one click."""

import urllib.request

import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

WORDPRESS, PRESTASHOP, WITHDRAWN = 101, 110, 112
DEPENDENCY = {"type": "mysql", "name": "shop", "user": "shop", "password": "Geheim12345", "server": "shop.mysql.db"}


@pytest.fixture
def module(hosting):
    """The id of a WordPress that is being installed, with a database OVH makes for it."""
    task = hosting.post("/module", moduleId=WORDPRESS, domain="atelier-maree.fr", path="blog")
    return int(task["objectId"])


def test_the_catalogue_is_open_to_everyone_and_can_be_filtered(simulated):
    with urllib.request.urlopen(f"{simulated.running.url}/1.0/hosting/web/moduleList") as answer:
        assert answer.status == 200

    url = f"{simulated.running.url}/1.0/hosting/web/moduleList?active=true&latest=true&branch=stable"
    assert urllib.request.urlopen(url).read() == b"[101, 110, 120, 130]"


def test_the_catalogue_says_what_a_module_needs(hosting):
    assert hosting.client.get(f"/hosting/web/moduleList/{PRESTASHOP}")["adminNameType"] == "email"
    with pytest.raises(ResourceNotFoundError):
        hosting.client.get("/hosting/web/moduleList/7")
    with pytest.raises(BadParametersError):
        hosting.client.get("/hosting/web/moduleList", branch="new")


def test_a_module_is_installed_with_a_database_of_its_own(hosting, module):
    assert hosting.get(f"/module/{module}")["status"] == "creating"
    assert hosting.get(f"/database/{hosting.login}mod1.mysql.db")["status"] == "creating"

    hosting.finish()

    found, database = hosting.get(f"/module/{module}"), hosting.get(f"/database/{hosting.login}mod1.mysql.db")
    assert (found["status"], found["taskId"], found["path"], found["language"]) == ("created", None, "blog", "fr")
    assert (database["status"], database["mode"]) == ("created", "module")
    assert found["dependencies"][0]["user"] == database["user"]


def test_a_cancelled_installation_leaves_neither_module_nor_database(hosting, module):
    hosting.finish("cancelled")

    assert hosting.get("/module") == []
    assert hosting.get("/database") == []


def test_a_module_takes_the_database_it_is_given(hosting):
    hosting.post("/module", moduleId=WORDPRESS, dependencies=[DEPENDENCY])

    (number,) = hosting.get("/module")
    assert hosting.get("/database") == []
    shown = hosting.get(f"/module/{number}")["dependencies"]
    assert [(each["name"], each["password"]) for each in shown] == [("shop", None)]


def test_passwords_of_a_module_are_not_kept(hosting):
    hosting.post("/module", moduleId=WORDPRESS, adminPassword="Anders67890", dependencies=[DEPENDENCY])

    effects = hosting.simulated.effects()
    assert effects[0]["values"]["dependencies"] == [
        {name: value for name, value in DEPENDENCY.items() if name != "password"}
    ]
    kept = hosting.simulated.running.world.to_json()
    assert "Anders67890" not in kept
    assert "Geheim12345" not in kept


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"moduleId": 7},
        {"moduleId": WITHDRAWN},
        {"moduleId": "101"},
        {"moduleId": WORDPRESS, "adminPassword": "short"},
        {"moduleId": WORDPRESS, "adminName": "two words"},
        {"moduleId": PRESTASHOP, "adminName": "no-address"},
        {"moduleId": WORDPRESS, "language": "cz"},
        {"moduleId": WORDPRESS, "domain": "elsewhere.example.com"},
        {"moduleId": WORDPRESS, "path": "../x"},
        {"moduleId": WORDPRESS, "dependencies": [{"name": "shop"}]},
        {"moduleId": WORDPRESS, "dependencies": [{"type": "redis"}]},
        {"moduleId": WORDPRESS, "dependencies": [{"type": "mysql", "colour": "red"}]},
        {"moduleId": WORDPRESS, "dependencies": ["mysql"]},
    ],
)
def test_a_module_that_breaks_the_rules_is_refused_and_changes_nothing(hosting, body):
    with pytest.raises(BadParametersError, match=r"^\["):
        hosting.post("/module", **body)

    assert hosting.get("/module") == []
    assert hosting.get("/database") == []


def test_a_folder_holds_one_module(hosting, module):
    with pytest.raises(BadParametersError, match="already installed"):
        hosting.post("/module", moduleId=PRESTASHOP, path="./blog/")


def test_a_module_needs_a_database_the_offer_still_has(hosting):
    hosting.truth["maxDatabases"] = 0

    with pytest.raises(BadParametersError, match="maximum number of databases"):
        hosting.post("/module", moduleId=WORDPRESS)


def test_the_address_of_a_module_is_below_its_domain(hosting):
    hosting.post("/module", moduleId=WORDPRESS, domain="atelier-maree.fr", path="www/shop")

    (number,) = hosting.get("/module")
    assert hosting.get(f"/module/{number}")["targetUrl"] == "http://atelier-maree.fr/shop"


def test_a_deleted_module_is_gone_and_its_database_stays(hosting, module):
    with pytest.raises(ResourceConflictError):
        hosting.delete(f"/module/{module}")
    hosting.finish()

    hosting.delete(f"/module/{module}")
    hosting.finish()

    with pytest.raises(ResourceNotFoundError):
        hosting.get(f"/module/{module}")
    assert hosting.get("/database") == [f"{hosting.login}mod1.mysql.db"]
