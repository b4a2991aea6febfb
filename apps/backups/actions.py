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
from apps.teams.models import Role

# OVH's clock and ours are not the same.
SLACK = timedelta(minutes=2)


def _dumped(client: Client, operation: Operation) -> Found:
    """A dump of that kind, made since it was sent, that no other operation has found: GET …/dump."""
    database = _database(operation)
    if database is None:
        return Found(Verdict.OTHERWISE)
    since = (operation.sent_at or operation.requested_at) - SLACK
    for dump in reading.read_dumps(client, operation.service, database, since=since):
        if dump.type == operation.params["date"] and not _is_anothers(dump, operation):
            verdict = Verdict.UNDER_WAY if dump.status == "creating" else Verdict.AS_ASKED
            return Found(verdict, {"dump": dump.ovh_id, "kept_until": _text(dump)})
    return Found(Verdict.OTHERWISE)


def _is_anothers(dump: Dump, operation: Operation) -> bool:
    """Whether an earlier operation made this dump: two in two minutes are two dumps."""
    others = Operation.objects.filter(service=operation.service_id, action=operation.action)
    return others.filter(result__dump=dump.ovh_id).exclude(pk=operation.pk).exists()


def _text(dump: Dump) -> str:
    return dump.deletes_at.isoformat() if dump.deletes_at else ""


def _restored(client: Client, operation: Operation) -> Found:
    """GET …/database/{name}: no longer restoring. What data it holds OVH does not say; only the task tells."""
    database = reading.read_database(client, operation.service, operation.target["name"])
    if database is None:
        return Found(Verdict.OTHERWISE)
    facts = {"status": database.status, "state": database.state}
    return Found(Verdict.UNDER_WAY if database.status == "restoring" else Verdict.AS_ASKED, facts)


def _database(operation: Operation) -> Database | None:
    return operation.service.databases.filter(name=operation.target["name"]).first()


def _name_of(target: Params, _params: Params) -> str:
    return str(target["name"]).partition(".")[0]


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
        role=Role.OPERATOR,
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
        role=Role.ADMIN,
        function="database/restore",
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

register_tab(
    Tab(
        key="backups",
        label=_("Backups"),
        url_name="backups:index",
        order=50,
        count=lambda service: service.dumps.filter(gone_at=None).count(),
    )
)
