"""`manage.py seed_demo`: the demo's team, people and accounts. Does nothing that is there already."""

import json
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.connections.models import Connection
from apps.connections.services import Asking, create, look
from apps.inventory import sync
from apps.ovhapi.client import Credentials
from apps.teams.demo import PASSWORD, PEOPLE
from apps.teams.models import Membership, Team, User

# The sandbox is not OVH: no need to make a newcomer wait for its calls, at the first reading least of all.
CALLS_PER_MINUTE, AT_FIRST = 1200, 60_000
CONNECTED = 3


class Command(BaseCommand):
    """Fill an empty panel with what the demo shows."""

    help = "Makes the demo's team, its people and its accounts at the sandbox."

    def handle(self, **_options: Any) -> None:
        """All of it, and a first reading of the accounts."""
        if settings.MODE != "demo":
            msg = "Only a panel started as a demo is seeded (HOSTPANEL_MODE=demo)."
            raise CommandError(msg)
        owner = _people()
        for account in _accounts()[:CONNECTED]:
            connection = _connect(owner, account)
            if connection is not None:
                sync.read_now(connection)
        Connection.objects.filter(rate_per_minute=AT_FIRST).update(rate_per_minute=CALLS_PER_MINUTE)


@transaction.atomic
def _people() -> Membership:
    """The team and its people; the owner is returned."""
    team, _ = Team.objects.get_or_create(slug="marelle", defaults={"name": "Studio Marelle"})
    for person in PEOPLE:
        user = User.objects.filter(email=person.email).first()
        user = user or User.objects.create_user(person.email, PASSWORD, name=person.name)
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": person.role})
    return Membership.objects.select_related("user", "team").get(team=team, user__email=PEOPLE[0].email)


def _accounts() -> list[dict[str, Any]]:
    """What the sandbox has, with what opens it."""
    base = settings.OVH_ENDPOINTS["sandbox"].removesuffix("/1.0")
    with urlopen(f"{base}/sandbox/accounts", timeout=10) as answer:  # noqa: S310  # the environment's own endpoint
        accounts: list[dict[str, Any]] = json.load(answer)
    return accounts


def _connect(owner: Membership, account: dict[str, Any]) -> Connection | None:
    """The account connected as a person would; None when it is already."""
    if Connection.objects.filter(team_id=owner.team_id, nichandle=account["nichandle"]).exists():
        return None
    names = ("application_key", "application_secret", "consumer_key")
    credentials = Credentials(endpoint="sandbox", **{name: account[name] for name in names})
    verified = look(credentials)
    connection = create(Asking(member=owner), name=account["organisation"], credentials=credentials, verified=verified)
    Connection.objects.filter(pk=connection.pk).update(rate_per_minute=AT_FIRST)
    return Connection.objects.get(pk=connection.pk)
