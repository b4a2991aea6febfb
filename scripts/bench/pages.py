"""Pages: what lists cost at two sizes, how late news reach a screen, what open pages cost.

`lists`: queries and milliseconds of each page that lists over all services, at 40 and at 5,000 of them.
`lag`: seconds from a task's end at OVH to its change on an open page, 30 dumps.
`poller`: queries and milliseconds of one open page's question when nothing changed, beside those of the page itself.
`open_pages`: 200 open pages, each asking every five seconds as a page does while nothing runs, and the milliseconds of
an ordinary page beside them.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from scripts.bench import ground
from scripts.demo import CHROMIUM, free_port, sign_in, wait_until_ready
from scripts.house import House, Visitor

ROOT = Path(__file__).resolve().parents[2]
LISTS = """
import json, statistics, time
from datetime import timedelta
from django.utils import timezone
from django.db import connection
from django.test import Client
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
# A request would close the connection, and with it the log of its queries.
request_started.disconnect(close_old_connections); request_finished.disconnect(close_old_connections)
from tests.factories import *
team = TeamFactory(); member = MembershipFactory(team=team)
browser = Client(); browser.force_login(member.user)
accounts = ConnectionFactory.create_batch(3, team=team)
def fill(count):
    for account in accounts:
        rows = ServiceFactory.build_batch(count // 3 + 1, connection=account)
        Service.objects.bulk_create(rows)
    services = list(Service.objects.filter(databases=None))
    Database.objects.bulk_create([DatabaseFactory.build(service=row) for row in services])
    AttachedDomain.objects.bulk_create([AttachedDomainFactory.build(service=row) for row in services for _ in range(2)])
    now, number = timezone.now(), Dump.objects.count()
    Dump.objects.bulk_create(
        [Dump(service=row.service, database=row, database_name=row.name, ovh_id=number + 10 * at + day, type="daily.1",
              status="created", created_at=now - timedelta(days=day, hours=2))
         for at, row in enumerate(Database.objects.filter(service__in=services)) for day in range(10)], batch_size=5000)
    Operation.objects.bulk_create(
        [OperationFactory.build(service=row, connection=row.connection, team=team, requested_by=member.user,
                                state="succeeded", finished_at=now) for row in services])
def look(url):
    browser.get(url)
    seen = []
    with connection.execute_wrapper(lambda execute, *call: (seen.append(1), execute(*call))[1]):
        browser.get(url)
    times = []
    for _ in range(9):
        began = time.perf_counter(); browser.get(url); times.append((time.perf_counter() - began) * 1000)
    return len(seen), round(statistics.median(times), 1)
def look_at_all(): return {page: look("/t/acme/" + page) for page in PAGES}
PAGES = ["", "services/", "services/?sort=disk", "services/?q=a", "domains/", "databases/", "databases/?backup=late",
         "databases/?sort=backup", "operations/", "connections/", "search/?q=a"]
fill(38); small = look_at_all(); fill(4960); large = look_at_all()
pages = {page or "overview": {"queries": [small[page][0], large[page][0]], "ms": [small[page][1], large[page][1]],
                              "ratio_ms": round(large[page][1] / small[page][1], 2)} for page in PAGES}
print(json.dumps({"services": [40, Service.objects.count()], "pages": pages}))
"""


def lists() -> dict[str, Any]:
    """The services list, on a database of its own."""
    steps = "python manage.py migrate -v0 && python manage.py createcachetable && python manage.py shell -v0 -c"
    # One process of `tests.environment`, so that all three steps have the same folder.
    command = [sys.executable, "-W", "ignore", "-m", "tests.environment", "sh", "-c", f'{steps} "$0"', LISTS]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def poller() -> dict[str, Any]:
    """One page of a hosting with its tasks, and its question a second later."""
    with tempfile.TemporaryDirectory(prefix="hostpanel-bench-") as folder:
        house = House(Path(folder))
        try:
            house.prepare()
            demo = [sys.executable, "manage.py", "seed_demo"]
            subprocess.run(demo, cwd=ROOT, env=dict(house.environment), check=True, capture_output=True)
            house.use_database()
            return _asked_in_process()
        finally:
            house.group.stop()


def _asked_in_process() -> dict[str, Any]:
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections
    from django.test import Client

    from apps.inventory.models import Service
    from apps.teams.models import Membership, Role

    # A request would close the connection, and with it the count of its queries.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    owner = Membership.objects.filter(role=Role.OWNER).select_related("user", "team").first()
    assert owner is not None  # noqa: S101  # the demo has one
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(owner.user)
    service = Service.objects.filter(databases__isnull=False).first()
    assert service is not None  # noqa: S101
    page = f"/t/{owner.team.slug}/services/{service.name}/databases/"
    question = f"/t/{owner.team.slug}/changes/?page=databases.index&service={service.name}"
    return {"page": _cost(browser, page), "nothing_new": _cost(browser, question)}


def _cost(browser: Any, url: str) -> dict[str, Any]:
    """Queries and median milliseconds of an address."""
    from django.db import connection

    def counted(execute: Any, *call: Any) -> Any:
        queries.append(call)
        return execute(*call)

    browser.get(url)
    queries: list[Any] = []
    with connection.execute_wrapper(counted):
        status = browser.get(url).status_code
    times = []
    for _ in range(40):
        began = time.perf_counter()
        browser.get(url)
        times.append((time.perf_counter() - began) * 1000)
    return {"status": status, "queries": len(queries), "ms": round(statistics.median(times), 1)}


def open_pages(count: int = 200, seconds: float = 30) -> dict[str, Any]:
    """So many pages asking at once, and an ordinary page beside them and without them."""
    with tempfile.TemporaryDirectory(prefix="hostpanel-bench-") as folder:
        house = House(Path(folder))
        try:
            house.start_demo()
            visitor = Visitor(house.url)
            visitor.sign_in()
            alone = [_timed(visitor, "/t/marelle/services/") for _ in range(30)]
            asked: list[float] = []
            is_over = threading.Event()
            cookies = visitor.opener
            for number in range(count):
                asker = Visitor(house.url)
                asker.opener = cookies
                threading.Thread(
                    target=_keeps_asking, args=(asker, asked, is_over, number / count), daemon=True
                ).start()
            time.sleep(3)
            asked.clear()
            ends, beside = time.monotonic() + seconds, []
            while time.monotonic() < ends:
                beside.append(_timed(visitor, "/t/marelle/services/"))
                time.sleep(0.3)
            is_over.set()
            return {
                "open_pages": count, "questions_a_second": round(len(asked) / seconds, 1),
                "question_ms": ground.spread(asked), "page_alone_ms": ground.spread(alone),
                "page_beside_ms": ground.spread(beside),
            }  # fmt: skip
        finally:
            house.group.stop()


def _keeps_asking(asker: Visitor, asked: list[float], is_over: threading.Event, wait: float) -> None:
    """A page with nothing running asks every five seconds."""
    time.sleep(wait * 5)
    while not is_over.is_set():
        asked.append(_timed(asker, "/t/marelle/changes/?page=operations.index"))
        is_over.wait(5)


def _timed(visitor: Visitor, path: str) -> float:
    """Milliseconds until all of it is there."""
    began = time.perf_counter()
    status, _text = visitor.get(path)
    if status >= 400:
        msg = f"{path} answered {status}"
        raise SystemExit(msg)
    return (time.perf_counter() - began) * 1000


def lag(samples: int = 30) -> dict[str, float]:
    """Dumps asked for one after the other on an open page; each watched until it shows as finished."""
    port, sandbox_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "hostpanel.demo", "--port", str(port), "--sandbox-port", str(sandbox_port)]
        process = subprocess.Popen([*command, "--data", data, "--speed", "3"], cwd=ROOT, stdout=subprocess.DEVNULL)
        wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                page = browser.new_page(locale="en")
                sign_in(page, f"http://127.0.0.1:{port}", "owner")
                control(sandbox_port, "settings", cancel_percent=0)
                seen = [one(page, port, sandbox_port) for _ in range(samples)]
        finally:
            process.terminate()
            process.wait(30)
    return {"samples": samples, "median_s": round(statistics.median(seen), 2), "worst_s": round(max(seen), 2)}


def one(page: Page, port: int, sandbox_port: int) -> float:
    """Seconds from the end of the task to its change on the screen."""
    page.goto(f"http://127.0.0.1:{port}/t/marelle/services/?q=escalade")
    page.locator("td a.name").first.click()
    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.get_by_role("link", name="Back up", exact=True).first.click()
    page.get_by_role("button", name="Back up", exact=True).click()
    page.locator("#happening article .tag.run, #happening article .tag.warn").first.wait_for(timeout=10_000)
    page.locator("#happening article").first.locator(".tag.good").wait_for(timeout=90_000)
    shown_at = time.time()
    effect = control(sandbox_port, "effects")[-1]
    ended: float = control(sandbox_port, f"tasks/{effect['task_id']}")["ends"]
    return shown_at - ended


def control(port: int, name: str, **given: object) -> Any:
    """One of the sandbox's controls."""
    body = json.dumps(given).encode() if given else None
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sandbox/{name}", body) as answer:
        return json.load(answer)
