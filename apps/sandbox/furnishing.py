"""What a service has beside its domains and databases: users, modules, certificates, runtimes."""

import random
from typing import Any

from apps.sandbox import modules, offers, runtimes, ssl, users
from apps.sandbox.state import Json, World

DAY = 86400.0
DEFAULTS: Json = {"outState": "active", "stray": [], "regenerations": [], "renew": {}, "restoredSnapshot": None}
HOMES = (("www", "sftponly"), ("www/images", "none"), ("./preprod", "active"))


def furnish(world: World) -> None:
    """Give each service what it lacks: one just made, or one of a world kept by an older sandbox.

    The same each time for a service of the same name.
    """
    for service in world.services.values():
        dice = random.Random(service["serviceName"])
        for name, value in DEFAULTS.items():
            service.setdefault(name, type(value)(value) if isinstance(value, list | dict) else value)
        for name, make in (
            ("users", _users),
            ("certificates", _certificates),
            ("runtimes", _runtimes),
            ("modules", _modules),
        ):
            if name not in service:
                service[name] = make(world, service, dice)


def _users(_world: World, service: Json, dice: random.Random) -> Json:
    """The primary one and one to three more."""
    primary = service["login"]
    has_ssh = offers.of(service)["ssh"]
    found = {primary: users.new_user(primary, "/", "active" if has_ssh else "sftponly", "", status="created")}
    for suffix, (home, ssh) in zip(dice.sample(("agence", "photos", "dev", "stage"), 3), HOMES, strict=True):
        login = f"{primary}-{suffix}"
        if len(found) == 1 or dice.random() < 0.5:
            found[login] = users.new_user(login, home, ssh if has_ssh else "none", "", status="created")
    return found


def _certificates(world: World, service: Json, dice: random.Random) -> Json:
    """A free one for the hosting; some domain for preparing things may be left out of it."""
    if not service["hasSsl"] or not ssl.coverable(service):
        return {}
    is_left_out = dice.random() < 0.5
    covered = [name for name in ssl.coverable(service) if not (is_left_out and name.startswith("preprod."))]
    return {ssl.WHOLE: ssl.new_certificate(world.next_id(), "LETSENCRYPT", covered)}


def _runtimes(world: World, service: Json, dice: random.Random) -> Json:
    """PHP and maybe Node.js, on some of the larger offers."""
    found: Json = {}
    if not service["offer"].startswith("PERFORMANCE") or dice.random() > 0.4:
        return found
    kinds: list[tuple[str, str]] = [("Site", "phpfpm-8.0"), ("API", "nodejs-14")]
    for name, kind in kinds[: dice.randint(1, 2)]:
        number = world.next_id()
        made = world.now() - dice.uniform(30, 400) * DAY
        found[str(number)] = runtimes.new_runtime(number, name, kind, made, is_default=not found)
        for domain in service["domains"].values():
            if domain["domain"].startswith("preprod."):
                domain["runtimeId"] = number
    return found


def _modules(world: World, service: Json, dice: random.Random) -> Json:
    """A WordPress on about half of the services that have a database."""
    databases: list[Any] = list(service["databases"])
    domains = [name for name, each in service["domains"].items() if each["path"] == "www"]
    if not databases or not domains or dice.random() < 0.5:
        return {}
    number = world.next_id()
    made = world.now() - dice.uniform(20, 700) * DAY
    return {str(number): modules.installed_on(service, number, domains[0], databases[0], made)}
