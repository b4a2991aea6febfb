"""What a handshake with a domain shows; the servers and certificates are real."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from apps.domains import dns, handshake
from tests.domains.certificates import make

HERE = {"A": ["127.0.0.1"], "AAAA": []}


def look(domain, port, authority, **more):
    return handshake.look(
        domain,
        port=port,
        find=lambda _domain: HERE,
        may_connect=lambda _address: True,
        roots=authority.root.pem,
        **more,
    )


def test_a_good_certificate_shows_its_issuer_names_and_dates(authority, shows):
    server = shows(authority.issue("site.fr", "www.site.fr"), authority.chain)

    seen = look("www.site.fr", server.port, authority)

    assert (seen.error, seen.issuer, seen.names) == ("", "Test Between", ["site.fr", "www.site.fr"])
    assert timedelta(days=89) < seen.ends_at - datetime.now(UTC) < timedelta(days=91)
    assert seen.address == "127.0.0.1"


def test_the_server_is_told_the_name_and_nothing_is_sent_to_it(authority, shows):
    server = shows(authority.issue("site.fr"), authority.chain)

    look("site.fr", server.port, authority)
    server.stop()

    assert server.asked == ["site.fr", "site.fr"]
    assert set(server.received) <= {b""}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"days": -1, "begins": -30}, "expired"),
        ({"begins": 5}, "not_yet"),
    ],
)
def test_dates_that_are_wrong_are_seen(given, error, authority, shows):
    server = shows(authority.issue("site.fr", **given), authority.chain)

    assert look("site.fr", server.port, authority).error == error


def test_a_certificate_for_other_names_is_shown_with_them(authority, shows):
    server = shows(authority.issue("cluster027.hosting.ovh.net"), authority.chain)

    seen = look("site.fr", server.port, authority)

    assert (seen.error, seen.names) == ("name", ["cluster027.hosting.ovh.net"])


def test_a_self_signed_certificate_is_seen_as_such(authority, shows):
    server = shows(make("site.fr", names=("site.fr",)))

    assert look("site.fr", server.port, authority).error == "self_signed"


def test_a_chain_that_leads_to_no_known_authority_is_not_trusted(authority, shows):
    server = shows(authority.issue("site.fr"))  # without the certificate of its issuer

    assert look("site.fr", server.port, authority).error == "untrusted"


def test_where_nothing_listens_there_is_no_answer(authority):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    assert look("site.fr", port, authority).error == "no_answer"


def test_what_does_not_speak_tls_has_no_certificate(authority):
    def serve(listener):
        plain, _ = listener.accept()
        with plain:
            plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            plain.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=[listener], daemon=True).start()

        assert look("site.fr", listener.getsockname()[1], authority).error == "no_tls"


def test_a_server_that_says_nothing_is_given_up(authority, monkeypatch):
    monkeypatch.setattr(handshake, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert look("site.fr", listener.getsockname()[1], authority).error == "no_answer"


def test_a_domain_without_address_points_nowhere():
    assert handshake.look("site.fr", find=lambda _domain: {"A": [], "AAAA": []}).error == "no_address"


def test_a_dns_that_does_not_answer_says_so():
    def silent(_domain):
        raise dns.Unreachable

    assert handshake.look("site.fr", find=silent).error == "dns"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "0.1.2.3", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "2001:db8::1", "not an address", "127.1",
    ],
)  # fmt: skip
def test_only_public_addresses_are_connected_to(address, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))

    seen = handshake.look("site.fr", find=lambda _domain: {"A": [address], "AAAA": []})

    assert seen.error == "private"


@pytest.mark.parametrize("address", ["8.8.8.8", "213.186.33.5", "2001:41d0:1:1b00:213:186:33:5"])
def test_public_addresses_are(address):
    assert handshake.is_public(address)


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch):
    reached = []

    def connect(where, timeout):
        reached.append((where, timeout))
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    addresses = {"A": ["10.0.0.1", "8.8.8.8", "9.9.9.9"], "AAAA": ["::1"]}

    seen = handshake.look("site.fr", find=lambda _domain: addresses)

    assert reached == [(("8.8.8.8", 443), 5.0)]
    assert seen.error == "no_answer"


@pytest.mark.parametrize(
    ("names", "domain", "is_covered"),
    [
        (["site.fr"], "site.fr", True),
        (["SITE.fr"], "site.FR", True),
        (["site.fr"], "www.site.fr", False),
        (["*.site.fr"], "www.site.fr", True),
        (["*.site.fr"], "site.fr", False),
        (["*.site.fr"], "a.b.site.fr", False),
        (["*.site.fr"], "*.site.fr", True),
        (["www.site.fr"], "*.site.fr", False),
        ([], "site.fr", False),
    ],
)
def test_a_star_stands_for_one_label(names, domain, is_covered):
    assert handshake.covers(names, domain) is is_covered


def test_text_of_a_certificate_is_short_and_holds_nothing_odd(authority, shows):
    server = shows(make("x\0<b>\u202e" + "y" * 40, names=("site.fr",)))

    assert look("site.fr", server.port, authority).issuer == "x<b>" + "y" * 40
