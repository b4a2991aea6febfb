"""What can be done with FTP and SSH users of a hosting."""

from datetime import timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.ftpusers import forms
from apps.inventory import folders, reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import FtpUser
from apps.operations.models import Operation, State
from apps.operations.registry import Action, Answers, Found, Params, Resend, Verdict, register
from apps.ovhapi.client import Client

USER = "/hosting/web/{serviceName}/user"
ONE = USER + "/{login}"


def _created(client: Client, operation: Operation) -> Found:
    """GET …/user/{login}: there and at rest. The end of the access stands on the row as soon as there is one."""
    user = reading.read_user(client, operation.service, operation.params["login"])
    if user is None:
        return Found(Verdict.OTHERWISE)
    # The first answer "there is one already" may speak of a user somebody else has made.
    if operation.state != State.SENDING or operation.attempts > 1:
        _set_end(user, operation.params)
    return Found(_at_rest(user), _facts(user))


def _edited(client: Client, operation: Operation) -> Found:
    """GET …/user/{login}: at rest, with the values that were sent."""
    user = reading.read_user(client, operation.service, operation.target["login"])
    if user is None:
        return Found(Verdict.OTHERWISE)
    if user.status == "updating":
        return Found(Verdict.UNDER_WAY, _facts(user))
    if not _is_as(user, operation.params):
        return Found(Verdict.OTHERWISE, _facts(user))
    # That an access has ended is still to be read on one who stays switched off.
    is_kept = user.state == "off" and user.is_past_end and not operation.params.get("access_ends")
    if "access_ends" in operation.params and not is_kept:
        _set_end(user, operation.params)
    return Found(Verdict.AS_ASKED, _facts(user))


def _rested(client: Client, operation: Operation) -> Found:
    """GET …/user/{login}: nothing is done to it any more. What was done only the task tells."""
    user = reading.read_user(client, operation.service, operation.target["login"])
    return Found(Verdict.OTHERWISE) if user is None else Found(_at_rest(user), _facts(user))


def _deleted(client: Client, operation: Operation) -> Found:
    """GET …/user/{login}: 404 is what was asked for. One of the same name made later has no end."""
    user = reading.read_user(client, operation.service, operation.target["login"])
    if user is None:
        FtpUser.objects.filter(service=operation.service, login=operation.target["login"]).update(access_ends_at=None)
        return Found(Verdict.AS_ASKED)
    return Found(Verdict.UNDER_WAY if user.status == "deleting" else Verdict.OTHERWISE, _facts(user))


def _at_rest(user: FtpUser) -> Verdict:
    return Verdict.UNDER_WAY if user.status in ("creating", "updating", "deleting") else Verdict.AS_ASKED


def _is_as(user: FtpUser, params: Params) -> bool:
    """Whether it has the values that were sent."""
    is_home = "home" not in params or folders.plain(user.home) == folders.plain(str(params["home"]))
    return is_home and all(
        params.get(name) in (None, "", value) for name, value in (("sshState", user.ssh_state), ("state", user.state))
    )


def _set_end(user: FtpUser, params: Params) -> None:
    """The panel's own column, as the form asked for it."""
    ends = parse_datetime(str(params.get("access_ends") or ""))
    FtpUser.objects.filter(pk=user.pk).update(access_ends_at=ends)


def _facts(user: FtpUser) -> dict[str, Any]:
    return {"home": user.home, "sshState": user.ssh_state, "state": user.state, "status": user.status}


def _login_of(target: Params, params: Params) -> str:
    return str(target.get("login") or params.get("login"))


def _conflict(target: Params, params: Params) -> str:
    """One at a time for a user, whatever is done to it."""
    return f"user:{_login_of(target, params)}"


CREATE = register(
    Action(
        key="ftpusers.create",
        title=_("New FTP user"),
        sentence=_("Create FTP user %(label)s"),
        method="POST",
        path=USER,
        form=forms.UserCreateForm,
        function="user/create",
        secrets=frozenset({"password"}),
        panel_only=frozenset({"access_ends"}),
        label=_login_of,
        conflict=_conflict,
        read_back=_created,
        usual=timedelta(minutes=1),
    )
)

EDIT = register(
    Action(
        key="ftpusers.edit",
        title=_("Change"),
        sentence=_("Change FTP user %(label)s"),
        method="PUT",
        path=ONE,
        form=forms.UserEditForm,
        function="user/update",
        panel_only=frozenset({"access_ends"}),
        answers=Answers.NOTHING,
        label=_login_of,
        conflict=_conflict,
        read_back=_edited,
        usual=timedelta(seconds=30),
    )
)

PASSWORD = register(
    Action(
        key="ftpusers.password",
        title=_("New password"),
        sentence=_("New password for FTP user %(label)s"),
        method="POST",
        path=ONE + "/changePassword",
        form=forms.UserPasswordForm,
        function="user/changePassword",
        secrets=frozenset({"password"}),
        resend=Resend.HARMLESS,
        label=_login_of,
        conflict=_conflict,
        read_back=_rested,
        usual=timedelta(seconds=30),
        once_done=_("Programs that still use the old one do not get in any more."),
    )
)

DISABLE = register(
    Action(
        key="ftpusers.disable",
        title=_("Switch off"),
        sentence=_("Switch FTP user %(label)s off"),
        method="PUT",
        path=ONE,
        form=forms.UserDisableForm,
        function="user/update",
        answers=Answers.NOTHING,
        label=_login_of,
        conflict=_conflict,
        read_back=_edited,
        usual=timedelta(seconds=30),
        once_done=_("Nobody gets in as this user any more; its files stay."),
    )
)

DELETE = register(
    Action(
        key="ftpusers.delete",
        title=_("Delete FTP user"),
        sentence=_("Delete FTP user %(label)s"),
        method="DELETE",
        path=ONE,
        form=forms.UserDeleteForm,
        function="user/delete",
        has_body=False,
        destroys=True,
        label=_login_of,
        conflict=_conflict,
        read_back=_deleted,
        usual=timedelta(minutes=1),
    )
)

register_tab(
    Tab(
        key="users",
        label=_("FTP users"),
        url_name="ftpusers:index",
        order=70,
        count=lambda service: service.ftpusers.filter(gone_at=None).count(),
    )
)
