"""FTP and SSH users of a hosting."""

import hashlib
import re
from typing import Any

from apps.sandbox import offers, tasks
from apps.sandbox.databases import check_password
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, check_path, route
from apps.sandbox.state import Json, Refusal, World

USER = SERVICE + "/user"
SSH_STATES = ("active", "none", "sftponly")
LONGEST_LOGIN = 20


def shown_user(call: Call, login: Any) -> Json:
    """`hosting.web.user`."""
    kept, cluster = _user(call.service, str(login)), call.service["cluster"]
    access = {
        name: {"port": port, "url": f"{name}.{cluster}.hosting.example.net", "user": login}
        for name, port in (("ftp", 21), ("ssh", 22))
    }
    shown = {name: value for name, value in kept.items() if name != "password"}
    return shown | {"serviceManagementCredentials": access}


@route("GET", USER, item=shown_user)
def users(call: Call) -> list[str]:
    """The logins, filtered as OVH's «like»."""
    home, login = call.query.get("home", ""), call.query.get("login", "")
    return sorted(name for name, each in call.service["users"].items() if login in name and home in each["home"])


@route("GET", USER + "/{login}")
def user(call: Call) -> Json:
    """One of them."""
    return shown_user(call, call.path["login"])


@route("POST", USER)
def create(call: Call) -> Json:
    """Create one; a task."""
    kept = call.service
    given = body_of(
        call, required=("home", "login", "password"), home=(str, None), login=(str, None), password=(str, None),
        sshState=(str, SSH_STATES),
    )  # fmt: skip
    login = given["login"]
    _check_login(kept, login)
    _check_settings(kept, given)
    check_password(given["password"])
    if login in kept["users"]:
        raise Refusal(409, f"The user {login} already exists")
    if len(kept["users"]) > offers.of(kept)["extraUsers"]:
        raise Refusal(400, "[login] You have reached the maximum number of users of your offer")
    kept["users"][login] = new_user(login, given["home"], given.get("sshState") or "none", given["password"])
    return _begin(call, login, "user/create", "creating")


def new_user(login: str, home: str, ssh_state: str, password: str, *, status: str = "creating") -> Json:
    """A user. Of its password only a hash is kept."""
    return {
        "login": login, "home": home, "sshState": ssh_state, "state": "rw", "isPrimaryAccount": "-" not in login,
        "status": status, "taskId": None, "password": _hash(password),
    }  # fmt: skip


def _hash(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def _check_login(service: Json, login: str) -> None:
    primary = service["login"]
    if not re.fullmatch(rf"{re.escape(primary)}-\w+", login, re.ASCII) or len(login) > LONGEST_LOGIN:
        message = f"must begin with {primary}- and have at most {LONGEST_LOGIN} characters"
        raise Refusal(400, f"[login] Given data ({login}) {message}")


def _check_settings(service: Json, given: Json) -> None:
    if given.get("home") is not None:
        check_path("home", given["home"])
    if given.get("sshState") == "active" and not offers.of(service)["ssh"]:
        raise Refusal(400, "[sshState] Your offer has no SSH")


@route("PUT", USER + "/{login}")
def edit(call: Call) -> None:
    """Other settings; OVH answers nothing, the object shows the task."""
    kept = _user(call.service, call.path["login"])
    given = body_of(call, home=(str, None), sshState=(str, SSH_STATES), state=(str, ("off", "rw")))
    _check_settings(call.service, given)
    new = {name: value for name, value in given.items() if value is not None}
    _begin(call, kept["login"], "user/update", "updating", before={name: kept[name] for name in new})
    kept |= new


@route("DELETE", USER + "/{login}")
def delete(call: Call) -> Json:
    """Delete it; a task. The primary account stays."""
    if _user(call.service, call.path["login"])["isPrimaryAccount"]:
        raise Refusal(403, "The primary account can not be deleted")
    return _begin(call, call.path["login"], "user/delete", "deleting")


@route("POST", USER + "/{login}/changePassword")
def change_password(call: Call) -> Json:
    """A new password; a task."""
    _user(call.service, call.path["login"])
    given = body_of(call, required=("password",), password=(str, None))
    check_password(given["password"])
    new = _hash(given["password"])
    return _begin(call, call.path["login"], "user/changePassword", "updating", password=new)


def _begin(call: Call, login: str, function: str, status: str, **about: Any) -> Json:
    """Start a task on a user, who shows the status meanwhile."""
    kept = _user(call.service, login)
    tasks.refuse_if_busy(call.world, call.service, login)
    answer = tasks.start(call.world, call.service, function, object_id=login, object_type="User", **about)
    kept |= {"status": status, "taskId": answer["id"]}
    return answer


def _user(service: Json, login: str) -> Json:
    kept: Json | None = service["users"].get(login)
    if kept is None:
        raise Refusal(404, f"The requested object (login = {login}) does not exist")
    return kept


@tasks.effect("user/create")
def _created(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    _end(world, task, is_there=is_done)


@tasks.effect("user/delete")
def _deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    _end(world, task, is_there=not is_done)


@tasks.effect("user/update")
def _updated(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    _end(world, task, is_there=True, values={} if is_done else task["about"]["before"])


@tasks.effect("user/changePassword")
def _password_changed(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    _end(world, task, is_there=True, values={"password": task["about"]["password"]} if is_done else {})


def _end(world: World, task: Json, *, is_there: bool, values: Json | None = None) -> None:
    """The user at rest with these values, or gone."""
    kept = world.services[task["service"]]["users"]
    if is_there:
        tasks.settle(kept.get(task["objectId"]), values)
    else:
        kept.pop(task["objectId"], None)
