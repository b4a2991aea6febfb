"""What each offer of a hosting includes."""

from typing import Any

from apps.sandbox.routes import Call, route
from apps.sandbox.state import Json, Refusal

# Offer: GB of disk, domains, users beside the primary one, databases, MB each, runtimes, sites recommended.
SIZES = {
    "START": (10, 1, 5, 1, 200, 0, 1),
    "PERSO": (100, 5, 10, 1, 500, 0, 5),
    "PRO": (250, 10, 50, 4, 1000, 1, 10),
    "PERFORMANCE_1": (500, 1000, 1000, 5, 1000, 4, 15),
    "PERFORMANCE_2": (500, 1000, 1000, 5, 2000, 4, 25),
    "PERFORMANCE_3": (500, 1000, 1000, 5, 2000, 4, 50),
    "PERFORMANCE_4": (500, 1000, 1000, 5, 2000, 4, 75),
}
SMALL = ("START", "PERSO")
LANGUAGES = {
    "nodejs": ["nodejs-12", "nodejs-11", "nodejs-10"],
    "php": ["phpfpm-8.4", "phpfpm-8.3", "phpfpm-8.2", "phpfpm-8.1", "phpfpm-7.4"],
    "python": ["python-3", "python-2"],
    "ruby": ["ruby-2.6"],
}


@route("GET", "/hosting/web/offerCapabilities", is_open=True)
def capabilities(call: Call) -> Json:
    """`hosting.web.Capabilities` of one offer."""
    offer = call.query.get("offer")
    if not offer:
        raise Refusal(400, "[offer] Missing required parameter")
    if offer not in SIZES:
        raise Refusal(400, f"[offer] Given data ({offer}) does not belong to the enumeration")
    return _capabilities(offer)


def of(service: Json) -> Json:
    """`hosting.web.Capabilities` of a service's offer."""
    return _capabilities(service["offer"] if service["offer"] in SIZES else "PRO")


def _capabilities(offer: str) -> Json:
    disk, domains, users, count, database_mb, runtimes, sites = SIZES[offer]
    is_small = offer in SMALL
    return {
        "attachedDomains": domains,
        "crontab": True,
        "databaseEngines": 1,
        "databases": [_databases(count, database_mb, "shared", "sqlPerso")],
        "disk": {"type": "SSD", "unit": "GB", "value": disk},
        "emails": {"available": sites * 10, "quota": {"unit": "GB", "value": 5}},
        "envVars": 0 if is_small else 20,
        "extraUsers": users,
        "filesBrowser": True,
        "highlight": "best-seller" if offer == "PRO" else None,
        "languages": LANGUAGES,
        "moduleOneClick": True,
        "privateDatabases": [] if is_small else [_databases(1, 8000, "dedicated", "privateDatabase")],
        "runtimes": runtimes,
        "sitesRecommended": sites,
        "ssh": not is_small,
        "traffic": None if offer == "PERFORMANCE_2" else {"unit": "GB", "value": disk * 10},
    }


def _databases(available: int, size_mb: int, isolation: str, kind: str) -> dict[str, Any]:
    """`database.CreationDatabaseCapabilities`."""
    quota = {"unit": "MB", "value": size_mb}
    return {"available": available, "engines": ["mysql"], "isolation": isolation, "quota": quota, "type": kind}
