"""What a monitor asks: whether the panel is alive, whether it works, its figures."""

import hmac
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from apps.teams.access import public_view
from apps.upkeep import health, metrics

LOOPBACK = ("127.0.0.1", "::1")


@public_view
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """The web process answers. Asks nothing else, so that it is not restarted for another's fault."""
    return JsonResponse({"status": "ok"})


@public_view
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether the panel does its work; 503 when not, each red check with a sentence of what to do."""
    checks = health.look()
    is_ready = all(check.ok for check in checks.values())
    answer = {
        "status": "ok" if is_ready else "degraded",
        "checks": {name: check.as_json() for name, check in checks.items()},
        "warnings": health.warnings(),
    }
    return JsonResponse(answer, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


@public_view
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures, for whoever has the token; without one, for this machine alone."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(metrics.page(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy on this machine everybody would come from here.
    is_forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded
