"""What can be done with a hosting as a whole."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from apps.hostings import forms
from apps.inventory import answers, reading
from apps.inventory.frame import Tab, register_tab
from apps.operations.models import Operation
from apps.operations.registry import Action, Answers, Found, Params, Resend, Verdict, register
from apps.ovhapi.client import Client, path_of

HOSTING = "/hosting/web/{serviceName}"


def _renamed(client: Client, operation: Operation) -> Found:
    """GET /hosting/web/{serviceName}: it bears the name."""
    service = reading.read_service(client, operation.service)
    wanted = str(operation.params.get("displayName") or "")
    # Without a name of one's own OVH may answer the service's name instead of none.
    is_so = service.display_name == wanted or (not wanted and service.display_name == service.name)
    return Found(Verdict.AS_ASKED if is_so else Verdict.OTHERWISE, {"name": service.display_name})


def _renewed(client: Client, operation: Operation) -> Found:
    """GET …/serviceInfos: renewed as asked."""
    service = reading.read_infos(client, operation.service)
    renew = service.raw_infos.get("renew")
    found = renew if isinstance(renew, dict) else {}
    asked = operation.params["renew"]
    is_so = all(found.get(name) == asked.get(name) for name in ("automatic", "deleteAtExpiration"))
    facts = {"automatic": found.get("automatic"), "until": str(service.expires_on or "")}
    return Found(Verdict.AS_ASKED if is_so else Verdict.OTHERWISE, facts)


def _unblocked(client: Client, operation: Operation) -> Found:
    """GET …/abuseState: connections outwards are let through."""
    state = client.get(path_of(HOSTING + "/abuseState", serviceName=operation.service.name))
    answers.forget(operation.service, "/abuseState")
    out = state.get("outState") if isinstance(state, dict) else None
    return Found(Verdict.AS_ASKED if out == "active" else Verdict.OTHERWISE, {"outState": str(out)})


def _at_rest(client: Client, operation: Operation) -> Found:
    """GET /hosting/web/{serviceName}: it answers. What was done only the task tells."""
    service = reading.read_service(client, operation.service)
    return Found(Verdict.AS_ASKED, {"state": service.state, "used_mb": service.quota_used_mb})


def _name_of(_target: Params, params: Params) -> str:
    return str(params.get("displayName") or _("its own name"))


RENAME = register(
    Action(
        key="hostings.rename",
        title=_("Rename"),
        sentence=_("Call the hosting %(label)s"),
        method="PUT",
        path=HOSTING,
        form=forms.RenameForm,
        function="hosting/update",
        answers=Answers.NOTHING,
        clears=frozenset({"displayName"}),
        label=_name_of,
        conflict=lambda _target, _params: "name",
        read_back=_renamed,
        usual=timedelta(seconds=5),
    )
)

RENEW = register(
    Action(
        key="hostings.renew",
        title=_("Change the renewal"),
        sentence=_("Change the renewal: %(label)s"),
        method="PUT",
        path=HOSTING + "/serviceInfos",
        form=forms.RenewalForm,
        function="hosting/update",
        answers=Answers.NOTHING,
        label=lambda _target, params: str(_("automatic") if params["renew"].get("automatic") else _("by hand")),
        conflict=lambda _target, _params: "renewal",
        read_back=_renewed,
        usual=timedelta(seconds=5),
    )
)

UNBLOCK = register(
    Action(
        key="hostings.unblock",
        title=_("Let connections out again"),
        sentence=_("Let connections out again: %(label)s"),
        method="POST",
        path=HOSTING + "/unblockTCPOut",
        form=forms.ButtonForm,
        function="web/changeOutState",
        has_body=False,
        answers=Answers.NOTHING,
        label=lambda _target, _params: "TCP",
        conflict=lambda _target, _params: "outwards",
        read_back=_unblocked,
        usual=timedelta(seconds=30),
        once_done=_("If what made OVH block them is still there, OVH blocks them again."),
    )
)

MEASURE = register(
    Action(
        key="hostings.measure",
        title=_("Measure the space"),
        sentence=_("Measure the space: %(label)s"),
        method="POST",
        path=HOSTING + "/request",
        form=forms.MeasureForm,
        function="web/checkQuotaNow",
        resend=Resend.HARMLESS,
        is_about_service=True,
        label=lambda _target, _params: str(_("disk")),
        conflict=lambda _target, _params: "measure",
        read_back=_at_rest,
        usual=timedelta(seconds=30),
    )
)

FLUSH = register(
    Action(
        key="hostings.flush",
        title=_("Empty all caches"),
        sentence=_("Empty the caches: %(label)s"),
        method="POST",
        path=HOSTING + "/request",
        form=forms.FlushForm,
        function="cdn/flush",
        resend=Resend.HARMLESS,
        is_about_service=True,
        label=lambda _target, _params: str(_("all sites")),
        conflict=lambda _target, _params: "caches",
        read_back=_at_rest,
        usual=timedelta(seconds=30),
    )
)

register_tab(Tab(key="overview", label=_("Overview"), url_name="hostings:detail", order=10))
