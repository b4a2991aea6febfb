"""What exists at OVH, as it was when last read. Pages read these rows, never OVH.

Typed columns for what is filtered, sorted or shown; the whole of OVH's answer in `raw`. Values OVH never sent before
are kept as they came, so state columns are plain text without choices.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.connections.models import Connection
from apps.teams.models import Membership


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services as the rest of the panel asks for them."""

    def visible_to(self, member: Membership) -> "ServiceQuerySet":
        """The services of the accounts this member may see, those OVH no longer lists left out."""
        return self.filter(connection__in=Connection.objects.visible_to(member), gone_at=None)


class Service(models.Model):
    """A web hosting (`/hosting/web/{serviceName}`). Sizes in MB."""

    class Problem(models.TextChoices):
        """Why its details could not be read last time."""

        NONE = "", ""
        EXPIRED = "expired", _("Expired")
        NOT_FOUND = "not_found", _("Not found with this account's key")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="services")
    name = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255, blank=True)
    offer = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=32, blank=True)
    cluster = models.CharField(max_length=64, blank=True)
    datacenter = models.CharField(max_length=32, blank=True)
    primary_login = models.CharField(max_length=64, blank=True)
    home = models.CharField(max_length=255, blank=True)
    hosting_ip = models.CharField(max_length=64, blank=True)
    hosting_ipv6 = models.CharField(max_length=64, blank=True)
    quota_size_mb = models.FloatField(null=True)
    quota_used_mb = models.FloatField(null=True)
    has_cdn = models.BooleanField(default=False)
    has_hosted_ssl = models.BooleanField(default=False)
    # Its own certificate (`…/ssl`); empty when it has none.
    ssl_provider = models.CharField(max_length=32, blank=True)
    ssl_type = models.CharField(max_length=16, blank=True)
    ssl_status = models.CharField(max_length=32, blank=True)
    ssl_domains = models.JSONField(default=list)  # the names it covers
    raw_ssl = models.JSONField(default=dict)
    expires_on = models.DateField(null=True)
    renews_automatically = models.BooleanField(null=True)
    service_status = models.CharField(max_length=32, blank=True)  # serviceInfos.status
    problem = models.CharField(max_length=16, choices=Problem, blank=True, default=Problem.NONE)
    raw = models.JSONField(default=dict)
    raw_infos = models.JSONField(default=dict)
    # What OVH says may be chosen in forms: {"databaseCreationCapabilities": …, "databaseAvailableVersion": {…}}
    choices = models.JSONField(default=dict)
    refreshed_at = models.DateTimeField(null=True)
    # Somebody opened a page with old data, or a change finished: read this one next.
    refresh_asked_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_service_of_a_name"),
        ]
        indexes: ClassVar = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people call it: the name they gave it, else OVH's."""
        return self.display_name or self.name

    @property
    def offer_label(self) -> str:
        """The offer as people say it: `hosting-performance-1` and `PERFORMANCE_1` are Performance 1."""
        return self.offer.removeprefix("hosting-").replace("_", " ").replace("-", " ").capitalize()


class OfService(models.Model):
    """What rows under a service share: whose they are, how old, and whether OVH still lists them."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="%(class)ss")
    status = models.CharField(max_length=32, blank=True)
    task_id = models.BigIntegerField(null=True)
    raw = models.JSONField(default=dict)
    refreshed_at = models.DateTimeField(default=timezone.now)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class AttachedDomain(OfService):
    """A domain the hosting answers for (`…/attachedDomain/{domain}`)."""

    domain = models.CharField(max_length=255)
    path = models.CharField(max_length=255, blank=True)
    ssl = models.BooleanField(null=True)
    cdn = models.CharField(max_length=16, blank=True)
    firewall = models.CharField(max_length=16, blank=True)
    ip_location = models.CharField(max_length=8, blank=True)
    own_log = models.CharField(max_length=255, blank=True)
    runtime_id = models.BigIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["domain"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "domain"], name="one_domain_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.domain


class Zone(models.Model):
    """A DNS zone the account holds (`GET /domain/zone`): OVH can write the records of its names."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="zones")
    name = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_zone_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Probe(models.Model):
    """What the panel itself saw of a domain: its DNS records, and the certificate its server shows.

    `dns`: {"A": [...], "AAAA": [...], "error": id}; `tls`: {"issuer", "names", "error", ...}. Not from OVH.
    """

    domain = models.OneToOneField(AttachedDomain, models.CASCADE, related_name="probe")
    dns = models.JSONField(default=dict)
    tls = models.JSONField(default=dict)
    tls_expires_at = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.domain)


class Database(OfService):
    """A database of the hosting (`…/database/{name}`). Sizes in MB."""

    name = models.CharField(max_length=128)
    user = models.CharField(max_length=64, blank=True)
    type = models.CharField(max_length=32, blank=True)
    version = models.CharField(max_length=32, blank=True)
    server = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(null=True)
    mode = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=32, blank=True)
    quota_size_mb = models.FloatField(null=True)
    quota_used_mb = models.FloatField(null=True)
    gui_url = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True)  # when OVH last measured its size
    version_support = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "name"], name="one_database_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_full(self) -> bool:
        """Whether it holds more than it may: OVH makes it read-only then."""
        return bool(self.quota_size_mb and (self.quota_used_mb or 0) > self.quota_size_mb)


class Dump(OfService):
    """A backup of a database (`…/dump/{id}`). `is_orphan`: its database is gone."""

    ovh_id = models.BigIntegerField()
    database = models.ForeignKey(Database, models.SET_NULL, null=True, related_name="dumps")
    database_name = models.CharField(max_length=128)
    type = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(null=True)
    deletes_at = models.DateTimeField(null=True)
    url = models.URLField(max_length=1000, blank=True)
    is_orphan = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-ovh_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "ovh_id"], name="one_dump_of_an_id"),
        ]
        indexes: ClassVar = [models.Index(fields=["database", "-created_at"])]

    def __str__(self) -> str:
        return (
            f"{self.database_name} {self.type} {self.created_at:%Y-%m-%d %H:%M}"
            if self.created_at
            else str(self.ovh_id)
        )


class FtpUser(OfService):
    """An FTP/SSH user (`…/user/{login}`). `access_ends_at` is the panel's own: it switches the user off then."""

    login = models.CharField(max_length=64)
    home = models.CharField(max_length=255, blank=True)
    ssh_state = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, blank=True)
    is_primary = models.BooleanField(default=False)
    access_ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-is_primary", "login"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "login"], name="one_ftp_user_of_a_login"),
        ]

    def __str__(self) -> str:
        return self.login

    @property
    def is_past_end(self) -> bool:
        """Whether the access was to end by now; `state` says whether it has."""
        return self.access_ends_at is not None and self.access_ends_at <= timezone.now()


class Module(OfService):
    """An installed module (`…/module/{id}`): a WordPress in a folder. `module_id`: its entry in the catalogue."""

    ovh_id = models.BigIntegerField()
    module_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=255, blank=True)
    target_url = models.CharField(max_length=500, blank=True)
    admin_name = models.CharField(max_length=255, blank=True)
    admin_folder = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["path", "ovh_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "ovh_id"], name="one_module_of_an_id"),
        ]

    def __str__(self) -> str:
        return f"{self.path} ({self.ovh_id})"


class ModuleOffer(models.Model):
    """An entry of OVH's public catalogue of modules (`/hosting/web/moduleList/{id}`). Size in MB."""

    endpoint = models.CharField(max_length=32)
    ovh_id = models.BigIntegerField()
    name = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=32, blank=True)
    branch = models.CharField(max_length=16, blank=True)
    active = models.BooleanField(default=False)
    latest = models.BooleanField(default=False)
    languages = models.JSONField(default=list)
    admin_name_type = models.CharField(max_length=16, blank=True)
    author = models.CharField(max_length=128, blank=True)
    size_mb = models.FloatField(null=True)
    raw = models.JSONField(default=dict)
    refreshed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "-ovh_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "ovh_id"], name="one_catalogue_entry_of_an_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Catalogue(models.Model):
    """How far the reading of one endpoint's catalogue is: `read_at` when it last came whole.

    `pending`: the ids still to be read, so that a reading goes on where a dead worker left it.
    """

    endpoint = models.CharField(max_length=32, unique=True)
    pending = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    # A reading whose worker died is taken over when this is past.
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.endpoint


class ServiceTask(OfService):
    """A task of OVH's on the service (`…/tasks/{id}`), the panel's own and those begun elsewhere.

    `gone_at`: OVH has forgotten it; the row stays as history. `ended_at`: when it was first seen over.
    """

    ovh_id = models.BigIntegerField()
    function = models.CharField(max_length=64, blank=True)
    object_type = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # when to look at it again; None once it is over

    class Meta:
        ordering: ClassVar = ["-started_at", "-ovh_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "ovh_id"], name="one_task_of_an_id"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="tasks_by_due_time"),
        ]

    def __str__(self) -> str:
        return f"{self.function} {self.ovh_id}"


class Answer(models.Model):
    """OVH's answer to a GET below a service that somebody has looked at: charts, reports, checks.

    `path` begins after the service's name; `problem`: missing, refused, or the id of why OVH could not be asked.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="answers")
    path = models.CharField(max_length=400)
    query = models.CharField(max_length=200, blank=True)
    is_list = models.BooleanField(default=False)  # whole objects of a list
    data = models.JSONField(null=True)
    problem = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "path", "query"], name="one_answer_of_a_call"),
        ]

    def __str__(self) -> str:
        return f"{self.path}?{self.query}"


class SyncRun(models.Model):
    """One reading of an account: how far it is, and what could not be read. One at a time for an account."""

    class State(models.TextChoices):
        """Where the run is."""

        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        PARTIAL = "partial", _("Finished with gaps")
        FAILED = "failed", _("Failed")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="sync_runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    # A run whose worker died is taken over when this is past.
    lease_until = models.DateTimeField()
    epoch = models.PositiveIntegerField(default=1)
    # The names still to be read, so that a run goes on where a dead worker left it.
    pending = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    missed = models.JSONField(default=list)  # [{"service": …, "why": …}]
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"], condition=Q(state="running"), name="one_running_sync_of_an_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection}: {self.state} {self.done}/{self.total}"
