"""The demo's people. They exist in a demo only."""

from dataclasses import dataclass

from apps.teams.models import Role


@dataclass(frozen=True)
class Person:
    """Somebody of the demo's agency."""

    name: str
    email: str
    role: Role


PASSWORD = "marelle-demo"  # noqa: S105  # printed at the end of `make demo`
PEOPLE = (
    Person("Inès Marchand", "owner@hostpanel.test", Role.OWNER),
    Person("Hugo Blanc", "operator@hostpanel.test", Role.OPERATOR),
    Person("Léa Petit", "viewer@hostpanel.test", Role.VIEWER),
)
