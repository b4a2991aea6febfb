"""What can be done with databases of a hosting."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.databases import copies, forms, importing
from apps.inventory import reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Database
from apps.operations.models import Operation
from apps.operations.registry import Action, Answers, Found, Params, Resend, Verdict, register
from apps.ovhapi.client import Client

DATABASE = "/hosting/web/{serviceName}/database"


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


def _at_rest(client: Client, operation: Operation) -> Found:
    """GET …/database/{name}: nothing is done to it any more. What was done only the task tells."""
    database = reading.read_database(client, operation.service, operation.target["name"])
    if database is None:
        return Found(Verdict.OTHERWISE)
    facts = {"status": database.status, "state": database.state, "used_mb": database.quota_used_mb}
    return Found(Verdict.AS_ASKED if database.status == "created" else Verdict.UNDER_WAY, facts)


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
        path=DATABASE,
        form=forms.DatabaseCreateForm,
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
        path=DATABASE + "/{name}",
        form=forms.DatabaseDeleteForm,
        function="database/delete",
        has_body=False,
        destroys=True,
        label=_name_of,
        conflict=_conflict,
        read_back=_deleted,
        usual=timedelta(minutes=1),
    )
)

PASSWORD = register(
    Action(
        key="databases.password",
        title=_("New password"),
        sentence=_("New password for database %(label)s"),
        method="POST",
        path=DATABASE + "/{name}/changePassword",
        form=forms.DatabasePasswordForm,
        function="database/changePassword",
        secrets=frozenset({"password"}),
        resend=Resend.HARMLESS,
        label=_name_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(seconds=30),
        once_done=_("Sites that still use the old one do not reach it any more."),
    )
)

MEASURE = register(
    Action(
        key="databases.measure",
        title=_("Measure its size"),
        sentence=_("Measure the size of database %(label)s"),
        method="POST",
        path=DATABASE + "/{name}/request",
        form=forms.DatabaseMeasureForm,
        function="database/checkQuotaNow",
        resend=Resend.HARMLESS,
        label=_name_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(seconds=30),
    )
)

COPY = register(
    Action(
        key="databases.copy",
        title=_("Make a copy"),
        sentence=_("Copy database %(label)s"),
        method="POST",
        path=DATABASE + "/{name}/copy",
        form=forms.DatabaseCopyForm,
        function="database/copy",
        has_body=False,
        answers=Answers.OBJECT,
        label=_name_of,
        conflict=_conflict,
        read_back=copies.made,
        usual=timedelta(minutes=1),
        once_done=_("It can be put into a database until OVH deletes it."),
    )
)

DELETE_COPY = register(
    Action(
        key="databases.delete_copy",
        title=_("Delete the copy"),
        sentence=_("Delete a copy of database %(label)s"),
        method="DELETE",
        path=DATABASE + "/{name}/copy/{id}",
        form=forms.CopyDeleteForm,
        function="database/copy",
        has_body=False,
        answers=Answers.NOTHING,
        label=_name_of,
        conflict=lambda target, _params: f"copy:{target['id']}",
        read_back=copies.deleted,
        usual=timedelta(seconds=5),
    )
)

COPY_RESTORE = register(
    Action(
        key="databases.copy_restore",
        title=_("Put a copy into it"),
        sentence=_("Put a copy into database %(label)s"),
        method="POST",
        path=DATABASE + "/{name}/copyRestore",
        form=forms.CopyRestoreForm,
        function="database/copyRestore",
        destroys=True,
        resend=Resend.NEVER,
        label=_name_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(minutes=3),
        once_done=_("The database holds the data of the copy now."),
    )
)

IMPORT = register(
    Action(
        key="databases.import",
        title=_("Import a file"),
        sentence=_("Import a file into database %(label)s"),
        method="POST",
        path=DATABASE + "/{name}/import",
        form=forms.DatabaseImportForm,
        function="database/import",
        panel_only=frozenset({"file"}),
        destroys=True,
        resend=Resend.NEVER,
        prepare=importing.uploaded,
        label=_name_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(minutes=3),
        once_done=_("OVH does not say whether each line of the file was carried out: look at the site."),
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
