"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet

from apps.sealing import box


def test_what_was_sealed_opens_for_the_same_purpose():
    sealed = box.seal({"password": "geheim"}, purpose="operation:1")

    assert "geheim" not in sealed
    assert box.unseal(sealed, purpose="operation:1") == {"password": "geheim"}


def test_a_secret_moved_to_another_row_does_not_open():
    sealed = box.seal({"password": "geheim"}, purpose="connection:1")

    with pytest.raises(box.CannotOpen):
        box.unseal(sealed, purpose="connection:2")


@pytest.mark.fault(34)
def test_a_new_first_key_seals_and_the_old_one_still_opens(settings):
    sealed = box.seal({"a": "b"}, purpose="x")

    settings.SEAL_KEYS = [Fernet.generate_key().decode(), *settings.SEAL_KEYS]

    assert box.unseal(sealed, purpose="x") == {"a": "b"}


@pytest.mark.fault(34)
def test_without_its_key_a_secret_stays_closed(settings):
    sealed = box.seal({"a": "b"}, purpose="x")

    settings.SEAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(box.CannotOpen):
        box.unseal(sealed, purpose="x")
