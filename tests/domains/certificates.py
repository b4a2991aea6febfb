"""Certificates made for tests, and a server that shows one."""

import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PLAIN = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self):
        return self.key.private_bytes(*PLAIN).decode()


def make(name, *, names=(), by=None, days=90, begins=-1, ca=False, key=None):
    """A certificate for `names`, issued by `by`, or by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    issuer_key = by.key.public_key() if by else key.public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    if ca:
        not_allowed = (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "encipher_only", "decipher_only",
        )  # fmt: skip
        usage = dict.fromkeys(not_allowed, False)
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
    return Made(builder.sign(by.key if by else key, hashes.SHA256()), key)


class Authority:
    """A root, what it has issued, and an intermediate."""

    def __init__(self):
        self.root = make("Test Root", ca=True, days=3650)
        self.between = make("Test Between", by=self.root, ca=True, days=1000)

    def issue(self, *names, **more):
        return make(names[0] if names else "nameless", names=names, by=self.between, **more)

    @property
    def chain(self):
        return self.between.pem + self.root.pem


class Server:
    """Shows a certificate on loopback to everybody who shakes hands; `port` is where."""

    def __init__(self, folder, made, chain=""):
        file = folder / "server.pem"
        file.write_text(made.key_pem + made.pem + chain)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(file)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = []
        self.context.sni_callback = lambda _socket, name, _context: self.asked.append(name)
        self.received = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as secure:
                    secure.settimeout(2)
                    self.received.append(secure.recv(100))
            except OSError:
                plain.close()

    def stop(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
