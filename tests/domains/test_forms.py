"""What OVH would refuse is said beside its field."""

import pytest

from apps.domains.forms import DomainAttachForm, DomainDetachForm
from tests.factories import AttachedDomainFactory, ServiceFactory

GOOD = {"key": "k", "domain": "example.com", "path": "www", "ssl": "on", "cdn": "none", "firewall": "none"}


@pytest.fixture
def hosting(db):
    return ServiceFactory(has_cdn=False)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Example.COM", "example.com"),
        ("www.example.com.", "www.example.com"),
        ("*.example.com", "*.example.com"),
        ("café.fr", "xn--caf-dma.fr"),
    ],
)
def test_a_domain_is_sent_as_ovh_writes_it(hosting, typed, sent):
    form = DomainAttachForm(GOOD | {"domain": typed}, service=hosting)

    assert form.is_valid(), form.errors
    assert form.params()["domain"] == sent


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("domain", "", "required"),
        ("domain", "localhost", "not a domain name"),
        ("domain", "a b.com", "not a domain name"),
        ("domain", "-a.com", "not a domain name"),
        ("domain", "https://example.com", "not a domain name"),
        ("domain", "<script>.com", "not a domain name"),
        ("domain", "here.fr", "attached to this hosting already"),
        ("domain", "a" * 61 + ".com", "at most 64 characters"),
        ("path", "", "required"),
        ("path", "../other", "two dots"),
        ("path", "mon dossier", "Only letters"),
        ("path", "été", "Only letters"),
        ("cdn", "active", "no CDN"),
        ("cdn", "maybe", "Select a valid choice"),
        ("firewall", "maybe", "Select a valid choice"),
        ("ipLocation", "US", "Select a valid choice"),
        ("ownLog", "elsewhere.com", "not a domain of this hosting"),
        ("runtimeId", "many", "Select a valid choice"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(hosting, field, value, sentence):
    AttachedDomainFactory(service=hosting, domain="here.fr")

    form = DomainAttachForm(GOOD | {field: value}, service=hosting)

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


def test_detaching_asks_for_the_name(hosting):
    form = DomainDetachForm({"key": "k", "confirm_name": "other.com"}, service=hosting, expected_name="example.com")

    assert not form.is_valid()
    assert "Type example.com to confirm" in str(form.errors)


@pytest.mark.parametrize(("most", "is_good"), [(1, False), (2, False), (3, True), (None, True), ("many", True)])
def test_an_offer_takes_only_so_many_domains(most, is_good, hosting):
    AttachedDomainFactory(service=hosting)
    hosting.choices = {"offerCapabilities": {"attachedDomains": most}}

    form = DomainAttachForm(GOOD | {"with_www": "on"}, service=hosting)

    assert form.is_valid() is is_good
    assert is_good or "and has 1 already" in str(form.errors)
