"""Single objects of OVH read back into their rows.

They are read one by one here, never from expanded lists: those are cached and may be stale.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.inventory import columns, folders
from apps.inventory.columns import Fields, as_list, as_object, as_text
from apps.inventory.models import AttachedDomain, Database, Dump, FtpUser, Module, Service
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Missing, Refused

SERVICE = "/hosting/web/{serviceName}"


def certificate_fields(client: Client, service: Service) -> Fields:
    """`GET …/ssl` and `…/ssl/domains` as columns of the Service; 404 says that the hosting has no certificate."""
    base = path_of(SERVICE + "/ssl", serviceName=service.name)
    try:
        raw = client.get(base)
        return columns.ssl_fields(raw, client.get(f"{base}/domains"))
    except Missing:
        return columns.ssl_fields(None, None)


def read_domain(client: Client, service: Service, domain: str) -> AttachedDomain | None:
    """`GET …/attachedDomain/{domain}` into its row; None, and the row marked gone, when OVH has it no more."""
    path = path_of(SERVICE + "/attachedDomain/{domain}", serviceName=service.name, domain=domain)
    try:
        raw = client.get(path)
    except Missing:
        _gone(service.attacheddomains.filter(domain=domain))
        return None
    fields = {**columns.domain_fields(raw), **_fresh()}
    return AttachedDomain.objects.update_or_create(service=service, domain=domain, defaults=fields)[0]


def read_database(client: Client, service: Service, name: str) -> Database | None:
    """`GET …/database/{name}` into its row; None, and the row and its dumps marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/database/{name}", serviceName=service.name, name=name))
    except Missing:
        _gone(service.databases.filter(name=name))
        _gone(service.dumps.filter(database_name=name))
        return None
    fields = {**columns.database_fields(raw), **_fresh()}
    return Database.objects.update_or_create(service=service, name=name, defaults=fields)[0]


def read_databases_of_user(client: Client, service: Service, user: str) -> list[Database]:
    """The databases of exactly that user (`GET …/database?user=` finds similar ones too), each read by itself."""
    names = client.get(path_of(SERVICE + "/database", serviceName=service.name), user=user)
    read = [read_database(client, service, str(name)) for name in as_list(names)]
    return [database for database in read if database is not None and database.user == user]


def read_new_databases(client: Client, service: Service) -> list[str]:
    """Read the databases OVH lists (`GET …/database`) that have no row yet, each by itself; their names."""
    listed = client.get(path_of(SERVICE + "/database", serviceName=service.name))
    known = set(service.databases.filter(gone_at=None).values_list("name", flat=True))
    new = [str(name) for name in as_list(listed) if name not in known]
    return [name for name in new if read_database(client, service, name)]


def read_user(client: Client, service: Service, login: str) -> FtpUser | None:
    """`GET …/user/{login}` into its row; None, and the row marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/user/{login}", serviceName=service.name, login=login))
    except Missing:
        _gone(service.ftpusers.filter(login=login))
        return None
    fields = {**columns.user_fields(raw), **_fresh()}
    return FtpUser.objects.update_or_create(service=service, login=login, defaults=fields)[0]


def read_module(client: Client, service: Service, module_id: Any) -> Module | None:
    """`GET …/module/{id}` into its row; None, and the row marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/module/{id}", serviceName=service.name, id=module_id))
    except Missing:
        _gone(service.modules.filter(ovh_id=module_id))
        return None
    fields = {**columns.module_fields(raw), **_fresh()}
    return Module.objects.update_or_create(service=service, ovh_id=module_id, defaults=fields)[0]


def read_modules_in(client: Client, service: Service, path: str) -> list[Module]:
    """The modules in that folder (`GET …/module`), each read by itself; those known to lie elsewhere are not."""
    listed = client.get(path_of(SERVICE + "/module", serviceName=service.name))
    known = dict(service.modules.filter(gone_at=None).values_list("ovh_id", "path"))
    here = folders.plain(path)
    ids = [number for number in as_list(listed) if folders.plain(known.get(number, path)) == here]
    read = [read_module(client, service, number) for number in ids]
    return [module for module in read if module is not None and folders.plain(module.path) == here]


def read_dumps(client: Client, service: Service, database: Database, *, since: datetime) -> list[Dump]:
    """The dumps of a database made since then (`GET …/dump?creationDate.from=`), each read by itself."""
    path = path_of(SERVICE + "/database/{name}/dump", serviceName=service.name, name=database.name)
    ids = client.get(path, **{"creationDate.from": since.isoformat(timespec="seconds")})
    read = [read_dump(client, service, database, dump_id) for dump_id in as_list(ids)]
    return [dump for dump in read if dump is not None]


def list_dumps(client: Client, service: Service, database: Database, *, since: datetime) -> list[Dump]:
    """The same in one call where OVH gives whole objects. Its cache may be old: what is missing there may be there."""
    path = path_of(SERVICE + "/database/{name}/dump", serviceName=service.name, name=database.name)
    rows = client.objects(path, query={"creationDate.from": since.isoformat(timespec="seconds")})
    return [_dump_row(service, database, row["id"], row) for row in rows if row.get("id")]


def _dump_row(service: Service, database: Database, dump_id: Any, raw: Any) -> Dump:
    fields = {**columns.dump_fields(raw), **_fresh(), "database": database, "database_name": database.name}
    return Dump.objects.update_or_create(service=service, ovh_id=dump_id, defaults=fields)[0]


def read_dump(client: Client, service: Service, database: Database, dump_id: Any) -> Dump | None:
    """`GET …/database/{name}/dump/{id}` into its row; None, and the row marked gone, when OVH has it no more."""
    path = path_of(SERVICE + "/database/{name}/dump/{id}", serviceName=service.name, name=database.name, id=dump_id)
    try:
        raw = client.get(path)
    except Missing:
        _gone(service.dumps.filter(ovh_id=dump_id))
        return None
    return _dump_row(service, database, dump_id, raw)


def read_service_dump(client: Client, service: Service, dump_id: Any) -> Dump | None:
    """`GET …/dump/{id}`, which knows dumps of deleted databases too, into its row; None when it is gone."""
    try:
        raw = client.get(path_of(SERVICE + "/dump/{id}", serviceName=service.name, id=dump_id))
    except Missing:
        _gone(service.dumps.filter(ovh_id=dump_id))
        return None
    fields = {**columns.dump_fields(raw), **_fresh(), "database_name": as_text(as_object(raw).get("databaseName"), 128)}
    return Dump.objects.update_or_create(service=service, ovh_id=dump_id, defaults=fields)[0]


def read_service(client: Client, service: Service) -> Service:
    """`GET /hosting/web/{serviceName}` into its row, its lists left as they are."""
    fields = columns.service_fields(client.get(path_of(SERVICE, serviceName=service.name)))
    Service.objects.filter(pk=service.pk).update(**fields)
    return Service.objects.get(pk=service.pk)


def read_infos(client: Client, service: Service) -> Service:
    """`GET …/serviceInfos` into the service's row."""
    fields = columns.infos_fields(client.get(path_of(SERVICE + "/serviceInfos", serviceName=service.name)))
    Service.objects.filter(pk=service.pk).update(**fields)
    return Service.objects.get(pk=service.pk)


def read_certificate(client: Client, service: Service) -> Service:
    """`GET …/ssl` and `…/ssl/domains` into the service's row; its `ssl_provider` is empty when it has none."""
    Service.objects.filter(pk=service.pk).update(**certificate_fields(client, service))
    return Service.objects.get(pk=service.pk)


def read_choices(client: Client, service: Service, *, offer: str) -> None:
    """What OVH lets one choose in forms, and what the offer allows, kept on the service."""
    base = path_of(SERVICE, serviceName=service.name)
    types = client.get(f"{base}/databaseAvailableType")
    types = [str(name) for name in as_list(types)]
    service.choices = {
        "databaseCreationCapabilities": client.get(f"{base}/databaseCreationCapabilities"),
        "databaseAvailableType": types,
        "databaseAvailableVersion": {name: client.get(f"{base}/databaseAvailableVersion", type=name) for name in types},
        "offerCapabilities": _offer(client, offer),
        "read_at": timezone.now().isoformat(),
    }
    service.save(update_fields=["choices"])


def _offer(client: Client, offer: str) -> dict[str, Any]:
    """What the offer allows (GET /hosting/web/offerCapabilities, not signed); {} for one OVH does not describe."""
    if not offer:
        return {}
    try:
        answer = client.call("GET", "/hosting/web/offerCapabilities", query={"offer": offer}, signed=False)
    except Refused:
        return {}
    return as_object(answer.data)


def _fresh() -> Fields:
    return {"refreshed_at": timezone.now(), "gone_at": None}


def _gone(rows: Any) -> None:
    rows.filter(gone_at=None).update(gone_at=timezone.now())
