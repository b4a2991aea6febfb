"""File snapshots: OVH keeps the files of three nights and two Sundays."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.inventory.models import Service

SUNDAY = 6
# OVH puts the old files beside the new ones while it restores.
FREE_SHARE = 0.5


@dataclass(frozen=True)
class Snapshot:
    """One that can exist. `key`: OVH's name of it; `suffix`: of the login that reads it; `day`: its night."""

    key: str
    suffix: str
    day: date

    @property
    def words(self) -> str:
        """Such as: Night to Sunday, 22 November 2026."""
        return _("Night to %(day)s") % {"day": date_format(self.day, "l j F Y")}


@dataclass(frozen=True)
class Check:
    """Something that must be so before OVH restores. `words`: how it is."""

    is_good: bool
    words: str


def of(service: Service, today: date | None = None) -> list[Snapshot]:
    """The snapshots OVH can have of `service`, newest first: none from before it was made."""
    today = today or timezone.localdate()
    sunday = today - timedelta(days=(today.weekday() - SUNDAY) % 7)
    days = {
        "daily.1": today, "daily.2": today - timedelta(days=1), "daily.3": today - timedelta(days=2),
        "weekly.1": sunday, "weekly.2": sunday - timedelta(days=7),
    }  # fmt: skip
    born = created_on(service)
    found = [Snapshot(key, f"snap{number}", day) for number, (key, day) in enumerate(days.items())]
    return [each for each in found if born is None or each.day > born]


def created_on(service: Service) -> date | None:
    """The day the hosting was made (serviceInfos.creation), if OVH has said."""
    try:
        return parse_date(str(service.raw_infos.get("creation") or "")[:10])
    except ValueError:
        return None


def preflight(service: Service) -> list[Check]:
    """What OVH asks for before it puts all files back."""
    is_active = service.state == "active"
    state = _("The hosting is active.") if is_active else _("The hosting is not active.")
    return [Check(is_good=is_active, words=state), _space(service)]


def _space(service: Service) -> Check:
    if service.quota_size_mb is None or service.quota_used_mb is None:
        return Check(is_good=True, words=_("How full it is is not known; half of its space must be free."))
    is_free = service.quota_used_mb <= service.quota_size_mb * FREE_SHARE
    share = round(service.quota_used_mb / service.quota_size_mb * 100) if service.quota_size_mb else 0
    words = _("%(share)s %% of its space is used; at least half must be free.") % {"share": share}
    return Check(is_good=is_free, words=words)


def sftp_recipe(service: Service) -> dict[str, str]:
    """How to fetch a single file: {login pattern, address, port, command}; the snapshot is read-only."""
    access = service.raw.get("serviceManagementAccess")
    ssh = access.get("ssh") if isinstance(access, dict) else None
    found = ssh if isinstance(ssh, dict) else {}
    address, port = str(found.get("url") or ""), str(found.get("port") or 22)
    login = service.primary_login
    return {"login": login, "address": address, "port": port, "command": f"sftp -P {port} {login}-snap0@{address}"}
