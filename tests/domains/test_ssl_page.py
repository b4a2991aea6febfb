"""The page of certificates."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.connections.client import client_for
from apps.domains import coverage
from apps.inventory import answers
from apps.inventory.models import Answer, Probe, Service
from tests.factories import AttachedDomainFactory, ConnectionFactory, ServiceFactory


def url(name, service, *more):
    return reverse(f"domains:{name}", args=["acme", service.name, *more])


@pytest.fixture
def service(connection):
    """A hosting with a free certificate."""
    return Service.objects.filter(connection=connection, ssl_provider="LETSENCRYPT").order_by("name").first()


@pytest.fixture
def hosting(team):
    return ServiceFactory(
        connection=ConnectionFactory(team=team), ssl_provider="LETSENCRYPT", ssl_type="DV", ssl_status="created",
        ssl_domains=["in.fr"], raw_ssl={"regenerable": True, "isReportable": False},
    )  # fmt: skip


def add(hosting, name, own=None, tls=None, ends_at=None, **fields):
    """A domain of which everything is known."""
    AttachedDomainFactory(service=hosting, domain=name, **{"ssl": True, **fields})
    domain = hosting.attacheddomains.get(domain=name)
    Answer.objects.create(service=hosting, path=coverage.path(name), data=own, read_at=timezone.now(),
                          problem="" if own else "missing")  # fmt: skip
    if tls is not None:
        Probe.objects.create(domain=domain, tls=tls, tls_expires_at=ends_at, probed_at=timezone.now())
    return domain


def page_of(browser, hosting, query=""):
    return browser.get(url("ssl", hosting) + query).content.decode()


def test_it_says_by_what_each_domain_is_covered(hosting, viewer, browser_of):
    add(hosting, "in.fr")
    add(hosting, "own.fr", own={"provider": "SECTIGO", "status": "created", "isReportable": False})
    add(hosting, "off.fr", ssl=False)
    add(hosting, "out.fr")

    page = page_of(browser_of(viewer), hosting)

    for sentence in ("the hosting&#x27;s", "one of its own", "Sectigo", "SSL is off", "nothing", "Let’s Encrypt"):
        assert sentence.replace("&#x27;", "'") in page.replace("&#x27;", "'")
    assert "1 domain has SSL on and no certificate." in page
    assert "One regeneration takes all of them" in page


def test_what_has_not_been_read_is_asked_for_and_not_called_missing(hosting, viewer, browser_of, hints):
    AttachedDomainFactory(service=hosting, domain="new.fr", ssl=True)

    page = page_of(browser_of(viewer), hosting)

    assert "just being read from OVH" in page
    assert "no certificate." not in page
    assert [hint[0] for hint in hints] == ["inventory.read_answer"]


def test_what_browsers_see_stands_beside_each(hosting, viewer, browser_of, settings):
    settings.PROBE = True
    soon = timezone.now() + timedelta(days=12, hours=1)
    add(hosting, "in.fr", tls={"issuer": "Let’s Encrypt (R11)", "names": ["in.fr", "www.in.fr"]}, ends_at=soon)
    add(hosting, "bad.fr", tls={"error": "name", "issuer": "Other", "names": ["cluster.example"]}, ends_at=soon)
    add(hosting, "mute.fr", tls={"error": "no_answer"})

    page = page_of(browser_of(viewer), hosting)

    for sentence in ("12 days left", "R11", "and 1 more name", "Not for this name", "cluster.example", "No answer"):
        assert sentence in page
    assert "2 in trouble" in page


def test_a_name_from_a_certificate_is_only_text(hosting, viewer, browser_of, settings):
    settings.PROBE = True
    tls = {"issuer": "<script>x</script>", "names": ["<img src=x>", '" onload="x']}
    add(hosting, "in.fr", tls=tls, ends_at=timezone.now())

    page = page_of(browser_of(viewer), hosting)

    assert "<script>x" not in page
    assert "<img src=x" not in page
    assert '" onload' not in page


@pytest.mark.parametrize(("mode", "sentence"), [("demo", "domains are invented"), ("production", "HOSTPANEL_PROBE")])
def test_where_looking_is_off_it_says_so(mode, sentence, hosting, viewer, browser_of, settings, hints):
    settings.MODE = mode
    add(hosting, "in.fr")

    page = page_of(browser_of(viewer), hosting)

    assert sentence in page
    assert "Look again" not in page
    assert hints == []


def test_looking_again_asks_for_all_of_the_page(hosting, viewer, browser_of, settings, hints):
    settings.PROBE = True
    domain = add(hosting, "in.fr", tls={}, ends_at=timezone.now())

    answer = browser_of(viewer).post(url("ssl_look", hosting), {"page": "1"})

    assert answer["Location"] == url("ssl", hosting)
    assert hints == [("domains.probe", domain.pk)]
    assert "looking…" in page_of(browser_of(viewer), hosting)


def test_a_viewer_is_told_why_not(hosting, viewer, browser_of):
    add(hosting, "in.fr")

    page = page_of(browser_of(viewer), hosting)

    assert "This needs the role Operator" in page
    assert url("ssl_regenerate", hosting) not in page
    assert url("domain_ssl_order", hosting, "in.fr") not in page


def test_an_operator_makes_and_an_admin_destroys(hosting, operator, owner, browser_of):
    add(hosting, "in.fr")

    assert url("ssl_regenerate", hosting) in page_of(browser_of(operator), hosting)
    assert url("ssl_delete", hosting) not in page_of(browser_of(operator), hosting)
    assert url("ssl_delete", hosting) in page_of(browser_of(owner), hosting)
    assert browser_of(operator).get(url("ssl_delete", hosting)).status_code == 403


def test_without_a_certificate_it_offers_a_free_one(hosting, operator, browser_of):
    type(hosting).objects.update(ssl_provider="", ssl_status="", ssl_domains=[], raw_ssl={})

    page = page_of(browser_of(operator), hosting)

    assert "No certificate" in page
    assert url("ssl_order", hosting) in page
    assert url("ssl_import", hosting) in page


def test_how_far_an_authority_is_stands_in_words(service, ovh, viewer, browser_of):
    ovh.truth(service.name)["certificates"][""]["provider"] = "SECTIGO"
    type(service).objects.filter(pk=service.pk).update(
        ssl_provider="SECTIGO", raw_ssl={"isReportable": True, "regenerable": False}
    )
    browser = browser_of(viewer)
    page_of(browser, service)
    for answer in Answer.objects.filter(service=service):
        answers.read(answer, client_for(service.connection))

    page = page_of(browser, service)

    for sentence in ("Control of the domain", "under way", "Organisation", "not needed", "Order at the authority"):
        assert sentence in page


def test_a_domains_own_report_stands_beside_it(service, ovh, viewer, browser_of):
    name = service.attacheddomains.order_by("domain").first().domain
    ovh.truth(service.name)["certificates"][name] = {
        "id": 9, "provider": "SECTIGO", "domains": [name], "status": "created", "taskId": None, "key": None,
    }  # fmt: skip
    browser = browser_of(viewer)
    for _ in range(2):  # the first look finds the certificate, the second its report
        page_of(browser, service)
        for answer in Answer.objects.filter(service=service):
            answers.read(answer, client_for(service.connection))

    assert "Control of the domain: under way" in page_of(browser, service)


def test_thirty_domains_stand_on_a_page(hosting, viewer, browser_of):
    for number in range(40):
        add(hosting, f"site{number:02}.fr")

    first, second = page_of(browser_of(viewer), hosting), page_of(browser_of(viewer), hosting, "?page=2")

    assert first.count('id="ssl-') - first.count('id="ssl-domains') == 30
    assert second.count('id="ssl-') - second.count('id="ssl-domains') == 10


def test_the_page_costs_the_same_for_many_domains_as_for_few(hosting, viewer, browser_of, settings):
    settings.PROBE = True
    browser = browser_of(viewer)

    def cost():
        with CaptureQueriesContext(database) as queries:
            page_of(browser, hosting)
        return len(queries)

    for number in range(10):
        add(hosting, f"a{number}.fr", tls={"names": ["x"]}, ends_at=timezone.now())
    cost()
    few = cost()
    for number in range(40):
        add(hosting, f"b{number}.fr", tls={"names": ["x"]}, ends_at=timezone.now())

    assert cost() == few <= 34


def test_an_open_page_is_told_when_something_was_looked_at(hosting, viewer, browser_of, settings):
    settings.PROBE = True
    add(hosting, "in.fr", tls={"names": ["in.fr"]}, ends_at=timezone.now())
    browser = browser_of(viewer)
    poll = browser.get(url("ssl", hosting)).context["poller"]["url"]
    told = browser.get(poll, headers={"HX-Request": "true"})
    cursor = told.headers.get("HX-Trigger", "")
    Probe.objects.update(probed_at=timezone.now(), tls={"error": "no_answer"})

    answer = browser.get(poll, headers={"HX-Request": "true"})

    assert answer.status_code in (200, 286), cursor
    assert 'id="ssl-domains"' in answer.content.decode()
    assert "No answer" in answer.content.decode()


def test_the_checks_of_an_open_form_grow_with_what_is_known(service, operator, browser_of):
    browser = browser_of(operator)
    opened = browser.get(url("ssl_regenerate", service))
    assert "is not known yet" in opened.content.decode()
    for answer in Answer.objects.filter(service=service):
        answers.read(answer, client_for(service.connection))

    told = browser.get(opened.context["poller"]["url"], headers={"HX-Request": "true"}).content.decode()

    assert 'id="checks" hx-swap-oob="true"' in told
    assert "These point to this hosting" in told
