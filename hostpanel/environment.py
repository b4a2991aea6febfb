"""What the environment says, read once and refused with a sentence where it is wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import dj_database_url
import dj_email_url
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environs import Env

MODES = ("production", "development", "demo", "test")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SHORTEST_SECRET = 50
BASE_DIR = Path(__file__).resolve().parent.parent
# How many days what is over is kept: (by default, at least). Less would take away what people still look for.
KEEP_DAYS = {
    "operations": (730, 90),
    "events": (365, 30),
    "sync_runs": (30, 7),
    "tasks": (365, 30),
    "gone": (365, 90),
    "answers": (60, 7),
    "audit": (1825, 365),
}


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
    log_level: str
    metrics_token: str
    sentry_dsn: str
    keep_days: dict[str, int]

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
        secret_key=_secret(env, "HOSTPANEL_SECRET_KEY"),
        seal_keys=[key.strip() for key in _secret(env, "HOSTPANEL_SEAL_KEYS").split(",") if key.strip()],
        allowed_hosts=env.list("HOSTPANEL_ALLOWED_HOSTS", []),
        base_url=env.str("HOSTPANEL_BASE_URL", "").rstrip("/"),
        trusted_proxies=env.int("HOSTPANEL_TRUSTED_PROXIES", 0),
        database=_database(env, data),
        redis_url=_redis(env, data),
        ovh_endpoints=_endpoints(env.list("HOSTPANEL_OVH_ENDPOINTS", [])),
        ovh_record_file=env.str("HOSTPANEL_RECORD_CALLS", "") if mode in ("test", "demo") else "",
        dns_servers=env.list("HOSTPANEL_DNS", []),
        # The demo's domains are invented, and tests look at servers of their own.
        probe=env.bool("HOSTPANEL_PROBE", mode in ("production", "development")),
        email_url=_email(env),
        log_json=log_as_json(),
        log_level=_log_level(env),
        metrics_token=_secret(env, "HOSTPANEL_METRICS_TOKEN"),
        sentry_dsn=_secret(env, "SENTRY_DSN"),
        keep_days={name: _days(env, name) for name in KEEP_DAYS},
    )
    _refuse_what_is_wrong(environment)
    return environment


def log_as_json() -> bool:
    """Whether logs are one JSON object a line; known before anything else is."""
    env = Env()
    is_production: bool = env.str("HOSTPANEL_MODE", "production") == "production"
    asked: bool = env.bool("HOSTPANEL_LOG_JSON", is_production)
    return asked


def _log_level(env: Env) -> str:
    """What is written down: this and what is graver."""
    level: str = env.str("HOSTPANEL_LOG_LEVEL", "INFO").upper()
    if level not in LEVELS:
        msg = f"HOSTPANEL_LOG_LEVEL is {level!r}; it must be one of {', '.join(LEVELS)}."
        raise ImproperlyConfigured(msg)
    return level


def _secret(env: Env, name: str) -> str:
    """What the variable says, or the file that `<name>_FILE` names: a file is not seen in a list of processes."""
    value: str = env.str(name, "")
    file: str = env.str(f"{name}_FILE", "")
    if not file:
        return value
    if value:
        msg = f"{name} and {name}_FILE are both set; leave one of them."
        raise ImproperlyConfigured(msg)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{name}_FILE names {file}, which cannot be read ({type(error).__name__})."
        raise ImproperlyConfigured(msg) from None


def _url(env: Env, name: str, password_name: str) -> str:
    """An address whose password may come by itself, such as from the file a container is given."""
    url, password = _secret(env, name), _secret(env, password_name)
    if not url or not password:
        return url
    parts = urlsplit(url)
    if parts.password:
        msg = f"{name} holds a password and {password_name} is set too; leave one of them."
        raise ImproperlyConfigured(msg)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def _redis(env: Env, data: Path) -> str:
    """REDIS_URL, else the socket of the Redis that the panel starts by itself."""
    url = _url(env, "REDIS_URL", "REDIS_PASSWORD") or f"unix://{data / 'redis' / 'redis.sock'}"
    if not url.startswith(("redis://", "rediss://", "unix://")):
        msg = "REDIS_URL cannot be read; it is redis://host:6379/0, rediss:// with TLS, or unix:// with a path."
        raise ImproperlyConfigured(msg)
    return url


def _days(env: Env, name: str) -> int:
    """How long one kind of thing is kept, never below its floor."""
    default, least = KEEP_DAYS[name]
    variable = f"HOSTPANEL_KEEP_{name.upper()}_DAYS"
    days: int = env.int(variable, default)
    if days < least:
        msg = f"{variable} is {days}; it must be {least} or more."
        raise ImproperlyConfigured(msg)
    return days


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
    url = _url(env, "DATABASE_URL", "DATABASE_PASSWORD")
    if not url:
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
    try:
        return _postgresql(dict(dj_database_url.parse(url)))
    except (ValueError, dj_database_url.ParseError):
        msg = "DATABASE_URL cannot be read; it is postgresql://user@host/name."
        raise ImproperlyConfigured(msg) from None


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
    url = _secret(env, "EMAIL_URL")
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    mail = dict(dj_email_url.parse(url))
    return {name: value for name, value in mail.items() if name.startswith(("EMAIL_", "DEFAULT_FROM_EMAIL"))}
