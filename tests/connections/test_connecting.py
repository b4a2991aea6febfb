"""Connecting an account: what is looked at, kept, refused, and said."""

import json

import pytest

from apps.audit.models import Entry
from apps.connections.client import client_for
from apps.connections.models import Connection, Health
from apps.teams.models import Role, Team
from tests.connections.conftest import join, keys_of, signed_in, text_of, url

SECRETS = ("application_secret", "consumer_key")


def test_keys_connect_an_account(panel, ovh, no_broker):
    answer = panel.post(url("create"), keys_of(ovh))

    connection = Connection.objects.get()
    assert answer.headers["Location"] == url("detail", connection.pk)
    assert (connection.nichandle, connection.health) == (ovh.account["nichandle"], Health.OK)
    assert ("inventory.sync_due",) in no_broker


def test_what_was_connected_can_be_called(panel, ovh):
    panel.post(url("create"), keys_of(ovh))

    me = client_for(Connection.objects.get()).get("/me")

    assert me["nichandle"] == ovh.account["nichandle"]


def test_secrets_are_sealed_in_the_row(panel, ovh):
    panel.post(url("create"), keys_of(ovh))

    row = json.dumps(Connection.objects.values().get(), default=str)
    assert not [name for name in SECRETS if ovh.account[name] in row]


def test_connecting_stands_in_the_history_without_a_secret(panel, ovh, admin):
    panel.post(url("create"), keys_of(ovh))

    entry = Entry.objects.get(action="connections.created")
    assert (entry.actor_id, entry.target) == (admin.user_id, "Brasserie")
    assert not [name for name in SECRETS if ovh.account[name] in json.dumps(entry.details)]


WRONG = [
    ({"application_key": "nobody"}, "application_key", "does not know this application key"),
    ({"application_secret": "other"}, "application_secret", "not the secret"),
    ({"consumer_key": "other"}, "consumer_key", "does not know this consumer key"),
    ({"consumer_key": "clé🔑"}, "consumer_key", "letters or signs OVH does not use"),
    ({"application_key": "two words"}, "application_key", "letters or signs OVH does not use"),
]


@pytest.mark.parametrize(("typed", "field", "words"), WRONG)
def test_what_is_wrong_is_said_beside_its_field(panel, ovh, typed, field, words):
    answer = panel.post(url("create"), keys_of(ovh, **typed))

    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not Connection.objects.exists()


def test_a_lapsed_consumer_key_is_said_beside_it(panel, ovh):
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="expired")

    answer = panel.post(url("create"), keys_of(ovh))

    assert "has expired" in str(answer.context["form"].errors["consumer_key"])


def test_a_typed_secret_is_never_shown_again(panel, ovh):
    answer = panel.post(url("create"), keys_of(ovh, application_key="nobody"))

    page = text_of(answer)
    assert "nobody" in page
    assert not [name for name in SECRETS if ovh.account[name] in page]


def test_an_ovh_that_is_away_keeps_what_was_typed(panel, ovh):
    ovh.running.stop()

    answer = panel.post(url("create"), keys_of(ovh))

    assert answer.status_code == 422
    assert "cannot be reached" in text_of(answer)
    assert 'value="Brasserie"' in text_of(answer)


def test_a_key_that_may_only_read_is_taken_and_its_lacks_named(panel, ovh):
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", rules=[{"method": "GET", "path": "/*"}])

    panel.post(url("create"), keys_of(ovh))

    connection = Connection.objects.get()
    assert connection.health == Health.MISSING_RIGHTS
    assert "DELETE /hosting/web/*" in connection.missing_rules
    assert "DELETE /hosting/web/*" in text_of(panel.get(url("detail", connection.pk)))


def test_a_key_that_may_not_read_is_refused_naming_the_rights(panel, ovh):
    rules = [{"method": "GET", "path": "/auth/*"}, {"method": "GET", "path": "/me"}]
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", rules=rules)

    answer = panel.post(url("create"), keys_of(ovh))

    assert "GET /hosting/web" in text_of(answer)
    assert not Connection.objects.exists()


def test_a_service_account_connects(panel, ovh):
    typed = {"way": "oauth2", "name": "Robot", "endpoint": "sandbox"}
    typed |= {name: ovh.account[name] for name in ("client_id", "client_secret")}

    panel.post(url("create"), typed)

    connection = Connection.objects.get()
    assert (connection.kind, connection.nichandle) == ("oauth2", ovh.account["nichandle"])
    assert client_for(connection).get("/hosting/web")


def test_a_wrong_service_account_is_said_beside_its_secret(panel, ovh):
    typed = {"way": "oauth2", "name": "Robot", "endpoint": "sandbox", "client_id": "x", "client_secret": "hush-hush"}

    answer = panel.post(url("create"), typed)

    assert answer.context["form"].errors["client_secret"]
    assert "hush-hush" not in text_of(answer)


def test_an_account_is_connected_once_in_a_team(panel, ovh, connection):
    answer = panel.post(url("create"), keys_of(ovh, name="Again"))

    assert "connected already, as Brasserie" in text_of(answer)


def test_a_second_click_in_the_same_moment_connects_nothing_and_is_no_error(panel, ovh, connection, monkeypatch):
    monkeypatch.setattr("apps.connections.services._refuse_twice", lambda *_: None)  # the first is not seen yet

    answer = panel.post(url("create"), keys_of(ovh, name=connection.name))

    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert Connection.objects.count() == 1


def test_an_account_of_another_team_is_not_taken_over(ovh, connection):
    other = Team.objects.create(name="Other", slug="other")
    panel = signed_in(join(other, Role.OWNER, name="Eve"))

    answer = panel.post("/t/other/connections/new/", keys_of(ovh))

    assert answer.status_code == 422
    assert "Another team" in text_of(answer)
    assert "Brasserie" not in str(answer.context["form"].errors)


def test_two_accounts_of_one_name_are_refused_beside_the_name(panel, ovh, connection):
    other = ovh.control("POST", "accounts", services=1)
    names = ("application_key", "application_secret", "consumer_key")

    answer = panel.post(url("create"), keys_of(ovh, name="brasserie", **{name: other[name] for name in names}))

    assert answer.context["form"].errors["name"]


def test_an_endpoint_nobody_configured_is_refused(panel, ovh):
    answer = panel.post(url("create"), keys_of(ovh, endpoint="http://169.254.169.254/"))

    assert answer.context["form"].errors["endpoint"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
@pytest.mark.parametrize("place", ["create", "renew", "remove", "check", "edit"])
def test_only_admins_change_accounts(team, ovh, connection, role, place):
    panel = signed_in(join(team, role, name="Bob"))
    address = url(place) if place == "create" else url(place, connection.pk)

    assert panel.post(address, keys_of(ovh)).status_code == 403


def test_an_admin_of_chosen_accounts_sees_the_one_they_connect(team, ovh):
    member = join(team, Role.ADMIN, name="Bob", sees_all_accounts=False)
    panel = signed_in(member)

    panel.post(url("create"), keys_of(ovh))

    assert "Brasserie" in text_of(panel.get(url("index")))
