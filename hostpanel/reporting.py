"""Errors to Sentry, where an operator has asked for it (SENTRY_DSN) and installed it (`hostpanel[sentry]`).

Frames hold passwords that are being sent, bodies hold forms: neither leaves. Nor do messages, addresses and people.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

KEPT = ("exception", "level", "logger", "platform", "event_id", "timestamp", "release", "environment", "sdk", "tags")


def start(dsn: str, *, mode: str, **more: Any) -> None:
    """Report errors from now on; does nothing without a DSN. `more`: for tests."""
    if not dsn:
        return
    try:
        import sentry_sdk  # noqa: PLC0415  # an extra
    except ImportError:
        msg = "SENTRY_DSN is set, but sentry-sdk is not installed: pip install 'hostpanel[sentry]'."
        raise ImproperlyConfigured(msg) from None
    sentry_sdk.init(
        dsn=dsn, environment=mode, include_local_variables=False, include_source_context=False,
        max_request_body_size="never", max_breadcrumbs=0, traces_sample_rate=None, auto_session_tracking=False,
        before_send=_only_what_happened, **more,
    )  # fmt: skip


def _only_what_happened(event: Any, _hint: Any) -> Any:
    """The kind of error and where in the code: an error's own text may quote what it refuses."""
    kept = {name: event[name] for name in KEPT if name in event}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = ""
        for frame in (error.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return kept
