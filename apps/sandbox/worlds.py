"""The worlds a sandbox can begin with. Names of people and places are invented."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.sandbox import auth, databases, domains, furnishing, ssl
from apps.sandbox import dumps as dumping
from apps.sandbox.state import Json, World

DAY = 86400.0
# (nic handle, organisation, first name, name, city)
AGENCIES = [
    ("mc41827-ovh", "Marelle Clients", "Inès", "Marchand", "Nantes"),
    ("bn20553-ovh", "Brasserie Nord", "Karim", "Delattre", "Lille"),
    ("al77190-ovh", "Atelier Lumière", "Jeanne", "Roussel", "Lyon"),
]
NOT_CONNECTED = ("gs66012-ovh", "Galerie Sud", "Paul", "Arnaud", "Marseille")
SITES = [
    "atelier-maree",
    "cafe-riviere",
    "boutique-oree",
    "studio-galet",
    "maison-tilleul",
    "velo-canal",
    "librairie-ancre",
    "pain-levain",
    "cabinet-orme",
    "ecole-musique-erdre",
    "paysages-loire",
    "ceramique-brune",
    "traiteur-nantais",
    "cinema-quai",
    "menuiserie-chene",
    "brasserie-nord",
    "houblon-blanc",
    "cave-flamande",
    "estaminet-vert",
    "friterie-place",
    "brocante-lys",
    "marche-wazemmes",
    "taproom-lille",
    "club-aviron-deule",
    "fete-houblon",
    "atelier-lumiere",
    "photo-soie",
    "galerie-pentes",
    "theatre-canuts",
    "opticien-croix",
    "agence-rhone",
    "danse-gerland",
    "boulange-saone",
    "tissage-lyon",
    "jardin-rosa",
    "hotel-confluence",
    "escalade-vaise",
    "cours-chant",
    "kine-brotteaux",
    "yoga-guillotiere",
]
OFFERS = [
    ("PERSO", 100, 1, 500), ("PRO", 250, 4, 1000), ("PERFORMANCE_1", 500, 5, 1000), ("PERFORMANCE_2", 500, 5, 2000),
    ("START", 10, 1, 200),
]  # fmt: skip
SUFFIXES = ["", "blog", "shop", "stage", "crm"]


def make(name: str) -> World:
    """The world of that name: demo, small or empty. The same each time but for the dates."""
    world: World = {"demo": _demo, "small": _small, "empty": World}[name]()
    furnishing.furnish(world)
    return world


def _demo() -> World:
    world = World(settings={"cancel_percent": 3.0})
    dice = random.Random(7)
    names = iter(SITES)
    for number, (agency, count) in enumerate(zip(AGENCIES, (16, 10, 14), strict=True)):
        _account(world, *agency)
        for _ in range(count):
            _service(world, dice, agency[0], next(names), offer=dice.choice(OFFERS), cluster=20 + number)
    _account(world, *NOT_CONNECTED)
    for site in ("galerie-sud", "calanque-kayak"):
        _service(world, dice, NOT_CONNECTED[0], site, offer=OFFERS[1], cluster=31)
    _trouble(world)
    _traces(world)
    return world


def _traces(world: World) -> None:
    """What databases left behind: those that modules made, and dumps of some that are no more."""
    everything = [each for service in world.services.values() for each in service["databases"].values()]
    for each in everything[3::4]:
        each["mode"] = "module"
    for site in ("caferi", "studio", "houblo"):
        service = next(each for each in world.services.values() if each["login"] == site)
        dump_id = world.next_id()
        dump = dumping.new_dump(dump_id, f"{site}old.mysql.db", "daily.1", time.time() - 9 * DAY, "created")
        service["dumps"][str(dump_id)] = dump


def _trouble(world: World) -> None:
    """What is not well in the demo: every kind of thing a panel must show."""
    by_site = {name.partition(".")[0]: each for name, each in world.services.items()}
    soon = (datetime.now(UTC) + timedelta(days=16)).date().isoformat()
    by_site["cavefl"] |= {"renews": False, "expiration": soon}
    by_site["theatr"] |= {"renews": False, "expiration": soon}
    by_site["fetehoub"[:6]] |= {"expired": True}
    by_site["cinema"] |= {"state": "maintenance"}
    by_site["brocan"] |= {"state": "blocked"}
    by_site["boutiq"]["elsewhere"] = ["boutique-oree.fr", "www.boutique-oree.fr"]
    by_site["painle"]["usedGb"] = round(by_site["painle"]["quotaGb"] * 0.97, 1)
    base = {"path": "cafe", "ssl": True}
    international = "xn--caf-riviere-hbb.fr"
    by_site["caferi"]["domains"][international] = domains.new_domain(international, base) | {"status": "created"}
    for login in ("boutiq", "photos"):
        for name in list(by_site[login]["databases"])[:1]:
            by_site[login]["databases"][name]["usedMb"] = by_site[login]["databases"][name]["quotaMb"] * 1.02
    furnishing.furnish(world)
    by_site["studio"]["stray"] = ["studio-galet.fr"]
    by_site["traite"]["outState"] = "blocked"
    for login in ("velocan"[:6], "photos"):
        by_site[login]["certificates"] = {}
    _provide(by_site["cabine"], "CUSTOM")
    _provide(by_site["hotelc"], "SECTIGO")


def _provide(service: Json, provider: str) -> None:
    """The hosting's certificate is another provider's."""
    service["certificates"][ssl.WHOLE]["provider"] = provider


def _small() -> World:
    """One account with three services, quick tasks, nothing cancelled."""
    world = World(settings={"speed": 20.0})
    dice = random.Random(1)
    _account(world, *AGENCIES[0])
    for site in ("atelier-maree", "cafe-riviere", "studio-galet"):
        service = _service(world, dice, AGENCIES[0][0], site, offer=OFFERS[2], cluster=27)
    service["certificates"] = {}
    return world


def _account(world: World, nichandle: str, organisation: str, firstname: str, name: str, city: str) -> None:
    """An account with an application, a consumer key that opens all, and a service account."""
    world.accounts[nichandle] = {
        "organisation": organisation, "firstname": firstname, "name": name, "city": city,
        "email": f"{firstname.lower()}@{nichandle.removesuffix('-ovh')}.example",
    }  # fmt: skip
    short = nichandle.removesuffix("-ovh")
    world.applications[f"{short}application"] = {
        "key": f"{short}application", "secret": f"{short}applicationsecret0000000", "name": "Hostpanel",
    }  # fmt: skip
    world.credentials[f"{short}consumerkey00000000000"] = auth.new_credential(
        world, f"{short}application", nichandle, auth.everything()
    )
    world.clients[f"EU.{short}"] = auth.new_credential(world, "", nichandle, auth.everything()) | {
        "client_id": f"EU.{short}", "secret": f"{short}clientsecret",
    }  # fmt: skip


def _service(
    world: World, dice: random.Random, nichandle: str, site: str, *, offer: tuple[str, int, int, int], cluster: int,
    databases_count: int | None = None, dumps: bool = True,
) -> Json:  # fmt: skip
    """A hosting with its domains, databases and a month of dumps."""
    name, quota_gb, most, database_mb = offer
    login = site.replace("-", "")[:6]
    service_name = f"{login}.cluster{cluster:03}.hosting.ovh.net"
    today = datetime.now(UTC).date()
    service: Json = {
        "serviceName": service_name, "nichandle": nichandle, "login": login, "id": world.next_id(),
        "displayName": f"{site}.fr" if dice.random() < 0.8 else None, "offer": name, "cluster": f"cluster{cluster:03}",
        "datacenter": dice.choice(["gra1", "gra2", "p19"]), "ip": f"198.51.100.{dice.randint(2, 250)}",
        "ipv6": f"2001:db8::{dice.randint(16, 65000):x}", "quotaGb": quota_gb,
        "usedGb": round(quota_gb * dice.betavariate(1.3, 3.5), 1), "hasCdn": dice.random() < 0.3, "hasSsl": True,
        "state": "active", "renews": True, "expired": False, "maxDatabases": most, "databaseMb": database_mb,
        "created": (today - timedelta(days=dice.randint(200, 2500))).isoformat(),
        "expiration": (today + timedelta(days=dice.randint(40, 360))).isoformat(),
        "domains": {}, "databases": {}, "dumps": {}, "elsewhere": [],
    }  # fmt: skip
    for domain in (f"{site}.fr", f"www.{site}.fr", *([f"preprod.{site}.fr"] if dice.random() < 0.4 else [])):
        path = "preprod" if domain.startswith("preprod") else "www"
        service["domains"][domain] = domains.new_domain(domain, {"path": path, "ssl": True}) | {"status": "created"}
    count = dice.randint(0 if most == 1 else 1, most) if databases_count is None else databases_count
    for number in range(max(count - (most > 1), 0) if databases_count is None else count):
        _database(world, dice, service, SUFFIXES[number] if number < len(SUFFIXES) else f"db{number}", dumps=dumps)
    world.services[service_name] = service
    return service


def _database(world: World, dice: random.Random, service: Json, suffix: str, *, dumps: bool) -> None:
    """A database with a dump of each of the last thirty days, some of them missing."""
    user = f"{service['login']}{suffix or 'site'}"
    name = f"{user}.mysql.db"
    version = dice.choice(["8.4", "8.0", "8.0", "5.7"])
    kept = databases.new_database(name, user, {"type": "mysql", "version": version}, service, "8.4")
    used = round(service["databaseMb"] * dice.betavariate(1.2, 4), 1)
    service["databases"][name] = kept | {"status": "created", "usedMb": used}
    is_neglected = dice.random() < 0.12
    for age in range(30) if dumps else ():
        if dice.random() < 0.04 or (is_neglected and age < 9):
            continue
        made = time.time() - age * DAY - dice.uniform(2, 5) * 3600
        dump_id = world.next_id()
        service["dumps"][str(dump_id)] = dumping.new_dump(dump_id, name, "daily.1", made, "created")


def credentials_of(world: World) -> list[Json]:
    """Every account with what opens it."""
    found = []
    for nichandle, account in world.accounts.items():
        short = nichandle.removesuffix("-ovh")
        application = world.applications[f"{short}application"]
        mine = [name for name, each in world.services.items() if each["nichandle"] == nichandle]
        found.append(
            {
                "nichandle": nichandle, "organisation": account["organisation"],
                "application_key": application["key"], "application_secret": application["secret"],
                "consumer_key": f"{short}consumerkey00000000000", "client_id": f"EU.{short}",
                "client_secret": f"{short}clientsecret", "services": sorted(mine),
            }
        )  # fmt: skip
    return found


def grow(world: World, *, services: int = 1, databases_each: int = 1, dumps_each: bool = False, **_more: Any) -> Json:
    """One more account, with as many services as wanted; what opens it."""
    number = len(world.accounts) + 1
    nichandle = f"gx{number:05}-ovh"
    _account(world, nichandle, f"Account {number}", "Ada", "Tester", "Nantes")
    dice = random.Random(number)
    for count in range(services):
        site = f"s{number:02}x{count:05}"
        service = _service(
            world, dice, nichandle, site, offer=OFFERS[2], cluster=40 + count % 20, databases_count=databases_each,
            dumps=dumps_each,
        )  # fmt: skip
        login = f"s{number}x{count}"
        del world.services[service["serviceName"]]
        service |= {"login": login, "serviceName": f"{login}.cluster{40 + count % 20:03}.hosting.ovh.net"}
        world.services[service["serviceName"]] = service
    furnishing.furnish(world)
    return next(each for each in credentials_of(world) if each["nichandle"] == nichandle)
