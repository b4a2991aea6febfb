"""What leaves for Sentry, where somebody has asked for it."""

import builtins
import json

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.transport import Transport

from hostpanel import reporting


class Kept(Transport):
    """Sends nowhere."""

    sent = []

    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event:
            self.sent.append(event)


def test_nothing_is_started_without_being_asked(monkeypatch):
    monkeypatch.setattr(sentry_sdk, "init", lambda **_: pytest.fail("started"))

    reporting.start("", mode="test")


def test_the_kind_of_an_error_leaves_and_nothing_it_held():
    Kept.sent.clear()
    reporting.start("https://key@127.0.0.1/1", mode="test", transport=Kept, default_integrations=False)
    try:
        password = "hunter2-password"
        try:
            int(password)
        except ValueError as error:
            sentry_sdk.capture_exception(error)
        sentry_sdk.flush()
    finally:
        sentry_sdk.init()

    (event,) = Kept.sent
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert "hunter2" not in json.dumps(event, default=str)


def test_asked_for_but_not_installed_is_said(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "sentry_sdk":
            raise ImportError
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(ImproperlyConfigured, match=r"hostpanel\[sentry\]"):
        reporting.start("https://key@127.0.0.1/1", mode="test")
