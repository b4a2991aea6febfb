"""The one way a view shows the form of an action and asks for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.inventory.models import Service
from apps.operations import services, shown
from apps.operations.forms import ActionForm
from apps.operations.models import Operation
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, may


def ask(
    request: TeamRequest,
    action: Action,
    *,
    service: Service,
    template: str,
    then: str,
    target: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    **form_options: Any,
) -> HttpResponse:
    """Show the form of `action` for `service`; on POST ask for it and go to the address `then`.

    A form that fails answers 422 with itself, nothing lost but passwords. `?again=<operation>` offers what was typed
    for one that OVH refused, with OVH's words beside it.
    """
    options = {"service": service, "target": dict(target or {}), **form_options}
    if request.method == "POST":
        form = action.form(request.POST, **options)
        operation = _asked(request, action, form)
        if operation is not None:
            messages.success(request, _("Asked: %(what)s.") % {"what": shown.title_of(operation)})
            return redirect(then)
    else:
        form = action.form(again=_again(request, action, service), **options)
    status = 422 if form.is_bound else 200
    return render(request, template, {**(context or {}), "form": form, "action": action, "back": then}, status=status)


def _asked(request: TeamRequest, action: Action, form: ActionForm) -> Operation | None:
    """The operation a valid form asked for; None when the form has something to say."""
    if not form.is_valid():
        return None
    try:
        return services.request(
            action,
            service=form.service,
            target=form.target,
            params=form.params(),
            member=request.member,
            key=form.cleaned_data["key"],
            address=request.META.get("REMOTE_ADDR"),
        )
    except services.Busy as busy:
        who = str(busy.operation.requested_by or _("the panel"))
        said = _("%(who)s already asked for something here: %(what)s. Wait until it has finished.")
        form.add_error(None, said % {"who": who, "what": shown.title_of(busy.operation)})
    return None


def _again(request: TeamRequest, action: Action, service: Service) -> Operation | None:
    """The failed operation whose values are to be offered again, if it is one of this action and service."""
    try:
        pk = UUID(request.GET.get("again", ""))
    except ValueError:
        return None
    mine = Operation.objects.visible_to(request.member).filter(action=action.key, service=service)
    return mine.filter(pk=pk).first()


def can(request: TeamRequest, *actions: Action) -> dict[str, Any]:
    """What this member may do here, for templates: {"create": verdict}, by the action's verb."""
    member = request.member
    return {action.key.partition(".")[2]: may(member, action.role, team_id=member.team_id) for action in actions}
