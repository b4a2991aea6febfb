"""Looks at domains: asked for by pages, taken by a worker."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.domains import handshake, probes, tasks
from apps.domains.handshake import Seen
from apps.inventory.models import AttachedDomain, Probe
from tests.factories import AttachedDomainFactory, ServiceFactory

WEEKS = timedelta(weeks=10)


@pytest.fixture(autouse=True)
def on(settings):
    settings.PROBE = True


@pytest.fixture
def domain(db):
    return AttachedDomainFactory(service=ServiceFactory(), domain="site.fr", ssl=True)


@pytest.fixture
def wanted(django_capture_on_commit_callbacks):
    def want(*domains, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return probes.want(domains, **more)

    return want


def seen(monkeypatch, **what):
    given = {"issuer": "R11", "names": ["site.fr"], "ends_at": timezone.now() + WEEKS, "address": "192.0.2.1", **what}
    monkeypatch.setattr(handshake, "look", lambda _domain: Seen(**given))


def test_what_was_never_looked_at_is_asked_for_once(domain, wanted, hints):
    wanted(domain)
    shown = wanted(domain)

    assert hints == [("domains.probe", domain.pk)]
    assert shown[domain.pk].state == "waiting"


def test_a_worker_keeps_what_it_saw(domain, wanted, monkeypatch):
    seen(monkeypatch, records={"A": ["192.0.2.1"], "AAAA": []})
    wanted(domain)

    tasks.probe(domain.pk)

    shown = wanted(domain)[domain.pk]
    assert (shown.state, shown.issuer, shown.names) == ("ok", "R11", ("site.fr",))
    assert Probe.objects.get().dns == {"A": ["192.0.2.1"], "AAAA": []}


@pytest.mark.parametrize(
    ("days", "state"), [(60, "ok"), (22, "ok"), (20, "soon"), (8, "soon"), (6, "bad"), (-1, "bad")]
)
def test_the_nearer_its_end_the_louder(days, state, domain, wanted, monkeypatch):
    seen(monkeypatch, ends_at=timezone.now() + timedelta(days=days))
    wanted(domain)
    tasks.probe(domain.pk)

    assert wanted(domain)[domain.pk].state == state


def test_what_has_expired_since_it_was_seen_is_expired(domain, wanted, monkeypatch):
    seen(monkeypatch)
    tasks.probe(domain.pk)
    Probe.objects.update(tls_expires_at=timezone.now() - timedelta(minutes=1))

    shown = wanted(domain)[domain.pk]

    assert shown.problem == probes.PROBLEMS["expired"]


@pytest.mark.parametrize("error", [*probes.PROBLEMS, "unheard of"])
def test_every_problem_has_its_words(error, domain, wanted, monkeypatch):
    seen(monkeypatch, error=error, ends_at=None, names=[])
    tasks.probe(domain.pk)

    shown = wanted(domain)[domain.pk]

    assert shown.state == "bad"
    assert all(shown.problem)


def test_what_is_older_than_six_hours_is_looked_at_again(domain, wanted, monkeypatch, hints):
    seen(monkeypatch)
    tasks.probe(domain.pk)
    Probe.objects.update(probed_at=timezone.now() - timedelta(hours=7), asked_at=None)

    wanted(domain)

    assert hints == [("domains.probe", domain.pk)]


def test_a_wildcard_is_no_host_and_is_left_alone(db, wanted, hints):
    wanted(AttachedDomainFactory(domain="*.site.fr"))

    assert hints == []


def test_many_domains_are_asked_for_in_portions(db, wanted, hints):
    service = ServiceFactory()

    wanted(*[AttachedDomainFactory(service=service) for _ in range(25)])

    assert [len(hint) - 1 for hint in hints] == [10, 10, 5]


def test_switched_off_nothing_is_asked_for_nor_looked_at(domain, wanted, hints, settings, monkeypatch):
    settings.PROBE = False
    monkeypatch.setattr(handshake, "look", lambda _domain: pytest.fail("it was looked at"))

    assert wanted(domain) == {}
    tasks.probe(domain.pk)

    assert hints == []


def test_one_that_hangs_does_not_keep_the_others(db, monkeypatch):
    for name in ("fast.fr", "slow.fr"):
        AttachedDomainFactory(domain=name)
    monkeypatch.setattr(probes, "LONGEST_S", 0.3)

    def look(name):
        if name == "slow.fr":
            time.sleep(1)
        return Seen(ends_at=timezone.now() + WEEKS)

    monkeypatch.setattr(handshake, "look", look)

    tasks.probe(*AttachedDomain.objects.values_list("pk", flat=True))

    assert list(Probe.objects.values_list("domain__domain", flat=True)) == ["fast.fr"]


def test_a_domain_that_is_gone_is_not_looked_at(domain, monkeypatch):
    monkeypatch.setattr(handshake, "look", lambda _domain: pytest.fail("it was looked at"))
    type(domain).objects.update(gone_at=timezone.now())

    tasks.probe(domain.pk)

    assert not Probe.objects.exists()
