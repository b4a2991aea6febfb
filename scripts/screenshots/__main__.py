"""Pictures of every page: 1440 and 390 px, light and dark, English and French, and one contact sheet.

Starts a demo of its own in a temporary folder, or looks at the panel under `--url`.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

import tests.environment  # noqa: F401  # the URLconf names what the walk finds; settings come with it
from scripts.demo import CHROMIUM, ROOT, new_panel, panel, sign_in
from scripts.screenshots import preparing, sheet
from scripts.screenshots.places import Place, everywhere

# A window as high as the page: what sticks to its edges is where people see it.
HEIGHT = "document.documentElement.scrollHeight"


# Ten times slower than OVH's tasks are: what was asked for still runs when its picture is taken.
SPEED = 0.1


def main() -> None:
    """All pictures, or those whose name holds `--only`."""
    parser = argparse.ArgumentParser(prog="scripts.screenshots", description=__doc__)
    parser.add_argument("--url", help="a demo that runs already; nothing is asked for in it")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="names that hold one of these, parted by commas")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--languages", default="en,fr")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostpanel.settings")
    django.setup()
    with panel(options.url, speed=SPEED) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = list(pictures(browser, url, options))
        made += first_start(browser, options)
        browser.close()
    sheet.write(options.out, made)
    keep_for_the_docs(made)
    print(f"{len(made)} pictures in {options.out}; index.html shows them all")


def pictures(browser: Browser, url: str, options: argparse.Namespace) -> Iterator[Path]:
    """Every page in every way: each is opened once for a language, and then looked at in all sizes and themes."""
    places = found(browser, url, is_ours=not options.url)
    wanted = [place for place in places if any(part in place.name for part in options.only.split(","))]
    for language in options.languages.split(","):
        for who in ("owner", "viewer", ""):
            page = browser.new_context(locale=language, reduced_motion="reduce").new_page()
            page.set_default_timeout(10_000)
            if who:
                sign_in(page, url, who)
            for place in wanted:
                if place.who == who:
                    yield from looks(page, url, place, language, options)
            page.context.close()


def first_start(browser: Browser, options: argparse.Namespace) -> list[Path]:
    """The page that makes the first owner; a demo has them already."""
    place = Place("setup", "/setup/")
    made: list[Path] = []
    if not any(part in place.name for part in options.only.split(",")):
        return made
    with new_panel() as url:
        for language in options.languages.split(","):
            page = browser.new_context(locale=language, reduced_motion="reduce").new_page()
            made += looks(page, url, place, language, options)
            page.context.close()
    return made


def found(browser: Browser, url: str, *, is_ours: bool) -> list[Place]:
    """All places, after some changes were asked for: what runs is worth a picture."""
    page = browser.new_context(locale="en").new_page()
    sign_in(page, url, "owner")
    service, roomy = (preparing.service_like(page, url, word) for word in ("agence", "escalade"))
    invited = preparing.ask_for_changes(page, url, service, roomy) if is_ours else ""
    places = everywhere(page, url, service, roomy)
    page.context.close()
    return [*places, Place("members-join", invited, "")] if invited else places


def looks(page: Page, url: str, place: Place, language: str, options: argparse.Namespace) -> Iterator[Path]:
    """The place in every size and theme. Phones first: a bar that was scrolled there fits on a desk whole."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(url + place.path)
    try:
        if place.do:
            place.do(page)
    except Exception as error:  # noqa: BLE001  # the others are still worth a picture
        print(f"{place.name}: {str(error).splitlines()[0]}", file=sys.stderr)
        return
    settle(page)
    for size, (width, height) in reversed(sheet.WIDTHS.items()):
        page.set_viewport_size({"width": width, "height": height})
        if place.is_whole:
            page.set_viewport_size({"width": width, "height": max(height, page.evaluate(HEIGHT))})
        for theme in options.themes.split(","):
            page.emulate_media(color_scheme=theme)
            path = options.out / f"{place.name}-{size}-{theme}-{language}.png"
            page.screenshot(path=path)
            yield path


def settle(page: Page) -> None:
    """Until the first data is there: what is read only when somebody looks comes a moment later."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    reading = page.locator("text=/being read from OVH|Lecture chez OVH/")
    for _ in range(20):
        if not reading.count():
            break
        page.wait_for_timeout(250)


def keep_for_the_docs(made: list[Path]) -> None:
    """The overview, at a desk, in the light, in English."""
    for path in made:
        if path.name == "dashboard-index-desktop-light-en.png":
            target = ROOT / "docs" / "images" / "overview.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
