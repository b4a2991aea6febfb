"""What nobody can prove is put to a person."""

from urllib.parse import quote

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.audit.models import Entry
from apps.operations.models import Operation, State
from tests.factories import OperationFactory


@pytest.fixture
def doubtful(service):
    """A restore of which nobody knows whether OVH did it."""
    database = service.databases.first()
    dump = service.dumps.filter(database=database, status="created").first()
    return OperationFactory.create(
        service=service, action="backups.restore", target={"name": database.name, "id": dump.ovh_id}, params={},
        state=State.FAILED, reason="not_known", next_at=None, label=database.user,
    )  # fmt: skip


def decide(browser, operation, decision):
    return browser.post(reverse("operations:decide", args=["acme", operation.pk]), {"decision": decision})


def test_the_page_offers_both_answers(doubtful, owner, browser_of):
    page = browser_of(owner).get(reverse("operations:detail", args=["acme", doubtful.pk])).content.decode()

    assert "It happened" in page
    assert "send again" in page


def test_it_happened_is_kept_with_who_said_so(doubtful, owner, browser_of):
    decide(browser_of(owner), doubtful, "happened")

    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.decided, doubtful.decided_by) == (State.FAILED, "happened", owner.user)
    assert Entry.objects.filter(action="backups.restore.decided_happened", actor_id=owner.user.pk).exists()
    page = browser_of(owner).get(reverse("operations:detail", args=["acme", doubtful.pk])).content.decode()
    assert "says that it happened" in page


def test_send_again_asks_for_the_same_once(doubtful, owner, browser_of, ovh, settled):
    browser = browser_of(owner)

    decide(browser, doubtful, "again")
    decide(browser, doubtful, "again")

    anew = Operation.objects.exclude(pk=doubtful.pk).get()
    assert (anew.action, anew.target, anew.requested_by) == (doubtful.action, doubtful.target, owner.user)
    assert settled(anew).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/restore")) == 1


def test_what_destroys_is_not_sent_again_by_who_signed_in_long_ago(doubtful, owner):
    browser = Browser()
    browser.force_login(owner.user)

    answer = decide(browser, doubtful, "again")

    page = reverse("operations:detail", args=["acme", doubtful.pk])
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={quote(page, safe='')}"
    assert Operation.objects.count() == 1
    assert decide(browser, doubtful, "happened")["Location"] == page


def test_who_may_not_restore_may_not_decide(doubtful, operator, browser_of):
    assert decide(browser_of(operator), doubtful, "again").status_code == 403

    assert Operation.objects.count() == 1


def test_with_something_else_under_way_nothing_is_decided(doubtful, owner, browser_of, service):
    OperationFactory.create(service=service, conflict_key=f"database:{doubtful.label}", action="backups.create")

    decide(browser_of(owner), doubtful, "again")

    doubtful.refresh_from_db()
    assert doubtful.decided == ""


@pytest.mark.parametrize("given", [{"state": State.SUCCEEDED}, {"reason": "refused"}])
def test_only_what_is_not_known_can_be_decided(given, doubtful, owner, browser_of):
    Operation.objects.filter(pk=doubtful.pk).update(**given)

    decide(browser_of(owner), doubtful, "again")

    assert Operation.objects.count() == 1


def test_a_decision_of_another_kind_is_none(doubtful, owner, browser_of):
    assert decide(browser_of(owner), doubtful, "maybe").status_code == 404


def test_what_needs_a_file_or_a_password_leads_back_to_its_form(service, owner, browser_of):
    operation = OperationFactory.create(
        service=service, action="databases.import", target={"name": service.databases.first().name}, params={},
        state=State.FAILED, reason="not_known", next_at=None,
    )  # fmt: skip

    page = browser_of(owner).get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()

    assert f"again={operation.pk}" in page
    assert "send again" not in page
