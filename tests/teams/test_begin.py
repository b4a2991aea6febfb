"""The first owner of a new panel, one's own page, and another team."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from apps.audit.models import Entry
from apps.teams import starting
from apps.teams.models import Membership, Role, Team, User
from tests.conftest import signed_in
from tests.factories import MembershipFactory, TeamFactory, made

pytestmark = pytest.mark.django_db
FIRST = {
    "team": "Atelier Marée", "name": "Ada First", "email": "Ada@Hostpanel.test", "password": "quiet-otters-by-the-lake",
}  # fmt: skip


@pytest.fixture
def production(settings):
    settings.MODE = "production"


def test_a_new_panel_leads_to_its_set_up():
    assert Browser().get("/")["Location"] == reverse("setup")


def test_a_panel_with_people_leads_to_sign_in(owner):
    assert Browser().get("/")["Location"] == reverse("account_login")
    assert Browser().get(reverse("setup")).status_code == 302


def test_the_first_visitor_owns_the_first_team_and_is_signed_in():
    browser = Browser()

    answer = browser.post(reverse("setup"), FIRST)

    member = Membership.objects.get()
    assert (member.role, member.team.name, member.team.slug) == (Role.OWNER, "Atelier Marée", "atelier-maree")
    assert member.user.email == "ada@hostpanel.test"
    assert answer["Location"] == reverse("connections:create", args=["atelier-maree"])
    assert browser.get(answer["Location"]).status_code == 200
    assert Entry.objects.filter(action="teams.created").exists()


def test_nobody_sets_a_panel_up_twice():
    Browser().post(reverse("setup"), FIRST)

    Browser().post(reverse("setup"), {**FIRST, "email": "eve@hostpanel.test", "team": "Eve"})

    assert User.objects.count() == 1


def test_of_two_who_begin_at_once_one_does(monkeypatch):
    monkeypatch.setattr(starting, "is_new", lambda: True)  # neither sees the other yet
    given = {"name": "A", "password": "quiet-otters-by-the-lake", "team": "A"}
    starting.begin(email="a@hostpanel.test", **given)

    with pytest.raises(starting.AlreadyBegun):
        starting.begin(email="b@hostpanel.test", **given)

    assert User.objects.count() == 1


def test_in_production_the_first_visitor_must_know_the_code(production):
    without = Browser().post(reverse("setup"), FIRST)
    wrong = Browser().post(reverse("setup"), {**FIRST, "code": "0" * 32})
    assert (without.status_code, wrong.status_code, User.objects.count()) == (422, 422, 0)

    assert Browser().post(reverse("setup"), {**FIRST, "code": starting.code()}).status_code == 302


def test_the_command_prints_the_way_in(production, settings, capsys):
    settings.BASE_URL = "https://panel.example.com"

    call_command("setup_link")

    assert capsys.readouterr().out.strip() == f"https://panel.example.com/setup/?code={starting.code()}"


def test_the_command_prints_none_once_there_is_an_owner(owner):
    with pytest.raises(CommandError, match="set up already"):
        call_command("setup_link")


def test_the_code_cannot_be_tried_without_end(production, settings):
    settings.ACCOUNT_RATE_LIMITS = {"set_up": "3/m/ip"}

    answers = [Browser().post(reverse("setup"), {**FIRST, "code": "no"}).status_code for _ in range(4)]

    assert answers == [422, 422, 422, 429]


def test_a_weak_password_is_refused_beside_its_field():
    answer = Browser().post(reverse("setup"), {**FIRST, "password": "ada@hostpanel"})

    assert "password" in answer.context["form"].errors
    assert "Atelier Marée" in answer.content.decode()


def test_a_person_changes_what_is_theirs(viewer):
    browser = signed_in(viewer)
    given = {"name": "Zoé", "language": "fr", "time_zone": "America/Montreal", "theme": "dark"}

    browser.post(reverse("profile"), given)

    viewer.user.refresh_from_db()
    assert {key: getattr(viewer.user, key) for key in given} == given


def test_a_zone_nobody_lives_in_is_refused(viewer):
    answer = signed_in(viewer).post(reverse("profile"), {"name": "Z", "theme": "dark", "time_zone": "Mars/Olympus"})

    assert answer.status_code == 422
    viewer.user.refresh_from_db()
    assert viewer.user.name != "Z"


def test_a_person_in_several_teams_goes_from_one_to_the_other(owner):
    other = made(MembershipFactory, team=TeamFactory(name="Second", slug="second"), user=owner.user, role=Role.VIEWER)
    browser = signed_in(owner)

    assert reverse("dashboard:index", args=["second"]) in browser.get("/t/acme/").content.decode()
    assert browser.get("/t/second/").status_code == 200
    other.delete()
    assert browser.get("/t/second/").status_code == 404


def test_who_owns_a_team_makes_another(owner):
    signed_in(owner).post(reverse("new_team"), {"name": "Acme"})

    made = Team.objects.get(slug="acme-2")
    assert Membership.objects.get(team=made).role == Role.OWNER


def test_two_who_make_a_team_of_one_name_at_the_same_moment_have_two_addresses(owner, monkeypatch):
    TeamFactory(name="Nord", slug="nord")
    # The other's row is not seen yet when ours is named.
    free = iter(["nord", "nord-2"])
    monkeypatch.setattr(starting, "free_slug", lambda _name: next(free))

    signed_in(owner).post(reverse("new_team"), {"name": "Nord"})

    assert set(Team.objects.filter(name="Nord").values_list("slug", flat=True)) == {"nord", "nord-2"}


def test_who_owns_none_makes_none(viewer):
    signed_in(viewer).post(reverse("new_team"), {"name": "Mine"})

    assert not Team.objects.filter(name="Mine").exists()
