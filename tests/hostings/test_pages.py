"""The page of a hosting."""

import pytest
from django.urls import reverse

from apps.connections.client import client_for
from apps.hostings import shown
from apps.hostings.forms import RenameForm, RenewalForm
from apps.inventory import answers
from apps.inventory.models import Answer
from apps.operations.models import Operation, State
from tests.factories import ServiceFactory


def url(name, service):
    return reverse(f"hostings:{name}", args=["acme", service.name])


def read_all(service):
    for answer in Answer.objects.filter(service=service):
        answers.read(answer, client_for(service.connection))


def test_it_says_how_the_files_are_reached(service, viewer, browser_of):
    page = browser_of(viewer).get(url("detail", service)).content.decode()

    assert f"sftp -P 22 {service.primary_login}@" in page
    assert f'data-copy="{service.hosting_ip}"' in page


def test_its_use_is_drawn_once_it_was_read(service, viewer, browser_of):
    browser = browser_of(viewer)
    assert "Just being read" in browser.get(url("detail", service)).content.decode()
    read_all(service)

    page = browser.get(url("detail", service), {"statistic": "in.httpHits"}).content.decode()

    assert 'class="chart"' in page


@pytest.mark.parametrize("query", ["statistic=x&period=y", "statistic=%00", "period=daily&statistic=sys.cpuUsage"])
def test_any_choice_in_the_address_is_answered(query, service, viewer, browser_of):
    assert browser_of(viewer).get(f"{url('detail', service)}?{query}").status_code == 200


def test_what_ovh_has_blocked_is_said_and_can_be_asked_away(service, ovh, operator, browser_of, settled):
    ovh.control("POST", f"services/{service.name}", outState="blocked")
    browser = browser_of(operator)
    browser.get(url("detail", service))
    read_all(service)
    assert "OVH has blocked connections outwards" in browser.get(url("detail", service)).content.decode()

    browser.post(url("unblock", service), {"key": "k"})
    operation = settled(Operation.objects.get())

    assert operation.state == State.SUCCEEDED
    assert ovh.truth(service.name)["outState"] == "active"
    assert Answer.objects.get(path="/abuseState").read_at is None


@pytest.mark.parametrize("name", ["Café de la Marée", ""])
def test_a_new_name_is_in_the_mirror_at_once(name, service, operator, browser_of, settled, ovh):
    browser_of(operator).post(url("rename", service), {"key": "k", "displayName": name})
    operation = settled(Operation.objects.get())

    service.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert service.display_name == name


def test_the_renewal_is_changed_whole(service, owner, browser_of, settled, ovh):
    browser_of(owner).post(url("renew", service), {"key": "k", "period": "1", "deleteAtExpiration": "on"})
    operation = settled(Operation.objects.get())

    service.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert service.renews_automatically is False
    assert service.raw_infos["renew"]["deleteAtExpiration"] is True
    assert service.raw_infos["renew"]["period"] == 1


def test_an_operator_does_not_decide_about_money(service, operator, browser_of):
    assert browser_of(operator).get(url("renew", service)).status_code == 403


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"automatic": "on", "deleteAtExpiration": "on", "period": "1"}, "deleteAtExpiration", "cannot be deleted"),
        ({"period": "7"}, "period", "Select a valid choice"),
        ({"period": "x"}, "period", "Select a valid choice"),
    ],
)
def test_a_wrong_renewal_is_said_beside_its_field(typed, field, sentence, db):
    service = ServiceFactory(raw_infos={"possibleRenewPeriod": [1, 12], "renew": {"automatic": True, "period": 12}})

    form = RenewalForm({"key": "k", **typed}, service=service)

    assert sentence in str(form.errors.get(field))


def test_what_ovh_forces_cannot_be_switched_off(db):
    service = ServiceFactory(raw_infos={"possibleRenewPeriod": [1], "renew": {"automatic": True, "forced": True}})

    form = RenewalForm({"key": "k", "period": "1"}, service=service)

    assert "part of a contract" in str(form.errors["automatic"])


def test_a_name_has_at_most_fifty_characters(db):
    form = RenameForm({"key": "k", "displayName": "x" * 51}, service=ServiceFactory())

    assert "at most 50 characters" in str(form.errors["displayName"])


@pytest.mark.parametrize(
    "raw",
    [
        {"phpVersions": "8", "countriesIp": 7, "serviceManagementAccess": [], "trafficQuotaSize": "much"},
        {
            "phpVersions": [1, {"version": None}],
            "countriesIp": [None],
            "serviceManagementAccess": {"ftp": 3, "ssh": {}},
        },
    ],
)
def test_an_odd_object_of_ovhs_is_no_error(raw, service, viewer, browser_of):
    service.raw = raw
    service.save(update_fields=["raw"])

    assert browser_of(viewer).get(url("detail", service)).status_code == 200


def test_php_versions_stand_newest_first(db):
    raw = {"phpVersions": [{"version": each, "support": "SUPPORTED"} for each in ("8.2", "8.10", "7.4")]}

    assert [php.version for php in shown.php_versions(ServiceFactory(raw=raw))] == ["8.10", "8.2", "7.4"]
