"""The accounts that are there: shown, checked, renewed, removed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections import listing, services, tasks
from apps.connections.client import client_for
from apps.connections.models import Connection, Grant, Health
from apps.connections.services import Asking
from apps.inventory.models import Service
from apps.operations.models import Operation
from apps.ovhapi.errors import NotNow
from apps.teams.models import Role, Team
from tests.connections.conftest import join, keys_of, signed_in, text_of, url


def another_key(ovh):
    """A second consumer key of the same account, made at the sandbox."""
    world = ovh.running.world
    kept = dict(world.credentials[ovh.account["consumer_key"]], status="validated")
    world.credentials["secondkey"] = kept
    return "secondkey"


def lapse(ovh):
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="expired")


def operation_on(connection, member, **fields):
    service = Service.objects.create(connection=connection, name="site.example")
    common = {"team": connection.team, "connection": connection, "service": service, "requested_by": member.user}
    return Operation.objects.create(action="domains.attach", key="k1", **common, **fields)


def test_the_list_tells_how_each_account_is(panel, connection, admin):
    operation_on(connection, admin)
    Connection.objects.update(health=Health.LAPSED)

    page = text_of(panel.get(url("index")))

    for words in ("Brasserie", connection.nichandle, "Needs a new key", "1 change not finished"):
        assert words in page


def test_a_key_that_cannot_be_opened_is_not_put_into_ovhs_mouth(panel, connection):
    Connection.objects.update(sealed="nothing that opens")

    page = text_of(panel.post(url("check", connection.pk), follow=True))

    assert "The panel cannot open the key of Brasserie." in page
    assert "OVH says" not in page


def test_the_list_costs_the_same_for_three_accounts_and_thirty(team, admin, django_assert_num_queries):
    def grow(count):
        for number in range(count):
            Connection.objects.create(team=team, name=f"{timezone.now()}-{number}", endpoint="ovh-eu", sealed="")

    grow(3)
    with django_assert_num_queries(4):
        listing.rows(admin)
    grow(30)
    with django_assert_num_queries(4):
        assert len(listing.rows(admin)) == 33


def test_what_is_in_trouble_comes_first(team, admin):
    for name, health in (("a", Health.OK), ("b", Health.RATE_LIMITED), ("c", Health.LAPSED)):
        Connection.objects.create(team=team, name=name, endpoint="ovh-eu", sealed="", health=health)

    assert [row.connection.name for row in listing.rows(admin)] == ["c", "b", "a"]


@pytest.mark.parametrize("health", Health.values)
def test_every_health_has_words(panel, connection, health):
    Connection.objects.update(health=health, health_message="as OVH said it", health_query_id="EU.ext-9")

    page = text_of(panel.get(url("detail", connection.pk)))

    assert ("as OVH said it" in page) == (health not in (Health.OK, Health.SEALED))


def test_a_health_nobody_knows_is_shown_as_it_came(panel, connection):
    Connection.objects.update(health="puzzled")

    assert "puzzled" in text_of(panel.get(url("detail", connection.pk)))


def test_an_account_outside_ones_scope_does_not_exist(team, connection):
    panel = signed_in(join(team, Role.ADMIN, name="Bob", sees_all_accounts=False))

    answers = [panel.get(url("detail", connection.pk)), panel.post(url("remove", connection.pk))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Brasserie" not in text_of(panel.get(url("index")))


def test_an_account_of_another_team_does_not_exist(connection):
    other = Team.objects.create(name="Other", slug="other")
    panel = signed_in(join(other, Role.OWNER, name="Eve"))

    assert panel.get(f"/t/other/connections/{connection.pk}/").status_code == 404


def test_a_granted_account_is_seen(team, connection):
    member = join(team, Role.VIEWER, name="Bob", sees_all_accounts=False)
    Grant.objects.create(member=member, connection=connection)

    assert signed_in(member).get(url("detail", connection.pk)).status_code == 200


def test_checking_finds_a_key_that_lapsed(panel, connection, ovh):
    lapse(ovh)

    page = text_of(panel.post(url("check", connection.pk), follow=True))

    connection.refresh_from_db()
    assert connection.health == Health.LAPSED
    assert "OVH no longer accepts the key of Brasserie." in page
    assert Entry.objects.filter(action="connections.lapsed", actor_id=None).count() == 1


def test_checking_finds_a_key_that_is_good_again(connection, ovh):
    lapse(ovh)
    services.check(connection)
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="validated")

    services.check(connection)

    assert connection.health == Health.OK


def test_checking_while_ovh_is_away_says_nothing_about_the_key(panel, connection, ovh):
    ovh.control("POST", "faults", kind="http_503", method="GET")

    page = text_of(panel.post(url("check", connection.pk), follow=True))

    connection.refresh_from_db()
    assert connection.health == Health.OK
    assert "could not be checked" in page


def test_rights_that_were_taken_away_are_found_by_checking(connection, ovh):
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", rules=[{"method": "GET", "path": "/*"}])

    services.check(connection)

    assert connection.health == Health.MISSING_RIGHTS


def test_an_end_within_two_weeks_is_said_in_time(panel, connection):
    Connection.objects.update(credential_expires_at=timezone.now() + timedelta(days=10))

    assert "The key ends on" in text_of(panel.get(url("detail", connection.pk)))


def test_accounts_are_looked_at_daily_and_sooner_when_ill(connection, no_broker):
    def due(minutes_ago, health):
        no_broker.clear()
        checked_at = timezone.now() - timedelta(minutes=minutes_ago)
        Connection.objects.update(checked_at=checked_at, health=health)
        tasks.check_due()
        return no_broker == [("connections.check", connection.pk)]

    assert not due(60, Health.OK)
    assert due(60 * 25, Health.OK)
    assert due(15, Health.LAPSED)
    assert not due(5, Health.LAPSED)
    assert not due(60, Health.MISSING_RIGHTS)


def test_a_renewed_key_makes_the_account_work_again(panel, connection, ovh, no_broker):
    lapse(ovh)
    services.check(connection)
    key = another_key(ovh)

    panel.post(url("renew", connection.pk), keys_of(ovh, consumer_key=key))

    connection.refresh_from_db()
    assert connection.health == Health.OK
    assert client_for(connection).get("/me")
    assert ("operations.tick",) in no_broker


def test_a_key_of_another_account_is_not_taken_for_this_one(panel, connection, ovh):
    other = ovh.control("POST", "accounts", services=1)
    names = ("application_key", "application_secret", "consumer_key")
    sealed = connection.sealed

    answer = panel.post(url("renew", connection.pk), keys_of(ovh, **{name: other[name] for name in names}))

    connection.refresh_from_db()
    assert answer.status_code == 422
    assert other["nichandle"] in text_of(answer)
    assert connection.sealed == sealed


def test_removing_asks_for_the_name(panel, connection):
    answer = panel.post(url("remove", connection.pk), {"confirm_name": "brasserie"})

    assert answer.status_code == 422
    assert Connection.objects.connected().exists()


def test_a_removed_account_is_gone_with_its_secrets_but_its_history_stays(panel, connection, admin):
    operation_on(connection, admin, state="succeeded", finished_at=timezone.now())

    panel.post(url("remove", connection.pk), {"confirm_name": "Brasserie"})

    connection.refresh_from_db()
    assert connection.sealed == ""
    assert panel.get(url("detail", connection.pk)).status_code == 404
    assert not Service.objects.visible_to(admin).exists()
    assert Operation.objects.exists()
    assert Entry.objects.filter(action="connections.removed").count() == 1


@pytest.mark.fault(33)
def test_an_account_with_changes_under_way_stays(panel, connection, admin):
    operation_on(connection, admin)

    answer = panel.post(url("remove", connection.pk), {"confirm_name": "Brasserie"})

    assert answer.status_code == 422
    assert "under way" in text_of(answer)
    assert Connection.objects.connected().exists()


def test_a_removed_account_can_be_connected_again(panel, connection, ovh):
    panel.post(url("remove", connection.pk), {"confirm_name": "Brasserie"})

    panel.post(url("create"), keys_of(ovh))

    assert Connection.objects.connected().count() == 1


def test_a_typed_key_is_left_alone_at_ovh_when_its_account_goes(connection, admin, ovh):
    services.remove(Asking(member=admin), connection)

    assert not [call for call in ovh.control("GET", "calls") if call["path"] == "/auth/logout"]


def test_a_key_the_panel_asked_for_is_ended_at_ovh_when_its_account_goes(connection, admin, ovh):
    Connection.objects.update(is_key_ours=True)
    connection.refresh_from_db()

    services.remove(Asking(member=admin), connection)

    assert [call["status"] for call in ovh.control("GET", "calls") if call["path"] == "/auth/logout"] == [200]


def test_an_account_is_renamed_and_given_another_pace(panel, connection):
    panel.post(url("edit", connection.pk), {"name": "Brasserie Nord", "rate_per_minute": "120"})

    connection.refresh_from_db()
    assert (connection.name, connection.rate_per_minute) == ("Brasserie Nord", 120)
    assert Entry.objects.get(action="connections.edited").details["former"]["name"] == "Brasserie"


def test_an_account_without_calls_is_refused(panel, connection):
    answer = panel.post(url("edit", connection.pk), {"name": "Brasserie", "rate_per_minute": "0"})

    assert answer.status_code == 422


def test_a_credential_that_cannot_be_opened_waits_instead_of_failing(connection, settings):
    settings.SEAL_KEYS = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]

    with pytest.raises(NotNow):
        client_for(connection).get("/me")

    connection.refresh_from_db()
    assert connection.health == Health.SEALED
