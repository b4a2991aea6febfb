"""The project package: settings, URLs, Celery."""

from hostpanel.celery import app as celery_app

__all__ = ["celery_app"]
