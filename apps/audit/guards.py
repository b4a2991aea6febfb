"""What the database itself refuses: to change the history, or to take from it what is younger than a year.

Triggers, put in place after every migration, as a migration of SQLite may remake a table and lose them.
"""

from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

LEAST = timedelta(days=365)
TABLES = ("audit_entry", "audit_link")
_REFUSAL = "The history is only ever added to."
# When the row that a trigger looks at was written.
_AT = {"audit_entry": "OLD.at", "audit_link": "(SELECT at FROM audit_entry WHERE id = OLD.entry_id)"}
_KEY = {"audit_entry": "id", "audit_link": "entry_id"}


def install(connection: BaseDatabaseWrapper) -> None:
    """Have the database guard the history from now on; harmless twice."""
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
        if not set(TABLES) <= set(there):
            return
        for statement in (*removal(connection), *_installation(connection)):
            cursor.execute(statement)


def after_migrate(*, using: str, **_rest: Any) -> None:
    """Django's `post_migrate`."""
    install(connections[using])


def removal(connection: BaseDatabaseWrapper) -> list[str]:
    """The statements that take the guards away, for the tests, which empty their database."""
    if connection.vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_{when} ON {table}" for table in TABLES for when in ("row", "truncate")]
    return [f"DROP TRIGGER IF EXISTS {table}_{when}" for table in TABLES for when in ("update", "delete", "replace")]


def _installation(connection: BaseDatabaseWrapper) -> list[str]:
    of_vendor = _postgresql if connection.vendor == "postgresql" else _sqlite
    return [statement for table in TABLES for statement in of_vendor(table)]


def _sqlite(table: str) -> list[str]:
    """INSERT OR REPLACE removes the former row without its delete trigger: hence the third."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    is_young = f"{_AT[table]} > strftime('%Y-%m-%d %H:%M:%S', 'now', '-{LEAST.days} days')"
    is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {_KEY[table]} = NEW.{_KEY[table]})"  # noqa: S608  # names of ours
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} WHEN {is_young} {refuse}",
        f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN {is_there} {refuse}",
    ]


def _postgresql(table: str) -> list[str]:
    function = f"{table}_is_only_added_to()"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF {_AT[table]} <= now() - interval '{LEAST.days} days' THEN
                    RETURN OLD;
                END IF;
            END IF;
            RAISE EXCEPTION '{_REFUSAL}';
        END $$
        """,
        f"CREATE TRIGGER {table}_row BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}",
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {function}",
    ]
