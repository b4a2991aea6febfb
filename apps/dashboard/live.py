"""Registers what the open overview is told."""

from apps.dashboard import overview

__all__ = ["overview"]
