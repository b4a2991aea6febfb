"""A panel of the first release, with something in each of its tables, is brought to this one."""

import json

import pytest

from tests.upkeep.first_release import FILE
from tests.upkeep.test_copying import manage

TRY = "import json; from tests.upkeep import first_release; print(json.dumps(first_release.tried()))"


@pytest.mark.worker
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_panel_of_the_first_release_comes_to_this_one_and_loses_nothing(tmp_path, kind, request):
    url = request.getfixturevalue("postgresql_database") if kind == "postgresql" else ""

    found = json.loads(manage(url, tmp_path, "shell", "-v0", "-c", TRY).splitlines()[-1])

    # Before the first release: make the file anew, as its module says. After it: add a migration, edit none.
    assert found.pop("same tables as then"), "a migration of the first release was edited"
    assert found.pop("tables without a row") == []
    assert found == {"pages": [200, 200, 200, 200], "opens": "key", "signs in": True, "lost": []}


def test_the_first_release_had_each_kind_of_change():
    states = {
        row["fields"]["state"] for row in json.loads(FILE.read_text())["rows"] if row["model"].endswith("operation")
    }

    assert len(states) == 7
