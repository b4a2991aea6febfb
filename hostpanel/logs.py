"""One log line an event, with its fields bound: JSON in production, coloured text elsewhere."""

import logging
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class NoAddresses(logging.Filter):
    """Lines of Django and django-structlog about a request name its address, which may hold an invitation's token.

    They name its pattern instead, or nothing: the request's own line has it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """The line, without the address."""
        if isinstance(record.msg, dict):
            record.msg.pop("request", None)
        request = getattr(record, "request", None)
        path = getattr(request, "path", "")
        if path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            known = {path, path.encode("unicode_escape").decode("ascii")}
            record.args = tuple((match.route if match else "…") if each in known else each for each in record.args)
        return True


def logging_config(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """The dictConfig of the whole process, of events of `level` and above; also sets structlog up."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # dict_tracebacks would write frame locals, and with them a password that was being sent.
    shown = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown],
            }
        },
        "filters": {"no_addresses": {"()": NoAddresses}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Its lines are beside those of apps.upkeep.middleware.
            "django_structlog": {"level": "ERROR"},
            "django_structlog.middlewares.request": {"filters": ["no_addresses"]},
            "django.request": {"filters": ["no_addresses"]},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},  # a line for each tick, 100,000 a day
            "httpx": {"level": "WARNING"},
        },
    }
