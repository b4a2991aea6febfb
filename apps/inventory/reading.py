"""From OVH's objects to rows, and single objects read back into theirs.

OVH's answers are not trusted to have a shape: unknown values are kept, numbers may be text, anything may be null or
missing. Objects are read one by one here, never from expanded lists: those are cached and may be stale.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.inventory import folders
from apps.inventory.models import AttachedDomain, Database, Dump, FtpUser, Module, Service
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Missing, Refused

SERVICE = "/hosting/web/{serviceName}"
# Decimal, as OVH sells them.
UNITS_MB = {"B": 1e-6, "KB": 1e-3, "MB": 1.0, "GB": 1e3, "TB": 1e6}
LARGEST_MB = 1e15
Fields = dict[str, Any]


def service_fields(raw: Any) -> Fields:
    """The columns of a Service from `GET /hosting/web/{serviceName}`."""
    row = _object(raw)
    return {
        "display_name": _text(row.get("displayName"), 255),
        "offer": _text(row.get("offer"), 64),
        "state": _text(row.get("state"), 32),
        "cluster": _text(row.get("cluster"), 64),
        "datacenter": _text(row.get("datacenter"), 32),
        "primary_login": _text(row.get("primaryLogin"), 64),
        "home": _text(row.get("home"), 255),
        "hosting_ip": _text(row.get("hostingIp"), 64),
        "hosting_ipv6": _text(row.get("hostingIpv6"), 64),
        "quota_size_mb": size_mb(row.get("quotaSize")),
        "quota_used_mb": size_mb(row.get("quotaUsed")),
        "has_cdn": bool(row.get("hasCdn")),
        "has_hosted_ssl": bool(row.get("hasHostedSsl")),
        "raw": row,
    }


def infos_fields(raw: Any) -> Fields:
    """The columns of a Service from `GET …/serviceInfos`."""
    row = _object(raw)
    renew = _object(row.get("renew"))
    return {
        "expires_on": _day(row.get("expiration")),
        "renews_automatically": renew.get("automatic") if isinstance(renew.get("automatic"), bool) else None,
        "service_status": _text(row.get("status"), 32),
        "raw_infos": row,
    }


def domain_fields(raw: Any) -> Fields:
    """The columns of an AttachedDomain from `GET …/attachedDomain/{domain}`."""
    row = _object(raw)
    return {
        "path": _text(row.get("path"), 255),
        "ssl": row.get("ssl") if isinstance(row.get("ssl"), bool) else None,
        "cdn": _text(row.get("cdn"), 16),
        "firewall": _text(row.get("firewall"), 16),
        "ip_location": _text(row.get("ipLocation"), 8),
        "own_log": _text(row.get("ownLog"), 255),
        "runtime_id": _whole(row.get("runtimeId")),
        **_state(row),
    }


def database_fields(raw: Any) -> Fields:
    """The columns of a Database from `GET …/database/{name}`."""
    row = _object(raw)
    port = _whole(row.get("port"))
    return {
        "user": _text(row.get("user"), 64),
        "type": _text(row.get("type"), 32),
        "version": _text(row.get("version"), 32),
        "server": _text(row.get("server"), 255),
        "port": port if port is not None and 0 <= port < 2**16 else None,
        "mode": _text(row.get("mode"), 32),
        "state": _text(row.get("state"), 32),
        "quota_size_mb": size_mb(row.get("quotaSize")),
        "quota_used_mb": size_mb(row.get("quotaUsed")),
        "gui_url": _web_address(row.get("guiURL")),
        "checked_at": _moment(row.get("lastCheck")),
        "version_support": _text(row.get("versionSupport"), 16),
        **_state(row),
    }


def user_fields(raw: Any) -> Fields:
    """The columns of an FtpUser from `GET …/user/{login}`."""
    row = _object(raw)
    return {
        "home": _text(row.get("home"), 255),
        "ssh_state": _text(row.get("sshState"), 16),
        "state": _text(row.get("state"), 16),
        "is_primary": bool(row.get("isPrimaryAccount")),
        **_state(row),
    }


def module_fields(raw: Any) -> Fields:
    """The columns of a Module from `GET …/module/{id}`. The passwords of its databases are left out."""
    row = _object(raw)
    needed = [each for each in row.get("dependencies") or [] if isinstance(each, dict)]
    plain = [{name: value for name, value in each.items() if name != "password"} for each in needed]
    return {
        "module_id": _whole(row.get("moduleId")),
        "path": _text(row.get("path"), 255),
        "target_url": _web_address(row.get("targetUrl")),
        "admin_name": _text(row.get("adminName"), 255),
        "admin_folder": _text(row.get("adminFolder"), 255),
        "language": _text(row.get("language"), 8),
        "created_at": _moment(row.get("creationDate")),
        **_state({**row, "dependencies": plain}),
    }


def offer_fields(raw: Any) -> Fields:
    """The columns of a ModuleOffer from `GET /hosting/web/moduleList/{id}`."""
    row = _object(raw)
    languages = row.get("language")
    return {
        "name": _text(row.get("name"), 64),
        "version": _text(row.get("version"), 32),
        "branch": _text(row.get("branch"), 16),
        "active": bool(row.get("active")),
        "latest": bool(row.get("latest")),
        "languages": [_text(each, 8) for each in languages] if isinstance(languages, list) else [],
        "admin_name_type": _text(row.get("adminNameType"), 16),
        "author": _text(row.get("author"), 128),
        "size_mb": size_mb(row.get("size")),
        "raw": row,
    }


def task_fields(raw: Any) -> Fields:
    """The columns of a ServiceTask from `GET …/tasks/{id}`."""
    row = _object(raw)
    return {
        "function": _text(row.get("function"), 64),
        "object_type": _text(row.get("objectType"), 32),
        "object_id": _text(row.get("objectId"), 255),
        "started_at": _moment(row.get("startDate")),
        "done_at": _moment(row.get("doneDate")),
        **_state(row),
    }


def ssl_fields(raw: Any, domains: Any) -> Fields:
    """The columns of a Service from `GET …/ssl` and `GET …/ssl/domains`; `raw` None: it has no certificate."""
    row = _object(raw)
    return {
        "ssl_provider": _text(row.get("provider"), 32),
        "ssl_type": _text(row.get("type"), 16),
        "ssl_status": _text(row.get("status"), 32),
        "ssl_domains": [_text(each, 255) for each in domains] if isinstance(domains, list) else [],
        "raw_ssl": row,
    }


def certificate_fields(client: Client, service: Service) -> Fields:
    """`GET …/ssl` and `…/ssl/domains` as columns of the Service; 404 says that the hosting has no certificate."""
    base = path_of(SERVICE + "/ssl", serviceName=service.name)
    try:
        raw = client.get(base)
        return ssl_fields(raw, client.get(f"{base}/domains"))
    except Missing:
        return ssl_fields(None, None)


def dump_fields(raw: Any) -> Fields:
    """The columns of a Dump from `GET …/dump/{id}`, of a database or of the service."""
    row = _object(raw)
    return {
        "type": _text(row.get("type"), 16),
        "created_at": _moment(row.get("creationDate")),
        "deletes_at": _moment(row.get("deletionDate")),
        "url": _web_address(row.get("url"), 1000),
        "is_orphan": bool(row.get("orphan")),
        **_state(row),
    }


def read_domain(client: Client, service: Service, domain: str) -> AttachedDomain | None:
    """`GET …/attachedDomain/{domain}` into its row; None, and the row marked gone, when OVH has it no more."""
    path = path_of(SERVICE + "/attachedDomain/{domain}", serviceName=service.name, domain=domain)
    try:
        raw = client.get(path)
    except Missing:
        _gone(service.attacheddomains.filter(domain=domain))
        return None
    fields = {**domain_fields(raw), **_fresh()}
    return AttachedDomain.objects.update_or_create(service=service, domain=domain, defaults=fields)[0]


def read_database(client: Client, service: Service, name: str) -> Database | None:
    """`GET …/database/{name}` into its row; None, and the row and its dumps marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/database/{name}", serviceName=service.name, name=name))
    except Missing:
        _gone(service.databases.filter(name=name))
        _gone(service.dumps.filter(database_name=name))
        return None
    fields = {**database_fields(raw), **_fresh()}
    return Database.objects.update_or_create(service=service, name=name, defaults=fields)[0]


def read_databases_of_user(client: Client, service: Service, user: str) -> list[Database]:
    """The databases of exactly that user (`GET …/database?user=` finds similar ones too), each read by itself."""
    names = client.get(path_of(SERVICE + "/database", serviceName=service.name), user=user)
    read = [read_database(client, service, str(name)) for name in names if isinstance(names, list)]
    return [database for database in read if database is not None and database.user == user]


def read_new_databases(client: Client, service: Service) -> list[str]:
    """Read the databases OVH lists (`GET …/database`) that have no row yet, each by itself; their names."""
    listed = client.get(path_of(SERVICE + "/database", serviceName=service.name))
    known = set(service.databases.filter(gone_at=None).values_list("name", flat=True))
    new = [str(name) for name in listed if name not in known] if isinstance(listed, list) else []
    return [name for name in new if read_database(client, service, name)]


def read_user(client: Client, service: Service, login: str) -> FtpUser | None:
    """`GET …/user/{login}` into its row; None, and the row marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/user/{login}", serviceName=service.name, login=login))
    except Missing:
        _gone(service.ftpusers.filter(login=login))
        return None
    fields = {**user_fields(raw), **_fresh()}
    return FtpUser.objects.update_or_create(service=service, login=login, defaults=fields)[0]


def read_module(client: Client, service: Service, module_id: Any) -> Module | None:
    """`GET …/module/{id}` into its row; None, and the row marked gone, when OVH has it no more."""
    try:
        raw = client.get(path_of(SERVICE + "/module/{id}", serviceName=service.name, id=module_id))
    except Missing:
        _gone(service.modules.filter(ovh_id=module_id))
        return None
    fields = {**module_fields(raw), **_fresh()}
    return Module.objects.update_or_create(service=service, ovh_id=module_id, defaults=fields)[0]


def read_modules_in(client: Client, service: Service, path: str) -> list[Module]:
    """The modules in that folder (`GET …/module`), each read by itself; those known to lie elsewhere are not."""
    listed = client.get(path_of(SERVICE + "/module", serviceName=service.name))
    known = dict(service.modules.filter(gone_at=None).values_list("ovh_id", "path"))
    here = folders.plain(path)
    ids = [number for number in listed if isinstance(listed, list) and folders.plain(known.get(number, path)) == here]
    read = [read_module(client, service, number) for number in ids]
    return [module for module in read if module is not None and folders.plain(module.path) == here]


def read_dumps(client: Client, service: Service, database: Database, *, since: datetime) -> list[Dump]:
    """The dumps of a database made since then (`GET …/dump?creationDate.from=`), each read by itself."""
    path = path_of(SERVICE + "/database/{name}/dump", serviceName=service.name, name=database.name)
    ids = client.get(path, **{"creationDate.from": since.isoformat(timespec="seconds")})
    read = [read_dump(client, service, database, dump_id) for dump_id in ids if isinstance(ids, list)]
    return [dump for dump in read if dump is not None]


def list_dumps(client: Client, service: Service, database: Database, *, since: datetime) -> list[Dump]:
    """The same in one call where OVH gives whole objects. Its cache may be old: what is missing there may be there."""
    path = path_of(SERVICE + "/database/{name}/dump", serviceName=service.name, name=database.name)
    rows = client.objects(path, query={"creationDate.from": since.isoformat(timespec="seconds")})
    return [_dump_row(service, database, row["id"], row) for row in rows if row.get("id")]


def _dump_row(service: Service, database: Database, dump_id: Any, raw: Any) -> Dump:
    fields = {**dump_fields(raw), **_fresh(), "database": database, "database_name": database.name}
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
    fields = {**dump_fields(raw), **_fresh(), "database_name": _text(_object(raw).get("databaseName"), 128)}
    return Dump.objects.update_or_create(service=service, ovh_id=dump_id, defaults=fields)[0]


def read_service(client: Client, service: Service) -> Service:
    """`GET /hosting/web/{serviceName}` into its row, its lists left as they are."""
    fields = service_fields(client.get(path_of(SERVICE, serviceName=service.name)))
    Service.objects.filter(pk=service.pk).update(**fields)
    return Service.objects.get(pk=service.pk)


def read_infos(client: Client, service: Service) -> Service:
    """`GET …/serviceInfos` into the service's row."""
    fields = infos_fields(client.get(path_of(SERVICE + "/serviceInfos", serviceName=service.name)))
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
    types = [str(name) for name in types] if isinstance(types, list) else []
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
    return _object(answer.data)


def _fresh() -> Fields:
    return {"refreshed_at": timezone.now(), "gone_at": None}


def _gone(rows: Any) -> None:
    rows.filter(gone_at=None).update(gone_at=timezone.now())


def _object(raw: Any) -> dict[str, Any]:
    return dict(raw) if isinstance(raw, Mapping) else {}


def _state(row: dict[str, Any]) -> Fields:
    return {"status": _text(row.get("status"), 32), "task_id": _whole(row.get("taskId")), "raw": row}


def _text(value: Any, length: int) -> str:
    """Text of at most `length`; NUL, which PostgreSQL refuses, left out."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).replace("\0", "")[:length]


def _web_address(value: Any, longest: int = 500) -> str:
    """An address a page may link to: what is not http(s) is none."""
    text = _text(value, longest)
    return text if text.startswith(("https://", "http://")) else ""


def _whole(value: Any) -> int | None:
    """A whole number that fits into the column, also when it came as text."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value)):
        return None
    return int(value)


def size_mb(quantity: Any) -> float | None:
    """`{"unit": "GB", "value": 100}` in MB."""
    row = _object(quantity)
    try:
        value = float(row.get("value"))  # type: ignore[arg-type]  # None raises TypeError, caught
    except (TypeError, ValueError):
        return None
    size = value * UNITS_MB.get(str(row.get("unit") or "MB").upper(), 1.0)
    return size if 0 <= size < LARGEST_MB else None


def _moment(value: Any) -> datetime | None:
    try:
        at = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at


def _day(value: Any) -> date | None:
    try:
        return parse_date(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
