"""A copy whose answer was lost and that OVH gave up: it happened, and is not made a second time."""

import uuid
from datetime import timedelta

from django.utils import timezone

from apps.operations import engine, registry, services
from apps.operations.models import Operation, State


def test_a_copy_that_ovh_gave_up_after_its_answer_was_lost_is_not_made_again(ovh, service, owner):
    name = service.databases.first().name
    operation = services.request(
        registry.get("databases.copy"), service=service, target={"name": name}, params={}, member=owner,
        key=uuid.uuid4().hex,
    )  # fmt: skip
    ovh.fault("reset_after", method="POST", path="/copy$")
    engine.submit(operation.pk)
    ovh.finish_tasks("cancelled")
    long_ago = timezone.now() - timedelta(minutes=5)

    for _ in range(10):
        Operation.objects.exclude(sent_at=None).update(left_at=long_ago)
        Operation.objects.exclude(next_at=None).update(next_at=timezone.now())
        engine.submit(operation.pk)
        engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")
    assert operation.result["status"] == "error"
    assert len(ovh.effects("POST", "/copy")) == 1
