"""Rows for tests, as plain as they can be; traits for the states that matter."""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from apps.connections.models import Connection
from apps.inventory.models import AttachedDomain, Database, Dump, FtpUser, Module, ModuleOffer, Service
from apps.operations.models import Operation, State
from apps.teams.models import Membership, Role, Team, User


def made(factory, **given) -> Any:
    """A row; for the type checker, which takes a factory's rows for factories."""
    return factory(**given)


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        django_get_or_create = ("slug",)

    name = "Acme"
    slug = "acme"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@hostpanel.test")
    name = factory.Sequence(lambda n: f"Person {n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OPERATOR


class ConnectionFactory(DjangoModelFactory):
    """An account nobody can call: its credential is not one. Tests that call OVH take the fixture `connection`."""

    class Meta:
        model = Connection

    team = factory.SubFactory(TeamFactory)
    name = factory.Sequence(lambda n: f"Account {n}")
    endpoint = "sandbox"
    application_key = "nobody"
    sealed = ""


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    connection = factory.SubFactory(ConnectionFactory)
    name = factory.Sequence(lambda n: f"site{n}.cluster001.hosting.ovh.net")
    display_name = factory.Sequence(lambda n: f"site{n}.fr")
    offer = "PERFORMANCE_1"
    state = "active"
    primary_login = factory.Sequence(lambda n: f"s{n}"[:6])
    quota_size_mb = 1000.0
    quota_used_mb = 100.0
    refreshed_at = factory.LazyFunction(timezone.now)


class AttachedDomainFactory(DjangoModelFactory):
    class Meta:
        model = AttachedDomain

    service = factory.SubFactory(ServiceFactory)
    domain = factory.Sequence(lambda n: f"site{n}.fr")
    path = "www"
    status = "created"


class DatabaseFactory(DjangoModelFactory):
    class Meta:
        model = Database

    service = factory.SubFactory(ServiceFactory)
    user = factory.Sequence(lambda n: f"db{n}")
    name = factory.LazyAttribute(lambda row: f"{row.user}.mysql.db")
    type = "mysql"
    version = "8.0"
    status = "created"
    state = "ok"
    quota_size_mb = 200.0
    quota_used_mb = 20.0


class DumpFactory(DjangoModelFactory):
    class Meta:
        model = Dump

    database = factory.SubFactory(DatabaseFactory)
    service = factory.LazyAttribute(lambda row: row.database.service)
    database_name = factory.LazyAttribute(lambda row: row.database.name)
    ovh_id = factory.Sequence(lambda n: 100 + n)
    type = "daily.1"
    status = "created"
    created_at = factory.LazyFunction(timezone.now)


class FtpUserFactory(DjangoModelFactory):
    class Meta:
        model = FtpUser

    service = factory.SubFactory(ServiceFactory)
    login = factory.LazyAttributeSequence(lambda row, n: f"{row.service.primary_login}-u{n}")
    home = "./www"
    ssh_state = "sftponly"
    state = "rw"
    status = "created"


class ModuleFactory(DjangoModelFactory):
    class Meta:
        model = Module

    service = factory.SubFactory(ServiceFactory)
    ovh_id = factory.Sequence(lambda n: 900 + n)
    module_id = 101
    path = factory.Sequence(lambda n: f"www/site{n}")
    target_url = factory.Sequence(lambda n: f"https://site{n}.example.fr/")
    admin_name = "chef"
    admin_folder = "wp-admin"
    language = "fr"
    status = "created"
    created_at = factory.LazyFunction(timezone.now)


class ModuleOfferFactory(DjangoModelFactory):
    class Meta:
        model = ModuleOffer

    endpoint = "sandbox"
    ovh_id = factory.Sequence(lambda n: 101 + n)
    name = "WordPress"
    version = "6.8.2"
    branch = "stable"
    active = True
    latest = True
    languages = factory.LazyFunction(lambda: ["en", "fr"])
    admin_name_type = "string"
    author = "OVHcloud"
    size_mb = 78.5
    raw = factory.LazyFunction(lambda: {"languageRequirement": {"unit": "php", "value": "8.1"}})


class OperationFactory(DjangoModelFactory):
    """A queued change; `running=True`: accepted, its task being followed."""

    class Meta:
        model = Operation

    class Params:
        running = factory.Trait(
            state=State.RUNNING, task_id=17, sent_at=factory.LazyFunction(timezone.now),
            accepted_at=factory.LazyFunction(timezone.now), attempts=1,
        )  # fmt: skip
        failed = factory.Trait(state=State.FAILED, reason="refused", next_at=None)

    service = factory.SubFactory(ServiceFactory)
    connection = factory.LazyAttribute(lambda row: row.service.connection)
    team = factory.LazyAttribute(lambda row: row.connection.team)
    action = "domains.attach"
    label = "new.example.com"
    params = factory.LazyFunction(lambda: {"domain": "new.example.com", "path": "www"})
    key = factory.Sequence(lambda n: f"key-{n}")
    requested_by = factory.SubFactory(UserFactory)
