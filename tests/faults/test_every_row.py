"""The page of faults promises something for each row: a row without a test that makes it happen fails here."""

import re

from hostpanel.environment import BASE_DIR

ROWS = re.findall(r"^\| (\d+) \|", (BASE_DIR / "docs/faults.md").read_text(), flags=re.MULTILINE)


def test_every_row_has_a_test_in_which_it_happens():
    marked = re.compile(r"^@pytest\.mark\.fault\((\d+)\)", flags=re.MULTILINE)
    tests = {number for file in (BASE_DIR / "tests").rglob("test_*.py") for number in marked.findall(file.read_text())}

    assert [int(number) for number in ROWS] == list(range(1, 36))
    assert set(ROWS) == tests
