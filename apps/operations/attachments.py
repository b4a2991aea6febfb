"""Files that belong to an operation: kept sealed, in pieces, until it is over."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from apps.operations.models import Attachment, Operation, Piece
from apps.sealing import box
from apps.teams.models import Membership

PIECE_BYTES = 1024 * 1024
# A form that was sent and asked for nothing after all leaves its file behind.
FORGOTTEN_AFTER = timedelta(hours=1)


class File(Protocol):
    """What Django hands over for an uploaded file."""

    name: str | None

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Its content, piece by piece."""


def keep(file: File, member: Membership) -> Attachment:
    """Keep an uploaded file; each piece in a transaction of its own, so that others may write between."""
    attachment = Attachment.objects.create(team_id=member.team_id, name=(file.name or "")[:255])
    size = 0
    for number, plain in enumerate(file.chunks(PIECE_BYTES)):
        sealed = box.seal_bytes(plain, purpose=_purpose(attachment, number))
        Piece.objects.create(attachment=attachment, number=number, sealed=sealed)
        size += len(plain)
    attachment.size = size
    attachment.save(update_fields=["size"])
    return attachment


def belongs_to(operation: Operation, attachments: Sequence[Attachment]) -> None:
    """From now on they live as long as `operation` is unfinished."""
    Attachment.objects.filter(pk__in=[each.pk for each in attachments], operation=None).update(operation=operation)


def pieces(attachment: Attachment) -> Iterable[bytes]:
    """The content, in order. Raises box.CannotOpen."""
    for piece in attachment.pieces.iterator(chunk_size=4):
        yield box.unseal_bytes(piece.sealed, purpose=_purpose(attachment, piece.number))


def forget_lost(now: datetime) -> int:
    """Erase files no operation was asked for with; returns how many."""
    lost = Attachment.objects.filter(operation=None, created_at__lt=now - FORGOTTEN_AFTER)
    return lost.delete()[1].get("operations.Attachment", 0)


def _purpose(attachment: Attachment, number: int) -> str:
    return f"attachment:{attachment.pk}:{number}"
