"""No word of ours bypasses gettext: every page, in a language that puts ⟦brackets⟧ round what it translates."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.urls import resolve
from django.utils import translation

from apps.backups import actions
from apps.operations import services as operations
from apps.operations.models import Operation

# Names that are the same in every language, and what stands in codes.
NAMES = """
hostpanel ovh ovhcloud sandbox mysql mariadb postgresql redis mongodb wordpress drupal joomla prestashop php ftp sftp
ssh ssl dns cdn http https www english français ctrl phpmyadmin aaaa txt ipv com net pem json utc oauth
"""
SHOWN = ("placeholder", "aria-label", "title", "alt", "data-copied", "data-too-large")
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{3,}")
SKIPPED = {"script", "style", "code", "samp", "kbd", "time"}
MOST = 120


class Page(HTMLParser):
    """What people read of a page, and where it leads."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.links, self.inside = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in {"input", "br", "img", "meta", "link", "hr", "path", "rect"}:
            self.inside.append((tag, given.get("class") or "", given.get("lang")))
        if given.get("translate") != "no":
            self.texts += [given[name] for name in SHOWN if given.get(name)]
        if tag == "a":
            self.links.append(given.get("href") or "")

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, text):
        if not any(tag in SKIPPED or "mono" in css or lang for tag, css, lang in self.inside[1:]):
            self.texts.append(text)


@pytest.fixture
def brackets(monkeypatch):
    """gettext in brackets, whatever the language."""
    real = translation._trans  # type: ignore[attr-defined]  # what Django itself asks for each text
    plain = {name: getattr(real, name) for name in ("gettext", "ngettext", "pgettext", "npgettext")}
    for name, translate in plain.items():
        monkeypatch.setattr(real, name, lambda *given, translate=translate: f"⟦{translate(*given)}⟧")


@pytest.fixture
def pages(service, owner, browser_of, settled):
    """Every page one gets to by clicking, one of each kind: {name of its address: what is in it}."""
    database = service.databases.first()
    operations.request(
        actions.CREATE, service=service, target={"name": database.name}, params={}, member=owner, key="pseudo"
    )
    settled(Operation.objects.get())
    browser, found = browser_of(owner), {}
    waiting = [f"/t/acme/services/{service.name}/", "/t/acme/"]
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        name = resolve(urlsplit(path).path).view_name
        if name in found or name == "account_logout":
            continue
        answer = browser.get(path, follow=True)
        if answer["Content-Type"].startswith("text/html") and answer.status_code == 200:
            found[name] = Page(answer.content.decode())
            waiting += [link.partition("#")[0] for link in found[name].links if link.startswith(("/t/", "/auth/"))]
    return found


def stored_words():
    """Every word of the database: names of the agency's and OVH's own, which nobody translates."""
    found = set(NAMES.split())
    for model in apps.get_models():
        columns = [
            each.name for each in model._meta.concrete_fields if isinstance(each, CharField | TextField | JSONField)
        ]
        for row in model._base_manager.values_list(*columns):
            found.update(word.lower() for value in row for word in WORD.findall(" ".join(texts_of(value))))
    return found


def texts_of(value):
    """The texts in a column, without the names OVH gives them."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    return [value] if isinstance(value, str) else []


def bare(text):
    """What of it was not translated."""
    before = None
    while before != text:
        before, text = text, BRACKETS.sub(" ", text)
    return text


def test_every_word_on_every_page_goes_through_gettext(brackets, pages):
    assert len(pages) > 40
    known = stored_words()

    found = {}
    for name, page in pages.items():
        words = {word for text in page.texts for word in WORD.findall(bare(text)) if word.lower() not in known}
        if words:
            found[name] = sorted(words)

    assert found == {}


def test_the_walk_would_see_a_word_that_bypasses_it():
    page = Page(
        '<html><body><p>⟦Every ⟦new⟧ service⟧ untold</p><a title="unsaid">⟦x⟧</a><code>given</code></body></html>'
    )

    assert [word for text in page.texts for word in WORD.findall(bare(text))] == ["untold", "unsaid"]
