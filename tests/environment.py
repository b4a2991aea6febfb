"""The environment of the test run; loaded before Django reads its settings (see `addopts`)."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = tempfile.mkdtemp(prefix="hostpanel-test-")

SEARCHED = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

DEFAULTS = {
    "HOSTPANEL_MODE": "test",
    "HOSTPANEL_DATA": FOLDER,
    "HOSTPANEL_SECRET_KEY": "only-for-the-tests-" * 4,
    "HOSTPANEL_SEAL_KEYS": "b1m8B-ZM0pHe3FqhqTdapfk4xBKOl3zTlrrTdYjW4zg=",
    "HOSTPANEL_ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "HOSTPANEL_DNS": "127.0.0.1:9",
    "HOSTPANEL_OVH_ENDPOINTS": "sandbox=http://127.0.0.1:9/1.0",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's loop runs in the thread of the test
}
# What a developer has exported for a panel of their own is no business of the tests.
os.environ |= DEFAULTS
Path(FOLDER, "static").mkdir()  # WhiteNoise warns of a folder that is not there

if __name__ == "__main__":
    # `python -m tests.environment mypy apps`: a command of the project, in the environment of its tests.
    sys.exit(subprocess.run(sys.argv[1:], check=False, env=os.environ | {"PATH": SEARCHED}).returncode)
