"""Who comes into a team, what they may do there, and how they go."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections.models import Grant
from apps.members import services
from apps.members.models import Invitation
from apps.members.services import Asking, NotDone
from apps.teams import starting
from apps.teams.models import Membership, Role, User
from tests.conftest import signed_in
from tests.factories import ConnectionFactory, MembershipFactory, UserFactory, made

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otters-by-the-lake"


@pytest.fixture
def admin(team):
    return MembershipFactory(team=team, role=Role.ADMIN)


@pytest.fixture
def accounts(team):
    return [ConnectionFactory(team=team, name=name) for name in ("Bakery", "Garage")]


def page(name, *arguments):
    return reverse(f"members:{name}", args=["acme", *arguments])


def invite(member, email="new@hostpanel.test", role="operator", scope="all", **more):
    """The answer to the form."""
    return signed_in(member).post(page("invite"), {"email": email, "role": role, "scope": scope, **more})


def link_in(answer):
    return re.search(r"/join/[\w-]+/", answer.content.decode()).group()


def join(link, name="Nora New", password=PASSWORD):
    browser = Browser()
    return browser, browser.post(link, {"name": name, "password": password})


def test_who_is_invited_makes_an_account_and_is_in(owner):
    link = link_in(invite(owner, role="viewer"))

    browser, answer = join(link)

    member = Membership.objects.get(user__email="new@hostpanel.test")
    assert answer.status_code == 302
    assert (member.role, member.sees_all_accounts, member.user.name) == ("viewer", True, "Nora New")
    assert browser.get(reverse("dashboard:index", args=["acme"])).status_code == 200
    assert User.objects.get(email="new@hostpanel.test").check_password(PASSWORD)


def test_looking_at_the_link_accepts_nothing(owner):
    link = link_in(invite(owner))

    for _ in range(3):
        assert Browser().get(link).status_code == 200

    assert not Membership.objects.filter(user__email="new@hostpanel.test").exists()


def test_a_link_works_once(owner):
    link = link_in(invite(owner))
    join(link)

    _, again = join(link, name="Somebody Else")

    assert again.status_code == 410
    assert User.objects.filter(email="new@hostpanel.test").count() == 1


def test_a_link_ends_after_three_days(owner):
    link = link_in(invite(owner))

    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        _, answer = join(link)

    assert answer.status_code == 410
    assert not User.objects.filter(email="new@hostpanel.test").exists()


@pytest.mark.parametrize("verb", ["withdraw", "renew"])
def test_a_link_that_was_withdrawn_or_replaced_has_ended(verb, owner):
    link = link_in(invite(owner))
    signed_in(owner).post(page(verb, Invitation.objects.get().pk))

    assert join(link)[1].status_code == 410


def test_the_link_that_replaced_it_works(owner):
    invite(owner)
    link = link_in(signed_in(owner).post(page("renew", Invitation.objects.get().pk)))

    assert join(link)[1].status_code == 302


def test_inviting_the_same_address_again_ends_the_first_link(owner):
    first, second = link_in(invite(owner)), link_in(invite(owner, email="NEW@hostpanel.test "))

    assert join(first)[1].status_code == 410
    assert join(second)[1].status_code == 302


def test_the_panel_keeps_no_more_than_the_hash_of_a_link(owner):
    token = link_in(invite(owner)).split("/")[2]

    kept = str(list(Invitation.objects.values())) + str(list(Entry.objects.values()))
    assert token not in kept


def test_a_wrong_link_says_that_it_has_ended():
    assert Browser().get("/join/nothing-of-that-name/").status_code == 410


def test_who_is_in_the_panel_already_signs_in_and_accepts(owner):
    person = made(UserFactory, email="new@hostpanel.test")
    link = link_in(invite(owner))

    assert "/auth/login/?next=" in Browser().get(link).content.decode()
    browser = Browser()
    browser.force_login(person)
    assert browser.post(link).status_code == 302

    assert Membership.objects.filter(user=person, team=owner.team).exists()


def test_an_account_is_not_made_anew_for_an_address_that_has_one(owner):
    person = made(UserFactory, email="new@hostpanel.test", name="Old Name")
    link = link_in(invite(owner))

    join(link)

    person.refresh_from_db()
    assert person.name == "Old Name"
    assert not Membership.objects.filter(user=person).exists()


def test_somebody_else_who_is_signed_in_cannot_accept(owner, stranger):
    link = link_in(invite(owner))

    answer = signed_in(stranger).post(link)

    assert "You are signed in as" in answer.content.decode()
    assert not Membership.objects.filter(team=owner.team, user=stranger.user).exists()


def test_a_weak_password_is_refused_beside_its_field(owner):
    link = link_in(invite(owner))

    _, answer = join(link, password="password")

    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors
    assert not User.objects.filter(email="new@hostpanel.test").exists()


def test_the_invitation_comes_by_mail_where_mail_is_set_up(owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.BASE_URL = "https://panel.example.com"

    answer = invite(owner)

    assert mail.outbox[0].to == ["new@hostpanel.test"]
    assert f"https://panel.example.com{link_in(answer)}" in mail.outbox[0].body


def test_a_mail_server_that_is_away_leaves_the_link_to_copy(owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1

    answer = invite(owner)

    assert "could not be sent" in answer.content.decode()
    assert join(link_in(answer))[1].status_code == 302


def test_chosen_accounts_are_granted_with_the_membership(owner, accounts):
    link = link_in(invite(owner, scope="chosen", accounts=[accounts[0].pk]))

    join(link)

    member = Membership.objects.get(user__email="new@hostpanel.test")
    assert not member.sees_all_accounts
    assert [grant.connection for grant in Grant.objects.filter(member=member)] == [accounts[0]]


def test_chosen_accounts_are_at_least_one(owner, accounts):
    answer = invite(owner, scope="chosen")

    assert "accounts" in answer.context["form"].errors


def test_accounts_of_another_team_cannot_be_shown(owner, stranger):
    foreign = made(ConnectionFactory, team=stranger.team)

    answer = invite(owner, scope="chosen", accounts=[foreign.pk])

    assert "accounts" in answer.context["form"].errors
    assert not Invitation.objects.exists()


def test_an_admin_cannot_invite_an_owner(admin):
    answer = invite(admin, role="owner")

    assert "role" in answer.context["form"].errors
    assert not Invitation.objects.exists()


def test_who_sees_chosen_accounts_cannot_let_somebody_see_all(team, accounts):
    narrow = made(MembershipFactory, team=team, role=Role.ADMIN, sees_all_accounts=False)
    Grant.objects.create(member=narrow, connection=accounts[0])

    assert invite(narrow, scope="all").status_code == 422
    assert invite(narrow, scope="chosen", accounts=[accounts[1].pk]).status_code == 422
    assert invite(narrow, scope="chosen", accounts=[accounts[0].pk]).status_code == 200


@pytest.mark.parametrize("loss", ["role", "membership", "account"])
def test_an_invitation_dies_with_the_rights_of_who_sent_it(loss, admin, owner):
    link = link_in(invite(admin, role="admin"))

    if loss == "role":
        Membership.objects.filter(pk=admin.pk).update(role=Role.OPERATOR)
    elif loss == "membership":
        admin.delete()
    else:
        User.objects.filter(pk=admin.user.pk).update(is_active=False)

    assert join(link)[1].status_code == 410
    assert not Membership.objects.filter(user__email="new@hostpanel.test").exists()


def test_a_member_cannot_be_invited_again(owner, viewer):
    answer = invite(owner, email=viewer.user.email)

    assert "email" in answer.context["form"].errors


def test_inviting_without_end_is_stopped(owner, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "invite": "2/h/user"}

    answers = [invite(owner, email=f"n{number}@hostpanel.test").status_code for number in range(3)]

    assert answers == [200, 200, 429]


def change(by, member, role="viewer", scope="all", **more):
    return signed_in(by).post(page("edit", member.pk), {"role": role, "scope": scope, **more})


def test_a_role_taken_away_counts_from_the_next_request(owner, operator):
    browser = signed_in(operator)
    assert browser.get(reverse("dashboard:audit", args=["acme"])).status_code == 200

    change(owner, operator, "viewer")

    assert browser.get(reverse("dashboard:audit", args=["acme"])).status_code == 403


def test_an_account_taken_away_is_not_there_from_the_next_request(owner, operator, accounts):
    browser = signed_in(operator)
    url = reverse("connections:detail", args=["acme", accounts[1].pk])
    assert browser.get(url).status_code == 200

    change(owner, operator, "operator", "chosen", accounts=[accounts[0].pk])

    assert browser.get(url).status_code == 404


def test_a_member_taken_out_finds_nothing_from_the_next_request(owner, operator):
    browser = signed_in(operator)

    signed_in(owner).post(page("remove", operator.pk))

    assert browser.get(reverse("dashboard:index", args=["acme"])).status_code == 404


def test_an_admin_touches_no_owner(admin, owner):
    assert change(admin, owner, "viewer").status_code == 422
    assert signed_in(admin).post(page("remove", owner.pk)).status_code == 422
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_an_admin_makes_no_owner(admin, viewer):
    assert change(admin, viewer, "owner").status_code == 422


def test_a_narrow_admin_does_not_change_who_sees_more(team, accounts, operator):
    narrow = made(MembershipFactory, team=team, role=Role.ADMIN, sees_all_accounts=False)
    Grant.objects.create(member=narrow, connection=accounts[0])

    assert change(narrow, operator, "viewer", "chosen", accounts=[accounts[0].pk]).status_code == 422
    assert signed_in(narrow).post(page("remove", operator.pk)).status_code == 422


def test_the_last_owner_stays(owner, admin):
    assert change(owner, owner, "admin").status_code == 422
    assert signed_in(owner).post(page("remove", owner.pk)).status_code == 422
    assert signed_in(owner).post(page("leave")).status_code == 422
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_an_owner_whose_account_is_off_does_not_count_as_one(owner, team):
    MembershipFactory(team=team, role=Role.OWNER, user=UserFactory(is_active=False))

    assert signed_in(owner).post(page("leave")).status_code == 422


def test_one_of_two_owners_may_go(owner, team):
    MembershipFactory(team=team, role=Role.OWNER)

    assert signed_in(owner).post(page("leave")).status_code == 302
    assert not Membership.objects.filter(pk=owner.pk).exists()


def test_a_viewer_may_leave(viewer):
    assert signed_in(viewer).post(page("leave")).status_code == 302
    assert Entry.objects.filter(action="members.left", actor_id=viewer.user.pk).exists()


def test_a_team_is_handed_over(owner, viewer):
    signed_in(owner).post(page("transfer"), {"to": viewer.pk})

    owner.refresh_from_db()
    viewer.refresh_from_db()
    assert (owner.role, viewer.role) == (Role.ADMIN, Role.OWNER)
    assert Entry.objects.get(action="teams.transferred").details == {"to": str(viewer.user)}


def test_a_team_is_not_handed_to_somebody_outside(owner, stranger):
    answer = signed_in(owner).post(page("transfer"), {"to": stranger.pk})

    assert answer.status_code == 422


def test_what_somebody_asked_for_stays_when_they_go(owner, operator):
    signed_in(owner).post(page("remove", operator.pk))

    entry = Entry.objects.get(action="members.removed")
    assert (entry.actor_id, entry.target) == (owner.user.pk, str(operator.user))


def test_every_change_of_people_is_history(owner, accounts):
    link = link_in(invite(owner, scope="chosen", accounts=[accounts[0].pk]))
    join(link)
    member = Membership.objects.get(user__email="new@hostpanel.test")
    change(owner, member, "admin")
    signed_in(owner).post(page("remove", member.pk))

    told = list(Entry.objects.order_by("pk").values_list("action", "target"))
    assert told == [
        ("members.invited", "new@hostpanel.test"),
        ("members.joined", "Nora New"),
        ("sign_in.succeeded", "new@hostpanel.test"),
        ("members.changed", "Nora New"),
        ("members.removed", "Nora New"),
    ]
    changed = Entry.objects.get(action="members.changed").details
    assert changed["former"] == {"role": "operator", "accounts": ["Bakery"]}
    assert changed["now"] == {"role": "admin", "accounts": "all"}


def test_a_team_can_be_called_otherwise_and_keeps_its_address(owner):
    signed_in(owner).post(page("team"), {"name": "Acme & Sons"})

    owner.team.refresh_from_db()
    assert (owner.team.name, owner.team.slug) == ("Acme & Sons", "acme")


def test_a_second_factor_is_demanded_only_by_who_has_one(owner):
    answer = signed_in(owner).post(page("team"), {"name": "Acme", "needs_second_factor": "on"})

    assert "needs_second_factor" in answer.context["form"].errors


def with_factor(user):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415  # used by two tests

    TOTP.activate(user, generate_totp_secret())


def test_a_team_that_demands_a_second_factor_lets_in_who_has_one(owner, viewer):
    with_factor(owner.user)
    signed_in(owner).post(page("team"), {"name": "Acme", "needs_second_factor": "on"})
    overview = reverse("dashboard:index", args=["acme"])

    without = signed_in(viewer).get(overview)
    with_factor(viewer.user)

    assert (without.status_code, without["Location"]) == (302, reverse("mfa_index"))
    assert signed_in(viewer).get(overview).status_code == 200


def test_a_name_over_two_lines_begins_no_header_of_a_mail(owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=owner.user.pk).update(name="Eve\nBcc: everybody@example.com")

    assert invite(owner).status_code == 200
    assert mail.outbox[0].subject == "Eve Bcc: everybody@example.com invites you into Acme"
    assert mail.outbox[0].recipients() == ["new@hostpanel.test"]


@pytest.mark.parametrize("name", ["Eve\nBcc: x", "Eve\tBcc: x", "Eve\u2028Bcc: x", "\u202eEve Bcc: x\0"])
def test_a_name_is_one_line_of_what_can_be_seen(name, owner):
    _, answer = join(link_in(invite(owner)), name=name)

    assert answer.status_code == 302
    assert User.objects.get(email="new@hostpanel.test").name == "Eve Bcc: x"


def stale(member):
    """The member as a request that began earlier has read them."""
    return Asking(member=Membership.objects.select_related("user", "team").get(pk=member.pk))


def test_who_becomes_the_owner_while_they_leave_does_not_leave_the_team_without(owner, admin):
    leaving = stale(admin)
    services.transfer(stale(owner), admin)

    with pytest.raises(NotDone, match="last one"):
        services.leave(leaving)

    assert Membership.objects.get(team=owner.team, role=Role.OWNER) == admin


def test_of_two_hand_overs_at_once_one_happens(owner, admin, viewer):
    second = stale(owner)
    services.transfer(stale(owner), admin)

    with pytest.raises(PermissionDenied):
        services.transfer(second, viewer)

    assert Membership.objects.filter(team=owner.team, role=Role.OWNER).count() == 1


def test_a_team_is_not_handed_to_somebody_who_leaves_meanwhile(owner, viewer):
    to = Membership.objects.get(pk=viewer.pk)
    viewer.delete()

    with pytest.raises(NotDone, match="left the team"):
        services.transfer(stale(owner), to)

    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_a_right_lost_while_a_change_waits_for_its_turn_is_lost(owner, admin, viewer):
    changing = stale(admin)
    Membership.objects.filter(pk=admin.pk).update(role=Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.change(changing, viewer, services.Place(role=Role.ADMIN, accounts=None))


def at_once(*calls):
    """Carry them out side by side, each on a connection of its own; what became of each."""

    def one(call):
        try:
            return call()
        except (NotDone, PermissionDenied, starting.AlreadyBegun) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_in_the_same_moment_one_stays(owner, team):
    other = made(MembershipFactory, team=team, role=Role.OWNER)

    became = at_once(*(partial(services.leave, stale(each)) for each in (owner, other)))

    assert sorted(type(each).__name__ for each in became) == ["NoneType", "NotDone"]
    assert Membership.objects.filter(team=team, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_first_owners_in_the_same_moment_one_is():
    given = {"name": "A", "password": PASSWORD, "team": "A"}

    became = at_once(*(partial(starting.begin, email=f"{name}@hostpanel.test", **given) for name in "abc"))

    assert sorted(type(each).__name__ for each in became) == ["AlreadyBegun", "AlreadyBegun", "Membership"]
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_in_the_same_moment_one_is_in(owner):
    token = link_in(invite(owner)).split("/")[2]
    invitation = services.find(token)
    given = {"name": "A", "password": PASSWORD, "address": None}

    at_once(*(partial(services.join, invitation, **given) for _ in range(2)))

    assert User.objects.filter(email="new@hostpanel.test").count() == 1
    assert Entry.objects.filter(action="members.joined").count() == 1


def test_two_owners_who_take_each_other_out_at_once_leave_one(owner, team):
    """The second waits for the first, and then is no owner any more."""
    other = made(MembershipFactory, team=team, role=Role.OWNER)
    with transaction.atomic():
        signed_in(owner).post(page("remove", other.pk))

    assert signed_in(other).post(page("remove", owner.pk)).status_code == 404
    assert Membership.objects.filter(team=team, role=Role.OWNER).count() == 1
