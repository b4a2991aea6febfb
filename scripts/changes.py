"""Changes of every kind a person can ask for, with what their forms take: for chaos."""

import random
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

# What these make is a new thing each time.
MAKES = ("/new/", "/attach/", "/install/")

Ask = tuple[str, dict[str, Any]]  # address below the service, form
Files = dict[str, tuple[str, bytes]]  # field → name and content
IMPORTED: Files = {"file": ("chaos.sql", b"CREATE TABLE chaos (id INT);")}


def asks(dice: random.Random, services: list[Any]) -> Iterator[tuple[str, dict[str, Any], Files]]:
    """(address below the team, form, files) of changes of every kind, no two of a kind on the same object."""
    asked: set[str] = set()
    for number in range(100_000):
        service = dice.choice(services)
        kinds = [*_of_hosting(service, number), *_of_domain(service, number), *_of_user(service, number)]
        path, form = dice.choice([*kinds, *_of_database(service, number)])
        address = f"services/{service.name}/{path}"
        once = f"{address}{number}" if path.endswith(MAKES) else address
        if once not in asked:
            asked.add(once)
            yield (
                address,
                {"key": uuid.uuid4().hex, **form},
                IMPORTED if path.endswith("/import/") and "flushDatabase" in form else {},
            )


def _of_hosting(service: Any, number: int) -> Iterator[Ask]:
    yield "domains/attach/", {"domain": f"chaos{number}.example.com", "path": "www", "ssl": "on"}
    yield "rename/", {"displayName": f"Chaos {number}"}
    yield "flush/", {}
    user = f"{service.primary_login}c{number}"[:16]
    yield "databases/new/", {"capabilitie": "sqlPerso", "type": "mysql", "user": user, "password": "Chaos12345"}
    yield "measure/", {}
    yield "renewal/", {"period": "12"}
    yield "backups/files/restore/", {"backup": "daily.2", "confirm_name": service.name}
    yield "unblock/", {}
    yield from _of_certificate(service)
    yield from _of_module(service, number)


def _of_certificate(service: Any) -> Iterator[Ask]:
    """The hosting's own: made anew or deleted, ordered or brought along; and those of one domain."""
    if service.ssl_provider:
        yield "ssl/regenerate/", {}
        yield "ssl/delete/", {"confirm_name": service.name}
    else:
        yield "ssl/order/", {}
        yield "ssl/import/", own_certificate()
    domain = service.attacheddomains.filter(gone_at=None).exclude(domain__startswith="*").order_by("?").first()
    if domain is not None:
        yield f"ssl/domains/{domain.domain}/order/", {}
    ordered = _done(service, "domains.domain_ssl_order")
    if ordered is not None:
        one = f"ssl/domains/{ordered.target['domain']}/"
        yield f"{one}regenerate/", {}
        yield f"{one}delete/", {"confirm_name": ordered.target["domain"]}


@cache
def own_certificate() -> dict[str, Any]:
    """What the form of one's own certificate takes: a certificate of no domain in particular."""
    from tests.domains.certificates import Authority

    authority = Authority()  # type: ignore[no-untyped-call]  # tests are not typed
    made = authority.issue("chaos.example.com")  # type: ignore[no-untyped-call]
    parts = {"certificate": made.pem, "chain": authority.chain, "private_key": made.key_pem}
    return {**parts, "confirm_uncovered": "on"}


def _of_module(service: Any, number: int) -> Iterator[Ask]:
    """A site in a folder of its own, or one that is there and goes."""
    domain = service.attacheddomains.filter(gone_at=None).exclude(domain__startswith="*").first()
    database = service.databases.filter(gone_at=None, type="mysql").first()
    if domain is not None and database is not None:
        yield "modules/install/", {
            "moduleId": _wordpress(), "domain": domain.domain, "path": f"chaos{number}", "language": "en",
            "adminName": "chaos", "adminPassword": "Chaos12345", "source": "existing", "existing": database.name,
            "password": "Chaos12345", "prefix": f"c{number}_",
        }  # fmt: skip
    module = service.modules.filter(gone_at=None).order_by("?").first()
    if module is not None:
        yield f"modules/{module.ovh_id}/delete/", {"confirm_name": module.path}


def _wordpress() -> int | None:
    from apps.inventory.models import ModuleOffer

    offer = ModuleOffer.objects.filter(name="WordPress", latest=True).first()
    return offer.ovh_id if offer else None


def _of_domain(service: Any, number: int) -> Iterator[Ask]:
    domain = service.attacheddomains.filter(gone_at=None).order_by("?").first()
    if domain is not None:
        yield f"domains/{domain.domain}/edit/", {"path": f"chaos{number}", "ssl": "on"}
        yield f"domains/{domain.domain}/restart/", {}
        yield f"domains/{domain.domain}/purge/", {}
        yield f"domains/{domain.domain}/detach/", {"bypassDNSConfiguration": "on", "confirm_name": domain.domain}


def _of_user(service: Any, number: int) -> Iterator[Ask]:
    given = {"home": "www", "sshState": "sftponly", "state": "rw"}
    yield "users/new/", {"login": f"c{number}", "password": "Chaos12345", **given}
    user = service.ftpusers.filter(gone_at=None, is_primary=False).order_by("?").first()
    if user is not None:
        yield f"users/{user.login}/edit/", {**given, "home": f"chaos{number}"}
        yield f"users/{user.login}/password/", {"password": "Chaos12345"}
        yield f"users/{user.login}/disable/", {}
        yield f"users/{user.login}/delete/", {"confirm_name": user.login}


def _of_database(service: Any, number: int) -> Iterator[Ask]:
    database = service.databases.filter(gone_at=None).order_by("?").first()
    if database is None:
        return
    one = f"databases/{database.name}/"
    yield f"{one}back-up/", {"date": "now"}
    yield f"{one}password/", {"password": f"Chaos{number:05}"}
    yield f"{one}measure/", {}
    yield f"{one}copy/", {}
    yield f"{one}delete/", {"confirm_name": database.name}
    yield f"{one}restore/", {"date": "daily.1", "confirm_name": database.name}
    yield f"{one}import/", {"confirm_name": database.name, "flushDatabase": "on"}
    made = _done(service, "databases.copy", name=database.name)
    if made is not None:
        copy = f"{one}copies/{made.result['id']}/"
        yield f"{copy}put-in/", {"confirm_name": database.name, "flushDatabase": "on"}
        yield f"{copy}delete/", {}
    dump = database.dumps.filter(gone_at=None, status="created").order_by("?").first()
    if dump is not None:
        yield f"{one}restore/{dump.ovh_id}/", {"confirm_name": database.name, "dump_first": "on"}
        yield f"backups/{dump.ovh_id}/delete/", {"confirm_name": database.name}


def _done(service: Any, action: str, **target: str) -> Any:
    """An operation of that action that has succeeded on the service."""
    from apps.operations.models import Operation

    about = {f"target__{name}": value for name, value in target.items()}
    return Operation.objects.filter(service=service, action=action, state="succeeded", **about).order_by("?").first()
