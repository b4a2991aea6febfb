"""Databases of the sandbox: what may be created, listed, counted and changed."""

import hashlib
import itertools
import time
from datetime import datetime

import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

from apps.sandbox import worlds

GOOD = {"capabilitie": "sqlPerso", "type": "mysql", "password": "Geheim12345"}


@pytest.fixture
def hosting(simulated):
    return f"/hosting/web/{simulated.service}"


@pytest.fixture
def user(simulated):
    return f"{simulated.truth(simulated.service)['login']}neu"


def test_the_list_is_filtered_by_mode_and_by_type(api, simulated, database):
    everything = api.get(f"{database.hosting}/database")
    database.truth["mode"] = "module"

    assert api.get(f"{database.hosting}/database", mode="module") == [database.name]
    assert database.name not in api.get(f"{database.hosting}/database", mode="classic")
    assert api.get(f"{database.hosting}/database", type="mysql") == everything
    assert api.get(f"{database.hosting}/database", type="mongodb") == []


@pytest.mark.parametrize("query", [{"mode": "fast"}, {"type": "oracle"}])
def test_a_filter_outside_the_enumeration_is_refused(api, hosting, query):
    with pytest.raises(BadParametersError, match="enumeration"):
        api.get(f"{hosting}/database", **query)


def test_a_database_in_four_of_the_demo_was_made_by_a_module():
    demo = worlds.make("demo")
    modes = [each.get("mode") for service in demo.services.values() for each in service["databases"].values()]

    assert modes.count("module") == len(modes) // 4


def test_counting_its_size_anew_takes_a_task_and_sets_the_last_check(api, simulated, database):
    before = api.get(database.path)["lastCheck"]

    task = api.post(f"{database.path}/request", action="CHECK_QUOTA")

    assert task["function"] == "database/checkQuotaNow"
    assert api.get(database.path)["status"] == "checking"
    simulated.finish_tasks()
    after = api.get(database.path)
    assert after["status"] == "created"
    assert before < after["lastCheck"]
    assert time.time() - datetime.fromisoformat(after["lastCheck"]).timestamp() < 60


@pytest.mark.parametrize("body", [{}, {"action": "OPTIMIZE"}, {"action": "CHECK_QUOTA", "now": True}])
def test_another_request_is_refused(api, database, body):
    with pytest.raises(BadParametersError, match=r"\["):
        api.post(f"{database.path}/request", **body)


def test_a_database_at_work_is_not_asked_for_more(api, database):
    api.post(f"{database.path}/request", action="CHECK_QUOTA")

    for path, body in (("request", {"action": "CHECK_QUOTA"}), ("changePassword", {"password": "Neu123456"})):
        with pytest.raises(ResourceConflictError):
            api.post(f"{database.path}/{path}", **body)


@pytest.mark.parametrize(
    ("period", "step", "days"), [("daily", 300, 1), ("weekly", 3600, 7), ("monthly", 14400, 30), ("yearly", 86400, 365)]
)
def test_statistics_cover_their_period_evenly(api, database, period, step, days):
    for serie in api.get(f"{database.path}/statistics", period=period, type="statement"):
        moments = [each["timestamp"] for each in serie["values"]]

        assert len(moments) == days * 86400 // step
        assert {after - before for before, after in itertools.pairwise(moments)} == {step}
        assert moments[-1] <= time.time()


def test_statistics_are_the_same_each_time_and_have_bounds_and_gaps(api, database):
    def ask():
        return api.get(f"{database.path}/statistics", period="yearly", type="statementMeanTime")

    values = [each["value"] for serie in ask() for each in serie["values"]]

    assert ask() == ask()
    assert {serie["unit"] for serie in ask()} == {"ms"}
    assert None in values
    assert all(0 <= value <= 40 for value in values if value is not None)


@pytest.mark.parametrize(
    "query", [{}, {"period": "daily"}, {"type": "statement"}, {"period": "hourly", "type": "statement"}]
)
def test_statistics_need_a_period_and_a_type(api, database, query):
    with pytest.raises(BadParametersError, match=r"\[(period|type)\]"):
        api.get(f"{database.path}/statistics", **query)


@pytest.mark.parametrize(("how", "password"), [("done", "Neues12345"), ("cancelled", "Altes12345")])
def test_a_password_changes_when_its_task_is_done_and_only_then(api, simulated, database, how, password):
    database.truth["password"] = hashlib.sha256(b"Altes12345").hexdigest()

    api.post(f"{database.path}/changePassword", password="Neues12345")
    assert database.truth["password"] == hashlib.sha256(b"Altes12345").hexdigest()
    simulated.finish_tasks(how)

    assert database.truth["password"] == hashlib.sha256(password.encode()).hexdigest()
    assert database.truth["status"] == "created"


def test_larger_offers_have_extra_and_private_databases_too(api, simulated, hosting):
    offered = {each["type"]: each for each in api.get(f"{hosting}/databaseCreationCapabilities")}
    assert list(offered) == ["sqlPerso", "extraSqlPerso", "privateDatabase"]
    assert offered["privateDatabase"]["isolation"] == "dedicated"
    assert "redis" in api.get(f"{hosting}/databaseAvailableType")

    simulated.control("POST", f"services/{simulated.service}", offer="PRO")

    assert [each["type"] for each in api.get(f"{hosting}/databaseCreationCapabilities")] == ["sqlPerso"]
    assert api.get(f"{hosting}/databaseAvailableType") == ["mysql"]


def test_a_capability_is_used_up_by_what_was_created_with_it(api, hosting, user):
    def left():
        return {each["type"]: each["available"] for each in api.get(f"{hosting}/databaseCreationCapabilities")}

    before = left()
    private = GOOD | {"capabilitie": "privateDatabase", "type": "redis"}

    api.post(f"{hosting}/database", **private, user=user)

    assert left() == before | {"privateDatabase": 0}
    with pytest.raises(BadParametersError, match="maximum"):
        api.post(f"{hosting}/database", **private, user=f"{user}2")


def test_an_extra_database_shows_its_slot_and_has_the_quota_of_it(api, hosting, user):
    api.post(f"{hosting}/database", **GOOD | {"capabilitie": "extraSqlPerso"}, user=user)

    made = api.get(f"{hosting}/database/{user}.mysql.db")

    assert (made["databaseType"], made["quotaSize"]["value"]) == ("extra", 400)
    assert isinstance(made["sqlpersoId"], int)


@pytest.mark.parametrize("wrong", [{"capabilitie": "sqlPro"}, {"type": "redis"}, {"type": "mongodb"}])
def test_what_is_not_offered_cannot_be_created(api, simulated, hosting, user, wrong):
    with pytest.raises(BadParametersError, match=r"not available|enumeration"):
        api.post(f"{hosting}/database", **GOOD | wrong, user=user)

    assert simulated.effects() == []


@pytest.mark.parametrize("path", ["", "/capabilities", "/statistics?period=daily&type=statement", "/copy", "/dump"])
def test_an_unknown_database_is_404(api, hosting, path):
    with pytest.raises(ResourceNotFoundError):
        api.get(f"{hosting}/database/nobody.mysql.db{path}")
