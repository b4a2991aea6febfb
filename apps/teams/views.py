"""People: who is in the team, and what the signed-in person chose for themselves."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from apps.teams.access import TeamRequest, account_view, team_view
from apps.teams.forms import PreferencesForm
from apps.teams.models import Membership, User


@team_view()
def members(request: TeamRequest) -> HttpResponse:
    """The people of the team and their roles."""
    people = Membership.objects.filter(team_id=request.member.team_id).select_related("user").order_by("user__name")
    return render(request, "teams/members.html", {"people": people})


@require_POST
@account_view
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, look and time zone of the signed-in person; back to the page they came from."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # account_view lets nobody else in
    form = PreferencesForm(request.POST, instance=user)
    if form.is_valid():
        form.save()
        with override(user.language or None):
            messages.success(request, _("Kept."))
    else:
        messages.error(request, _("That could not be kept: choose from the lists."))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if is_ours else "home")
