"""The chain that makes a gap in the history show.

Each entry carries a *proof*: an HMAC over all it says, made when it is written, without a lock. Just after its
transaction a *link* gives it the next number of its team, with an HMAC over its proof and the mark before. So what was
altered, swapped, taken out or written by somebody else shows; a cut end shows against a head that was noted elsewhere.
The key is sealed with the environment's keys: who has the database alone cannot make a proof.

Links are not made in the entry's own transaction: they would have every change of a team wait for every other, and
two that touch the same rows in another order lock each other out.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import models, transaction
from django.db.models import Count, Min
from django.utils import timezone

from apps.audit.models import Chain, Entry, Link
from apps.sealing import box

log = structlog.get_logger(__name__)

BATCH = 500
Told = Callable[[int], Any]
# An entry without a link by then was not written by the panel, or nothing runs that links.
LINKED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """Something wrong. `where`: a link's number or an entry's key."""

    where: int
    words: str


@dataclass(frozen=True)
class Head:
    """Where a team's chain ends. Noted elsewhere, it shows later that nothing before it is missing."""

    team_id: int
    number: int
    mark: str

    def __str__(self) -> str:
        return f"{self.team_id}:{self.number}:{self.mark}"


def proof_of(entry: Entry) -> str:
    """The proof of an entry as it stands; empty, and logged, when the team's key cannot be opened."""
    key = _key_of(entry.team_id)
    return _sign(key, _said_by(entry)) if key else ""


def link_new(team_id: int) -> int:
    """Link the team's entries that have no link yet; how many. Harmless twice and side by side."""
    linked = 0
    while (number := _link_some(team_id)) == BATCH:
        linked += number
    return linked + number


def link_all() -> int:
    """The same for every team: for entries whose process died before it linked them."""
    left = Entry.objects.filter(link=None).exclude(proof="").order_by().values_list("team_id", flat=True).distinct()
    return sum(link_new(team_id) for team_id in left)


def heads() -> list[Head]:
    """The end of every team's chain."""
    return [Head(each.pk, each.number, each.mark) for each in Chain.objects.order_by("pk")]


def keyless() -> list[int]:
    """Teams whose chain is gone, key and all, but not their history."""
    left = Entry.objects.exclude(team__in=Chain.objects.values("pk")).order_by()
    return list(left.values_list("team_id", flat=True).distinct())


def verify(team_id: int, *, noted: Head | None = None, told: Told = lambda _links: None) -> Iterator[Finding]:
    """What is wrong with a team's history, in its order.

    `noted`: a head that was written down before. `told` hears of each link that was looked at.
    """
    chain = Chain.objects.filter(pk=team_id).first()
    entries = Entry.objects.filter(team_id=team_id)
    if chain is None:
        if entries.exists():
            yield Finding(0, "The key of this history is gone, and nothing can be proven.")
        return
    key = _opened(chain)
    if not key:
        yield Finding(0, "The key of this history cannot be opened with HOSTPANEL_SEAL_KEYS.")
        return
    if chain.cut_number and chain.cut_proof != _sign(key, _cut(chain.cut_number, chain.cut_mark)):
        yield Finding(chain.cut_number, "The beginning was taken away, and not by the panel's housekeeping.")
    yield from _links(chain, key, noted, told)
    yield from _loose(entries, key)
    yield from _copies(entries)


def _links(chain: Chain, key: bytes, noted: Head | None, told: Told) -> Iterator[Finding]:
    """What is wrong with the chain itself."""
    number, mark = chain.cut_number, chain.cut_mark
    is_noted = noted is None or noted.number <= number
    links = Link.objects.filter(team_id=chain.pk).select_related("entry").order_by("number")
    for link in links.iterator(BATCH):
        if link.number != number + 1:
            missing = link.number - number - 1
            yield Finding(number + 1, f"{missing} entries are missing here.")
        elif link.mark != _sign(key, _step(mark, link.number, link.entry.proof)):
            yield Finding(link.number, "This entry does not follow the one before it.")
        if link.entry.team_id != chain.pk or link.entry.proof != _sign(key, _said_by(link.entry)):
            yield Finding(link.number, f"Entry {link.entry.pk} was altered after it was written.")
        number, mark = link.number, link.mark
        told(1)
        if noted is not None and noted.number == number:
            is_noted = True
            if noted.mark != mark:
                yield Finding(number, "The noted end is not what stands here: the history was written anew.")
    if (number, mark) != (chain.number, chain.mark):
        yield Finding(number, f"The end is cut off: the chain had {chain.number} entries.")
    if not is_noted and noted is not None:
        yield Finding(number, f"The end is cut off: {noted.number} entries had been noted.")


def _loose(entries: "models.QuerySet[Entry]", key: bytes) -> Iterator[Finding]:
    """Entries outside the chain that should be in it."""
    for entry in entries.filter(link=None).order_by("pk").iterator(BATCH):
        if not entry.proof:
            yield Finding(entry.pk, f"Entry {entry.pk} has no proof: the seal keys were wrong, or somebody added it.")
        elif entry.proof != _sign(key, _said_by(entry)):
            yield Finding(entry.pk, f"Entry {entry.pk} was not written by the panel, or altered.")
        elif entry.at < timezone.now() - LINKED_WITHIN:
            yield Finding(entry.pk, f"Entry {entry.pk} stands outside the chain.")


def _copies(entries: "models.QuerySet[Entry]") -> Iterator[Finding]:
    """A proof says when to the microsecond: none is there twice by itself."""
    proofs = entries.exclude(proof="").order_by().values("proof").annotate(first=Min("pk"), times=Count("pk"))
    for twice in proofs.filter(times__gt=1):
        yield Finding(twice["first"], f"Entry {twice['first']} stands there twice: somebody copied it.")


def cut(team_id: int, before: datetime) -> int:
    """Take away up to a batch of the team's oldest entries, all from before `before`; how many.

    The database refuses to give up what is younger than `guards.LEAST`.
    """
    with transaction.atomic():
        chain = Chain.objects.select_for_update().filter(pk=team_id).first()
        key = _opened(chain) if chain else b""
        if chain is None or not key:
            return 0
        oldest = Link.objects.filter(team_id=team_id).select_related("entry").order_by("number")[:BATCH]
        gone: list[Link] = []
        for link in oldest:
            if link.entry.at >= before:
                break
            gone.append(link)
        if not gone:
            return 0
        chain.cut_number, chain.cut_mark = gone[-1].number, gone[-1].mark
        chain.cut_proof = _sign(key, _cut(chain.cut_number, chain.cut_mark))
        chain.save(update_fields=["cut_number", "cut_mark", "cut_proof"])
        keys = [link.pk for link in gone]
        Link.objects.filter(pk__in=keys).delete()
        Entry.objects.filter(pk__in=keys).delete()
    return len(keys)


def _link_some(team_id: int) -> int:
    with transaction.atomic():
        chain = Chain.objects.select_for_update().filter(pk=team_id).first()
        key = _opened(chain) if chain else b""
        if chain is None or not key:
            return 0
        links: list[Link] = []
        for entry in Entry.objects.filter(team_id=team_id, link=None).exclude(proof="").order_by("pk")[:BATCH]:
            # What somebody else wrote is left outside, where `verify` finds it.
            if entry.proof != _sign(key, _said_by(entry)):
                continue
            chain.number += 1
            chain.mark = _sign(key, _step(chain.mark, chain.number, entry.proof))
            links.append(Link(entry=entry, team_id=team_id, number=chain.number, mark=chain.mark))
        if links:
            Link.objects.bulk_create(links)
            chain.save(update_fields=["number", "mark"])
    return len(links)


def _key_of(team_id: int) -> bytes:
    """The team's key, made when there is none; empty when it cannot be opened."""
    chain = Chain.objects.filter(pk=team_id).only("sealed_key").first()
    if chain is None:
        sealed = box.seal({"key": secrets.token_hex(32)}, purpose=_purpose(team_id))
        # Of two that make one at once, one is kept.
        Chain.objects.bulk_create([Chain(team_id=team_id, sealed_key=sealed)], ignore_conflicts=True)
        chain = Chain.objects.only("sealed_key").get(pk=team_id)
    return _opened(chain)


def _opened(chain: Chain) -> bytes:
    try:
        return bytes.fromhex(box.unseal(chain.sealed_key, purpose=_purpose(chain.pk))["key"])
    except (box.CannotOpen, KeyError, ValueError):
        log.warning("history without proof: its key cannot be opened", team=chain.pk)
        return b""


def _purpose(team_id: int) -> str:
    return f"history:{team_id}"


def _sign(key: bytes, said: list[Any]) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _said_by(entry: Entry) -> list[Any]:
    """All an entry says, spelt the same before it is stored and after."""
    return [
        "entry", entry.team_id, entry.at.astimezone(UTC).isoformat(), entry.actor_id, entry.actor_name, entry.address,
        entry.action, entry.target, entry.account_id, str(entry.operation_id or ""), entry.details,
    ]  # fmt: skip


def _step(mark: str, number: int, proof: str) -> list[Any]:
    return ["link", mark, number, proof]


def _cut(number: int, mark: str) -> list[Any]:
    return ["cut", number, mark]
