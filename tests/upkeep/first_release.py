"""A panel of the first release, with something in each of its tables: what every later release is tried on.

Until there is a first release, this makes the file anew from what the migrations are today:

    python -m tests.environment python manage.py shell -c "from tests.upkeep import first_release as it; it.write()"

From then on the file stays as it is, and a change is a migration of its own.
"""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from apps.audit import chain
from apps.audit.services import record
from apps.connections.client import credentials_of, purpose_of
from apps.connections.models import Connection, Consent, Grant
from apps.inventory.models import Answer, Catalogue, Probe, ServiceTask, SyncRun, Zone
from apps.members.models import Invitation
from apps.operations.models import OVER, Attachment, Duration, State
from apps.sealing import box
from apps.teams.models import User
from apps.upkeep import copying
from apps.upkeep.models import Tally
from tests import factories as made

FILE = Path(__file__).parent / "first_release.json"
PASSWORD = "first-release-1"
PAGES = ("", "operations/", "services/", "audit/")


def write() -> None:
    """Make the file from a panel of today, in the empty database of this process."""
    call_command("upgrade", "-v0", stdout=StringIO())
    with transaction.atomic():
        site = _people_and_services()
        _what_was_read(site)
        _changes(site)
    rows = [row for model in copying.tables() for row in copying._rows_of(model)]
    kept = {"migrations": copying._migrations(), "columns": columns(), "rows": rows}
    FILE.write_text(json.dumps(kept, cls=copying._Exact, indent=1, ensure_ascii=False) + "\n")


def _people_and_services() -> Any:
    owner = made.made(made.MembershipFactory, role="owner")
    viewer = made.made(made.MembershipFactory, role="viewer", sees_all_accounts=False)
    owner.user.set_password(PASSWORD)
    owner.user.save()
    address = EmailAddress.objects.create(user=owner.user, email=owner.user.email, primary=True, verified=True)
    EmailConfirmation.create(address)
    RecoveryCodes.activate(owner.user)
    account = made.made(made.ConnectionFactory, team=owner.team, name="Brasserie")
    account.sealed = box.seal({"application_secret": "secret", "consumer_key": "key"}, purpose=purpose_of(account))
    account.save()
    Grant.objects.create(member=viewer, connection=account)
    Consent.objects.create(
        state_hash="a", session_hash="b", name="x", endpoint="sandbox", application_key="k", team=owner.team,
        user=owner.user,
    )  # fmt: skip
    invitation = Invitation.objects.create(team=owner.team, email="new@hostpanel.test", role="viewer", token_hash="c")
    invitation.accounts.add(account)
    return made.ServiceFactory(connection=account, display_name="L'Été à l'Île.fr")


def _what_was_read(site: Any) -> None:
    now = timezone.now()
    made.DumpFactory(database=made.DatabaseFactory(service=site))
    for factory in (made.FtpUserFactory, made.ModuleFactory):
        factory(service=site)
    made.ModuleOfferFactory()
    Probe.objects.create(domain=made.made(made.AttachedDomainFactory, service=site), probed_at=now)
    Zone.objects.create(connection=site.connection, name="example.com")
    ServiceTask.objects.create(service=site, ovh_id=4, function="web/attach", status="done", started_at=now)
    Answer.objects.create(service=site, path="/hosting/web/{serviceName}/statistics", data=[1, 2.5], read_at=now)
    Catalogue.objects.create(endpoint="sandbox", read_at=now)
    SyncRun.objects.create(connection=site.connection, state="finished", lease_until=now, finished_at=now)


def _changes(site: Any) -> None:
    """One in each state, with its steps, its file and its history."""
    now, team, owner = timezone.now(), site.connection.team, User.objects.get(memberships__role="owner")
    for state in State.values:
        ended = {"finished_at": now, "next_at": None} if state in OVER else {}
        change = made.made(made.OperationFactory, service=site, state=state, requested_by=owner, task_id=17, **ended)
        change.events.create(kind="asked", details={"by": "owner"})
        record("domains.attach.requested", team_id=team.pk, actor=owner, operation_id=change.pk, target="a.fr")
    file = Attachment.objects.create(team=team, operation=change, name="dump.sql", size=3)
    file.pieces.create(number=0, sealed=box.seal_bytes(b"abc", purpose="attachment"))
    Duration.objects.create(action="domains.attach", seconds=[12.5, 14.0])
    Tally.objects.create(day=now.date(), action="domains.attach", state="failed", count=1)
    chain.link_new(team.pk)


def columns() -> dict[str, list[str]]:
    """{table: its columns}, of the panel's own tables."""
    describe = connection.introspection.get_table_description
    with connection.cursor() as cursor:
        return {
            table: sorted(column.name for column in describe(cursor, table))
            for table in sorted(model._meta.db_table for model in copying.tables())
        }


def load(kept: dict[str, Any]) -> None:
    """Bring the empty database to the first release, with its rows in it."""
    state = MigrationExecutor(connection).migrate([tuple(name.split(".")) for name in kept["migrations"]])
    with transaction.atomic():
        for row in kept["rows"]:
            _insert(state.apps.get_model(row["model"]), row)
        copying._set_sequences()


def _insert(model: Any, row: dict[str, Any]) -> None:
    given, many = {"pk": row["pk"]}, {}
    for name, value in row["fields"].items():
        field = model._meta.get_field(name)
        if field.many_to_many:
            many[name] = value
        else:
            given[field.attname] = (field.target_field if field.is_relation else field).to_python(value)
    whole = model(**given)
    whole.save(force_insert=True)
    for name, value in many.items():
        getattr(whole, name).set(value)


def tried() -> dict[str, Any]:
    """Bring an empty database to the first release and from there to this one; what is there afterwards."""
    kept = json.loads(FILE.read_text())
    load(kept)
    is_same = columns() == kept["columns"]
    call_command("upgrade", "-v0", stdout=StringIO())
    call_command("audit_verify", stdout=StringIO())
    owner, browser = User.objects.get(memberships__role="owner"), Client()
    browser.force_login(owner)
    known = {row["model"] for row in kept["rows"]}
    return {
        "same tables as then": is_same,
        "tables without a row": sorted({model._meta.label_lower for model in copying.tables()} - known),
        "lost": [row["model"] for row in kept["rows"] if not _is_there(row)],
        "pages": [browser.get(f"/t/acme/{page}").status_code for page in PAGES],
        "opens": credentials_of(Connection.objects.get()).consumer_key,
        "signs in": owner.check_password(PASSWORD),
    }


def _is_there(row: dict[str, Any]) -> bool:
    return bool(apps.get_model(row["model"])._base_manager.filter(pk=row["pk"]).exists())
