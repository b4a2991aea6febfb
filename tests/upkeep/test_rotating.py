"""Other seal keys, while the panel runs."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from apps.audit import chain
from apps.audit.services import record
from apps.connections.client import credentials_of, purpose_of
from apps.connections.models import Connection, Consent
from apps.operations.models import Attachment, Operation, Piece
from apps.sealing import box
from apps.upkeep import rotating
from tests.factories import ConnectionFactory, OperationFactory, made

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def places(owner, settings):
    """One sealed thing of each kind, under the old key."""
    settings.SEAL_KEYS = [OLD]
    account = made(ConnectionFactory, team=owner.team)
    secrets = {"application_secret": "as", "consumer_key": "ck"}
    account.sealed = box.seal(secrets, purpose=purpose_of(account))
    account.save()
    Consent.objects.create(
        team=owner.team, user=owner.user, state_hash="s", session_hash="s", name="n", endpoint="sandbox",
        application_key="k", sealed=box.seal({"x": "consent"}, purpose="p"),
    )  # fmt: skip
    operation = made(OperationFactory, service__connection=account, sealed=box.seal({"x": "operation"}, purpose="p"))
    made(OperationFactory, service__connection=account, sealed="")
    attachment = Attachment.objects.create(team=owner.team, operation=operation, name="n", size=1)
    Piece.objects.create(attachment=attachment, number=0, sealed=box.seal_bytes(b"piece", purpose="p"))
    totp = TOTP.activate(owner.user, generate_totp_secret())
    codes = RecoveryCodes.activate(owner.user)
    record("x.y", team_id=owner.team_id)
    return {"totp": totp.instance.data, "codes": codes.get_unused_codes(), "account": account}


def rotate(settings, *keys):
    settings.SEAL_KEYS = list(keys)
    call_command("rotate_seal_keys")


def test_everything_opens_with_the_new_key_alone(places, owner, settings, capsys):
    rotate(settings, NEW, OLD)
    settings.SEAL_KEYS = [NEW]

    assert credentials_of(Connection.objects.get()).consumer_key == "ck"
    assert box.unseal(Consent.objects.get().sealed, purpose="p") == {"x": "consent"}
    assert box.unseal(Operation.objects.exclude(sealed="").get().sealed, purpose="p") == {"x": "operation"}
    assert box.unseal_bytes(Piece.objects.get().sealed, purpose="p") == b"piece"
    assert list(chain.verify(owner.team_id)) == []
    codes = RecoveryCodes(owner.user.authenticator_set.get(type="recovery_codes"))
    assert codes.get_unused_codes() == places["codes"]
    assert "1 sealed anew, 0 current  OVH accounts" in capsys.readouterr().out


def test_a_second_run_finds_nothing_to_do(places, settings):
    rotate(settings, NEW, OLD)

    counts = [rotating.rotate(place) for place in rotating.PLACES]

    assert [count.sealed for count in counts] == [0] * len(counts)
    assert all(count.current for count in counts)


def test_every_column_that_is_sealed_has_its_place():
    from django.apps import apps  # noqa: PLC0415  # for this test alone

    named = {
        (model, each.name)
        for model in apps.get_models()
        for each in model._meta.get_fields()
        if each.name.startswith("sealed")
    }

    assert named == {(place.model, place.column) for place in rotating.PLACES if not place.is_json}


def test_a_row_that_changes_meanwhile_is_not_overwritten(places, settings, monkeypatch):
    settings.SEAL_KEYS = [NEW, OLD]
    account = places["account"]
    plain = box.rotate

    def slowly(sealed):
        fresh = box.seal({"consumer_key": "newer"}, purpose=purpose_of(account))
        Connection.objects.filter(pk=account.pk).update(sealed=fresh)
        return plain(sealed)

    monkeypatch.setattr(box, "rotate", slowly)
    rotating.rotate(rotating.PLACES[0])

    assert box.unseal(Connection.objects.get().sealed, purpose=purpose_of(account)) == {"consumer_key": "newer"}


def test_what_no_key_opens_is_named_and_left(places, settings):
    before = Connection.objects.get().sealed

    with pytest.raises(CommandError, match="cannot be opened"):
        rotate(settings, NEW)

    assert Connection.objects.get().sealed == before


def test_the_check_changes_nothing_and_fails_while_an_old_key_is_needed(places, settings):
    settings.SEAL_KEYS = [NEW, OLD]
    before = Connection.objects.get().sealed

    with pytest.raises(CommandError, match="still need an old key"):
        call_command("rotate_seal_keys", check=True)
    assert Connection.objects.get().sealed == before

    call_command("rotate_seal_keys")
    call_command("rotate_seal_keys", check=True)


def test_a_secret_moved_to_another_row_does_not_open_after_rotating_either(places, owner, settings):
    thief = made(ConnectionFactory, team=owner.team, sealed=places["account"].sealed)
    rotate(settings, NEW, OLD)

    thief.refresh_from_db()
    with pytest.raises(box.CannotOpen):
        credentials_of(thief)
