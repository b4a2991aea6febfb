"""What a report of an error may hold: where in the code, and nothing that somebody typed or that OVH answered."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NothingOfTheirs(SafeExceptionReporterFilter):
    """Django's filter hides what views name as sensitive, and what is called so; here everything is hidden.

    Only a developer's own machine (DEBUG), which has no secrets of anybody, shows all.
    """

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names alone."""
        if request is None or settings.DEBUG:
            return super().get_post_parameters(request)
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: FrameType) -> ItemsView[str, Any]:
        """The names alone."""
        if settings.DEBUG:
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
