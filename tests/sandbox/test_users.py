"""FTP and SSH users."""

import pytest
from ovh.exceptions import APIError, BadParametersError, ResourceConflictError, ResourceNotFoundError

GOOD = {"home": "www/blog", "password": "Geheim12345"}


@pytest.fixture
def login(hosting):
    """A user who has just been asked for."""
    hosting.post("/user", login=f"{hosting.login}-neu", **GOOD)
    return f"{hosting.login}-neu"


def test_a_new_user_is_there_when_its_task_ends(hosting, login):
    assert hosting.get(f"/user/{login}")["status"] == "creating"

    hosting.finish()

    found = hosting.get(f"/user/{login}")
    assert (found["status"], found["taskId"], found["sshState"], found["state"]) == ("created", None, "none", "rw")
    assert found["serviceManagementCredentials"]["ftp"]["user"] == login


def test_a_user_whose_task_is_cancelled_never_was(hosting, login):
    hosting.finish("cancelled")

    with pytest.raises(ResourceNotFoundError):
        hosting.get(f"/user/{login}")


@pytest.mark.parametrize(
    ("suffix", "others"),
    [
        ("neu", {}),
        ("-", {}),
        ("-with space", {}),
        ("-much-too-long-for-a-login", {}),
        ("-neu", {"password": "short"}),
        ("-neu", {"password": None}),
        ("-neu", {"home": "../else"}),
        ("-neu", {"home": "/etc"}),
        ("-neu", {"sshState": "maybe"}),
        ("-neu", {"state": "rw"}),
    ],
)
def test_a_user_that_breaks_the_rules_is_refused_and_changes_nothing(hosting, suffix, others):
    with pytest.raises(BadParametersError, match=r"^\["):
        hosting.post("/user", **{"login": f"{hosting.login}{suffix}", **GOOD, **others})

    assert hosting.simulated.effects() == []


def test_a_login_that_is_taken_is_a_conflict(hosting, login):
    with pytest.raises(ResourceConflictError):
        hosting.post("/user", login=login, **GOOD)


def test_ssh_needs_an_offer_that_has_it(hosting):
    hosting.truth["offer"] = "PERSO"

    with pytest.raises(BadParametersError, match="SSH"):
        hosting.put(f"/user/{hosting.login}", sshState="active")


def test_the_offers_number_of_users_is_a_limit(hosting):
    hosting.truth["offer"] = "START"
    hosting.truth["users"] |= {f"{hosting.login}-{number}": {} for number in range(6)}

    with pytest.raises(BadParametersError, match="maximum"):
        hosting.post("/user", login=f"{hosting.login}-neu", **GOOD)


def test_a_change_answers_nothing_and_shows_its_task_at_the_user(hosting, login):
    hosting.finish()

    assert hosting.put(f"/user/{login}", home="www", state="off") is None

    found = hosting.get(f"/user/{login}")
    assert (found["status"], found["home"], found["state"]) == ("updating", "www", "off")
    assert hosting.get(f"/tasks/{found['taskId']}")["function"] == "user/update"


def test_a_cancelled_change_leaves_the_user_as_it_was(hosting, login):
    hosting.finish()
    hosting.put(f"/user/{login}", home="www")

    hosting.finish("cancelled")

    assert hosting.get(f"/user/{login}")["home"] == "www/blog"


def test_a_password_changes_when_its_task_is_done_and_is_kept_as_a_hash(hosting, login):
    hosting.finish()
    before = hosting.truth["users"][login]["password"]
    task = hosting.post(f"/user/{login}/changePassword", password="Anders67890")
    assert task["function"] == "user/changePassword"
    assert hosting.truth["users"][login]["password"] == before

    hosting.finish()

    assert hosting.truth["users"][login]["password"] not in (before, "Anders67890")
    assert "Anders67890" not in hosting.simulated.running.world.to_json()


def test_two_tasks_on_one_user_do_not_run_at_once(hosting, login):
    with pytest.raises(ResourceConflictError):
        hosting.delete(f"/user/{login}")


def test_a_deleted_user_is_gone(hosting, login):
    hosting.finish()
    hosting.delete(f"/user/{login}")
    assert hosting.get(f"/user/{login}")["status"] == "deleting"

    hosting.finish()

    assert login not in hosting.get("/user")


def test_the_primary_account_is_there_and_stays(hosting):
    assert hosting.get(f"/user/{hosting.login}")["isPrimaryAccount"]

    with pytest.raises(APIError, match="primary"):
        hosting.delete(f"/user/{hosting.login}")


def test_users_are_found_by_a_part_of_their_login_or_home(hosting, login):
    assert hosting.get("/user", login="-neu") == [login]
    assert hosting.get("/user", home="blog") == [login]
    assert hosting.get("/user", home="blog", login="nobody") == []
