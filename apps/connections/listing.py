"""The accounts as a member's pages show them, in the same few queries for three or three hundred."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from apps.connections import health
from apps.connections.health import Sentence
from apps.connections.models import Connection, ConnectionQuerySet
from apps.ovhapi import endpoints
from apps.teams.models import Membership


@dataclass(frozen=True, kw_only=True)
class Row:
    """One account. `waiting`: changes that have not ended."""

    connection: Connection
    words: Sentence
    endpoint: str
    services: int
    waiting: int
    synced_at: datetime | None


def rows(member: Membership, found: ConnectionQuerySet | None = None) -> list[Row]:
    """`found`, or every account the member may see, those in trouble first."""
    connections = list(found if found is not None else Connection.objects.visible_to(member))
    mine = Connection.objects.filter(pk__in=[connection.pk for connection in connections])
    services = _numbers(mine, Count("services", filter=Q(services__gone_at=None)))
    waiting = _numbers(mine, Count("operations", filter=Q(operations__finished_at=None)))
    synced = dict(mine.annotate(at=Max("sync_runs__finished_at")).order_by().values_list("pk", "at"))
    names = dict(endpoints.choices())
    made = [
        Row(
            connection=connection,
            words=health.words_of(connection),
            endpoint=names.get(connection.endpoint, connection.endpoint),
            services=services[connection.pk],
            waiting=waiting[connection.pk],
            synced_at=synced[connection.pk],
        )
        for connection in connections
    ]
    urgency = {"bad": 0, "warn": 1}
    return sorted(made, key=lambda row: urgency.get(row.words.tone, 2))


def _numbers(connections: ConnectionQuerySet, count: Count) -> dict[int, int]:
    return dict(connections.annotate(number=count).order_by().values_list("pk", "number"))
