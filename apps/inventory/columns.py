"""From OVH's objects to columns of rows.

OVH's answers are not trusted to have a shape: unknown values are kept, numbers may be text, anything may be null or
missing.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

# Decimal, as OVH sells them.
UNITS_MB = {"B": 1e-6, "KB": 1e-3, "MB": 1.0, "GB": 1e3, "TB": 1e6}
LARGEST_MB = 1e15
Fields = dict[str, Any]


def service_fields(raw: Any) -> Fields:
    """The columns of a Service from `GET /hosting/web/{serviceName}`."""
    row = as_object(raw)
    return {
        "display_name": as_text(row.get("displayName"), 255),
        "offer": as_text(row.get("offer"), 64),
        "state": as_text(row.get("state"), 32),
        "cluster": as_text(row.get("cluster"), 64),
        "datacenter": as_text(row.get("datacenter"), 32),
        "primary_login": as_text(row.get("primaryLogin"), 64),
        "home": as_text(row.get("home"), 255),
        "hosting_ip": as_text(row.get("hostingIp"), 64),
        "hosting_ipv6": as_text(row.get("hostingIpv6"), 64),
        "quota_size_mb": size_mb(row.get("quotaSize")),
        "quota_used_mb": size_mb(row.get("quotaUsed")),
        "has_cdn": bool(row.get("hasCdn")),
        "has_hosted_ssl": bool(row.get("hasHostedSsl")),
        "raw": row,
    }


def infos_fields(raw: Any) -> Fields:
    """The columns of a Service from `GET …/serviceInfos`."""
    row = as_object(raw)
    renew = as_object(row.get("renew"))
    return {
        "expires_on": _day(row.get("expiration")),
        "renews_automatically": renew.get("automatic") if isinstance(renew.get("automatic"), bool) else None,
        "service_status": as_text(row.get("status"), 32),
        "raw_infos": row,
    }


def domain_fields(raw: Any) -> Fields:
    """The columns of an AttachedDomain from `GET …/attachedDomain/{domain}`."""
    row = as_object(raw)
    return {
        "path": as_text(row.get("path"), 255),
        "ssl": row.get("ssl") if isinstance(row.get("ssl"), bool) else None,
        "cdn": as_text(row.get("cdn"), 16),
        "firewall": as_text(row.get("firewall"), 16),
        "ip_location": as_text(row.get("ipLocation"), 8),
        "own_log": as_text(row.get("ownLog"), 255),
        "runtime_id": _whole(row.get("runtimeId")),
        **_state(row),
    }


def database_fields(raw: Any) -> Fields:
    """The columns of a Database from `GET …/database/{name}`."""
    row = as_object(raw)
    port = _whole(row.get("port"))
    return {
        "user": as_text(row.get("user"), 64),
        "type": as_text(row.get("type"), 32),
        "version": as_text(row.get("version"), 32),
        "server": as_text(row.get("server"), 255),
        "port": port if port is not None and 0 <= port < 2**16 else None,
        "mode": as_text(row.get("mode"), 32),
        "state": as_text(row.get("state"), 32),
        "quota_size_mb": size_mb(row.get("quotaSize")),
        "quota_used_mb": size_mb(row.get("quotaUsed")),
        "gui_url": _web_address(row.get("guiURL")),
        "checked_at": _moment(row.get("lastCheck")),
        "version_support": as_text(row.get("versionSupport"), 16),
        **_state(row),
    }


def user_fields(raw: Any) -> Fields:
    """The columns of an FtpUser from `GET …/user/{login}`."""
    row = as_object(raw)
    return {
        "home": as_text(row.get("home"), 255),
        "ssh_state": as_text(row.get("sshState"), 16),
        "state": as_text(row.get("state"), 16),
        "is_primary": bool(row.get("isPrimaryAccount")),
        **_state(row),
    }


def module_fields(raw: Any) -> Fields:
    """The columns of a Module from `GET …/module/{id}`. The passwords of its databases are left out."""
    row = as_object(raw)
    needed = [each for each in as_list(row.get("dependencies")) if isinstance(each, dict)]
    plain = [{name: value for name, value in each.items() if name != "password"} for each in needed]
    return {
        "module_id": _whole(row.get("moduleId")),
        "path": as_text(row.get("path"), 255),
        "target_url": _web_address(row.get("targetUrl")),
        "admin_name": as_text(row.get("adminName"), 255),
        "admin_folder": as_text(row.get("adminFolder"), 255),
        "language": as_text(row.get("language"), 8),
        "created_at": _moment(row.get("creationDate")),
        **_state({**row, "dependencies": plain}),
    }


def offer_fields(raw: Any) -> Fields:
    """The columns of a ModuleOffer from `GET /hosting/web/moduleList/{id}`."""
    row = as_object(raw)
    return {
        "name": as_text(row.get("name"), 64),
        "version": as_text(row.get("version"), 32),
        "branch": as_text(row.get("branch"), 16),
        "active": bool(row.get("active")),
        "latest": bool(row.get("latest")),
        "languages": [as_text(each, 8) for each in as_list(row.get("language"))],
        "admin_name_type": as_text(row.get("adminNameType"), 16),
        "author": as_text(row.get("author"), 128),
        "size_mb": size_mb(row.get("size")),
        "raw": row,
    }


def task_fields(raw: Any) -> Fields:
    """The columns of a ServiceTask from `GET …/tasks/{id}`."""
    row = as_object(raw)
    return {
        "function": as_text(row.get("function"), 64),
        "object_type": as_text(row.get("objectType"), 32),
        "object_id": as_text(row.get("objectId"), 255),
        "started_at": _moment(row.get("startDate")),
        "done_at": _moment(row.get("doneDate")),
        **_state(row),
    }


def ssl_fields(raw: Any, domains: Any) -> Fields:
    """The columns of a Service from `GET …/ssl` and `GET …/ssl/domains`; `raw` None: it has no certificate."""
    row = as_object(raw)
    return {
        "ssl_provider": as_text(row.get("provider"), 32),
        "ssl_type": as_text(row.get("type"), 16),
        "ssl_status": as_text(row.get("status"), 32),
        "ssl_domains": [as_text(each, 255) for each in as_list(domains)],
        "raw_ssl": row,
    }


def dump_fields(raw: Any) -> Fields:
    """The columns of a Dump from `GET …/dump/{id}`, of a database or of the service."""
    row = as_object(raw)
    return {
        "type": as_text(row.get("type"), 16),
        "created_at": _moment(row.get("creationDate")),
        "deletes_at": _moment(row.get("deletionDate")),
        "url": _web_address(row.get("url"), 1000),
        "is_orphan": bool(row.get("orphan")),
        **_state(row),
    }


def as_object(raw: Any) -> dict[str, Any]:
    """An object of OVH's; an empty one for anything else."""
    return dict(raw) if isinstance(raw, Mapping) else {}


def as_list(raw: Any) -> list[Any]:
    """A list of OVH's; an empty one for anything else."""
    return raw if isinstance(raw, list) else []


def _state(row: dict[str, Any]) -> Fields:
    return {"status": as_text(row.get("status"), 32), "task_id": _whole(row.get("taskId")), "raw": row}


def as_text(value: Any, length: int) -> str:
    """Text of at most `length`; NUL, which PostgreSQL refuses, left out."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).replace("\0", "")[:length]


def _web_address(value: Any, longest: int = 500) -> str:
    """An address a page may link to: what is not http(s) is none."""
    text = as_text(value, longest)
    return text if text.startswith(("https://", "http://")) else ""


def _whole(value: Any) -> int | None:
    """A whole number that fits into the column, also when it came as text."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value)):
        return None
    return int(value)


def size_mb(quantity: Any) -> float | None:
    """`{"unit": "GB", "value": 100}` in MB."""
    row = as_object(quantity)
    try:
        value = float(row.get("value"))  # type: ignore[arg-type]  # None raises TypeError, caught
    except (TypeError, ValueError):
        return None
    size = value * UNITS_MB.get(str(row.get("unit") or "MB").upper(), 1.0)
    return size if 0 <= size < LARGEST_MB else None


def _moment(value: Any) -> datetime | None:
    """A moment both databases can keep; one without a zone is in UTC."""
    try:
        at = parse_datetime(value) if isinstance(value, str) else None
        return at and (at.replace(tzinfo=UTC) if timezone.is_naive(at) else at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _day(value: Any) -> date | None:
    try:
        return parse_date(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
