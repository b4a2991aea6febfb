"""OVH's public catalogue of modules: one list for each endpoint, read once a day.

Nobody signs in for it. Whole pages and batches are not to be counted on there, so its ids come first, then one GET
each; a slice that ends before all is read hands over to the next.
"""

import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apps.connections.models import Connection
from apps.inventory import columns
from apps.inventory.models import Catalogue, ModuleOffer
from apps.ovhapi.bucket import Bucket
from apps.ovhapi.client import Client, Credentials, Lane, path_of
from apps.ovhapi.errors import Missing, NotNow, OvhError
from hostpanel.nudging import nudge

PATH = "/hosting/web/moduleList"
FRESH = timedelta(days=1)
ASKED_LATELY = timedelta(minutes=1)
LEASE = timedelta(seconds=120)
# After OVH could not be asked, or was too slow.
REST = timedelta(seconds=60)
SLICE_S = 20.0
CALLS_A_MINUTE = 60


def want(endpoint: str) -> Catalogue:
    """How far the catalogue of `endpoint` is read; asks for it when it is missing or old."""
    catalogue, _is_new = Catalogue.objects.get_or_create(endpoint=endpoint)
    now = timezone.now()
    if _is_old(catalogue) and (catalogue.asked_at is None or now - catalogue.asked_at > ASKED_LATELY):
        Catalogue.objects.filter(pk=catalogue.pk).update(asked_at=now)
        nudge("inventory.read_catalogue", endpoint, expires_s=60)
    return catalogue


def due() -> list[str]:
    """The endpoints accounts are at whose catalogue is missing or old and which nobody reads just now."""
    endpoints = set(Connection.objects.order_by().values_list("endpoint", flat=True).distinct())
    fresh = Q(read_at__gt=timezone.now() - FRESH) | Q(lease_until__gt=timezone.now())
    return sorted(endpoints - set(Catalogue.objects.filter(fresh).values_list("endpoint", flat=True)))


def read(endpoint: str) -> None:
    """Read the next slice; does nothing when it is fresh or another worker is at it."""
    catalogue = _claim(endpoint)
    if catalogue is None:
        return
    rest = REST
    try:
        _read_slice(_client(endpoint), catalogue)
        rest = timedelta(0)
    except OvhError:
        pass  # what is there stays, and is tried again after a rest
    finally:
        _keep(catalogue, lease_until=timezone.now() + rest)
    if catalogue.pending and not rest:
        nudge("inventory.read_catalogue", endpoint)


def _is_old(catalogue: Catalogue) -> bool:
    return catalogue.read_at is None or timezone.now() - catalogue.read_at > FRESH


def _claim(endpoint: str) -> Catalogue | None:
    """The catalogue, taken for one slice."""
    catalogue, _is_new = Catalogue.objects.get_or_create(endpoint=endpoint)
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    if not _is_old(catalogue) or not Catalogue.objects.filter(free, pk=catalogue.pk).update(lease_until=now + LEASE):
        return None
    return Catalogue.objects.get(pk=catalogue.pk)


def _client(endpoint: str) -> Client:
    """A client that belongs to no account: nobody's calls are counted, nobody's health moves."""
    bucket = Bucket(f"catalogue:{endpoint}", CALLS_A_MINUTE)
    return Client(Credentials(endpoint=endpoint), bucket=bucket, lane=Lane.MIRROR)


def _read_slice(client: Client, catalogue: Catalogue) -> None:
    ends = time.monotonic() + SLICE_S
    if not catalogue.pending:
        catalogue.pending = _ids(client)
        _forget_others(catalogue)
        _keep(catalogue, pending=catalogue.pending)
    while catalogue.pending and time.monotonic() < ends:
        _read_one(client, catalogue.endpoint, catalogue.pending[0])
        catalogue.pending = catalogue.pending[1:]
        _keep(catalogue, pending=catalogue.pending)
    if not catalogue.pending:
        _keep(catalogue, pending=[], read_at=timezone.now())


def _ids(client: Client) -> list[int]:
    """GET /hosting/web/moduleList: the ids of all there is, of what can no longer be installed too."""
    listed = client.call("GET", PATH, signed=False).data
    ids = [each for each in listed if isinstance(each, int)] if isinstance(listed, list) else []
    if not ids:
        msg = "OVH's catalogue cannot be read."
        raise NotNow(msg, reason="overloaded")
    return ids


def _read_one(client: Client, endpoint: str, offer_id: int) -> None:
    """GET /hosting/web/moduleList/{id} into its row."""
    rows = ModuleOffer.objects.filter(endpoint=endpoint, ovh_id=offer_id)
    try:
        raw = client.call("GET", path_of(PATH + "/{id}", id=offer_id), signed=False).data
    except Missing:
        rows.update(active=False, latest=False)
        return
    fields = {**columns.offer_fields(raw), "refreshed_at": timezone.now()}
    ModuleOffer.objects.update_or_create(endpoint=endpoint, ovh_id=offer_id, defaults=fields)


def _forget_others(catalogue: Catalogue) -> None:
    """What is no longer listed cannot be installed; its name is still needed where it was."""
    others = ModuleOffer.objects.filter(endpoint=catalogue.endpoint).exclude(ovh_id__in=catalogue.pending)
    others.update(active=False, latest=False)


def _keep(catalogue: Catalogue, **fields: object) -> None:
    Catalogue.objects.filter(pk=catalogue.pk).update(**fields)
