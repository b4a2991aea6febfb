"""What the DNS says of a domain before it is attached."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.connections.client import client_for
from apps.domains import dns
from apps.inventory import answers
from apps.inventory.models import Zone
from apps.operations import engine
from apps.operations.models import Operation, State

TOKEN = "ovhcontrol-token"


@pytest.fixture
def names(settings, ovh):
    """The DNS of the simulated world; `names.are(name, A=[…])` sets records."""
    settings.DNS_SERVERS = [ovh.running.url.removeprefix("http://")]

    class Names:
        @staticmethod
        def are(name, **records):
            ovh.control("POST", f"records/{name}", **records)

    return Names


def missing(standing):
    return [(record.type, record.name, record.value) for record in standing.missing]


def test_a_domain_that_points_here_and_is_proven_is_right(service, names):
    names.are("new.example", A=[service.hosting_ip])
    names.are("ovhcontrol.new.example", TXT=[TOKEN])

    standing = dns.standing(service, "new.example", token=TOKEN)

    assert standing.is_right
    assert {record.type for record in standing.found} == {"A", "TXT"}


def test_what_is_missing_is_named_exactly(service, names):
    names.are("example", A=[])

    standing = dns.standing(service, "shop.new.example", token=TOKEN)

    assert missing(standing) == [
        ("A", "shop.new.example", service.hosting_ip),
        ("TXT", "ovhcontrol.new.example", TOKEN),
    ]


def test_a_domain_of_the_accounts_own_zones_needs_no_proof(service, names):
    Zone.objects.create(connection=service.connection, name="new.example")
    names.are("shop.new.example", A=[service.hosting_ip])

    assert dns.standing(service, "shop.new.example", token=TOKEN).is_right


def test_an_address_of_elsewhere_beside_ours_is_in_the_way(service, names):
    Zone.objects.create(connection=service.connection, name="new.example")
    names.are("new.example", A=[service.hosting_ip, "203.0.113.9"])

    standing = dns.standing(service, "new.example")

    assert not standing.is_right
    assert [record.value for record in standing.wrong] == ["203.0.113.9"]


def test_an_aaaa_need_not_be_but_a_wrong_one_is_said(service, names):
    Zone.objects.create(connection=service.connection, name="new.example")
    names.are("new.example", A=[service.hosting_ip], AAAA=["2001:db8:ffff::1"])

    assert missing(dns.standing(service, "new.example")) == [("AAAA", "new.example", service.hosting_ipv6)]


def test_a_wildcard_is_asked_for_by_a_name_below_it(service, names):
    Zone.objects.create(connection=service.connection, name="new.example")
    names.are("hostpanel-check.new.example", A=[service.hosting_ip])

    assert dns.standing(service, "*.new.example").is_right


def test_a_dns_that_does_not_answer_is_said_and_not_taken_for_wrong(service, settings):
    settings.DNS_SERVERS = ["127.0.0.1:9"]

    standing = dns.standing(service, "new.example")

    assert standing.error
    assert standing.missing == []


@pytest.mark.parametrize(
    ("given", "pair"),
    [("192.0.2.1", ("192.0.2.1", 53)), ("192.0.2.1:5353", ("192.0.2.1", 5353)), ("2001:db8::1", ("2001:db8::1", 53))],
)
def test_a_dns_server_may_be_named_with_its_port(given, pair):
    assert dns._host_and_port(given) == pair


def ask_for(browser, service, **typed):
    return browser.get(reverse("domains:check", args=["acme", service.name]), typed, headers={"HX-Request": "true"})


def test_the_form_shows_the_records_to_copy_and_looks_again(service, names, operator, browser_of):
    answers.read(answers.of(service, "/token", fresh_for=timedelta()), client_for(service.connection))

    page = ask_for(browser_of(operator), service, domain="new.example").content.decode()

    assert f'data-copy="{service.hosting_ip}"' in page
    assert "ovhcontrol.new.example" in page
    assert "every 10s" in page


def test_once_the_records_are_right_it_stops_looking(service, names, operator, browser_of):
    Zone.objects.create(connection=service.connection, name="new.example")
    names.are("new.example", A=[service.hosting_ip])

    page = ask_for(browser_of(operator), service, domain="NEW.example").content.decode()

    assert "points to this hosting" in page
    assert "every 10s" not in page


@pytest.mark.parametrize("typed", ["", "x", "<script>", "a" * 300, "\0"])
def test_what_is_no_domain_yet_says_nothing(typed, service, names, operator, browser_of):
    answer = ask_for(browser_of(operator), service, domain=typed)

    assert answer.status_code == 200
    assert b"notice" not in answer.content


@pytest.fixture
def asked_to_wait(service, names, operator, browser_of):
    Zone.objects.create(connection=service.connection, name="new.example")
    form = {"key": "k", "domain": "new.example", "path": "www", "when_dns_is_right": "on"}
    browser_of(operator).post(reverse("domains:attach", args=["acme", service.name]), form)
    return Operation.objects.get()


def test_attach_when_it_is_right_waits_for_the_dns(asked_to_wait, ovh):
    engine.submit(asked_to_wait.pk)

    asked_to_wait.refresh_from_db()
    assert (asked_to_wait.state, asked_to_wait.waiting) == (State.QUEUED, "dns")
    assert ovh.effects("POST", "attachedDomain") == []


def test_and_attaches_as_soon_as_it_is(asked_to_wait, service, names, ovh, settled):
    engine.submit(asked_to_wait.pk)
    names.are("new.example", A=[service.hosting_ip])
    Operation.objects.update(next_at=timezone.now())

    settled(asked_to_wait)

    assert asked_to_wait.state == State.SUCCEEDED
    assert "new.example" in ovh.truth(service.name)["domains"]
