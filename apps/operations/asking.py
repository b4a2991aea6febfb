"""The one way a view shows the form of an action and asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from apps.inventory.models import Service
from apps.operations import attachments, services, shown
from apps.operations.forms import ActionForm
from apps.operations.models import Attachment, Operation
from apps.operations.registry import Action, Params
from apps.teams import recency
from apps.teams.access import TeamRequest, address_of, may
from apps.ui.htmx import wants_fragment


@dataclass(frozen=True)
class Step:
    """One operation of several that a form asks for. `waits`: for the success of the one before it."""

    action: Action
    target: Params
    params: Params
    waits: bool = False


Plan = Callable[[ActionForm], list[Step]]


def ask(
    request: TeamRequest,
    action: Action,
    *,
    service: Service,
    template: str,
    then: str,
    target: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    plan: Plan | None = None,
    **form_options: Any,
) -> HttpResponse:
    """Show the form of `action` for `service`; on POST ask for it and go to the address `then`.

    `plan`: what the valid form asks for, where that is more than `action` itself: all of it is asked for, or nothing.

    A form that fails answers 422 with itself, nothing lost but passwords. `?again=<operation>` offers what was typed
    for one that OVH refused, with OVH's words beside it.
    """
    if action.destroys and (first := recency.demand(request)):
        return first
    options = {"service": service, "target": dict(target or {}), **form_options}
    if request.method == "POST":
        form = action.form(request.POST, request.FILES, **options)
        asked = _asked(request, form, plan or (lambda form: [Step(action, form.target, form.params())]))
        for operation in asked:
            messages.success(request, _("Asked: %(what)s.") % {"what": shown.title_of(operation)})
        if asked:
            return HttpResponseClientRedirect(then) if wants_fragment(request) else redirect(then)
    else:
        form = action.form(again=again_of(request, action, service), **options)
    status = 422 if form.is_bound else 200
    return render(request, template, {**(context or {}), "form": form, "action": action, "back": then}, status=status)


def _asked(request: TeamRequest, form: ActionForm, plan: Plan) -> list[Operation]:
    """The operations a valid form asked for; none when the form has something to say."""
    if not form.is_valid():
        return []
    files = [attachments.keep(file, request.member) for file in form.uploads]
    try:
        return _ask_for(request, form, plan(form), files)
    except services.Busy as busy:
        who = str(busy.operation.requested_by or _("the panel"))
        said = _("%(who)s already asked for something here: %(what)s. Wait until it has finished.")
        form.add_error(None, said % {"who": who, "what": shown.title_of(busy.operation)})
    except services.Reused as reused:
        said = _("This form was already sent, with other values: %(what)s. Send it once more if you want these too.")
        form.add_error(None, said % {"what": shown.title_of(reused.operation)})
        form.renew_key()
    return []


@transaction.atomic
def _ask_for(request: TeamRequest, form: ActionForm, steps: list[Step], files: list[Attachment]) -> list[Operation]:
    """Each step an operation; one that waits is sent after the one before it has succeeded."""
    asked: list[Operation] = []
    for number, step in enumerate(steps):
        asked.append(
            services.request(
                step.action,
                service=form.service,
                target=step.target,
                params=step.params,
                member=request.member,
                key=form.cleaned_data["key"] + (f":{number}" if number else ""),
                address=address_of(request),
                after=asked[-1] if step.waits else None,
                files=files if number == len(steps) - 1 else (),
            )
        )
    return asked


def again_of(request: TeamRequest, action: Action, service: Service) -> Operation | None:
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
    return {action.key.partition(".")[2]: may(member, action.key, team_id=member.team_id) for action in actions}
