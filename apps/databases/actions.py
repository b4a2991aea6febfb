"""What can be done with databases of a hosting."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.databases import forms
from apps.inventory import reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Database
from apps.operations.models import Operation
from apps.operations.registry import Action, Found, Params, Verdict, register
from apps.ovhapi.client import Client
from apps.teams.models import Role


def _created(client: Client, operation: Operation) -> Found:
    """OVH makes the name from the user, so look for the user: GET …/database?user=."""
    user = operation.params["user"]
    for database in reading.read_databases_of_user(client, operation.service, user):
        facts = {"name": database.name, "server": database.server, "status": database.status}
        return Found(_verdict(database), facts)
    return Found(Verdict.OTHERWISE)


def _verdict(database: Database) -> Verdict:
    return Verdict.UNDER_WAY if database.status == "creating" else Verdict.AS_ASKED


def _deleted(client: Client, operation: Operation) -> Found:
    """GET …/database/{name}: 404 is what was asked for."""
    database = reading.read_database(client, operation.service, operation.target["name"])
    if database is None:
        return Found(Verdict.AS_ASKED)
    verdict = Verdict.UNDER_WAY if database.status == "deleting" else Verdict.OTHERWISE
    return Found(verdict, {"status": database.status})


def _name_of(target: Params, params: Params) -> str:
    """The user, which is the name without its ending."""
    return str(target.get("name") or params.get("user")).partition(".")[0]


def _conflict(target: Params, params: Params) -> str:
    """One at a time for a database, whatever is done to it."""
    return f"database:{_name_of(target, params)}"


CREATE = register(
    Action(
        key="databases.create",
        title=_("New database"),
        sentence=_("Create database %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/database",
        form=forms.DatabaseCreateForm,
        role=Role.OPERATOR,
        function="database/create",
        secrets=frozenset({"password"}),
        label=_name_of,
        conflict=_conflict,
        read_back=_created,
        usual=timedelta(minutes=1),
        once_done=_("It can be used from the hosting now."),
    )
)

DELETE = register(
    Action(
        key="databases.delete",
        title=_("Delete database"),
        sentence=_("Delete database %(label)s"),
        method="DELETE",
        path="/hosting/web/{serviceName}/database/{name}",
        form=forms.DatabaseDeleteForm,
        role=Role.ADMIN,
        function="database/delete",
        has_body=False,
        destroys=True,
        label=_name_of,
        conflict=_conflict,
        read_back=_deleted,
        usual=timedelta(minutes=1),
    )
)

register_tab(
    Tab(
        key="databases",
        label=_("Databases"),
        url_name="databases:index",
        order=40,
        count=lambda service: service.databases.filter(gone_at=None).count(),
    )
)
