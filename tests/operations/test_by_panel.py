"""What the panel itself asks for."""

import pytest

from apps.audit.models import Entry
from apps.operations import registry, services
from apps.operations.models import Operation, State
from apps.teams.models import Membership

ATTACH = {"domain": "new.example.com", "path": "www", "ssl": True, "bypassDNSConfiguration": False}


@pytest.fixture
def ask(service):
    def asking(key="k", **params):
        action = registry.get("domains.attach")
        return services.request_by_panel(action, service=service, target={}, params=ATTACH | params, key=key)

    return asking


def test_nobody_stands_behind_it_and_the_history_names_the_panel(ask):
    operation = ask()

    entry = Entry.objects.get(action="domains.attach.requested")
    assert (operation.is_panels, operation.requested_by) == (True, None)
    assert (entry.actor_id, entry.actor_name, entry.address) == (None, "", None)


def test_what_a_person_asks_for_is_theirs(asked, owner):
    operation = asked()

    assert (operation.is_panels, operation.requested_by) == (False, owner.user)


def test_it_is_sent_though_nobody_is_left_who_might(ask, settled):
    operation = ask()
    Membership.objects.all().delete()

    assert settled(operation).state == State.SUCCEEDED


def test_an_operation_whose_person_was_deleted_is_not_taken_for_the_panels(asked, settled, owner):
    operation = asked()
    Operation.objects.update(requested_by=None)

    settled(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "no_longer_allowed")


def test_one_key_makes_one_operation(ask):
    assert ask().pk == ask().pk
    assert Operation.objects.count() == 1


def test_it_does_not_get_in_the_way_of_what_is_under_way(ask, asked):
    first = asked()

    with pytest.raises(services.Busy) as busy:
        ask()

    assert busy.value.operation == first
