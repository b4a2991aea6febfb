"""What can be done with the dumps of a database."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.backups import forms
from apps.inventory import reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Database, Dump
from apps.operations.models import Operation
from apps.operations.registry import Action, Found, Params, Resend, Verdict, register
from apps.ovhapi.client import Client

# OVH's clock and ours are not the same.
SLACK = timedelta(minutes=2)


def _dumped(client: Client, operation: Operation) -> Found:
    """A dump of that kind, made since it was sent, that no other operation has found: GET …/dump.

    OVH's cached list is one call and enough where it shows the dump; where it does not, each is read by itself.
    """
    database = _database(operation)
    if database is None:
        return Found(Verdict.OTHERWISE)
    since = (operation.sent_at or operation.requested_at) - SLACK
    dump = None
    for read in (reading.list_dumps, reading.read_dumps):
        dumps = read(client, operation.service, database, since=since)
        dump = next((each for each in dumps if _is_of(each, operation)), None)
        if dump is not None and dump.status != "creating":
            return Found(Verdict.AS_ASKED, _facts(dump))
    return Found(Verdict.OTHERWISE) if dump is None else Found(Verdict.UNDER_WAY, _facts(dump))


def _is_of(dump: Dump, operation: Operation) -> bool:
    return dump.type == operation.params["date"] and not _is_anothers(dump, operation)


def _is_anothers(dump: Dump, operation: Operation) -> bool:
    """Whether an earlier operation made this dump: two in two minutes are two dumps."""
    others = Operation.objects.filter(service=operation.service_id, action=operation.action)
    return others.filter(result__dump=dump.ovh_id).exclude(pk=operation.pk).exists()


def _facts(dump: Dump) -> dict[str, str | int]:
    return {"dump": dump.ovh_id, "kept_until": dump.deletes_at.isoformat() if dump.deletes_at else ""}


def _restored(client: Client, operation: Operation) -> Found:
    """GET …/database/{name}: no longer restoring. What data it holds OVH does not say; only the task tells."""
    database = reading.read_database(client, operation.service, operation.target["name"])
    if database is None:
        return Found(Verdict.OTHERWISE)
    facts = {"status": database.status, "state": database.state}
    return Found(Verdict.UNDER_WAY if database.status == "restoring" else Verdict.AS_ASKED, facts)


def _database(operation: Operation) -> Database | None:
    return operation.service.databases.filter(name=operation.target["name"]).first()


def _dump_deleted(client: Client, operation: Operation) -> Found:
    """GET …/dump/{id}: 404 is what was asked for."""
    dump = reading.read_service_dump(client, operation.service, operation.target["id"])
    if dump is None:
        return Found(Verdict.AS_ASKED)
    return Found(Verdict.UNDER_WAY if dump.status == "deleting" else Verdict.OTHERWISE, {"status": dump.status})


def _files_restored(client: Client, operation: Operation) -> Found:
    """GET /hosting/web/{serviceName}: it runs. What files it holds OVH does not say; only the task tells."""
    service = reading.read_service(client, operation.service)
    facts = {"state": service.state, "used_mb": service.quota_used_mb}
    return Found(Verdict.AS_ASKED if service.state == "active" else Verdict.UNDER_WAY, facts)


def _name_of(target: Params, _params: Params) -> str:
    return str(target["name"]).partition(".")[0]


def _dump_of(target: Params, params: Params) -> str:
    """The database the dump is of; `databaseName` is the form's own."""
    return str(params.get("databaseName") or target["id"]).partition(".")[0]


def _conflict(target: Params, _params: Params) -> str:
    """One at a time for a database, whatever is done to it."""
    return f"database:{_name_of(target, {})}"


CREATE = register(
    Action(
        key="backups.create",
        title=_("Back up"),
        sentence=_("Back up %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/database/{name}/dump",
        form=forms.DumpCreateForm,
        function="dump/create",
        label=_name_of,
        conflict=_conflict,
        read_back=_dumped,
        usual=timedelta(minutes=1),
    )
)

RESTORE = register(
    Action(
        key="backups.restore",
        title=_("Restore"),
        sentence=_("Restore %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/database/{name}/dump/{id}/restore",
        form=forms.DumpRestoreForm,
        function="database/restore",
        panel_only=frozenset({"dump_first"}),
        has_body=False,
        destroys=True,
        resend=Resend.NEVER,
        label=_name_of,
        conflict=_conflict,
        read_back=_restored,
        usual=timedelta(minutes=4),
        once_done=_("The site runs on the restored data now."),
    )
)

RESTORE_DATE = register(
    Action(
        key="backups.restore_date",
        title=_("Restore"),
        sentence=_("Restore %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/database/{name}/restore",
        form=forms.DateRestoreForm,
        function="database/restore",
        panel_only=frozenset({"dump_first"}),
        destroys=True,
        resend=Resend.NEVER,
        label=_name_of,
        conflict=_conflict,
        read_back=_restored,
        usual=timedelta(minutes=4),
        once_done=_("The site runs on the restored data now."),
    )
)

DELETE = register(
    Action(
        key="backups.delete",
        title=_("Delete the backup"),
        sentence=_("Delete a backup of %(label)s"),
        method="DELETE",
        path="/hosting/web/{serviceName}/dump/{id}",
        form=forms.DumpDeleteForm,
        function="dump/delete",
        panel_only=frozenset({"databaseName"}),
        has_body=False,
        destroys=True,
        label=_dump_of,
        conflict=lambda target, _params: f"dump:{target['id']}",
        read_back=_dump_deleted,
        usual=timedelta(seconds=30),
    )
)

SNAPSHOT = register(
    Action(
        key="backups.snapshot",
        title=_("Restore all files"),
        sentence=_("Put all files back to %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/restoreSnapshot",
        form=forms.SnapshotRestoreForm,
        function="web/restoreSnapshot",
        is_about_service=True,
        destroys=True,
        resend=Resend.NEVER,
        label=lambda _target, params: str(params["backup"]),
        conflict=lambda _target, _params: "files",
        read_back=_files_restored,
        usual=timedelta(minutes=30),
        once_done=_("The files are those of the snapshot now; databases are as they were."),
    )
)

register_tab(
    Tab(
        key="backups",
        label=_("Backups"),
        url_name="backups:index",
        order=50,
        count=lambda service: service.dumps.filter(gone_at=None).count(),
    )
)
