"""What workers are asked to do for the room."""

from celery import shared_task

from apps.domains import probes


@shared_task(name="domains.probe")
def probe(*domain_ids: int) -> None:
    """Look at the certificates these domains show. Harmless twice; asked for again when it never runs."""
    probes.carry_out(domain_ids)
