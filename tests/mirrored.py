"""The small simulated OVH is always the same one: a process reads it once, and each test finds what was read."""

from django.db.models import DateTimeField
from django.utils import timezone

from apps.inventory import sync
from apps.inventory.models import (
    AttachedDomain,
    Database,
    Dump,
    FtpUser,
    Module,
    Service,
    ServiceTask,
    SyncRun,
    Zone,
)

# What others point at comes first.
MODELS = (SyncRun, Zone, Service, AttachedDomain, Database, Dump, FtpUser, Module, ServiceTask)
_read = {}


def mirror(connection):
    """The rows of an account that was read just now: by its calls the first time, from memory after that."""
    if _read:
        _put_back(connection)
        return
    sync.read_now(connection)
    _read["at"] = timezone.now()
    _read["rows"] = [(model, list(_of(model, connection).values())) for model in MODELS]


def _of(model, connection):
    direct = any(field.name == "connection" for field in model._meta.concrete_fields)
    return model.objects.filter(**{"connection" if direct else "service__connection": connection})


def _put_back(connection):
    """The same rows under new numbers, as much later as it is now."""
    later, numbers = timezone.now() - _read["at"], {}
    for model, rows in _read["rows"]:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        made = [
            model(**{each.attname: _value(each, row[each.attname], connection, later, numbers) for each in fields})
            for row in rows
        ]
        model.objects.bulk_create(made)
        numbers[model] = {row["id"]: each.pk for row, each in zip(rows, made, strict=True)}


def _value(field, kept, connection, later, numbers):
    if field.attname == "connection_id":
        return connection.pk
    if field.is_relation:
        return numbers[field.related_model].get(kept)
    return kept + later if isinstance(field, DateTimeField) and kept else kept
