"""Django's settings. What a person can choose is read in `environment`; the rest is decided here."""

import hashlib
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from hostpanel import environment, reporting
from hostpanel.logs import logging_config

ENV = environment.read()
BASE_DIR = environment.BASE_DIR
DATA_DIR: Path = ENV.data
MODE = ENV.mode

# -- Django --------------------------------------------------------------------------------------------------------
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts or ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "hostpanel.urls"
WSGI_APPLICATION = "hostpanel.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "teams.User"

INSTALLED_APPS = [
    "apps.upkeep",
    "apps.dashboard",
    "apps.hostings",
    "apps.domains",
    "apps.databases",
    "apps.backups",
    "apps.modules",
    "apps.ftpusers",
    "apps.members",
    "apps.operations",
    "apps.inventory",
    "apps.connections",
    "apps.teams",
    "apps.audit",
    "apps.sealing",
    "apps.ovhapi",
    "apps.ui",
    "apps.sandbox",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "lucide",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    # What sets headers goes first: files, and errors of what comes after, carry them too.
    "apps.ui.middleware.panel_headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.upkeep.middleware.monitors_by_address",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.upkeep.middleware.request_line",
    "apps.ui.middleware.plain_methods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.teams.middleware.language_and_zone",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.ui.middleware.bounded_bodies",
    "apps.ui.middleware.sign_in_again",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.dashboard.shell.shell",
                "apps.teams.context.demo_people",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- Data ----------------------------------------------------------------------------------------------------------
DATABASES = {"default": ENV.database}
# The limits of sign-in live in the default cache: on a dead Redis, signing in would answer 500.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
REDIS_URL = ENV.redis_url
KEEP_DAYS = ENV.keep_days
METRICS_TOKEN = ENV.metrics_token

# -- People --------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "apps.teams.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # else the host of the request
PASSWORD_RESET_TIMEOUT = 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_ADAPTER = "apps.teams.adapters.MFAAdapter"
# What allauth limits by itself, and: what sends mail or calls OVH at once, and what could be guessed.
ACCOUNT_RATE_LIMITS = {
    "invite": "60/3600s/user",
    "connect": "30/600s/user",
    "join": "20/m/ip",
    "set_up": "10/m/ip",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {"add_webauthn": "apps.teams.forms.PasskeyForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Browsers themselves take keys on https and on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE != "production"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Hostpanel"
USERSESSIONS_TRACK_ACTIVITY = False

# -- Sealing and OVH -----------------------------------------------------------------------------------------------
SEAL_KEYS = ENV.seal_keys
OVH_ENDPOINTS = ENV.ovh_endpoints
OVH_RECORD_FILE = ENV.ovh_record_file
DNS_SERVERS = ENV.dns_servers
PROBE = ENV.probe

# -- Languages and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
# The second: what pages of django-allauth say in the words of the panel.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "allauth"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# -- Files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE in ("test", "development")
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    }
}

# -- The web side --------------------------------------------------------------------------------------------------
IS_HTTPS = ENV.base_url.startswith("https://")
BASE_URL = ENV.base_url
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "hostpanel_session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "hostpanel_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_SERIALIZER = "apps.sealing.sessions.Sealed"
SESSION_COOKIE_AGE = 12 * 60 * 60
DEFAULT_EXCEPTION_REPORTER_FILTER = "apps.ui.reports.NothingOfTheirs"
CSRF_FAILURE_VIEW = "apps.ui.views.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy in front does it; the panel itself listens on plain HTTP behind it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS and ENV.trusted_proxies else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # SECURE_SSL_REDIRECT: see above
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
vars().update(ENV.email_url)

# -- Celery --------------------------------------------------------------------------------------------------------
REDIS_PREFIX = f"hostpanel:{hashlib.sha256(SECRET_KEY.encode()).hexdigest()[:12]}:"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # the row is the truth; a message that dies with its worker is found again by the tick
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_DEFAULT_QUEUE = "send"
CELERY_TASK_ROUTES = {
    "operations.tick": {"queue": "ticks"},
    "operations.submit": {"queue": "send"},
    "operations.poll": {"queue": "poll"},
    "operations.follow_elsewhere": {"queue": "ticks"},
    "operations.follow_tasks": {"queue": "mirror"},
    "inventory.read_answer": {"queue": "look"},
    "inventory.refresh_service": {"queue": "look"},
    "inventory.*": {"queue": "mirror"},
    "connections.*": {"queue": "mirror"},
    "ftpusers.*": {"queue": "ticks"},
    "domains.probe": {"queue": "mirror"},
    "audit.*": {"queue": "mirror"},
    "upkeep.*": {"queue": "mirror"},
}
CELERY_TASK_SEND_SENT_EVENT = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
# A child is replaced now and then, so that what leaks does not grow for years; in kB.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 10_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_LIMIT = 4
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Two panels may share a server for Redis: neither takes the other's messages.
    "global_keyprefix": REDIS_PREFIX,
    "visibility_timeout": 600,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # A late tick is dropped, not piled up.
    "operations.tick": {"task": "operations.tick", "schedule": 1.0, "options": {"expires": 4}},
    "operations.follow_elsewhere": {
        "task": "operations.follow_elsewhere",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "inventory.sync_due": {"task": "inventory.sync_due", "schedule": 30.0, "options": {"expires": 60}},
    "ftpusers.end_access": {"task": "ftpusers.end_access", "schedule": 60.0, "options": {"expires": 60}},
    "audit.link": {"task": "audit.link", "schedule": 60.0, "options": {"expires": 60}},
    # Once a day would be missed by a beat that starts each morning: the task itself knows whether it is due.
    "upkeep.keep_house": {"task": "upkeep.keep_house", "schedule": 600.0, "options": {"expires": 600}},
    "connections.check_due": {
        "task": "connections.check_due",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
}

# -- Logs ----------------------------------------------------------------------------------------------------------
LOGGING = logging_config(as_json=ENV.log_json, level=ENV.log_level)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
reporting.start(ENV.sentry_dsn, mode=MODE)
