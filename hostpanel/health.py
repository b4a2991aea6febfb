"""Whether the panel is alive, and whether it can do its work: JSON for whoever watches it."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from apps.operations import readiness
from apps.teams.access import public_view


@public_view
def live(_request: HttpRequest) -> JsonResponse:
    """The web process answers. Asks nothing else, so that it is not restarted for another's fault."""
    return JsonResponse({"status": "ok"})


@public_view
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether database, Redis and workers do their work; 503 with the reasons when one does not."""
    checks = readiness.checks()
    is_ready = all(check["ok"] for check in checks.values())
    return JsonResponse({"status": "ok" if is_ready else "degraded", "checks": checks}, status=200 if is_ready else 503)


app_name = "health"
urlpatterns = [path("live", live, name="live"), path("ready", ready, name="ready")]
