"""The last release serves while the database is brought to the next: migrations only add (docs/upgrading.md)."""

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

ALLOWED = "removes_what_nobody_uses"
# Of these nothing is lost, and what the last release writes still fits.
HARMLESS = (
    migrations.CreateModel, migrations.AddIndex, migrations.RemoveIndex, migrations.RenameIndex,
    migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.RunPython, migrations.RunSQL,
    migrations.RemoveConstraint,
)  # fmt: skip


def offences(migration):
    """What the release before could not live with."""
    if migration.initial or getattr(migration, ALLOWED, ""):
        return []
    return [words for each in migration.operations for words in _offence(each)]


def _offence(operation):
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return [words for each in operation.database_operations for words in _offence(each)]
    if isinstance(operation, HARMLESS):
        return []
    if isinstance(operation, migrations.AddField):
        return _of_new_field(operation)
    return [f"{operation.describe()}: the last release still uses it as it was"]


def _of_new_field(operation):
    """Django drops a default from the database again: a row of the last release would have nothing there."""
    field = operation.field
    is_filled = field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED
    if not is_filled:
        return [f"{operation.describe()}: the last release writes rows without it; give it null=True or db_default"]
    if field.unique:
        return [f"{operation.describe()}: rows of the last release may not be unique"]
    return []


def test_every_migration_only_adds():
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations

    refused = {key: offences(each) for key, each in known.items() if key[0] in ours and offences(each)}

    assert refused == {}
    assert {key[0] for key in known if key[0] in ours} >= {"operations", "teams", "audit", "upkeep"}


def migration(*operations, **more):
    kind = type("Next", (migrations.Migration,), {"initial": False, "operations": list(operations), **more})
    return kind("0002_next", "operations")


def test_what_only_adds_is_taken():
    text = models.CharField(max_length=9, null=True)
    filled = models.CharField(max_length=9, db_default="")
    index = models.Index(fields=["label"], name="by_label")

    added = migration(
        migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("operation", "one", text),
        migrations.AddField("operation", "two", filled),
        migrations.AddIndex("operation", index),
    )

    assert offences(added) == []


def test_what_the_last_release_cannot_live_with_is_refused():
    refused = [
        migrations.RemoveField("operation", "label"),
        migrations.RenameField("operation", "label", "name"),
        migrations.DeleteModel("Event"),
        migrations.AlterField("operation", "label", models.CharField(max_length=3)),
        migrations.AddField("operation", "three", models.CharField(max_length=9, default="")),
        migrations.AddField("operation", "four", models.CharField(max_length=9, null=True, unique=True)),
        migrations.AddConstraint("operation", models.UniqueConstraint(fields=["label"], name="one_of_a_label")),
        migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel("Event")]),
    ]

    for operation in refused:
        assert offences(migration(operation)), operation.describe()


def test_one_that_removes_what_nobody_uses_says_so():
    gone = migrations.RemoveField("operation", "label")

    assert offences(migration(gone, removes_what_nobody_uses="since 1.4")) == []
