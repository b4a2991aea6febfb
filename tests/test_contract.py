"""The panel's calls, and what they are answered, as OVH's own OpenAPI files have them."""

import json
import re
import uuid

import pytest
from django.utils import timezone

from apps.connections import services as connecting
from apps.connections.client import client_for
from apps.connections.services import Asking
from apps.dashboard import contract
from apps.inventory import answers, catalogue, sync
from apps.inventory.models import Answer, Service
from apps.operations import engine, registry, services
from apps.operations.models import Operation, State
from apps.ovhapi import wire
from apps.ovhapi.client import Credentials
from apps.sandbox.server import serve
from tests import actions
from tests.conftest import Ovh
from tests.contract import FOLDER, check

# What the mirror and the account pages ask in this test; what is written stands in the registry of actions.
READS = """
GET /auth/currentCredential
GET /auth/time
GET /domain/zone
GET /hosting/web
GET /hosting/web/{serviceName}
GET /hosting/web/{serviceName}/attachedDomain
GET /hosting/web/{serviceName}/attachedDomain/{domain}
GET /hosting/web/{serviceName}/database
GET /hosting/web/{serviceName}/database/{name}
GET /hosting/web/{serviceName}/databaseAvailableType
GET /hosting/web/{serviceName}/databaseAvailableVersion
GET /hosting/web/{serviceName}/databaseCreationCapabilities
GET /hosting/web/{serviceName}/dump
GET /hosting/web/{serviceName}/module
GET /hosting/web/{serviceName}/serviceInfos
GET /hosting/web/{serviceName}/ssl
GET /hosting/web/{serviceName}/ssl/domains
GET /hosting/web/{serviceName}/tasks
GET /hosting/web/{serviceName}/tasks/{id}
GET /hosting/web/{serviceName}/user
GET /me
POST /me/document
"""
# What pages ask for when somebody looks; {domain} and {database} are the service's first.
LOOKED_AT = [
    ("/abuseState", {}),
    ("/attachedDomain/{domain}/digStatus", {}),
    ("/attachedDomain/{domain}/ssl", {}),
    ("/attachedDomain/{domain}/ssl/report", {}),
    ("/database/{database}/capabilities", {}),
    ("/database/{database}/copy", {}),
    ("/database/{database}/statistics", {"period": "daily", "type": "statement"}),
    ("/runtime", {}),
    ("/ssl/report", {}),
    ("/statistics", {"period": "weekly", "type": "in.httpHits"}),
    ("/token", {}),
]
KEYS = [action.key for action in registry.every()]


@pytest.fixture
def recorded(settings, monkeypatch, tmp_path):
    """A simulated OVH whose calls are written to `calls.jsonl`, with a service for each action."""
    running = serve(world="small", record=tmp_path / "calls.jsonl", speed=0.01)
    settings.OVH_ENDPOINTS = {"sandbox": f"{running.url}/1.0"}
    wire._local.__dict__.clear()
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", lambda _self: 0.0)
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.room", lambda _self: 20)
    simulated = Ovh(running)
    grown = {"services": len(KEYS), "databases_each": 1, "dumps_each": True}
    simulated.account = simulated.control("POST", "accounts", **grown)
    yield simulated
    running.stop()


def connected(simulated, owner):
    """The grown account, connected and read."""
    names = ("application_key", "application_secret", "consumer_key")
    credentials = Credentials(endpoint="sandbox", **{name: simulated.account[name] for name in names})
    verified = connecting.look(credentials)
    connection = connecting.create(Asking(member=owner), name="A", credentials=credentials, verified=verified)
    sync.read_now(connection)
    return connection


def done(key, service, owner, simulated):
    """One action, to its end."""
    target, params = actions.make(key, simulated, service)
    operation = services.request(
        registry.get(key), service=service, target=target, params=params, member=owner, key=uuid.uuid4().hex,
        files=actions.files_of(key, owner),
    )  # fmt: skip
    engine.submit(operation.pk)
    for _ in range(8):
        simulated.finish_tasks()
        Operation.objects.filter(pk=operation.pk).exclude(next_at=None).update(next_at=timezone.now())
        engine.poll(operation.connection_id)
        operation.refresh_from_db()
        if operation.is_over:
            break
    return operation


def look_at_everything(service, simulated):
    """Each answer some page asks for when it is opened; its certificates are of the kind that has a report."""
    domain, database = service.attacheddomains.first().domain, service.databases.first().name
    certificates = simulated.truth(service.name)["certificates"]
    before = {key: dict(value) for key, value in certificates.items()}
    for key in ("", domain):
        certificates[key] = actions.certificate("SECTIGO")
    for path, query in LOOKED_AT:
        where = path.format(domain=domain, database=database)
        answer = Answer(service=service, path=where, query="&".join(f"{name}={value}" for name, value in query.items()))
        answer.save()
        answers.read(answer, client_for(service.connection))
        answer.refresh_from_db()
        assert answer.problem in ("", "missing"), (path, answer.message)
    certificates.clear()
    certificates.update(before)


def made(recording, known):
    """The calls of a recording, as `GET /hosting/web/{}/database/{}` where they are known, else as they were."""
    patterns = {line: re.compile(re.escape(line).replace(re.escape("{}"), "[^/]+") + "$") for line in known}
    calls = [json.loads(line) for line in recording.read_text().splitlines()]
    lines = {f"{call['method']} {call['path'].removeprefix('/1.0').removeprefix('/v1')}" for call in calls}
    return {next((name for name, pattern in patterns.items() if pattern.match(line)), line) for line in lines}


def wanted():
    """Every call there must be in the recording."""
    looked_at = [
        f"GET /hosting/web/{{serviceName}}{path.replace('{database}', '{name}')}" for path, _query in LOOKED_AT
    ]
    written = [f"{action.method} {action.path}" for action in registry.every()]
    return "\n".join([READS, *looked_at, *written])


@pytest.mark.parametrize("expansion", [True, False])
def test_every_call_and_every_answer_is_as_ovhs_schema_says(expansion, recorded, owner, tmp_path):
    recorded.control("POST", "settings", expansion=expansion)
    connection = connected(recorded, owner)
    found = dict(zip(KEYS, Service.objects.filter(connection=connection), strict=True))
    look_at_everything(found[KEYS[0]], recorded)
    catalogue.read("sandbox")

    ended = {key: done(key, service, owner, recorded) for key, service in found.items()}

    assert {key: (each.state, each.ovh_message) for key, each in ended.items()} == dict.fromkeys(
        KEYS, (State.SUCCEEDED, "")
    )
    check(tmp_path / "calls.jsonl", wanted())
    known = {f"{call.method} {contract.plain(call.path)}" for call in contract.calls()}
    assert made(tmp_path / "calls.jsonl", known) <= known, "calls.READS does not know them"
    guide = FOLDER / "guide-operations.txt"
    check(tmp_path / "calls.jsonl", guide.read_text() if guide.is_file() else "")
