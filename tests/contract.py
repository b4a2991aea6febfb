"""OVH's own OpenAPI files and their checker, which are not part of the project.

`HOSTPANEL_CONTRACT` names their folder, else it is looked for beside the checkout.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("HOSTPANEL_CONTRACT") or Path(__file__).parents[2] / "shared" / "ovh-api")
CHECKER = FOLDER / "check_contract.py"


def check(recording, calls, *more):
    """The recording has every one of `calls` (lines of `METHOD /path`), and nothing OVH's schema does not have."""
    if not CHECKER.is_file():
        pytest.skip(f"OVH's schema is not at {FOLDER}; HOSTPANEL_CONTRACT can name its folder")
    wanted = recording.with_name("calls.txt")
    wanted.write_text(calls)
    checked = subprocess.run(
        [sys.executable, CHECKER, recording, "--complete", "--errors", "--coverage", wanted, "--require-coverage",
         *more],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[:2500] + checked.stdout[-2500:]
