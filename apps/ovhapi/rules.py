"""The access rules of a consumer key: what the panel asks an account's owner for, and no more.

`*` at the end covers everything below, not the path itself. POST rules are single on purpose: one for all of
`/hosting/web/*` would also allow to terminate a service.
"""

Rule = dict[str, str]

READ = ("/hosting/web", "/hosting/web/*", "/me", "/auth/currentCredential", "/auth/details")
POST = (
    "attachedDomain", "attachedDomain/*", "cdn/domain/*", "cron", "database", "database/*", "envVar", "module",
    "ovhConfig/*", "ovhConfigRefresh", "ownLogs/*", "request", "restoreSnapshot", "runtime", "ssl", "ssl/*",
    "unblockTCPOut", "user", "user/*", "website", "website/*",
)  # fmt: skip


def wanted() -> list[Rule]:
    """What a key for the panel must allow."""
    return [
        *({"method": "GET", "path": path} for path in READ),
        {"method": "POST", "path": "/auth/logout"},
        {"method": "PUT", "path": "/hosting/web/*"},
        {"method": "DELETE", "path": "/hosting/web/*"},
        *({"method": "POST", "path": f"/hosting/web/*/{name}"} for name in POST),
    ]


def missing(granted: list[Rule]) -> list[Rule]:
    """Those of `wanted` that no granted rule covers. The `/auth` rules are not judged: no key was seen to need them."""
    needed = [rule for rule in wanted() if not rule["path"].startswith("/auth/")]
    return [rule for rule in needed if not any(_covers(given, rule) for given in granted)]


def _covers(given: Rule, rule: Rule) -> bool:
    """Whether a granted rule allows all that `rule` asks for."""
    if given.get("method") != rule["method"]:
        return False
    path = given.get("path", "")
    if path == rule["path"]:
        return True
    return path.endswith("*") and "*" not in path[:-1] and rule["path"].startswith(path[:-1])
