"""What can go wrong with a call, sorted by what its catcher should do.

None of these carries python-ovh's exception: its response holds the request, with body and consumer key.
"""

from typing import Any


class OvhError(Exception):
    """A call did not do what was asked.

    `message`: OVH's own words where there are any. `status`: None when there was no answer. `code`: OVH's
    errorCode or class. `query_id`: what OVH's support asks for.
    """

    def __init__(
        self,
        message: str,
        *,
        query_id: str = "",
        status: int | None = None,
        code: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.query_id = query_id
        self.status = status
        self.code = code
        self.details = details or {}


class NotNow(OvhError):  # named by what to do
    """It is certain that nothing took effect, or it was only a read: wait, then try again.

    `seconds`: how long OVH or the bucket asks to wait. `reason`: unreachable, overloaded, rate_limited,
    bucket, paused, clock, lapsed, sealed or upload.
    """

    def __init__(self, message: str, *, reason: str, seconds: float | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.reason = reason
        self.seconds = seconds


class Lapsed(NotNow):
    """The credential no longer opens: everything of this account waits for a new one."""

    def __init__(self, message: str, **known: Any) -> None:
        super().__init__(message, reason="lapsed", **known)


class NotGranted(OvhError):  # named by what to do
    """The credential opens, but not this: `missing` names the rights (`PUT /path` or IAM actions)."""

    def __init__(self, message: str, *, missing: list[str] | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.missing = missing or []


class Unsure(OvhError):  # named by what to do
    """A write that may or may not have taken effect: find out before anything else."""


class Refused(OvhError):  # named by what to do
    """OVH said no, and will say so again."""


class Missing(Refused):
    """404: not there, at least not for this account's key."""


class Expired(Refused):
    """460: the service has expired."""


class Conflict(Refused):
    """409: already there, or something else is being done to it."""
