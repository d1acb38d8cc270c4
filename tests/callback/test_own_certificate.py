"""A certificate that its owner brings."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from close_tui.callback.certificate import Certificate, ssl_context
from close_tui.callback.own_certificate import check, load, names_of
from close_tui.errors import CertificateBroken
from tests.conftest import NOW

DAY = 86400.0
CURVE = ec.SECP256R1()


class Brought(NamedTuple):
    """A certificate from a CA that nobody knows, and its key, in files."""

    file: Path
    key: Path
    authority: str


def general(name: str) -> x509.GeneralName:
    """Return a name as certificates have it."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def bring(folder: Path, *names: str, begins: float = NOW - DAY, ends: float = NOW + DAY) -> Brought:
    """Make a CA, and a leaf with these names that it has signed; the file holds both."""
    ca_key, key = ec.generate_private_key(CURVE), ec.generate_private_key(CURVE)
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company's CA")])
    own_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])

    def made(
        subject: x509.Name, of: ec.EllipticCurvePrivateKey, extensions: Sequence[x509.ExtensionType]
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.fromtimestamp(begins, UTC))
            .not_valid_after(datetime.fromtimestamp(ends, UTC) + timedelta(0))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(ca_key, SHA256())

    authority = made(ca_name, ca_key, [x509.BasicConstraints(ca=True, path_length=0)])
    san = [x509.SubjectAlternativeName([general(name) for name in names])] if names else []
    leaf = made(own_name, key, san)
    pems = [each.public_bytes(Encoding.PEM) for each in (leaf, authority)]
    folder.mkdir(exist_ok=True)
    brought = Brought(folder / "mine.pem", folder / "mine-key.pem", pems[1].decode())
    brought.file.write_bytes(b"".join(pems))
    brought.key.touch(mode=0o600)
    brought.key.write_bytes(_written(key))
    return brought


def _written(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> bytes:
    secrecy = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secrecy)


def served(certificate: Certificate, authority: str) -> str | None:
    """Return the TLS version that a client agrees to which knows the CA alone."""
    trusting = ssl.create_default_context(cadata=authority)
    trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    serving = threading.Thread(
        target=lambda: ssl_context(certificate).wrap_socket(ours, server_side=True).close()
    )
    serving.start()
    with trusting.wrap_socket(theirs, server_hostname="localhost") as client:
        agreed = client.version()
    serving.join()
    return agreed


@pytest.fixture
def brought(tmp_path: Path) -> Brought:
    """One for localhost, valid from now -1d to now +1d."""
    return bring(tmp_path / "own", "localhost", "127.0.0.1", "::1")


def test_two_files_or_one(tmp_path: Path) -> None:
    """The key in a file of its own, or behind or before the certificate; a client is content."""
    now = datetime.now(UTC).timestamp()
    one = bring(tmp_path / "own", "localhost", begins=now - DAY, ends=now + DAY)
    both = tmp_path / "both.pem"
    both.touch(mode=0o600)
    both.write_bytes(one.key.read_bytes() + one.file.read_bytes())
    found = [load(one.file, one.key), load(both, None)]

    assert ["TLSv1.3"] * 2 == [served(each, one.authority) for each in found]
    assert 1 == len({each.sha256 for each in found})
    assert all(each.is_brought for each in found)
    for each in found:
        check(each, "localhost", now)


def test_the_whole_chain_is_served(tmp_path: Path) -> None:
    """Clients that know only the root must be sent what lies between."""
    now = datetime.now(UTC).timestamp()
    one = bring(tmp_path / "own", "localhost", begins=now - DAY, ends=now + DAY)
    context = ssl_context(load(one.file, one.key))
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    answer, asked = ssl.MemoryBIO(), ssl.MemoryBIO()
    blind.maximum_version = ssl.TLSVersion.TLSv1_2  # there the certificates are sent in clear
    client = blind.wrap_bio(answer, asked)
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    for side in (client, server):
        with pytest.raises(ssl.SSLWantReadError):
            side.do_handshake()
        incoming.write(asked.read())
    flight = outgoing.read()

    for pem in one.file.read_text().split("-----END CERTIFICATE-----\n")[:2]:
        assert ssl.PEM_cert_to_DER_cert(pem + "-----END CERTIFICATE-----\n") in flight


@pytest.mark.parametrize(
    ("names", "host", "is_for"),
    [
        (("localhost",), "localhost", True),
        (("LOCALHOST",), "localhost", True),
        (("127.0.0.1",), "127.0.0.1", True),
        (("0:0:0:0:0:0:0:1",), "::1", True),
        (("localhost",), "127.0.0.1", False),
        (("*.corp.example",), "me.corp.example", True),
        (("*.corp.example",), "corp.example", False),
        (("*.corp.example",), "a.b.corp.example", False),
        (("*.example",), "corp.example", False),
        (("dev.example", "other.example"), "localhost", False),
        ((), "localhost", False),
    ],
)
def test_it_must_be_for_the_redirect_uris_host(
    tmp_path: Path, names: tuple[str, ...], host: str, is_for: bool
) -> None:
    """Subject alternative names count, the common name does not; what it names is told."""
    one = bring(tmp_path / "own", *names)
    found = load(one.file, one.key)

    if is_for:
        check(found, host, NOW)
        return
    with pytest.raises(CertificateBroken, match=f"is not for {host}") as broken:
        check(found, host, NOW)
    assert (", ".join(names_of(found)) or "no host at all") in str(broken.value)
    assert f"mkcert {host}" in broken.value.advice


@pytest.mark.parametrize(("days", "words"), [(2, "has ended at"), (-2, "is not valid before")])
def test_it_must_be_valid_now(brought: Brought, days: int, words: str) -> None:
    """Ended, or not begun; the moment is told."""
    with pytest.raises(CertificateBroken, match=words):
        check(load(brought.file, brought.key), "localhost", NOW + days * DAY)


def test_a_key_that_others_may_read_is_refused(brought: Brought) -> None:
    """In its own file and beside the certificate; a certificate alone is no secret."""
    brought.file.chmod(0o644)
    load(brought.file, brought.key)
    brought.key.chmod(0o640)

    with pytest.raises(CertificateBroken, match=r"mine-key\.pem holds a private key that other"):
        load(brought.file, brought.key)
    brought.file.write_bytes(brought.file.read_bytes() + brought.key.read_bytes())
    with pytest.raises(CertificateBroken, match=r"mine\.pem holds a private key") as broken:
        load(brought.file, None)
    assert "chmod 600" in broken.value.advice


def test_what_is_wrong_with_a_key_is_said(brought: Brought) -> None:
    """Another's, encrypted, cut, a certificate, nothing, not there."""
    other = ec.generate_private_key(CURVE)
    traditional = other.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret")
    )
    for content, words in {
        _written(other): "is not that of the certificate",
        _written(other, b"secret"): "is encrypted",
        traditional: "is encrypted",
        brought.key.read_bytes()[:80]: "cannot be read as one|does not hold",
        brought.file.read_bytes(): "does not hold a private key",
        b"": "does not hold a private key",
        b"\0" * 300_000: "too large",
    }.items():
        brought.key.write_bytes(content)
        with pytest.raises(CertificateBroken, match=words) as broken:
            load(brought.file, brought.key)
        assert broken.value.advice
    brought.key.unlink()
    with pytest.raises(CertificateBroken, match="cannot be read: No such file"):
        load(brought.file, brought.key)


def test_what_is_wrong_with_a_certificate_is_said(brought: Brought, tmp_path: Path) -> None:
    """Not there, a folder, binary, cut, empty, only a key."""
    der = ssl.PEM_cert_to_DER_cert(brought.authority)
    for content in (der, brought.file.read_bytes()[:100], b"", brought.key.read_bytes()):
        brought.file.write_bytes(content)
        brought.file.chmod(0o600)
        with pytest.raises(CertificateBroken, match="does not hold a certificate in PEM"):
            load(brought.file, brought.key)
    for file in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(CertificateBroken, match="cannot be read"):
            load(file, brought.key)


def test_no_complaint_repeats_the_key(brought: Brought) -> None:
    """Nor does the certificate show it."""
    inside = brought.key.read_text().splitlines()[1]
    brought.key.write_text(brought.key.read_text().replace(inside, inside[:-4] + "AAAA"))

    with pytest.raises(CertificateBroken) as broken:
        load(brought.file, brought.key)

    assert inside[:20] not in f"{broken.value}{broken.value.advice}{broken.value.__cause__}"
