"""What workers are asked to do for the history."""

from celery import shared_task

from apps.audit import chain


@shared_task(name="audit.link")
def link() -> None:
    """Link what a process left that died just after it wrote an entry."""
    chain.link_all()
