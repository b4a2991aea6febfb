"""Whatever OVH answers becomes columns of rows."""

from datetime import UTC, datetime

import pytest

from apps.inventory import columns


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        {},
        {"quotaSize": None, "quotaUsed": {"unit": "XB", "value": "NaN"}, "state": {"odd": 1}},
        {"displayName": "x" * 10_000, "offer": 17, "phpVersions": None},
        {"quotaSize": {"unit": "GB", "value": 1e300}},
    ],
)
def test_answers_of_any_shape_become_rows(raw):
    fields = columns.service_fields(raw)

    assert len(fields["display_name"]) <= 255


def test_an_unknown_state_is_kept_as_it_came():
    assert columns.database_fields({"state": "pondering"})["state"] == "pondering"


@pytest.mark.parametrize("dependencies", [None, 7, "text", {"password": "x"}, [None, 7, "text"]])
def test_what_a_module_needs_may_be_of_any_shape(dependencies):
    fields = columns.module_fields({"id": 1, "dependencies": dependencies})

    assert fields["raw"]["dependencies"] == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-02T10:00:00+01:00", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        ("2026-11-02T10:00:00", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-02-30T00:00:00Z", None),
        (17, None),
    ],
)
def test_a_moment_is_one_that_both_databases_can_keep(text, moment):
    assert columns.dump_fields({"creationDate": text})["created_at"] == moment
