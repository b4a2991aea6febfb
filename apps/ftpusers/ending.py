"""The end of an access: a time of the panel's own, at which it switches the user off.

The time stands on the user and stays there: as long as it has passed and the user is on, switching off is asked for,
once at a time, and again some time after it failed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from apps.audit.services import record
from apps.inventory.models import FtpUser
from apps.operations import registry, services
from apps.operations.models import Operation, State
from apps.teams.models import Membership

DISABLE = "ftpusers.disable"
AGAIN_AFTER = timedelta(minutes=10)
AGAIN_AT_MOST = timedelta(hours=6)
# OVH's lists may be that stale: who was switched off may look on again.
STALE = timedelta(hours=1)


def set_end(user: FtpUser, ends: datetime | None, *, member: Membership, address: str | None) -> None:
    """From now on the access of `user` ends then, or never; the history tells who said so."""
    service = user.service
    details = {"service": service.name, "access_ends": ends.isoformat() if ends else ""}
    with transaction.atomic():
        FtpUser.objects.filter(pk=user.pk).update(access_ends_at=ends)
        record(
            "ftpusers.access_ends", team_id=service.connection.team_id, actor=member.user, address=address,
            target=user.login, account_id=service.connection_id, details=details,
        )  # fmt: skip


def due(now: datetime) -> Iterator[FtpUser]:
    """Users who are still on though their access was to end."""
    rows = FtpUser.objects.filter(access_ends_at__lte=now, gone_at=None, service__gone_at=None)
    return rows.exclude(state="off").select_related("service__connection").order_by("access_ends_at").iterator()


def end(user: FtpUser, now: datetime) -> Operation | None:
    """Ask for switching `user` off; None when that is under way, was tried lately, or something else is."""
    tries = _tries(user)
    if tries and not _is_time(tries, now):
        return None
    # Two workers that come here at once make one key.
    key = f"end:{user.pk}:{user.access_ends_at:%Y%m%d%H%M%S}:{len(tries)}"
    try:
        return services.request_by_panel(
            registry.get(DISABLE), service=user.service, target={"login": user.login}, params={"state": "off"}, key=key
        )
    except services.Busy:  # looked at again at the next tick
        return None


def _tries(user: FtpUser) -> list[Operation]:
    """What the panel has asked for since the end, newest first."""
    asked = Operation.objects.filter(service=user.service_id, action=DISABLE, label=user.login, is_panels=True)
    return list(asked.filter(requested_at__gte=user.access_ends_at).order_by("-requested_at"))


def _is_time(tries: list[Operation], now: datetime) -> bool:
    """Whether the last of `tries` is over for long enough."""
    last = tries[0]
    if last.finished_at is None:
        return False
    wait = STALE if last.state == State.SUCCEEDED else min(AGAIN_AFTER * 2 ** min(len(tries) - 1, 8), AGAIN_AT_MOST)
    return now - last.finished_at >= wait
