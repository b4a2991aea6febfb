"""OVH's public catalogue: read whole, once a day, in slices, without anybody's credential."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.inventory import catalogue, tasks
from apps.inventory.models import Catalogue, ModuleOffer
from apps.sandbox import modules as truth
from tests.factories import ConnectionFactory, ModuleOfferFactory

pytestmark = pytest.mark.django_db


def calls(ovh):
    return [call for call in ovh.control("GET", "calls") if "moduleList" in call["path"]]


def test_every_entry_is_read_with_what_one_chooses_by(ovh):
    catalogue.read("sandbox")

    assert ModuleOffer.objects.count() == len(truth.VERSIONS)
    offer = ModuleOffer.objects.get(ovh_id=110)
    assert (offer.name, offer.version, offer.branch, offer.active, offer.latest) == (
        "PrestaShop", "8.2.1", "stable", True, True,
    )  # fmt: skip
    assert (offer.admin_name_type, offer.author, offer.size_mb) == ("email", "OVHcloud", 212.0)
    assert "fr" in offer.languages
    assert Catalogue.objects.get().read_at is not None


def test_nobodys_key_is_needed(ovh):
    catalogue.read("sandbox")

    assert ModuleOffer.objects.exists()
    assert {call["nichandle"] for call in calls(ovh)} == {""}


def test_what_is_fresh_is_not_read_again(ovh):
    catalogue.read("sandbox")
    before = len(calls(ovh))

    catalogue.read("sandbox")

    assert len(calls(ovh)) == before


def test_after_a_day_it_is_read_again(ovh):
    catalogue.read("sandbox")
    Catalogue.objects.update(read_at=timezone.now() - timedelta(days=1, minutes=1))
    before = len(calls(ovh))

    catalogue.read("sandbox")

    assert len(calls(ovh)) == 2 * before


def test_two_workers_do_not_read_it_at_once(ovh):
    Catalogue.objects.create(endpoint="sandbox", lease_until=timezone.now() + timedelta(minutes=1))

    catalogue.read("sandbox")

    assert calls(ovh) == []


def test_a_slice_that_ends_early_hands_over_and_the_next_goes_on(ovh, hints, monkeypatch):
    monkeypatch.setattr(catalogue, "SLICE_S", 0.0)
    catalogue.read("sandbox")
    assert hints == [("inventory.read_catalogue", "sandbox")]
    assert len(Catalogue.objects.get().pending) == len(truth.VERSIONS)

    monkeypatch.setattr(catalogue, "SLICE_S", 20.0)
    catalogue.read("sandbox")

    assert ModuleOffer.objects.count() == len(truth.VERSIONS)
    assert len([call for call in calls(ovh) if call["path"].endswith("moduleList")]) == 1


def test_what_broke_off_goes_on_where_it_was(ovh):
    ovh.fault("http_503", path="/moduleList/104")
    catalogue.read("sandbox")
    assert Catalogue.objects.get().read_at is None
    assert ModuleOffer.objects.count() == 3
    assert catalogue.due() == []  # it rests

    Catalogue.objects.update(lease_until=timezone.now())
    catalogue.read("sandbox")

    assert ModuleOffer.objects.count() == len(truth.VERSIONS)


@pytest.mark.parametrize("kind", ["http_500", "empty_200", "html_200"])
def test_a_list_that_did_not_come_takes_nothing_away(ovh, kind):
    ModuleOfferFactory(ovh_id=7)
    ovh.fault(kind, path="/moduleList$")

    catalogue.read("sandbox")

    assert ModuleOffer.objects.get(ovh_id=7).active


def test_what_is_no_longer_listed_keeps_its_name_and_cannot_be_installed(ovh):
    ModuleOfferFactory(ovh_id=7, name="TYPO3")

    catalogue.read("sandbox")

    offer = ModuleOffer.objects.get(ovh_id=7)
    assert (offer.name, offer.active) == ("TYPO3", False)


def test_what_goes_while_it_is_read_does_not_stop_the_others(ovh):
    ModuleOfferFactory(ovh_id=104)
    ovh.fault("http_404", path="/moduleList/104")

    catalogue.read("sandbox")

    assert not ModuleOffer.objects.get(ovh_id=104).active
    assert ModuleOffer.objects.count() == len(truth.VERSIONS)


def test_a_page_asks_for_it_once_a_minute(hints):
    catalogue.want("sandbox")
    catalogue.want("sandbox")

    assert hints == [("inventory.read_catalogue", "sandbox")]


def test_the_tick_asks_for_the_endpoints_accounts_are_at(monkeypatch, team):
    told = []
    monkeypatch.setattr(tasks, "publish", lambda task, *ids, **_: told.append((task, *ids)))
    monkeypatch.setattr("apps.inventory.sync.ask_for_sync", lambda _connection: None)
    ConnectionFactory.create_batch(2, team=team)
    ConnectionFactory(team=team, endpoint="ovh-ca")
    Catalogue.objects.create(endpoint="ovh-ca", read_at=timezone.now())

    tasks.sync_due()

    assert told == [("inventory.read_catalogue", "sandbox")]
