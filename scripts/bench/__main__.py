"""`python -m scripts.bench`: all figures, or those named with `--only`."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from scripts.bench import click, follow, pages, workers
from scripts.house import end_when_told

FIGURES: dict[str, Callable[[], dict[str, Any]]] = {
    "lists": pages.lists,
    "lag": pages.lag,
    "poller": pages.poller,
    "open_pages": pages.open_pages,
    "submit": click.submit,
    "during_sync": click.during_sync,
    "workers": workers.workers,
    "follow": follow.follow,
    "crowd": follow.crowd,
}


def main() -> None:
    """Each figure in a process of its own, for each has a panel of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=list(FIGURES), default=[])
    parser.add_argument("--here", choices=list(FIGURES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    end_when_told()
    if options.here:
        print(json.dumps({"figure": options.here, **FIGURES[options.here]()}), flush=True)
        return
    for name in options.only or FIGURES:
        _measure(name)


def _measure(name: str) -> None:
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "scripts.bench", "--here", name])
    try:
        if process.wait():
            raise SystemExit(process.returncode)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
