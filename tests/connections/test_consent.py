"""Connect with OVH: there, back, and what may not come of it."""

import urllib.parse
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.connections.models import Connection, Consent
from apps.teams.models import Membership, Role, Team
from tests.connections.conftest import join, keys_of, signed_in, text_of, url


def begin(panel, ovh, address=None, **others):
    """Ask, and look at the page before OVH's; the consent."""
    typed = keys_of(ovh, way="consent", **others)
    answer = panel.post(address or url("create"), typed, follow=True)
    assert answer.status_code == 200, text_of(answer)
    return answer.context["opened"]


def say(ovh, opened, answer="yes", nichandle=None):
    """What the account's owner does on the sandbox's page; the way back to the panel."""
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(opened.validation_url).query)["credentialToken"][0]
    typed = {"credentialToken": token, "answer": answer, "nichandle": nichandle or ovh.account["nichandle"]}
    request = urllib.request.Request(f"{ovh.running.url}/auth/", urllib.parse.urlencode(typed).encode())
    try:
        _no_redirects().open(request)
    except urllib.error.HTTPError as redirect:
        back = urllib.parse.urlsplit(redirect.headers["Location"])
        return f"{back.path}?{back.query}"
    pytest.fail("no way back")


def _no_redirects():
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args):
            return None

    return urllib.request.build_opener(Stay)


def confirm(panel, ovh, page):
    """Press the button of the page that shows whose account it is."""
    consent, verified = page.context["consent"], page.context["verified"]
    return panel.post(url("consent_confirm", consent.pk), {"nichandle": verified.nichandle})


def test_saying_yes_connects_the_account(panel, ovh):
    back = say(ovh, begin(panel, ovh))
    page = panel.get(back)

    confirm(panel, ovh, page)

    connection = Connection.objects.get()
    assert (connection.nichandle, connection.is_key_ours) == (ovh.account["nichandle"], True)


def test_nothing_is_connected_before_it_is_confirmed(panel, ovh):
    page = panel.get(say(ovh, begin(panel, ovh)))

    assert ovh.account["nichandle"] in text_of(page)
    assert not Connection.objects.exists()


def test_the_page_before_ovhs_has_a_link_and_no_secret(panel, ovh):
    opened = begin(panel, ovh)
    page = text_of(panel.get(url("consent", opened.consent.pk)))

    assert opened.validation_url in page
    assert opened.credentials.consumer_key not in page
    assert ovh.account["application_secret"] not in page


def test_only_the_rights_the_panel_needs_are_asked_for(panel, ovh):
    opened = begin(panel, ovh)

    rules = ovh.running.world.credentials[opened.credentials.consumer_key]["rules"]
    assert {"method": "POST", "path": "/hosting/web/*"} not in rules
    assert not [rule for rule in rules if rule["path"] == "/*"]


def test_saying_no_keeps_nothing_and_says_so(panel, ovh):
    page = panel.get(say(ovh, begin(panel, ovh), answer="no"))

    assert page.status_code == 422
    assert "OVH has not said yes" in text_of(page)
    assert not Connection.objects.exists()


def test_coming_back_before_saying_yes_leads_back_to_ovh(panel, ovh):
    begin(panel, ovh)
    consent = Consent.objects.get()

    answer = panel.post(url("consent_confirm", consent.pk), {"nichandle": ovh.account["nichandle"]})

    assert answer.status_code == 422
    assert url("consent", consent.pk) in text_of(answer)


@pytest.mark.parametrize("loss", ["scope", "removal"])
def test_a_way_back_ends_with_the_right_to_the_account(loss, panel, ovh, connection, admin):
    page = panel.get(say(ovh, begin(panel, ovh, url("renew", connection.pk))))
    assert page.status_code == 200
    sealed = connection.sealed

    if loss == "scope":
        Membership.objects.filter(pk=admin.pk).update(sees_all_accounts=False)
    else:
        Connection.objects.filter(pk=connection.pk).update(removed_at=timezone.now())

    assert confirm(panel, ovh, page).status_code == 410
    connection.refresh_from_db()
    assert connection.sealed == sealed


def test_a_way_back_serves_once(panel, ovh):
    back = say(ovh, begin(panel, ovh))
    page = panel.get(back)
    confirm(panel, ovh, page)

    assert panel.get(back).status_code == 410
    assert confirm(panel, ovh, page).status_code == 410
    assert Connection.objects.count() == 1


def test_a_way_back_is_good_for_fifteen_minutes(panel, ovh):
    back = say(ovh, begin(panel, ovh))
    Consent.objects.update(created_at=timezone.now() - timedelta(minutes=16))

    assert panel.get(back).status_code == 410


def test_a_way_back_is_no_use_to_somebody_else(panel, ovh, team):
    back = say(ovh, begin(panel, ovh))

    assert signed_in(join(team, Role.ADMIN, name="Bob")).get(back).status_code == 410


def test_a_way_back_is_no_use_in_another_session(panel, ovh, admin):
    back = say(ovh, begin(panel, ovh))

    assert signed_in(admin).get(back).status_code == 410


def test_a_way_back_is_no_use_in_another_team(panel, ovh, admin):
    back = say(ovh, begin(panel, ovh))
    other = Team.objects.create(name="Other", slug="other")
    other.members.create(user=admin.user, role=Role.OWNER)

    assert panel.get(back.replace("/t/acme/", "/t/other/")).status_code == 410


@pytest.mark.parametrize("state", ["", "made-up", "x" * 5000])
def test_a_made_up_state_opens_nothing(panel, ovh, state):
    begin(panel, ovh)

    assert panel.get(url("consent_return"), {"state": state}).status_code == 410


def test_the_state_is_kept_as_a_hash_and_the_key_sealed(panel, ovh):
    opened = begin(panel, ovh)
    state = say(ovh, opened).partition("state=")[2]

    row = str(Consent.objects.values().get())
    assert state not in row
    assert opened.credentials.consumer_key not in row


def test_the_account_that_was_shown_is_the_one_that_is_connected(panel, ovh):
    page = panel.get(say(ovh, begin(panel, ovh)))

    answer = panel.post(url("consent_confirm", page.context["consent"].pk), {"nichandle": "zz1-ovh"})

    assert answer.status_code == 410
    assert not Connection.objects.exists()


def test_a_key_is_renewed_by_saying_yes(panel, ovh, connection):
    opened = begin(panel, ovh, url("renew", connection.pk))
    sealed = connection.sealed

    confirm(panel, ovh, panel.get(say(ovh, opened)))

    connection.refresh_from_db()
    assert connection.sealed != sealed
    assert Connection.objects.count() == 1


def test_another_account_saying_yes_does_not_renew_this_one(panel, ovh, connection):
    other = ovh.control("POST", "accounts", services=1)
    opened = begin(panel, ovh, url("renew", connection.pk))
    page = panel.get(say(ovh, opened, nichandle=other["nichandle"]))
    sealed = connection.sealed

    confirm(panel, ovh, page)

    connection.refresh_from_db()
    assert page.context["is_other"]
    assert connection.sealed == sealed


def test_the_application_of_another_account_serves_again(panel, ovh, connection):
    other = ovh.control("POST", "accounts", services=1)
    typed = {"way": "consent", "name": "Other", "endpoint": "sandbox", "application": connection.pk}
    opened = panel.post(url("create"), typed, follow=True).context["opened"]

    confirm(panel, ovh, panel.get(say(ovh, opened, nichandle=other["nichandle"])))

    made = Connection.objects.get(name="Other")
    assert (made.application_key, made.nichandle) == (connection.application_key, other["nichandle"])


def test_the_application_of_an_account_out_of_sight_cannot_be_used(team, ovh, connection):
    hidden = signed_in(join(team, Role.ADMIN, name="Bob", sees_all_accounts=False))

    answer = hidden.post(
        url("create"), {"way": "consent", "name": "Other", "endpoint": "sandbox", "application": connection.pk}
    )

    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_without_an_application_both_its_fields_are_needed(panel, ovh):
    answer = panel.post(url("create"), {"way": "consent", "name": "Other", "endpoint": "sandbox"})

    assert set(answer.context["form"].errors) == {"application_key", "application_secret"}


def test_an_application_ovh_does_not_know_is_said_beside_it(panel, ovh):
    answer = panel.post(url("create"), keys_of(ovh, way="consent", application_key="nobody"))

    assert answer.status_code == 422
    assert answer.context["form"].errors["application_key"]
