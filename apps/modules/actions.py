"""What can be done with modules: sites such as WordPress that OVH installs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.inventory import folders, reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Module
from apps.modules import forms
from apps.operations.models import Operation
from apps.operations.registry import Action, Found, Params, Verdict, register
from apps.ovhapi.client import Client

MODULE = "/hosting/web/{serviceName}/module"
# OVH's clock and ours are not the same.
SLACK = timedelta(minutes=5)
SENT = ("moduleId", "domain", "path", "language", "adminName")
OF_DATABASE = ("name", "server", "port", "user", "prefix")


def _body(params: Params, secrets: Mapping[str, str]) -> dict[str, Any]:
    """OVH's body: its database is the one entry of an array; none where OVH is to make it."""
    given = {name: params.get(name) for name in SENT} | {"adminPassword": secrets.get("adminPassword")}
    body = {name: value for name, value in given.items() if value not in (None, "")}
    if params.get("source") == forms.OVHS:
        return body
    database = {name: params.get(name) for name in OF_DATABASE} | {"password": secrets.get("password")}
    known = {name: value for name, value in database.items() if value not in (None, "")}
    return {**body, "dependencies": [{"type": "mysql", **known}]}


def _installed(client: Client, operation: Operation) -> Found:
    """GET …/module, then each that may be it: of that kind, in that folder, begun since. With it comes its database."""
    params, service = operation.params, operation.service
    for module in reading.read_modules_in(client, service, params["path"]):
        if not _is_ours(module, operation):
            continue
        facts = {"id": module.ovh_id, "targetUrl": module.target_url, "path": module.path, "status": module.status}
        if module.status in ("creating", "updating"):
            return Found(Verdict.UNDER_WAY, facts)
        made = reading.read_new_databases(client, service)
        return Found(Verdict.AS_ASKED, facts | ({"database": ", ".join(made)} if made else {}))
    return Found(Verdict.OTHERWISE)


def _is_ours(module: Module, operation: Operation) -> bool:
    since = (operation.sent_at or operation.requested_at) - SLACK
    is_new = module.created_at is None or module.created_at >= since
    return is_new and module.module_id == operation.params["moduleId"]


def _deleted(client: Client, operation: Operation) -> Found:
    """GET …/module/{id}: 404 is what was asked for."""
    module = reading.read_module(client, operation.service, operation.target["id"])
    if module is None:
        return Found(Verdict.AS_ASKED)
    return Found(Verdict.UNDER_WAY if module.status == "deleting" else Verdict.OTHERWISE, {"status": module.status})


def _name_of(_target: Params, params: Params) -> str:
    """Such as "WordPress 6.8.2 · ./www"; of one that goes only the folder."""
    return " · ".join(str(params[name]) for name in ("module", "path") if params.get(name))


def _conflict(_target: Params, params: Params) -> str:
    """One at a time in a folder."""
    return f"module:{folders.plain(str(params.get('path') or ''))}"


INSTALL = register(
    Action(
        key="modules.install",
        title=_("Install"),
        sentence=_("Install %(label)s"),
        method="POST",
        path=MODULE,
        form=forms.ModuleInstallForm,
        function="module/install",
        secrets=frozenset({"adminPassword", "password"}),
        panel_only=frozenset({"source", "existing", "module"}),
        body=_body,
        label=_name_of,
        conflict=_conflict,
        read_back=_installed,
        usual=timedelta(minutes=5),
        settling=timedelta(minutes=5),
        once_done=_("Sign in there and look at it: OVH says that it has installed it, not that it works."),
        once_failed=_(
            "OVH tells why only by e-mail to the account's contact. Usual causes: the folder was not empty, the "
            "password of the database was wrong, a broken .ovhconfig, too little disk space."
        ),
    )
)

DELETE = register(
    Action(
        key="modules.delete",
        title=_("Delete module"),
        sentence=_("Delete the module in %(label)s"),
        method="DELETE",
        path=MODULE + "/{id}",
        form=forms.ModuleDeleteForm,
        function="module/delete",
        has_body=False,
        panel_only=frozenset({"path"}),
        destroys=True,
        label=_name_of,
        conflict=_conflict,
        read_back=_deleted,
        usual=timedelta(minutes=2),
        once_done=_("Its database is still there, as far as the panel knows; delete it too when nobody needs it."),
    )
)

register_tab(
    Tab(
        key="modules",
        label=_("Modules"),
        url_name="modules:index",
        order=60,
        count=lambda service: service.modules.filter(gone_at=None).count(),
    )
)
