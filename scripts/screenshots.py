"""Pictures of every page: 1440 and 390 px, light and dark, English and French, and one contact sheet.

Starts a demo of its own in a temporary folder, or looks at the panel under `--url`.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}


def main() -> None:
    """All pictures, or those whose name holds `--only`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a demo that runs already")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--languages", default="en,fr")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with panel(options.url) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = list(pictures(browser, url, options))
        browser.close()
    sheet(options.out, made)
    for path in made:
        if path.name == "overview-desktop-light-en.png":
            target = ROOT / "docs" / "images" / "overview.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    print(f"{len(made)} pictures in {options.out}")


@contextmanager
def panel(url: str | None) -> Iterator[str]:
    """The address of a demo; one of our own when none is given."""
    if url:
        yield url
        return
    port, sandbox_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen(
            [sys.executable, "-m", "hostpanel.demo", "--port", str(port), "--sandbox-port", str(sandbox_port),
             "--data", data], cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/health/live")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str) -> None:
    """Until the panel answers; at most two minutes."""
    for _ in range(600):
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit("The demo did not start.")


def pictures(browser: Browser, url: str, options: argparse.Namespace) -> Iterator[Path]:
    """Every page in every way, with some changes under way while the first ones are made."""
    is_first = True
    for size, (width, height) in WIDTHS.items():
        for theme in options.themes.split(","):
            for language in options.languages.split(","):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale=language
                )
                page = context.new_page()
                page.goto(f"{url}/auth/login/")
                if options.only in "sign-in":
                    yield shot(page, options.out / f"sign-in-{size}-{theme}-{language}.png")
                sign_in(page)
                if is_first:
                    ask_for_changes(page, url)
                    is_first = False
                for name, path in places(page, url):
                    if options.only in name:
                        page.goto(url + path)
                        yield shot(page, options.out / f"{name}-{size}-{theme}-{language}.png")
                context.close()


def sign_in(page: Page) -> None:
    """As the demo's owner."""
    page.fill("[name=login]", "owner@hostpanel.test")
    page.fill("[name=password]", "marelle-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/t/**")


def ask_for_changes(page: Page, url: str) -> None:
    """Two backups and a domain, as somebody would ask for them: what runs is worth a picture."""
    for number, service in enumerate(("escalade", "cours-chant")):
        page.goto(f"{url}/t/marelle/services/?q={service}")
        page.locator("td a.name").first.click()
        page.goto(f"{page.url.rstrip('/')}/databases/")
        page.locator("a[id^=back-up-]").nth(number).click()
        page.locator(".form-actions button").click()
    page.goto(f"{url}/t/marelle/services/?q=hotel")
    page.locator("td a.name").first.click()
    page.goto(f"{page.url.rstrip('/')}/domains/attach/")
    page.fill("[name=domain]", f"reservations{int(time.time()) % 1000}.hotel-confluence.fr")
    page.locator(".form-actions button").click()
    page.wait_for_load_state("load")


def places(page: Page, url: str) -> list[tuple[str, str]]:
    """(name, path) of every page; a service and what is in it are found by clicking."""
    team = "/t/marelle"
    page.goto(f"{url}{team}/databases/")
    service = page.locator("td:nth-child(2) a.name").first.get_attribute("href") or ""

    def first(where: str, what: str) -> str:
        page.goto(url + where)
        found = page.locator(what).first
        return str(found.get_attribute("href")) if found.count() else where

    database = first(f"{service}databases/", "#databases a.name")
    domain = first(f"{service}domains/", "#domains a.name")
    return [
        ("overview", f"{team}/"),
        ("services", f"{team}/services/"),
        ("services-none", f"{team}/services/?q=nothing-like-this"),
        ("service", service),
        ("service-rename", f"{service}rename/"),
        ("service-renewal", f"{service}renewal/"),
        ("service-domains", f"{service}domains/"),
        ("domain", domain),
        ("domain-attach", f"{service}domains/attach/"),
        ("service-ssl", f"{service}ssl/"),
        ("ssl-regenerate", f"{service}ssl/regenerate/"),
        ("ssl-import", f"{service}ssl/import/"),
        ("domain-edit", f"{domain}edit/"),
        ("domain-detach", f"{domain}detach/"),
        ("service-databases", f"{service}databases/"),
        ("database", database),
        ("database-create", f"{service}databases/new/"),
        ("database-password", f"{database}password/"),
        ("database-import", f"{database}import/"),
        ("database-delete", f"{database}delete/"),
        ("service-backups", f"{service}backups/"),
        ("restore", first(f"{service}backups/", "a[id^=restore-]")),
        ("restore-night", f"{database}restore/"),
        ("backup-delete", first(f"{service}backups/", "#backups .menu-body a")),
        ("snapshot", f"{service}backups/files/restore/"),
        ("service-tasks", f"{service}tasks/"),
        ("service-modules", f"{service}modules/"),
        ("modules-catalogue", f"{service}modules/catalogue/"),
        ("module-install", f"{service}modules/install/?module=101"),
        ("service-users", f"{service}users/"),
        ("user-create", f"{service}users/new/"),
        ("domains", f"{team}/domains/"),
        ("databases", f"{team}/databases/"),
        ("operations", f"{team}/operations/"),
        ("operation", first(f"{team}/operations/", "td a.name")),
        ("connections", f"{team}/connections/"),
        ("connection-new", f"{team}/connections/new/"),
        ("members", f"{team}/members/"),
        ("audit", f"{team}/audit/"),
        ("search", f"{team}/search/?q=atelier"),
        ("operations-none", f"{team}/operations/?q=nothing-like-this"),
        ("databases-none", f"{team}/databases/?q=nothing-like-this"),
        ("user", f"{service}users/{service.split('/')[-2].partition('.')[0]}/"),
        ("connection", first(f"{team}/connections/", "td a.name")),
        ("styleguide", "/styleguide/"),
        ("security", "/auth/2fa/"),
        ("not-found", f"{team}/nowhere/"),
    ]


def shot(page: Page, path: Path) -> Path:
    """The page as it is when its first data is there."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    # What is read only when somebody looks comes a moment later.
    reading = page.locator("text=/being read from OVH|Lecture chez OVH/")
    for _ in range(20):
        if not reading.count():
            break
        page.wait_for_timeout(250)
    page.screenshot(path=path, full_page=True)
    return path


STYLE = """
body { margin: 24px; font: 13px/1.4 system-ui; background: #f4f5f7; color: #1c2230; }
section { margin-bottom: 32px; }
h2 { position: sticky; top: 0; margin: 0 0 8px; padding: 6px 0; font-size: 15px; background: #f4f5f7; }
div { display: flex; gap: 14px; align-items: flex-start; overflow-x: auto; }
figure { margin: 0; flex: none; }
img { display: block; max-height: 620px; object-fit: cover; object-position: top; border: 1px solid #d8dbe2; }
.desktop { width: 480px; } .phone { width: 150px; }
"""


def sheet(folder: Path, made: list[Path]) -> None:
    """All pictures on one page: a row for each page of the panel, desks before phones."""
    rows: dict[str, list[Path]] = {}
    for path in made:
        rows.setdefault(
            next(path.stem.partition(f"-{size}")[0] for size in WIDTHS if f"-{size}-" in path.stem), []
        ).append(path)
    sections = "".join(
        f"<section><h2>{name}</h2><div>{''.join(map(_figure, paths))}</div></section>" for name, paths in rows.items()
    )
    page = f'<!doctype html><meta charset="utf-8"><title>Every page</title><style>{STYLE}</style>{sections}'
    (folder / "index.html").write_text(page, encoding="utf-8")


def _figure(path: Path) -> str:
    size = next(size for size in WIDTHS if f"-{size}-" in path.stem)
    words = path.stem.partition(f"-{size}-")[2].replace("-", ", ")
    return (
        f'<figure><a href="{path.name}"><img class="{size}" src="{path.name}" alt="" loading="lazy"></a>'
        f"<figcaption>{size}, {words}</figcaption></figure>"
    )


if __name__ == "__main__":
    main()
