"""What a hosting as a whole shows and can be asked for; batches; tasks somebody else started."""

import json
import urllib.error
import urllib.request
from itertools import pairwise

import ovh.client
import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.sandbox.conftest import Hosting, client_of

POINTS = {"daily": (288, 300), "weekly": (168, 3600), "monthly": (180, 14400), "yearly": (365, 86400)}


@pytest.mark.parametrize("period", POINTS)
def test_statistics_have_a_point_for_each_step_of_the_period(hosting, period):
    count, step = POINTS[period]

    series = hosting.get("/statistics", period=period, type="in.httpHits")

    assert [each["serieName"] for each in series] == ["2xx", "3xx", "4xx", "5xx"]
    moments = [each["timestamp"] for each in series[0]["values"]]
    assert len(moments) == count
    assert {later - earlier for earlier, later in pairwise(moments)} == {step}


def test_statistics_are_the_same_each_time_with_a_few_gaps(hosting):
    asked = {"period": "weekly", "type": "sys.cpuUsage"}

    values = [each["value"] for each in hosting.get("/statistics", **asked)[0]["values"]]

    assert 0 < values.count(None) < 20
    assert [each["value"] for each in hosting.get("/statistics", **asked)[0]["values"]][:-2] == values[:-2]


@pytest.mark.parametrize("query", [{}, {"period": "daily"}, {"period": "daily", "type": "luck"}, {"period": "hourly"}])
def test_statistics_need_a_known_period_and_type(hosting, query):
    with pytest.raises(BadParametersError):
        hosting.get("/statistics", **query)


@pytest.mark.parametrize(
    ("action", "function"),
    [("CHECK_QUOTA", "web/checkQuotaNow"), ("FLUSH_CACHE", "cdn/flush"), ("SCAN_ANTIHACK", "scan/create")],
)
def test_a_request_is_a_task_and_not_two_at_once(hosting, action, function):
    assert hosting.post("/request", action=action)["function"] == function

    with pytest.raises(ResourceConflictError):
        hosting.post("/request", action=action)


def test_a_snapshot_is_restored_by_a_task(hosting):
    hosting.post("/restoreSnapshot", backup="daily.2")
    assert hosting.truth["restoredSnapshot"] is None

    hosting.finish()

    assert hosting.truth["restoredSnapshot"] == "daily.2"


@pytest.mark.parametrize(
    ("truth", "backup", "message"),
    [
        ({}, "daily.9", "enumeration"),
        ({"usedGb": 300.0}, "daily.1", "half of the quota"),
        ({"state": "maintenance"}, "daily.1", "maintenance"),
    ],
)
def test_a_snapshot_that_cannot_be_restored_is_refused(hosting, truth, backup, message):
    hosting.truth.update(truth)

    with pytest.raises(BadParametersError, match=message):
        hosting.post("/restoreSnapshot", backup=backup)


def test_outgoing_connections_are_allowed_again_unless_only_the_support_can(hosting):
    hosting.truth["outState"] = "blocked"
    assert hosting.post("/unblockTCPOut") is None
    assert hosting.get("/abuseState")["outState"] == "active"

    hosting.truth["outState"] = "hardBlocked"
    with pytest.raises(BadParametersError):
        hosting.post("/unblockTCPOut")


def test_how_a_service_is_renewed_can_be_changed(hosting):
    assert hosting.put("/serviceInfos", renew={"automatic": False, "deleteAtExpiration": True, "period": 1}) is None

    found = hosting.get("/serviceInfos")
    assert (found["renew"]["automatic"], found["renew"]["deleteAtExpiration"], found["renew"]["period"]) == (
        False,
        True,
        1,
    )
    assert found["renewalType"] == "manual"


@pytest.mark.parametrize("body", [{}, {"renew": "yes"}, {"renew": {"period": 7}}, {"renew": {"colour": 1}}])
def test_a_renewal_that_breaks_the_rules_is_refused(hosting, body):
    with pytest.raises(BadParametersError):
        hosting.put("/serviceInfos", **body)


def test_what_an_offer_includes_is_open_to_everyone(simulated):
    url = f"{simulated.running.url}/1.0/hosting/web/offerCapabilities"

    assert not json.load(urllib.request.urlopen(f"{url}?offer=PERSO"))["ssh"]
    for query in ("", "?offer=GOLD"):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(url + query)


def test_runtimes_are_listed_by_name_and_type(bare):
    first, second = bare.get("/runtime")

    assert bare.get("/runtime", type="nodejs-14") == [second]
    assert bare.get("/runtime", name="Si") == [first]
    assert bare.get(f"/runtime/{first}")["isDefault"]
    assert "nodejs-14" in bare.get("/runtimeAvailableTypes", language="nodejs")
    assert bare.get(f"/runtime/{first}/attachedDomains") == []
    with pytest.raises(ResourceNotFoundError):
        bare.get("/runtime/7")


def test_a_domain_shows_every_address_it_has(hosting):
    hosting.truth |= {"stray": ["atelier-maree.fr"], "elsewhere": ["www.atelier-maree.fr"]}

    records = hosting.get("/attachedDomain/atelier-maree.fr/digStatus")["records"]
    assert [(each["type"], each["isOvhIp"]) for each in records.values()] == [("A", True), ("AAAA", True), ("A", False)]
    records = hosting.get("/attachedDomain/www.atelier-maree.fr/digStatus")["records"]
    assert [each["dnsConfigured"] for each in records.values()] == [False]


def test_a_cancelled_change_leaves_the_domain_as_it_was(hosting):
    hosting.put("/attachedDomain/atelier-maree.fr", path="shop")
    with pytest.raises(ResourceConflictError):
        hosting.post("/attachedDomain/atelier-maree.fr/restart")
    assert hosting.get("/attachedDomain/atelier-maree.fr")["path"] == "shop"

    hosting.finish("cancelled")

    assert hosting.get("/attachedDomain/atelier-maree.fr")["path"] == "www"


def batch(client, path, separator=","):
    return client.raw_call("GET", path, headers={"X-Ovh-Batch": separator}).json()


def test_a_batch_answers_each_id_by_itself(hosting):
    path = f"/hosting/web/{hosting.name}/user/{hosting.login},nobody"

    good, bad = batch(hosting.client, path)

    assert (good["key"], good["error"], good["value"]) == (hosting.login, None, hosting.get(f"/user/{hosting.login}"))
    assert (bad["key"], bad["value"]) == ("nobody", None)
    assert "does not exist" in bad["error"]


def test_a_batch_goes_over_services_too_with_any_separator(simulated):
    names = simulated.account["services"]

    answers = batch(client_of(simulated), f"/hosting/web/{';'.join(names)}", ";")

    assert [each["value"]["serviceName"] for each in answers] == names


def test_without_batches_several_ids_are_one_that_is_not_there(hosting):
    hosting.simulated.control("POST", "settings", batch=False)

    answer = batch(hosting.client, f"/hosting/web/{hosting.name}/user/{hosting.login},nobody")

    assert answer["class"] == "Client::NotFound"


def test_a_task_somebody_else_started_keeps_its_object_busy_and_changes_nothing(hosting):
    about = {"function": "attachedDomain/delete", "object_id": "atelier-maree.fr", "object_type": "AttachedDomain"}
    task = hosting.simulated.control("POST", "start_task", service=hosting.name, seconds=60, **about)
    assert task["id"] in hosting.get("/tasks")
    with pytest.raises(ResourceConflictError):
        hosting.delete("/attachedDomain/atelier-maree.fr")

    hosting.finish()

    assert hosting.get("/attachedDomain/atelier-maree.fr")["status"] == "created"
    assert hosting.simulated.effects() == []


def test_a_world_kept_by_an_older_sandbox_gets_what_it_lacks(tmp_path, monkeypatch):
    first = serve(world="small", state=tmp_path / "sandbox.json")
    first.stop()
    kept = json.loads((tmp_path / "sandbox.json").read_text())
    older = ("users", "modules", "certificates", "runtimes", "outState", "stray", "regenerations", "renew")
    for service in kept["services"].values():
        for name in older:
            del service[name]
    (tmp_path / "sandbox.json").write_text(json.dumps(kept))

    second = serve(world="empty", state=tmp_path / "sandbox.json")
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{second.url}/1.0")
    hosting = Hosting(Ovh(second), Ovh(second).service)

    assert hosting.get(f"/user/{hosting.login}")["isPrimaryAccount"]
    assert hosting.get("/ssl")["provider"] == "LETSENCRYPT"
    assert hosting.get("/serviceInfos")["renew"]["period"] == 12
    second.stop()
