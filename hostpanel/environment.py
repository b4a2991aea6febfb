"""What the environment says, read once and refused with a sentence where it is wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environs import Env

MODES = ("production", "development", "demo", "test")
SHORTEST_SECRET = 50
BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The settings a person can choose. `data` is the folder of everything the embedded default keeps."""

    mode: str
    debug: bool
    data: Path
    secret_key: str
    seal_keys: list[str]
    allowed_hosts: list[str]
    base_url: str
    trusted_proxies: int
    database: dict[str, Any]
    redis_url: str
    ovh_endpoints: dict[str, str]
    ovh_record_file: str
    dns_servers: list[str]
    probe: bool
    email_url: dict[str, Any]
    log_json: bool

    @property
    def is_production(self) -> bool:
        """True unless the panel was started as a demo, for development or by the tests."""
        return self.mode == "production"


def read() -> Environment:
    """The environment of this process. Raises ImproperlyConfigured with one sentence to act on."""
    env = Env()
    mode = env.str("HOSTPANEL_MODE", "production")
    if mode not in MODES:
        msg = f"HOSTPANEL_MODE is {mode!r}; it must be one of {', '.join(MODES)}."
        raise ImproperlyConfigured(msg)
    data = Path(env.str("HOSTPANEL_DATA", str(BASE_DIR / "var"))).absolute()
    environment = Environment(
        mode=mode,
        debug=env.bool("HOSTPANEL_DEBUG", False),
        data=data,
        secret_key=env.str("HOSTPANEL_SECRET_KEY", ""),
        seal_keys=env.list("HOSTPANEL_SEAL_KEYS", []),
        allowed_hosts=env.list("HOSTPANEL_ALLOWED_HOSTS", []),
        base_url=env.str("HOSTPANEL_BASE_URL", "").rstrip("/"),
        trusted_proxies=env.int("HOSTPANEL_TRUSTED_PROXIES", 0),
        database=_database(env, data),
        redis_url=env.str("REDIS_URL", "") or f"unix://{data / 'redis' / 'redis.sock'}",
        ovh_endpoints=_endpoints(env.list("HOSTPANEL_OVH_ENDPOINTS", [])),
        ovh_record_file=env.str("HOSTPANEL_RECORD_CALLS", "") if mode in ("test", "demo") else "",
        dns_servers=env.list("HOSTPANEL_DNS", []),
        # The demo's domains are invented, and tests look at servers of their own.
        probe=env.bool("HOSTPANEL_PROBE", mode in ("production", "development")),
        email_url=_email(env),
        log_json=env.bool("HOSTPANEL_LOG_JSON", mode == "production"),
    )
    _refuse_what_is_wrong(environment)
    return environment


def _refuse_what_is_wrong(environment: Environment) -> None:
    """Say in one sentence what keeps the panel from starting."""
    reasons = [
        (
            not environment.secret_key,
            "HOSTPANEL_SECRET_KEY is not set; it needs a long random text of its own.",
        ),
        (not environment.seal_keys, "HOSTPANEL_SEAL_KEYS is not set; make one with `manage.py seal_key`."),
    ]
    if environment.is_production:
        reasons += [
            (environment.debug, "HOSTPANEL_DEBUG is on; the panel does not start in production with it."),
            (
                len(environment.secret_key) < SHORTEST_SECRET,
                "HOSTPANEL_SECRET_KEY is too short; take at least 50 characters.",
            ),
            (
                not environment.allowed_hosts or "*" in environment.allowed_hosts,
                "HOSTPANEL_ALLOWED_HOSTS must name the hosts the panel is reached by, and not be `*`.",
            ),
            (
                not environment.base_url.startswith("https://"),
                "HOSTPANEL_BASE_URL must be the panel's own https:// address; links in e-mails begin with it.",
            ),
        ]
    for is_wrong, sentence in reasons:
        if is_wrong:
            raise ImproperlyConfigured(sentence)
    for number, key in enumerate(environment.seal_keys, 1):
        try:
            Fernet(key)
        except ValueError:
            msg = f"Key {number} of HOSTPANEL_SEAL_KEYS is not a seal key; make one with `manage.py seal_key`."
            raise ImproperlyConfigured(msg) from None


def _database(env: Env, data: Path) -> dict[str, Any]:
    """DATABASE_URL as Django wants it; SQLite in the data folder when it is not set."""
    if not env.str("DATABASE_URL", ""):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "hostpanel.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                # FULL: a `sending` that is lost with the power would be sent a second time.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                "transaction_mode": "IMMEDIATE",
            },
        }
    return _postgresql(dict(env.dj_db_url("DATABASE_URL")))


def _postgresql(url: dict[str, Any]) -> dict[str, Any]:
    if url["ENGINE"] != "django.db.backends.postgresql":
        msg = "DATABASE_URL must be a postgresql:// address; without it the panel keeps SQLite in its data folder."
        raise ImproperlyConfigured(msg)
    timeouts = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
    return url | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": timeouts, "connect_timeout": 5},
    }


def _endpoints(entries: list[str]) -> dict[str, str]:
    """`name=url,…`: OVH endpoints beyond OVH's own. Only the environment can add one."""
    endpoints = {}
    for entry in entries:
        name, found, url = entry.partition("=")
        if not found or not url.startswith(("http://", "https://")):
            msg = f"HOSTPANEL_OVH_ENDPOINTS has {entry!r}; an entry is name=https://…"
            raise ImproperlyConfigured(msg)
        endpoints[name.strip()] = url.strip().rstrip("/")
    return endpoints


def _email(env: Env) -> dict[str, Any]:
    """How mail leaves: EMAIL_URL (smtp://…), else it is written to the log of the process."""
    if not env.str("EMAIL_URL", ""):
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    mail = dict(env.dj_email_url("EMAIL_URL"))
    return {name: value for name, value in mail.items() if name.startswith(("EMAIL_", "DEFAULT_FROM_EMAIL"))}
