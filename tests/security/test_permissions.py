"""Every address by every method for every person and object, compared with the table of rights."""

import re
import time
import uuid
from copy import deepcopy
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as conf
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse

from apps.connections.models import Grant
from apps.members.models import Invitation
from apps.teams import permissions
from apps.teams.models import Role
from tests.conftest import signed_in
from tests.factories import (
    AttachedDomainFactory,
    ConnectionFactory,
    DatabaseFactory,
    DumpFactory,
    FtpUserFactory,
    MembershipFactory,
    ModuleFactory,
    OperationFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    made,
)
from tests.test_urls import OF_ALLAUTH, OPEN, TEAM, path_of, row

ENTRIES = [(name, entry) for name, entry, _ in TEAM]
IDS = [name for name, _ in ENTRIES]
METHODS = ("get", "head", "post")
REFUSED = ("put", "patch", "delete", "options", "trace")
ELSEWHERE = {"operations:decide"}
LOGIN = "/auth/login/"


class Things:
    """One of everything that has an address, of one team."""

    def __init__(self, team, name):
        self.connection = made(ConnectionFactory, team=team, name=f"{name} account")
        service = ServiceFactory(
            connection=self.connection, name=f"{name}.cluster001.hosting.ovh.net", display_name=f"{name}.fr"
        )
        database = DatabaseFactory(service=service, name=f"{name}db.mysql.db")
        self.of = {
            "service_name": service.name,
            "name": database.name,
            "domain": AttachedDomainFactory(service=service, domain=f"www.{name}.fr").domain,
            "dump_id": DumpFactory(database=database).ovh_id,
            "login": FtpUserFactory(service=service).login,
            "module_id": ModuleFactory(service=service).ovh_id,
            "copy_id": uuid.uuid4(),
        }
        self.pk = {
            "operations": made(OperationFactory, service=service, connection=self.connection, team=team).pk,
            "connections": self.connection.pk,
            "members": made(MembershipFactory, team=team).pk,
        }
        invited = {"email": "asked@hostpanel.test", "role": Role.VIEWER, "token_hash": name}
        self.invitation = Invitation.objects.create(team=team, **invited).pk

    def arguments(self, name, entry):
        """What the address needs."""
        room = name.partition(":")[0]
        if name in ("members:renew", "members:withdraw"):
            return {"pk": self.invitation}
        if name.startswith("connections:consent"):
            return {key: uuid.uuid4() for key in entry.pattern.converters}
        return {key: self.pk[room] if key == "pk" else self.of[key] for key in entry.pattern.converters}


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker):
    """One world for all tests here: what each of them changes is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World(TeamFactory())
        transaction.set_rollback(True)


@pytest.fixture
def world(standing, db):
    """Two teams with one of everything each, and everybody who may come by, freshly signed in."""
    for who, browser in standing.browsers.items():
        browser.cookies = deepcopy(standing.cookies[who])
    return standing


class World:
    def __init__(self, team):
        self.own = Things(team, "mine")
        self.foreign = Things(TeamFactory(name="Other", slug="other"), "foreign")
        member = {role.value: MembershipFactory(team=team, role=role) for role in Role}
        narrow = made(MembershipFactory, team=team, role=Role.ADMIN, sees_all_accounts=False)
        other_account = made(ConnectionFactory, team=team, name="chosen")
        Grant.objects.create(member=narrow, connection=other_account)
        gone = MembershipFactory(team=team, role=Role.OWNER, user=UserFactory(is_active=False))
        people = {
            **member,
            "stranger": MembershipFactory(team=self.foreign.connection.team, role=Role.OWNER),
            "narrow": narrow,
            "inactive": gone,
        }
        self.browsers = {who: signed_in(member) for who, member in people.items()}
        self.browsers["anonymous"] = Browser()
        self.cookies = {who: deepcopy(browser.cookies) for who, browser in self.browsers.items()}


def ask(browser, method, url):
    """The status, with a word where a redirect leads to signing in."""
    answer = getattr(browser, method)(url)
    if answer.status_code == 302 and answer["Location"].startswith(LOGIN):
        return "sign in"
    return answer.status_code


def has_object(entry):
    return bool(entry.pattern.converters)


def is_of_an_account(name, entry):
    return has_object(entry) and not name.startswith("members:")


def about(name, entry, things):
    more = "?page=shell" if name == "operations:changes" else ""
    return reverse(name, kwargs={"team": "acme", **things.arguments(name, entry)}) + more


def expected(who, name, entry):
    """What the table says of an own object: the statuses that would be right."""
    needs = permissions.TABLE[row(name)].needs
    if who in ("anonymous", "inactive"):
        return {"sign in"}
    if who == "stranger":
        return {404}
    role = Role.ADMIN if who == "narrow" else Role(who)
    if not role.covers(needs):
        return {403}
    if who == "narrow" and is_of_an_account(name, entry) and not name.startswith("connections:consent"):
        return {404}
    return {200, 204, 302, 400, 404, 410, 422, 503} if has_object(entry) else {200, 204, 302, 400, 410, 422}


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=IDS)
def test_everybody_gets_what_the_table_says(name, entry, world, counted):
    url = about(name, entry, world.own)

    said = {}
    for method in METHODS:
        for who, browser in world.browsers.items():
            got = ask(browser, method, url)
            counted["addresses x methods x people asked"] += 1
            counted["of these denials"] += got in ("sign in", 403, 404, 405)
            # A page of one method says so to everybody alike.
            if got not in expected(who, name, entry) | {405}:
                said[f"{who} {method}"] = got

    assert said == {}


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=IDS)
def test_whoever_may_really_gets_in(name, entry, world):
    """So that the walk above is not right for refusing everybody."""
    if name in ELSEWHERE or name.startswith("connections:consent"):
        pytest.skip(
            "needs more than that it exists: tests/operations/test_deciding.py, tests/connections/test_consent.py"
        )
    url = about(name, entry, world.own)
    needs = permissions.TABLE[row(name)].needs

    got = {ask(world.browsers[needs.value], method, url) for method in ("get", "post")}

    is_copy = "copy_id" in entry.pattern.converters
    assert got & ({200, 204, 302, 422} | ({404} if is_copy else set())), got


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=IDS)
def test_no_other_method_reaches_a_page(name, entry, world, counted):
    url = about(name, entry, world.own)

    got = {
        (who, method): ask(world.browsers[who], method, url)
        for who in ("anonymous", "stranger", "owner")
        for method in REFUSED
    }

    counted["addresses x methods x people asked"] += len(got)
    counted["of these denials"] += len(got)
    assert {key: status for key, status in got.items() if status != 405} == {}


@pytest.mark.parametrize(
    ("name", "entry"), [each for each in ENTRIES if has_object(each[1])], ids=[n for n, e in ENTRIES if has_object(e)]
)
def test_what_another_team_has_answers_as_what_nobody_has(name, entry, world, counted):
    """Same status, same body: from the answer nobody learns that it exists."""
    missing = dict(world.own.arguments(name, entry))
    foreign = world.foreign.arguments(name, entry)
    last = "pk" if "pk" in missing else "service_name"
    if not name.startswith("connections:consent"):  # those two differ already
        missing[last] = {"operations": uuid.uuid4(), "connections": 999_999, "members": 999_999}.get(
            name.partition(":")[0], "nobody.ovh.net"
        )

    for method in METHODS:
        for who in ("viewer", "operator", "admin", "owner"):
            urls = [reverse(name, kwargs={"team": "acme", **arguments}) for arguments in (foreign, missing)]
            answers = [getattr(world.browsers[who], method)(url) for url in urls]
            assert answers[0].status_code == answers[1].status_code, (who, method)
            assert answers[0].status_code in (403, 404, 405, 410), (who, method)
            assert bare(answers[0], urls[0]) == bare(answers[1], urls[1])
            counted["foreign and missing objects asked for"] += 2


def bare(answer, url):
    """The body without the address that was asked, and without what differs by the moment."""
    text = answer.content.decode().replace(url, "…")
    text = re.sub(r"since=[^&\"]*", "", text)
    return re.sub(r'csrf(middleware)?token"[^>]*|x-csrftoken": "[^"]*', "", text)


@pytest.mark.parametrize(
    "name", [name for name, entry in ENTRIES if not has_object(entry) and not name.startswith("connections:consent")]
)
def test_a_list_tells_nothing_of_an_account_outside_the_scope(name, world):
    answer = world.browsers["narrow"].get(reverse(name, args=["acme"]), follow=True)

    assert "mine" not in answer.getvalue().decode().lower()


# -- one's own pages, those of django-allauth among them ---------------------------------------------------------

OWN = {name: path_of(name, entry) for name, entry in OF_ALLAUTH if name in OPEN and name in permissions.SIGNED_IN}
OWN |= {name: reverse(name) for name in permissions.SIGNED_IN if name not in OWN}


@pytest.mark.django_db
@pytest.mark.parametrize("name", OWN)
def test_nobody_reaches_a_page_of_their_own_without_signing_in(name, counted):
    got = {method: ask(Browser(), method, OWN[name]) for method in METHODS}

    counted["addresses x methods x people asked"] += len(got)
    counted["of these denials"] += len(got)
    assert set(got.values()) == {"sign in"}


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_a_passkey_of_somebody_else_is_none(name, owner, viewer, counted):
    key = Authenticator.objects.create(user=owner.user, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    browser = signed_in(viewer)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()

    urls = [reverse(name, args=[pk]) for pk in (key.pk, 99_999)]
    got = {(method, url): ask(browser, method, url) for method in METHODS for url in urls}

    counted["foreign and missing objects asked for"] += len(got)
    assert set(got.values()) == {404}
    assert Authenticator.objects.filter(pk=key.pk).exists()


# -- ids that come in fields and queries, not in the address ------------------------------------------------------


def url_of(name, things, *keys):
    return reverse(name, kwargs={"team": "acme", **{key: things.of[key] for key in keys}})


def test_an_application_of_another_team_cannot_be_chosen_for_a_new_account(world):
    answer = world.browsers["owner"].post(
        reverse("connections:create", args=["acme"]),
        {"way": "consent", "name": "n", "endpoint": "sandbox", "application": world.foreign.connection.pk},
    )

    assert answer.status_code == 422
    assert "application" in answer.context["form"].errors


@pytest.mark.parametrize("endpoint", ["https://evil.test/1.0", "evil", "", "http://169.254.169.254"])
def test_only_the_environment_can_add_an_endpoint(endpoint, world):
    given = {"way": "keys", "name": "n", "application_key": "a", "application_secret": "b", "consumer_key": "c"}

    answer = world.browsers["owner"].post(reverse("connections:create", args=["acme"]), {**given, "endpoint": endpoint})

    assert answer.status_code == 422
    assert "endpoint" in answer.context["form"].errors


def test_accounts_are_not_tried_without_end(world, settings):
    settings.ACCOUNT_RATE_LIMITS = {"connect": "2/m/user"}
    url = reverse("connections:create", args=["acme"])

    assert [world.browsers["owner"].post(url).status_code for _ in range(3)] == [422, 422, 429]


def test_an_operation_of_another_team_is_not_offered_again(world):
    url = url_of("domains:attach", world.own, "service_name")

    answer = world.browsers["owner"].get(url, {"again": world.foreign.pk["operations"]})

    assert answer.status_code == 200
    assert "new.example.com" not in answer.content.decode()


def test_operations_of_another_teams_account_are_not_listed(world):
    answer = world.browsers["owner"].get(
        reverse("operations:index", args=["acme"]), {"account": world.foreign.connection.pk}
    )

    assert answer.context["page"].paginator.count == 0


def test_an_open_page_follows_no_operation_of_another_team(world):
    answer = world.browsers["owner"].get(
        reverse("operations:changes", args=["acme"]),
        {"page": "operations.detail", "operation": world.foreign.pk["operations"], "since": ""},
    )

    assert "foreign" not in answer.content.decode()


def test_the_search_finds_nothing_of_another_team(world):
    answer = world.browsers["owner"].get(reverse("dashboard:search", args=["acme"]), {"q": "foreign"})

    assert not answer.context["services"]
    assert not answer.context["domains"]
    assert not answer.context["databases"]


def test_the_page_of_rights_in_the_docs_is_made_of_the_table():
    page = Path(conf.BASE_DIR) / "docs" / "permissions.md"

    assert page.read_text(encoding="utf-8") == permissions.as_markdown(), (
        "run: manage.py permissions > docs/permissions.md"
    )
