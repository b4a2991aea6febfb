"""The pages of attached domains."""

import pytest
from django.urls import reverse

from apps.connections.client import client_for
from apps.domains import pointing
from apps.inventory import answers
from apps.inventory.models import Answer
from apps.operations.models import Operation, State
from tests.factories import AttachedDomainFactory


def url(name, service, *more):
    return reverse(f"domains:{name}", args=["acme", service.name, *more])


def read_pointing(service, browser):
    """Open the list, and let a worker read what it asked for."""
    browser.get(url("index", service))
    for answer in Answer.objects.filter(service=service):
        answers.read(answer, client_for(service.connection))


def attach(browser, service, **typed):
    form = {"key": "k", "domain": "new.example.com", "path": "www", "ssl": "on", **typed}
    return browser.post(url("attach", service), form)


def test_www_is_attached_beside_it_in_one_go(service, operator, browser_of):
    attach(browser_of(operator), service, with_www="on")

    found = {operation.params["domain"]: operation.params for operation in Operation.objects.all()}
    assert set(found) == {"new.example.com", "www.new.example.com"}
    assert found["www.new.example.com"]["path"] == "www"
    assert "with_www" not in found["new.example.com"]


@pytest.mark.parametrize("domain", ["www.example.com", "*.example.com"])
def test_a_name_that_has_its_www_gets_no_second_one(domain, service, operator, browser_of):
    attach(browser_of(operator), service, domain=domain, with_www="on")

    assert Operation.objects.count() == 1


def test_a_www_that_is_attached_already_is_left_alone(service, operator, browser_of):
    AttachedDomainFactory(service=service, domain="www.new.example.com")

    attach(browser_of(operator), service, with_www="on")

    assert [operation.params["domain"] for operation in Operation.objects.all()] == ["new.example.com"]


def test_a_double_click_attaches_the_pair_once(service, operator, browser_of):
    browser = browser_of(operator)

    attach(browser, service, with_www="on")
    attach(browser, service, with_www="on")

    assert Operation.objects.count() == 2


def test_detaching_takes_the_www_along_if_ticked(service, operator, browser_of):
    domain = service.attacheddomains.get(domain__startswith="www.").domain.removeprefix("www.")
    form = {"key": "k", "confirm_name": domain, "bypassDNSConfiguration": "on", "with_www": "on"}

    browser_of(operator).post(url("detach", service, domain), form)

    assert {operation.target["domain"] for operation in Operation.objects.all()} == {domain, f"www.{domain}"}


def test_editing_starts_from_what_is_there_and_clears_what_is_emptied(service, operator, browser_of, ovh, settled):
    browser, name = browser_of(operator), service.attacheddomains.first().domain
    ovh.truth(service.name)["domains"][name] |= {"ipLocation": "FR", "path": "blog"}
    service.attacheddomains.filter(domain=name).update(raw={"ipLocation": "FR", "path": "blog", "ssl": True})
    page = browser.get(url("edit", service, name)).content.decode()
    assert 'value="blog"' in page

    browser.post(url("edit", service, name), {"key": "k", "path": "shop", "ssl": "on", "ipLocation": ""})
    operation = settled(Operation.objects.get())

    truth = ovh.truth(service.name)["domains"][name]
    assert operation.state == State.SUCCEEDED
    assert (truth["path"], truth["ipLocation"], truth["ssl"]) == ("shop", None, True)
    assert service.attacheddomains.get(domain=name).path == "shop"


def test_the_list_marks_where_each_domain_points(service, ovh, operator, browser_of):
    right, wrong = list(service.attacheddomains.values_list("domain", flat=True))[:2]
    ovh.control("POST", f"services/{service.name}", elsewhere=[wrong])
    browser = browser_of(operator)
    read_pointing(service, browser)

    page = browser.get(url("index", service)).content.decode()

    assert page.count("points elsewhere") == 1
    assert "points here" in page
    assert right in page


def test_the_page_of_a_domain_says_what_to_set(service, ovh, operator, browser_of):
    name = service.attacheddomains.first().domain
    ovh.control("POST", f"services/{service.name}", elsewhere=[name])
    browser = browser_of(operator)
    read_pointing(service, browser)

    page = browser.get(url("detail", service, name)).content.decode()

    assert "203.0.113.9" in page
    assert f'data-copy="{service.hosting_ip}"' in page


def test_a_runtime_is_chosen_by_its_name(service, ovh, operator, browser_of):
    kept = {"id": 7, "name": "API", "type": "nodejs-14"}
    answers.of(service, "/runtime", fresh_for=pointing.FRESH, is_list=True)
    Answer.objects.filter(path="/runtime").update(data=[kept])

    page = browser_of(operator).get(url("attach", service)).content.decode()

    assert '<option value="7">API (nodejs-14)</option>' in page


def test_an_international_name_stands_both_ways(service, operator, browser_of):
    AttachedDomainFactory(service=service, domain="xn--caf-dma.example")

    page = browser_of(operator).get(url("detail", service, "xn--caf-dma.example")).content.decode()

    assert "café.example" in page
    assert 'data-copy="xn--caf-dma.example"' in page


@pytest.mark.parametrize("name", ["restart", "purge"])
def test_a_button_asks_at_once(name, service, operator, browser_of):
    domain = service.attacheddomains.first().domain

    answer = browser_of(operator).post(url(name, service, domain), {"key": "k"})

    assert answer.status_code == 302
    assert Operation.objects.get().target == {"domain": domain}


def test_the_list_costs_the_same_for_ten_and_fifty(service, operator, browser_of, django_assert_max_num_queries):
    browser = browser_of(operator)
    for number in range(50):
        AttachedDomainFactory(service=service, domain=f"d{number}.example")
    browser.get(url("index", service))

    with django_assert_max_num_queries(32):
        browser.get(url("index", service))


@pytest.mark.parametrize("data", [None, [], "x", {"records": [1]}, {"records": {"1.2.3.4": 7}}, {"recommendedIps": []}])
def test_an_odd_answer_of_ovhs_is_no_error(data, service, operator, browser_of):
    name = service.attacheddomains.first().domain
    browser = browser_of(operator)
    read_pointing(service, browser)
    Answer.objects.update(data=data)

    assert browser.get(url("detail", service, name)).status_code == 200
    assert browser.get(url("index", service)).status_code == 200
