"""English and French are complete: every text has its translation, and every text goes through gettext."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import allauth
import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.urls import reverse

from tests.test_urls import OF_ALLAUTH, OPEN, path_of

ROOT = Path(__file__).parents[1]
PO = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def entries():
    with PO.open("rb") as file:
        return [message for message in read_po(file, locale="fr") if message.id]


def forms_of(value):
    return list(value) if isinstance(value, tuple | list) else [value]


def test_nothing_is_left_untranslated_or_fuzzy():
    missing = [message.id for message in entries() if message.fuzzy or not all(forms_of(message.string))]

    assert missing == []


def test_a_translation_keeps_its_placeholders():
    for message in entries():
        wanted = set(PLACEHOLDER.findall(forms_of(message.id)[-1]))
        for translated in forms_of(message.string):
            assert set(PLACEHOLDER.findall(translated)) == wanted, message.id


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed; make messages needs it")
def test_every_text_of_the_sources_is_in_the_catalogue(tmp_path):
    """Collected anew into a copy, the catalogue stays the same."""
    copy = tmp_path / "copy"
    left_out = shutil.ignore_patterns(".venv", "var", "build", ".git", "screenshots", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=left_out)
    command = ["makemessages", "-l", "fr", "--no-wrap", "--no-location", "-i", ".venv", "-i", "tests", "-v0"]
    subprocess.run([sys.executable, "manage.py", *command], cwd=copy, check=True)

    with (copy / PO.relative_to(ROOT)).open("rb") as file:
        collected = {forms_of(message.id)[0] for message in read_po(file) if message.id}

    assert collected == {forms_of(message.id)[0] for message in entries()}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_pages_of_django_allauth_say_otherwise_is_still_there_to_be_said(language):
    with (Path(allauth.__file__).parent / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        theirs = {forms_of(message.id)[0] for message in read_po(file) if message.id}
    with (ROOT / "locale/allauth" / language / "LC_MESSAGES/django.po").open("rb") as file:
        ours = {message.id for message in read_po(file) if message.id}

    assert ours
    assert ours - theirs == set()


def test_headings_and_buttons_of_django_allauth_are_written_as_those_of_the_panel(owner, browser_of):
    """One capital at the beginning, and not One In Each Word."""
    found = set()
    for browser in (Client(), browser_of(owner)):
        for name, entry in OF_ALLAUTH:
            page = browser.get(path_of(name, entry), follow=True).content.decode() if name in OPEN else ""
            texts = re.findall(r">([^<>]+)<", re.sub(r"(?s)<(script|style|svg).*?</\1>", "", page))
            found |= {text.strip() for text in texts if re.search(r"\b[A-Z][a-z-]+ [A-Z][a-z]+", text)}

    assert {text for text in found if owner.user.name not in text} == set()


@pytest.mark.parametrize(("language", "words"), [("fr", "Se connecter"), ("en", "Sign in")])
def test_the_browser_chooses_the_language(language, words, db):
    page = Client(headers={"Accept-Language": language}).get("/auth/login/").content.decode()

    assert words in page
    assert f'<html lang="{language}"' in page


def test_a_persons_choice_wins_over_the_browser(owner, browser_of):
    browser = browser_of(owner)
    browser.post(reverse("preferences"), {"language": "fr", "theme": "dark", "next": "/t/acme/"})

    page = browser.get("/t/acme/", headers={"Accept-Language": "en"}).content.decode()

    assert "Vue d’ensemble" in page
    assert 'data-theme="dark"' in page


def test_after_choosing_nobody_is_sent_elsewhere(owner, browser_of):
    answer = browser_of(owner).post(reverse("preferences"), {"theme": "dark", "next": "https://evil.example/"})

    assert answer["Location"] == "/"
