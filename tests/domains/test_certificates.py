"""Certificates: asked for on their pages, carried out by OVH, read back."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections.client import client_for
from apps.connections.models import Connection
from apps.domains import coverage, pointing
from apps.inventory import answers, reading
from apps.inventory.models import Answer, Service, ServiceTask
from apps.operations import engine
from apps.operations.models import Operation, State
from tests.factories import AttachedDomainFactory, DatabaseFactory, OperationFactory


def url(name, service, *more):
    return reverse(f"domains:{name}", args=["acme", service.name, *more])


@pytest.fixture
def service(connection):
    """A hosting with a free certificate."""
    return Service.objects.filter(connection=connection, ssl_provider="LETSENCRYPT").order_by("name").first()


@pytest.fixture
def kept(ovh, service):
    """The certificates OVH really has for the hosting: "" is the hosting's own, a name a domain's own."""
    return ovh.truth(service.name)["certificates"]


@pytest.fixture
def name(service):
    """A domain of the hosting."""
    return service.attacheddomains.order_by("domain").first().domain


@pytest.fixture
def bare(ovh, service, kept):
    """The hosting, with no certificate."""
    kept.clear()
    return reading.read_certificate(client_for(service.connection), service)


@pytest.fixture
def own(ovh, service, kept, name, browser_of, owner):
    """A certificate of its own for the domain, which the panel knows of."""
    kept[name] = {"id": 9001, "provider": "LETSENCRYPT", "domains": [name], "status": "created", "taskId": None,
                  "key": None}  # fmt: skip
    browser_of(owner).get(url("ssl", service))
    read_all(service)
    return kept


@pytest.fixture
def parts(bare, authority):
    names = list(bare.attacheddomains.filter(ssl=True).values_list("domain", flat=True))
    made = authority.issue(*names)
    return {"certificate": made.pem, "private_key": made.key_pem, "chain": authority.between.pem}


def read_all(service):
    """Workers read what pages have asked for."""
    for answer in Answer.objects.filter(service=service).select_related("service__connection"):
        answers.read(answer, client_for(answer.service.connection))


def asked(browser, service, view, *more, **typed):
    answer = browser.post(url(view, service, *more), {"key": "k", **typed})
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == url("ssl", service)
    return Operation.objects.get()


def later(operation):
    """Workers look again after five minutes and more."""
    for minutes in range(1, 9):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
            Connection.objects.update(paused_until=None, health="ok")
            engine.submit(operation.pk)
            engine.poll(operation.connection_id)
    operation.refresh_from_db()
    return operation


def test_a_free_one_is_asked_for_with_an_empty_body(bare, ovh, kept, operator, browser_of, settled):
    operation = settled(asked(browser_of(operator), bare, "ssl_order"))

    bare.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert (kept[""]["provider"], kept[""]["status"]) == ("LETSENCRYPT", "created")
    assert (bare.ssl_provider, bare.ssl_status) == ("LETSENCRYPT", "created")
    assert set(bare.ssl_domains) == set(kept[""]["domains"])
    assert [each["values"] for each in ovh.effects("POST", "/ssl")] == [{}]


def test_one_of_ones_own_is_imported(bare, kept, parts, operator, browser_of, settled):
    operation = settled(asked(browser_of(operator), bare, "ssl_import", **parts))

    bare.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert (kept[""]["provider"], bare.ssl_provider, bare.ssl_type) == ("CUSTOM", "CUSTOM", "CUSTOM")


def test_the_key_is_sealed_and_erased_and_nowhere_else(bare, parts, operator, browser_of, settled):
    secret = parts["private_key"].splitlines()[1]
    operation = asked(browser_of(operator), bare, "ssl_import", **parts)
    sealed = bytes(operation.sealed) if not isinstance(operation.sealed, str) else operation.sealed.encode()
    assert sealed
    assert secret.encode() not in sealed

    operation = settled(operation)

    page = browser_of(operator).get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()
    assert not operation.sealed
    assert secret not in page
    assert secret not in str(operation.params) + str(operation.result) + str(list(Entry.objects.values()))


def test_regenerating_takes_every_domain_that_waits(service, ovh, kept, operator, browser_of, settled):
    kept[""]["domains"] = []
    reading.read_certificate(client_for(service.connection), service)
    read_pointing(service)
    form = asked(browser_of(operator), service, "ssl_regenerate")

    operation = settled(form)

    service.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert set(operation.params["expected"]) == set(kept[""]["domains"]) == set(service.ssl_domains)
    assert len(ovh.truth(service.name)["regenerations"]) == 1


def read_pointing(service):
    pointing.of_all(service, service.attacheddomains.all())
    read_all(service)


def test_a_regeneration_that_leaves_out_what_points_here_has_not_worked(
    service, ovh, kept, name, operator, browser_of, settled
):
    read_pointing(service)
    operation = asked(browser_of(operator), service, "ssl_regenerate")
    ovh.control("POST", f"services/{service.name}", elsewhere=[name])
    with time_machine.travel(timezone.now(), tick=True) as clock:
        settled(operation, rounds=3)
        clock.shift(timedelta(minutes=10))
        settled(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "not_as_asked")
    assert operation.result["missing"] == name


def test_deleting_asks_for_the_hostings_name_and_leaves_none(service, kept, owner, browser_of, settled):
    operation = settled(asked(browser_of(owner), service, "ssl_delete", confirm_name=service.name))

    service.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert "" not in kept
    assert (service.ssl_provider, service.ssl_domains, service.raw_ssl) == ("", [], {})


def test_a_domain_gets_one_of_its_own(service, ovh, kept, name, operator, browser_of, settled):
    browser = browser_of(operator)
    browser.get(url("ssl", service))

    operation = settled(asked(browser, service, "domain_ssl_order", name))

    assert operation.state == State.SUCCEEDED
    assert kept[name]["status"] == "created"
    assert coverage.owns(service, service.attacheddomains.filter(domain=name))[name].state == "own"


def test_a_domains_own_is_regenerated(own, service, ovh, name, operator, browser_of, settled):
    operation = settled(asked(browser_of(operator), service, "domain_ssl_regenerate", name))

    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects("POST", f"{name}/ssl/regenerate")) == 1


def test_a_domains_own_is_deleted(own, service, name, owner, browser_of, settled):
    operation = settled(asked(browser_of(owner), service, "domain_ssl_delete", name, confirm_name=name))

    assert operation.state == State.SUCCEEDED
    assert name not in own
    assert coverage.owns(service, service.attacheddomains.filter(domain=name))[name].state == "none"


EVERY = ["ssl_order", "ssl_import", "ssl_regenerate", "ssl_delete", "domain_ssl_order", "domain_ssl_regenerate",
         "domain_ssl_delete"]  # fmt: skip
PATHS = {"ssl_regenerate": "/ssl/regenerate$", "domain_ssl_regenerate": "/ssl/regenerate$"}


def ready(view, request):
    """(service, further path, what is typed) so that the action of `view` is possible."""
    service, name = request.getfixturevalue("service"), request.getfixturevalue("name")
    if view in ("ssl_order", "ssl_import"):
        service = request.getfixturevalue("bare")
    if view in ("domain_ssl_regenerate", "domain_ssl_delete"):
        request.getfixturevalue("own")
    typed = request.getfixturevalue("parts") if view == "ssl_import" else {}
    more = [name] if view.startswith("domain") else []
    if view.endswith("delete"):
        typed = {"confirm_name": name if more else service.name}
    return service, more, typed


@pytest.mark.parametrize("view", EVERY)
def test_an_answer_that_was_lost_is_found_out_and_nothing_sent_twice(view, request, ovh, owner, browser_of, settled):
    service, more, typed = ready(view, request)
    method, path = ("DELETE" if view.endswith("delete") else "POST"), PATHS.get(view, "/ssl$")
    ovh.fault("reset_after", method=method, path=path)

    operation = settled(asked(browser_of(owner), service, view, *more, **typed))

    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects(method, "/ssl")) == 1


@pytest.mark.parametrize("view", EVERY)
def test_a_call_that_never_arrived_is_sent_again_only_where_its_absence_is_proven(
    view, request, ovh, owner, browser_of, settled
):
    service, more, typed = ready(view, request)
    method, path = ("DELETE" if view.endswith("delete") else "POST"), PATHS.get(view, "/ssl$")
    ovh.fault("reset_before", method=method, path=path)
    operation = asked(browser_of(owner), service, view, *more, **typed)
    engine.submit(operation.pk)

    later(operation)

    if view in PATHS:  # that it is new only its task tells: a person decides
        assert (operation.state, operation.reason) == (State.FAILED, "not_known")
        assert ovh.effects(method, "/ssl") == []
    else:
        assert settled(operation).state == State.SUCCEEDED
        assert len(ovh.effects(method, "/ssl")) == 1


@pytest.mark.parametrize("view", EVERY)
def test_what_ovh_cancels_has_failed_and_the_mirror_is_as_before(view, request, ovh, owner, browser_of):
    service, more, typed = ready(view, request)
    before = coverage_of(service)
    operation = asked(browser_of(owner), service, view, *more, **typed)
    engine.submit(operation.pk)
    ovh.finish_tasks("cancelled")
    later(operation)

    service.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")
    assert coverage_of(service) == before


def coverage_of(service):
    return service.ssl_provider, service.ssl_status, service.ssl_domains


@pytest.mark.parametrize(
    ("view", "typed", "sentence"),
    [
        ("ssl_order", {}, "has a certificate already"),
        ("ssl_delete", {"confirm_name": "other"}, "This is not its name"),
        ("domain_ssl_delete", {"confirm_name": ""}, "required"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(view, typed, sentence, service, name, owner, browser_of):
    more = [name] if view.startswith("domain") else []

    answer = browser_of(owner).post(url(view, service, *more), {"key": "k", **typed})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ssl_provider": ""}, "has no certificate"),
        ({"raw_ssl": {"regenerable": False}}, "does not make this certificate anew"),
    ],
)
def test_only_one_that_ovh_makes_anew_is_regenerated(fields, sentence, service, operator, browser_of):
    type(service).objects.filter(pk=service.pk).update(**fields)

    answer = browser_of(operator).post(url("ssl_regenerate", service), {"key": "k"})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_without_a_domain_with_ssl_nothing_is_asked_for(bare, operator, browser_of):
    bare.attacheddomains.update(ssl=False)

    answer = browser_of(operator).post(url("ssl_order", bare), {"key": "k"})

    assert "Switch it on for one of them first" in answer.content.decode()


def test_of_a_certificate_only_one_thing_is_asked_at_a_time(service, owner, browser_of):
    browser = browser_of(owner)
    browser.post(url("ssl_regenerate", service), {"key": "1"})

    answer = browser.post(url("ssl_delete", service), {"key": "2", "confirm_name": service.name})

    assert answer.status_code == 422
    assert "already asked for something here" in answer.content.decode()


def test_before_asking_the_page_says_what_speaks_for_and_against(service, ovh, name, operator, browser_of):
    ovh.control("POST", f"services/{service.name}", elsewhere=[name])
    read_pointing(service)
    OperationFactory(service=service, action="domains.attach", label=name, state=State.SUCCEEDED,
                     finished_at=timezone.now())  # fmt: skip

    page = browser_of(operator).get(url("ssl_regenerate", service)).content.decode()

    assert "have SSL on." in page
    assert f"Do not point to this hosting, or not only, so OVH may leave them out: {name}." in page
    assert f"Attached less than two hours ago, so OVH may leave it out: {name}." in page
    assert "0 of about 5 a week" in page


def test_what_points_elsewhere_or_is_new_need_not_be_in_it(service, ovh, name, operator, browser_of):
    others = list(service.attacheddomains.filter(ssl=True).exclude(domain=name).values_list("domain", flat=True))
    ovh.control("POST", f"services/{service.name}", elsewhere=[name])
    read_pointing(service)
    ServiceTask.objects.create(service=service, ovh_id=5, function="attachedDomain/create", object_id=others[0],
                               done_at=timezone.now())  # fmt: skip

    assert coverage.expected(service) == others[1:]


@pytest.fixture
def five(service):
    for number in range(3):
        OperationFactory(service=service, action="domains.ssl_regenerate", state=State.SUCCEEDED, task_id=number + 1)
    OperationFactory(service=service, action="domains.domain_ssl_order", state=State.RUNNING, task_id=4,
                     conflict_key="certificate:x")  # fmt: skip
    for number in (4, 5):  # the first is one of ours
        ServiceTask.objects.create(service=service, ovh_id=number, function="hostedssl/create",
                                   started_at=timezone.now())  # fmt: skip
    OperationFactory(service=service, action="domains.ssl_order", state=State.SUCCEEDED, key="old")
    Operation.objects.filter(key="old").update(requested_at=timezone.now() - timedelta(days=8))
    OperationFactory(service=service, action="domains.ssl_order", state=State.FAILED)
    OperationFactory(service=service, action="domains.ssl_import", state=State.SUCCEEDED)


def test_what_was_asked_for_this_week_is_counted_wherever_it_was_asked(service, five):
    assert coverage.issued(service) == 5


def test_at_five_a_week_it_warns_before_asking(service, five, operator, browser_of):
    page = browser_of(operator).get(url("ssl_regenerate", service)).content.decode()

    assert "used up" in page
    assert "OVH may refuse this" in page


def test_after_a_change_the_domains_are_looked_at(service, operator, browser_of, settled, settings, hints):
    settings.PROBE = True

    settled(asked(browser_of(operator), service, "ssl_regenerate"))

    looked = {pk for hint in hints if hint[0] == "domains.probe" for pk in hint[1:]}
    assert looked == set(service.attacheddomains.filter(ssl=True).values_list("pk", flat=True))


def test_what_was_typed_is_offered_again_but_for_the_key(bare, kept, parts, operator, browser_of, settled):
    operation = asked(browser_of(operator), bare, "ssl_import", **parts)
    kept[""] = {"id": 9, "provider": "LETSENCRYPT", "domains": [], "status": "created", "taskId": None, "key": None}
    settled(operation)
    assert operation.state == State.FAILED

    page = browser_of(operator).get(url("ssl_import", bare) + f"?again={operation.pk}").content.decode()

    assert parts["certificate"].splitlines()[1] in page
    assert parts["private_key"].splitlines()[1] not in page


def test_an_unlisted_thing_is_not_touched(service, stranger, browser_of):
    AttachedDomainFactory()
    DatabaseFactory()

    assert browser_of(stranger).post(url("ssl_order", service), {"key": "k"}).status_code == 404
