"""Files that belong to an operation."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.operations import attachments, states
from apps.operations.models import Attachment, Piece
from apps.sealing import box

CONTENT = b"CREATE TABLE visitors;" * 60_000


def kept(member):
    return attachments.keep(SimpleUploadedFile("shop.sql", CONTENT), member)


def test_a_file_comes_back_as_it_was(owner):
    attachment = kept(owner)

    assert b"".join(attachments.pieces(attachment)) == CONTENT
    assert (attachment.name, attachment.size) == ("shop.sql", len(CONTENT))


def test_it_does_not_lie_in_the_database_in_clear(owner):
    kept(owner)

    assert not any("VISITORS" in piece.sealed.upper() for piece in Piece.objects.all())


def test_a_piece_moved_to_another_file_does_not_open(owner):
    mine, other = kept(owner), kept(owner)
    stolen = mine.pieces.get(number=0).sealed
    other.pieces.filter(number=0).update(sealed=stolen)

    with pytest.raises(box.CannotOpen):
        list(attachments.pieces(other))


def test_it_is_erased_when_its_operation_is_over(owner, asked):
    operation, attachment = asked(), kept(owner)
    attachments.belongs_to(operation, [attachment])

    states.failed(operation, "refused")

    assert not Attachment.objects.exists()
    assert not Piece.objects.exists()


def test_a_file_nothing_was_asked_for_with_is_erased_after_a_while(owner, asked):
    belonging, lost, new = kept(owner), kept(owner), kept(owner)
    attachments.belongs_to(asked(), [belonging])
    Attachment.objects.exclude(pk=new.pk).update(created_at=timezone.now() - timedelta(hours=2))

    attachments.forget_lost(timezone.now())

    assert set(Attachment.objects.values_list("pk", flat=True)) == {belonging.pk, new.pk}
    assert lost.pk not in Attachment.objects.values_list("pk", flat=True)
