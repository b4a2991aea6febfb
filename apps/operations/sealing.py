"""The secrets of an operation: sealed in its row for as long as it may still be sent."""

from typing import Any
from uuid import UUID

from apps.operations.models import Operation
from apps.sealing import box


def seal(secrets: dict[str, Any], operation_id: UUID) -> str:
    """`secrets` sealed for that row only; empty when there are none."""
    return box.seal(secrets, purpose=_purpose(operation_id)) if secrets else ""


def secrets_of(operation: Operation) -> dict[str, str]:
    """What was sealed. Raises box.CannotOpen when the key is gone."""
    return box.unseal(operation.sealed, purpose=_purpose(operation.pk))


def _purpose(operation_id: UUID) -> str:
    return f"operation:{operation_id}"
