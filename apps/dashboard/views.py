"""Pages over everything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.teams.access import account_view
from apps.teams.models import Membership


@account_view
def home(request: HttpRequest) -> HttpResponse:
    """The overview of the person's team; a page that says so when they are in none."""
    member = Membership.objects.filter(user_id=request.user.pk).select_related("team").order_by("pk").first()
    if member is None:
        return render(request, "dashboard/no_team.html", status=404)
    return redirect("dashboard:index", team=member.team.slug)
