"""Any order of events: people who ask, cancel and decide; workers that send, poll, die and come back; OVH as it may be.

After every step the simulated OVH's own count says that nothing was done twice; at the end, when the trouble is over,
everything is over too, and what the panel says is what is.
"""

import uuid
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.audit.models import Entry
from apps.connections.client import client_for
from apps.connections.models import Connection
from apps.operations import engine, registry, services, states
from apps.operations.models import OVER, Event, Operation, State
from apps.operations.registry import Resend
from apps.ovhapi.errors import OvhError

CLOCKS = ("requested_at", "sent_at", "left_at", "accepted_at", "settling_at", "task_seen_at", "lease_until", "next_at")
LIVES, STEPS = 15, 30
KINDS = {
    "attach": "domains.attach", "rename": "hostings.rename", "restore": "backups.restore", "restart": "domains.restart",
}  # fmt: skip
BREAKS = ["reset_before", "reset_after", "http_500", "http_502_html", "http_503", "empty_200", "http_429", "slow"]
TASKS = ["task_vanishes", "task_cancelled", "task_hidden", "task_unknown_status", "done_but_unchanged"]
# The steps of an operation, each with those that may follow it.
AFTER = {
    State.QUEUED: {State.SENDING, State.CANCELLED, State.FAILED},
    State.SENDING: {State.QUEUED, State.RUNNING, State.UNCONFIRMED, State.SUCCEEDED, State.FAILED},
    State.UNCONFIRMED: {State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FAILED},
    State.RUNNING: {State.SUCCEEDED, State.FAILED, State.QUEUED},
}


def so_long_ago(minutes):
    """As if so much time had passed."""
    earlier = timedelta(minutes=minutes)
    Operation.objects.exclude(state__in=OVER).update(**{name: F(name) - earlier for name in CLOCKS})
    Connection.objects.update(**{name: F(name) - earlier for name in ("paused_until", "probe_until")})


class Life(RuleBasedStateMachine):
    """Operations of four kinds: two an object proves, one that is harmless twice, one only its task tells of."""

    world: ClassVar[dict[str, Any]]

    @initialize()
    def begin(self):
        self.ovh, self.service, self.owner = (self.world[name] for name in ("ovh", "service", "owner"))
        self.savepoint = transaction.savepoint()
        self.before = len(self.ovh.effects())
        self.operations = []
        self.suspended = []
        self.seen = {}
        self.cancelled = set()

    def teardown(self):
        if hasattr(self, "savepoint"):
            self.settle()
            transaction.savepoint_rollback(self.savepoint)
            self.ovh.control("DELETE", "faults")

    @rule(kind=st.sampled_from([*KINDS]))
    @precondition(lambda self: len(self.operations) < 4)
    def ask(self, kind):
        number = uuid.uuid4().hex[:8]
        target: dict[str, Any] = {}
        params: dict[str, Any] = {"displayName": f"Life {number}"}
        if kind == "attach":
            params = {"domain": f"d{number}.example.com", "path": "www", "ssl": False, "bypassDNSConfiguration": False}
        if kind == "restore":
            dump = self.service.dumps.filter(gone_at=None, status="created", database__gone_at=None).first()
            target, params = {"name": dump.database_name, "id": dump.ovh_id}, {}
        if kind == "restart":
            target, params = {"domain": self.service.attacheddomains.filter(gone_at=None).first().domain}, {}
        action = registry.get(KINDS[kind])
        try:
            operation = services.request(
                action, service=self.service, target=target, params=params, member=self.owner, key=number
            )
        except services.Busy:
            return
        self.operations.append(operation)

    @rule(times=st.integers(1, 2))
    def workers_do_what_is_due(self, times):
        """A tick and what it asks for, once or twice: messages come as often as they like."""
        states.rescue(now=timezone.now())
        for _ in range(times):
            for operation in self.operations:
                engine.submit(operation.pk)
            engine.poll(self.service.connection_id)

    @rule(data=st.data())
    @precondition(lambda self: self.operations)
    def a_sender_dies(self, data):
        """After the claim, or after it noted that the call leaves, or with the answer in its hands."""
        operation = data.draw(st.sampled_from(self.operations))
        claimed = states.claim_to_send(operation.pk, now=timezone.now())
        if claimed is None:
            return
        where = data.draw(st.sampled_from(["sent", "leaving", "claimed"]))
        if where != "claimed":
            states.leaving(claimed)
        if where == "sent":
            call = registry.call_of(claimed, {})
            self.world["call"](call)
        self.suspended.append(claimed)
        if data.draw(st.booleans()):  # it is missed before it wakes
            so_long_ago(minutes=4)
            states.rescue(now=timezone.now())
            assert not states.leaving(claimed), "its claim is gone"

    @rule(data=st.data())
    @precondition(lambda self: self.suspended)
    def a_suspended_one_wakes(self, data):
        """It may write only while its claim holds."""
        claimed = data.draw(st.sampled_from(self.suspended))
        self.suspended.remove(claimed)
        current = Operation.objects.get(pk=claimed.pk)
        is_mine = current.epoch == claimed.epoch and not current.is_over
        written = (
            states.unconfirmed(claimed, message="late") if claimed.left_at else states.requeued(claimed, "", seconds=1)
        )
        assert written == is_mine

    @rule(minutes=st.sampled_from([0.1, 3, 4, 30]))
    def time_passes(self, minutes):
        so_long_ago(minutes)

    @rule(kind=st.sampled_from(BREAKS), method=st.sampled_from(["POST", "PUT", "GET"]))
    def a_call_will_break(self, kind, method):
        self.ovh.fault(kind, method=method, path="/hosting/", seconds=0.01)

    @rule(kind=st.sampled_from(TASKS))
    def a_task_will_be_odd(self, kind):
        self.ovh.fault(kind, seconds=0.1)

    @rule(how=st.sampled_from(["done", "done", "cancelled"]))
    def tasks_end(self, how):
        self.ovh.finish_tasks(how)

    @rule()
    def tasks_end_and_are_forgotten(self):
        self.ovh.finish_tasks()
        self.carried_out()
        self.ovh.running.world.tasks.clear()

    @rule(data=st.data())
    @precondition(lambda self: self.operations)
    def cancel(self, data):
        operation = data.draw(st.sampled_from(self.operations))
        operation.refresh_from_db()
        could = operation.state == State.QUEUED
        assert services.cancel(operation, member=self.owner) == could

    @rule(data=st.data(), decision=st.sampled_from([services.HAPPENED, services.AGAIN]))
    @precondition(lambda self: self.operations)
    def a_person_decides(self, data, decision):
        operation = data.draw(st.sampled_from(self.operations))
        operation.refresh_from_db()
        could = operation.reason == "not_known" and not operation.decided
        with suppress(services.Busy):
            anew = services.decide(operation, decision, member=self.owner)
            assert could or anew is None
            self.operations += [anew] if anew else []

    def carried_out(self):
        """The names of what OVH took on and carried out: what it cancelled or left as it was may be sent again."""
        for task in self.ovh.running.world.tasks.values():
            is_unchanged = task["odd"] == "done_but_unchanged" and task["function"] != "database/restore"
            if task["status"] == "cancelled" or is_unchanged:
                self.cancelled.add(task["id"])
        effects = self.ovh.effects()[self.before :]
        return [
            _name(effect["path"], effect["values"]) for effect in effects if effect["task_id"] not in self.cancelled
        ]

    @invariant()
    def nothing_is_done_twice(self):
        if not hasattr(self, "operations"):
            return
        done = Counter(self.carried_out())
        allowed = {"restore": sum(each.action == "backups.restore" for each in self.operations)}
        for name, times in done.items():
            harmless = name == "restart" or name.startswith("Life ")
            assert times <= allowed.get(name, 1) or harmless, (name, times)

    @invariant()
    def only_steps_that_may_follow_are_taken(self):
        for operation in getattr(self, "operations", []):
            operation.refresh_from_db()
            old = self.seen.get(operation.pk, State.QUEUED)
            if operation.state != old:
                assert operation.state in _reachable(State(old)), (old, operation.state)
            self.seen[operation.pk] = operation.state
            assert (operation.sealed == "" and operation.next_at is None) or not operation.is_over
            assert operation.is_over or operation.next_at is not None

    def settle(self):
        """The trouble is over, and nobody does anything more: all must end by itself, once, and tell the truth."""
        self.ovh.control("DELETE", "faults")
        for _ in range(40):
            so_long_ago(minutes=4)
            states.rescue(now=timezone.now())
            for operation in Operation.objects.filter(state=State.QUEUED):
                engine.submit(operation.pk)
            engine.poll(self.service.connection_id)
            self.ovh.finish_tasks()
        self.nothing_is_done_twice()
        for operation in self.operations:
            operation.refresh_from_db()
            assert operation.is_over, (operation.action, operation.state, operation.waiting)
            self.it_tells_the_truth(operation)
            told = Counter(Entry.objects.filter(operation_id=operation.pk).values_list("action", flat=True))
            assert max(told.values()) == 1, told
            ends = Event.objects.filter(
                operation=operation, kind__in=["checked", "found_done", "already", "failed", "cancelled"]
            )
            assert ends.count() == 1

    def it_tells_the_truth(self, operation):
        action = registry.get(operation.action)
        times = self.carried_out().count(_name(action.path, operation.params))
        if operation.state == State.CANCELLED:
            assert times == 0 or operation.action in {"backups.restore", "domains.restart"}
        if operation.state == State.SUCCEEDED:
            assert times >= 1
        if operation.reason == "not_known":
            assert action.resend is not Resend.ONCE_ABSENT


def _reachable(state):
    """The states one step of the machine may lead to: several changes may lie in it."""
    found, todo = set(), [state]
    while todo:
        for following in AFTER.get(todo.pop(), ()):
            if following not in found:
                found.add(following)
                todo.append(following)
    return found


def _name(path, values):
    return values.get("domain") or values.get("displayName") or path.rpartition("/")[2]


@pytest.mark.fault(22)
def test_whatever_happens_in_whatever_order_the_end_is_right(ovh, service, owner):
    def call(what):
        with suppress(OvhError):
            client_for(service.connection).call(what.method, what.path, query=what.query, body=what.body)

    Life.world = {"ovh": ovh, "service": service, "owner": owner, "call": call}
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a failure small takes minutes
        ),
    )
