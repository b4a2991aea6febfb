"""Whatever is typed into forms and addresses: an answer that is meant, never an error of ours, and never a call to OVH
that a valid form did not ask for.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.operations import registry
from tests.test_urls import patterns

ODD = [
    "", " ", "0", "-1", "1e309", "nan", "null", "true", "../..", "%00", "\x00", "<script>alert(1)</script>",
    "' OR 1=1--", "{{7*7}}", "ﷺ" * 50, "🙂" * 300, "é" * 5000, "9" * 400, "2026-02-30", "2026-11-23T25:61", "\r\nX: y",
    "a@b", "١٢٣", "xn--", ".", "/" * 300,
]  # fmt: skip
VALUE = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers().map(str))
NAMES = [
    "q", "page", "sort", "state", "account", "action", "type", "mode", "backup", "function", "status", "period",
    "again", "about", "since", "service", "operation", "from", "to", "creationDate_from", "offer", "home", "login",
    "latest", "branch", "active", "key", "next", "confirm_name",
]  # fmt: skip
RUNS = settings(
    max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
MEANT = {200, 204, 302, 400, 403, 404, 405, 409, 410, 413, 422}
TEAM = [(name, entry, view) for name, entry, view in patterns() if getattr(view, "audience", "") == "team"]


def addresses(service):
    """Every address inside the team that can be made of things the service really has."""
    database = service.databases.filter(gone_at=None, dumps__isnull=False).first()
    known = {
        "team": "acme", "service_name": service.name, "name": database.name, "dump_id": database.dumps.first().ovh_id,
        "domain": service.attacheddomains.first().domain, "login": service.ftpusers.last().login, "module_id": 1,
        "copy_id": "5f1d7a3e-6f0c-4a5e-9d5e-0d8a3c1b2f4a",
    }  # fmt: skip
    for name, entry, _view in TEAM:
        given_names = {**known, "pk": service.connection_id}
        try:
            yield reverse(name, kwargs={"team": "acme", **{key: given_names[key] for key in entry.pattern.converters}})
        except (NoReverseMatch, KeyError):  # a change that is not there
            continue


@pytest.fixture
def walked(service, owner, ovh):
    """(browser of the owner, addresses); what a run changes is taken back after it."""
    browser = Client()
    browser.force_login(owner.user)
    return browser, sorted(set(addresses(service)))


def fields():
    """Every name a form of the panel has, those of its actions among them."""
    forms = {name for action in registry.every() for name in action.form.base_fields}
    return sorted(forms | set(NAMES))


def in_a_transaction_of_its_own(look):
    with transaction.atomic():
        savepoint = transaction.savepoint()
        try:
            return look()
        finally:
            transaction.savepoint_rollback(savepoint)


def test_there_is_enough_to_walk(walked):
    assert len(walked[1]) > 50
    assert len(get_resolver().url_patterns) > 4


@RUNS
@given(data=st.data())
def test_no_address_answers_500_whatever_stands_in_it(walked, data):
    browser, known = walked
    address = data.draw(st.sampled_from(known))
    query = data.draw(st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=6))
    headers = data.draw(st.sampled_from([{}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Current-URL": "::%%"}]))

    answer = in_a_transaction_of_its_own(lambda: browser.get(address, query, headers=headers))

    assert answer.status_code in MEANT, (address, query)


@RUNS
@given(data=st.data())
def test_no_form_answers_500_whatever_is_typed_into_it(walked, data):
    browser, known = walked
    address = data.draw(st.sampled_from(known))
    form = data.draw(st.dictionaries(st.sampled_from(fields()), VALUE, max_size=12))

    answer = in_a_transaction_of_its_own(lambda: browser.post(address, form))

    assert answer.status_code in MEANT, (address, form)
