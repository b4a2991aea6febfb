"""What every page of the panel has in common, and what no template may have."""

import gzip
import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
LARGEST_KB = 120


@pytest.fixture
def page(db):
    return Client().get(reverse("account_login")).content.decode()


def test_htmx_is_set_up_for_a_strict_policy(page):
    config = json.loads(unescape(re.search(r"name=\"htmx-config\" content='([^']+)'", page).group(1)))

    assert config["selfRequestsOnly"] is True
    assert config["allowEval"] is config["allowScriptTags"] is config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    assert config["refreshOnHistoryMiss"] is True
    assert config["historyRestoreAsHxRequest"] is False


def test_a_form_that_failed_is_swapped_in(page):
    config = json.loads(unescape(re.search(r"name=\"htmx-config\" content='([^']+)'", page).group(1)))

    assert config["responseHandling"][0] == {"code": "422", "swap": True}


def test_one_template_alone_sets_htmx_up():
    assert [path.name for path in TEMPLATES if 'name="htmx-config"' in path.read_text()] == ["base.html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_holds_nothing_the_policy_refuses_or_that_trusts_data(path):
    refused = r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|hx-vars|js:|\|safe|autoescape off"

    assert re.findall(refused, path.read_text()) == []


def test_every_page_says_that_it_hangs_on_htmx_asking(db):
    assert "HX-Request" in Client().get(reverse("account_login"))["Vary"]


def test_the_first_page_is_light(page):
    assets = re.findall(r'(?:href|src)="/static/([^"]+)"', page)

    whole = len(gzip.compress(page.encode())) + sum(weight(name) for name in set(assets))

    assert whole < LARGEST_KB * 1024


def weight(name):
    """Of a file as it is sent: fonts are compressed already."""
    content = Path(finders.find(name)).read_bytes()
    return len(content) if name.endswith(".woff2") else len(gzip.compress(content))


def test_the_sheets_stay_small():
    assert sum(sheet.stat().st_size for sheet in SHEETS) < 56 * 1024


def test_every_class_of_a_template_is_known_to_a_sheet():
    styled = set(re.findall(r"\.([a-z][\w-]*)", " ".join(sheet.read_text() for sheet in SHEETS)))
    plain = re.compile(r'class="([^"{]+)"')
    used = {name for path in TEMPLATES for group in plain.findall(path.read_text()) for name in group.split()}

    assert used - styled - {"has-shell"} == set()
