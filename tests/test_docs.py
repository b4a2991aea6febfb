"""The documentation: it builds, its links lead somewhere, and what it names exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from apps.connections.health import HEALTH
from apps.operations.words import ENDINGS, WAITING
from apps.upkeep import health, metrics
from hostpanel import environment

ROOT = environment.BASE_DIR
PAGES = sorted((ROOT / "docs").rglob("*.md"))
ALL = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
TEXT = {page: page.read_text() for page in ALL}
EVERYTHING = "\n".join(TEXT.values())


def named(pages=PAGES):
    return pytest.mark.parametrize("page", pages, ids=lambda page: str(page.relative_to(ROOT)))


def test_it_builds_and_every_link_in_it_leads_somewhere(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "site/install.html").exists()
    built = "".join(page.read_text() for page in (tmp_path / "site").rglob("*.html"))
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="https?://', built)


@named(ALL)
def test_links_to_files_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#\s]+)", TEXT[page]):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@named(ALL)
def test_every_command_exists(page):
    for command in re.findall(r"(?:manage\.py|deploy/manage) ([a-z_]+)", TEXT[page]):
        assert command in get_commands(), command


@named(ALL)
def test_every_target_of_make_exists(page):
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    for target in re.findall(r"(?:`|^)make ([a-z-]+)", TEXT[page], re.MULTILINE):
        assert target in known, target


@named(ALL)
def test_every_file_of_the_project_that_is_named_exists(page):
    for path in re.findall(r"`((?:apps|hostpanel|deploy|scripts|docs|tests)/[\w./-]+)`", TEXT[page]):
        assert (ROOT / path).exists(), path


def test_every_variable_is_explained():
    known = set(re.findall(r'"((?:HOSTPANEL_|DATABASE_|REDIS_|EMAIL_|SENTRY_)[A-Z_]+)"', environment_text()))
    known |= {f"HOSTPANEL_KEEP_{name.upper()}_DAYS" for name in environment.KEEP_DAYS}

    known -= {"EMAIL_BACKEND"}  # Django's own, not read from outside
    missing = {name for name in known if f"`{name}`" not in TEXT[ROOT / "docs/operating.md"]}
    assert missing == set()
    assert len(known) > 20


def environment_text():
    return Path(environment.__file__).read_text()


def test_no_variable_is_explained_that_nobody_reads():
    told = set(re.findall(r"HOSTPANEL_[A-Z_]+[A-Z]", TEXT[ROOT / "docs/operating.md"]))
    read = environment_text()

    for name in told:
        plain = name.removesuffix("_FILE")
        is_kept = plain.removeprefix("HOSTPANEL_KEEP_").removesuffix("_DAYS").lower() in environment.KEEP_DAYS
        assert f'"{plain}"' in read or is_kept or plain == "HOSTPANEL_KEEP", name


def test_every_sentence_people_see_about_trouble_is_in_it():
    page = TEXT[ROOT / "docs/trouble.md"]
    operations = [(words.title, words.meaning, words.todo) for words in [*WAITING.values(), *ENDINGS.values()]]
    accounts = [(words.title, words.meaning, words.todo) for name, words in HEALTH.items() if name != "ok"]

    for title, meaning, todo in operations + accounts:
        named = str(title).replace("%(name)s", "*name*")
        row = f"| {named} | {meaning} | {todo} |"
        assert row in page, f"docs/trouble.md needs this row: {row}"


def test_every_check_and_every_figure_is_explained():
    page = TEXT[ROOT / "docs/operating.md"]

    for name in health.CHECKS:
        assert name in page.lower()
    figures = set(re.findall(r'"(hostpanel_[a-z_]+)"', Path(metrics.__file__).read_text()))
    assert figures
    assert {name for name in figures if name not in page} == set()


def test_every_page_is_reached_from_the_contents():
    contents = (ROOT / "mkdocs.yml").read_text()

    for page in PAGES:
        assert str(page.relative_to(ROOT / "docs")) in contents
