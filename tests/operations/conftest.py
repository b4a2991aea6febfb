"""Operations asked for as the views do it."""

import uuid

import pytest

from apps.operations import registry, services

ATTACH = {"domain": "new.example.com", "path": "www", "ssl": True, "bypassDNSConfiguration": False}


@pytest.fixture
def asked(service, owner):
    """Ask for an action on the service; the key is a new one unless given."""

    def ask(action="domains.attach", *, target=None, params=None, member=owner, key=None):
        return services.request(
            registry.get(action),
            service=service,
            target=target or {},
            params=ATTACH if params is None else params,
            member=member,
            key=key or uuid.uuid4().hex,
        )

    return ask
