"""Seal and open a secret. The only place that knows the seal keys."""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# How every sealed text begins: the version of Fernet and the first bits of a time of this century.
BEGINS = "gAAAAA"


class CannotOpen(Exception):
    """The sealed text was made with a key that is gone, was altered, or belongs somewhere else."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    return _box(tuple(settings.SEAL_KEYS))


def is_current(sealed: str) -> bool:
    """Whether a sealed text was made with the first key; the keys behind it are to go some day."""
    try:
        _box((settings.SEAL_KEYS[0],)).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def rotate(sealed: str) -> str:
    """The same secret, for the same row, sealed with the first key. Raises CannotOpen."""
    try:
        return _current().rotate(sealed.encode()).decode()
    except InvalidToken:
        msg = "No key of HOSTPANEL_SEAL_KEYS opens this secret."
        raise CannotOpen(msg) from None


def seal(secrets: dict[str, str], *, purpose: str) -> str:
    """`secrets` as one sealed text. `purpose` names the row it is for, such as `connection:7`.

    The purpose goes inside: who can write the database cannot move a sealed key to another team's row.
    """
    plain = json.dumps({"for": purpose, "secrets": secrets}).encode()
    return _current().encrypt(plain).decode()


def seal_bytes(plain: bytes, *, purpose: str) -> str:
    """A piece of a file, sealed for the row `purpose` names."""
    return _current().encrypt(purpose.encode() + b"\0" + plain).decode()


def unseal_bytes(sealed: str, *, purpose: str) -> bytes:
    """What `seal_bytes` sealed for the same purpose. Raises CannotOpen."""
    try:
        named, _, plain = _current().decrypt(sealed.encode()).partition(b"\0")
    except InvalidToken:
        msg = "No key of HOSTPANEL_SEAL_KEYS opens this file."
        raise CannotOpen(msg) from None
    if named != purpose.encode():
        msg = f"This file was not sealed for {purpose}."
        raise CannotOpen(msg)
    return plain


def unseal(sealed: str, *, purpose: str) -> dict[str, str]:
    """What `seal` sealed for the same purpose; {} for an empty text. Raises CannotOpen."""
    if not sealed:
        return {}
    try:
        plain = json.loads(_current().decrypt(sealed.encode()))
    except InvalidToken:
        msg = "No key of HOSTPANEL_SEAL_KEYS opens this secret."
        raise CannotOpen(msg) from None
    if plain["for"] != purpose:
        msg = f"This secret was not sealed for {purpose}."
        raise CannotOpen(msg)
    secrets: dict[str, str] = plain["secrets"]
    return secrets
