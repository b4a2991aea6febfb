"""One good asking for each registered action: what its page would ask for, against the small simulated OVH.

`case(key)(ovh, service)` → (target, params). Whatever must be there first is put into the simulated OVH and mirrored.
"""

import time
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.connections.client import client_for
from apps.inventory import sync
from apps.operations import attachments, registry, services
from apps.sandbox import modules

PASSWORD = "Geheim12345"
_cases = {}
# Actions with a file: key → (name, content).
FILES = {"databases.import": ("shop.sql", b"CREATE TABLE visitors;")}


def case(*keys):
    """Register the function below it for these actions."""

    def keep(make):
        _cases.update(dict.fromkeys(keys, make))
        return make

    return keep


def every():
    """The keys of all actions that have a case."""
    return set(_cases)


def make(key, ovh, service):
    """(target, params) of a good asking."""
    return _cases[key](ovh, service)


def ask(key, ovh, service, member):
    """Ask for an action as its page would; the operation."""
    target, params = make(key, ovh, service)
    return services.request(
        registry.get(key), service=service, target=target, params=params, member=member, key=uuid.uuid4().hex,
        files=files_of(key, member),
    )  # fmt: skip


def files_of(key, member):
    """The files that belong to it, kept."""
    if key not in FILES:
        return ()
    return (attachments.keep(SimpleUploadedFile(*FILES[key]), member),)


def writes(ovh, key):
    """How often OVH carried out the action's own call."""
    action = registry.get(key)
    last = action.path.rpartition("/")[2]
    tail = "" if last.startswith("{") else f"/{last}"
    return len(
        [each for each in ovh.effects(action.method) if each["path"].endswith(tail) and "/hosting/" in each["path"]]
    )


def _read(service):
    sync.refresh(service, client_for(service.connection))


def _truth(ovh, service):
    return ovh.truth(service.name)


def _database(service):
    return service.databases.filter(gone_at=None).order_by("pk").first()


@case("domains.attach")
def attach(ovh, service):
    return {}, {"domain": "new.example.com", "path": "www", "ssl": True, "bypassDNSConfiguration": False}


@case("domains.edit")
def edit(ovh, service):
    params = {"path": "other", "ssl": False, "cdn": "none", "firewall": "active", "ipLocation": "FR", "ownLog": ""}
    return _one_domain(service), params


@case("domains.detach")
def detach(ovh, service):
    return _one_domain(service), {"bypassDNSConfiguration": True}


@case("domains.restart", "domains.purge")
def domain_button(ovh, service):
    return _one_domain(service), {}


def _one_domain(service):
    return {"domain": service.attacheddomains.filter(gone_at=None).first().domain}


def certificate(provider="LETSENCRYPT"):
    """One as the simulated OVH keeps it."""
    return {"id": 9001, "provider": provider, "domains": [], "status": "created", "taskId": None, "key": None}


def _certificates(ovh, service, *, there, name=""):
    """The hosting's certificate, or that of the domain `name`, is there, or is not."""
    kept = _truth(ovh, service)["certificates"]
    kept.pop(name, None)
    if there:
        kept[name] = certificate()
    _read(service)


@case("domains.ssl_order")
def ssl_order(ovh, service):
    _certificates(ovh, service, there=False)
    return {}, {}


@case("domains.ssl_import")
def ssl_import(ovh, service):
    _certificates(ovh, service, there=False)
    part = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    return {}, {"certificate": part, "chain": part, "key": key, "names": ["a.fr"], "until": "2030-01-01"}


@case("domains.ssl_regenerate")
def ssl_regenerate(ovh, service):
    _certificates(ovh, service, there=True)
    return {}, {"expected": [service.attacheddomains.filter(gone_at=None, ssl=True).first().domain]}


@case("domains.ssl_delete")
def ssl_delete(ovh, service):
    _certificates(ovh, service, there=True)
    return {}, {}


@case("domains.domain_ssl_order")
def domain_ssl_order(ovh, service):
    return _one_domain(service), {}


@case("domains.domain_ssl_regenerate", "domains.domain_ssl_delete")
def domain_ssl(ovh, service):
    target = _one_domain(service)
    _certificates(ovh, service, there=True, name=target["domain"])
    return target, {}


@case("databases.create")
def create_database(ovh, service):
    user = f"{service.primary_login}neu"
    return {}, {"capabilitie": "sqlPerso", "type": "mysql", "version": "8.0", "user": user, "password": PASSWORD}


@case("databases.delete")
def delete_database(ovh, service):
    return {"name": _database(service).name}, {}


@case("databases.password")
def database_password(ovh, service):
    return {"name": _database(service).name}, {"password": PASSWORD}


@case("databases.measure")
def measure(ovh, service):
    return {"name": _database(service).name}, {"action": "CHECK_QUOTA"}


@case("databases.copy")
def copy(ovh, service):
    return {"name": _database(service).name}, {}


def _made_copy(ovh, service):
    """A copy that is there already; its id."""
    name = _database(service).name
    copy_id = str(uuid.uuid4())
    now = time.time()
    kept = {"id": copy_id, "databaseName": name, "created": now, "updated": now, "expires": now + 9e5, "task": 0,
            "status": "done", "service": service.name, "usedMb": 1.0}  # fmt: skip
    _truth(ovh, service).setdefault("copies", {})[copy_id] = kept
    return name, copy_id


@case("databases.delete_copy")
def delete_copy(ovh, service):
    name, copy_id = _made_copy(ovh, service)
    return {"name": name, "id": copy_id}, {}


@case("databases.copy_restore")
def copy_restore(ovh, service):
    name, copy_id = _made_copy(ovh, service)
    return {"name": name}, {"copyId": copy_id, "flushDatabase": True}


@case("databases.import")
def import_file(ovh, service):
    return {"name": _database(service).name}, {"file": "shop.sql", "flushDatabase": False, "sendEmail": False}


def _dump(service):
    return service.dumps.filter(gone_at=None, status="created", database=_database(service)).first()


@case("backups.create")
def dump(ovh, service):
    return {"name": _database(service).name}, {"date": "now", "sendEmail": False}


@case("backups.restore")
def restore(ovh, service):
    return {"name": _database(service).name, "id": _dump(service).ovh_id}, {}


@case("backups.restore_date")
def restore_date(ovh, service):
    return {"name": _database(service).name}, {"date": "daily.1", "sendEmail": False}


@case("backups.delete")
def delete_dump(ovh, service):
    return {"id": _dump(service).ovh_id}, {"databaseName": _database(service).name}


@case("backups.snapshot")
def snapshot(ovh, service):
    truth = _truth(ovh, service)
    truth["usedGb"] = truth["quotaGb"] * 0.1
    return {}, {"backup": "daily.2"}


@case("hostings.rename")
def rename(ovh, service):
    return {}, {"displayName": "Maree"}


@case("hostings.renew")
def renew(ovh, service):
    renew = {"automatic": False, "deleteAtExpiration": True, "forced": False, "manualPayment": None, "period": 12}
    return {}, {"renew": renew}


@case("hostings.unblock")
def unblock(ovh, service):
    ovh.control("POST", f"services/{service.name}", outState="blocked")
    return {}, {}


@case("hostings.measure")
def measure_space(ovh, service):
    return {}, {"action": "CHECK_QUOTA"}


@case("hostings.flush")
def flush(ovh, service):
    return {}, {"action": "FLUSH_CACHE"}


def _user(service):
    return {"login": service.ftpusers.filter(gone_at=None, is_primary=False).first().login}


@case("ftpusers.create")
def create_user(ovh, service):
    login = f"{service.primary_login}-neu"
    return {}, {"login": login, "home": "www", "sshState": "sftponly", "password": PASSWORD, "access_ends": ""}


@case("ftpusers.edit")
def edit_user(ovh, service):
    return _user(service), {"home": "photos", "sshState": "none", "state": "rw", "access_ends": ""}


@case("ftpusers.password")
def user_password(ovh, service):
    return _user(service), {"password": PASSWORD}


@case("ftpusers.disable")
def disable_user(ovh, service):
    return _user(service), {"state": "off"}


@case("ftpusers.delete")
def delete_user(ovh, service):
    return _user(service), {}


@case("modules.install")
def install(ovh, service):
    database = _database(service)
    params = {
        "moduleId": _wordpress(), "module": "WordPress", "domain": _one_domain(service)["domain"], "path": "neu",
        "language": "en", "adminName": "ines", "adminPassword": PASSWORD, "source": "existing",
        "existing": database.name, "server": database.server, "port": 3306, "name": database.user,
        "user": database.user, "password": PASSWORD, "prefix": "x7kqa_",
    }  # fmt: skip
    return {}, params


def _wordpress():
    return next(number for number, name, *_rest, is_latest in modules.VERSIONS if name == "WordPress" and is_latest)


@case("modules.delete")
def delete_module(ovh, service):
    truth = _truth(ovh, service)
    truth["modules"]["77"] = modules.new_module(
        77, _wordpress(), "old", created=time.time(), dependencies=[], url="https://a.example/", admin_name="ines",
        language="en",
    )  # fmt: skip
    _read(service)
    return {"id": 77}, {"path": "old"}
