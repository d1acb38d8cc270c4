from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from close_tui.callback.certificate import Certificate, ensure, ssl_context
from close_tui.errors import CertificateBroken

NOW = 1_800_000_000.0
DAY = 86_400.0


def test_is_a_leaf_for_this_machine_and_nothing_else(certificate: Certificate) -> None:
    """P-256, no CA, server authentication, the three loopback names, 397 days."""
    leaf = x509.load_pem_x509_certificate(certificate.path.read_bytes())
    extensions = leaf.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = leaf.public_key()

    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert "secp256r1" == key.curve.name
    assert (True, False) == (constraints.critical, constraints.value.ca)
    assert (True, True) == (usage.critical, usage.value.digital_signature)
    assert not usage.value.key_cert_sign
    assert [ExtendedKeyUsageOID.SERVER_AUTH] == list(extended.value)
    assert ["localhost"] == names.get_values_for_type(x509.DNSName)
    assert [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")] == (
        names.get_values_for_type(x509.IPAddress)
    )
    assert 397 == (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days


@pytest.mark.real
def test_openssl_says_the_same(certificate: Certificate) -> None:
    """The fingerprint is the one that other tools show, and the certificate verifies by itself."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not installed"
    shown = subprocess.run(
        [openssl, "x509", "-noout", "-fingerprint", "-sha256", "-in", certificate.path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    verified = subprocess.run(
        [
            *(openssl, "verify", "-x509_strict", "-purpose", "sslserver"),
            *("-verify_hostname", "localhost", "-CAfile", certificate.path, certificate.path),
        ],
        check=False,
    )

    assert certificate.sha256 == shown.strip().partition("=")[2]
    assert 0 == verified.returncode


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_it_is_content(certificate: Certificate, name: str) -> None:
    """A strict TLS client accepts it for every loopback name."""
    trusting = ssl.create_default_context(cadata=certificate.pem)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    serving = threading.Thread(
        target=lambda: ssl_context(certificate).wrap_socket(ours, server_side=True).close()
    )
    serving.start()
    with trusting.wrap_socket(theirs, server_hostname=name) as client:
        agreed = client.version()
    serving.join()

    assert "TLSv1.3" == agreed


def test_old_tls_is_not_spoken(certificate: Certificate) -> None:
    """TLS 1.2 is the least."""
    assert ssl.TLSVersion.TLSv1_2 == ssl_context(certificate).minimum_version


def test_is_kept_from_run_to_run(home: Path) -> None:
    """Browser exceptions for it stay good."""
    assert ensure(home, clock=lambda: NOW) == ensure(home, clock=lambda: NOW + 300 * DAY)


def test_the_file_is_for_its_owner_only(home: Path) -> None:
    """The key is never readable by others, and nothing else is left in the folder."""
    certificate = ensure(home)

    assert 0o600 == stat.S_IMODE(certificate.path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(home.stat().st_mode)
    assert {"certificate.pem", "certificate.pem.lock"} >= {path.name for path in home.iterdir()}


@pytest.mark.parametrize(("days", "renewed"), [(366, False), (368, True), (500, True), (-1, True)])
def test_is_renewed_before_it_ends(home: Path, days: int, renewed: bool) -> None:
    """Less than 30 days left, or not valid yet, means a new one."""
    first = ensure(home, clock=lambda: NOW)
    second = ensure(home, clock=lambda: NOW + days * DAY)

    assert renewed == (first.sha256 != second.sha256)


def test_damage_is_named_and_left_as_it_is(home: Path) -> None:
    """A file that was cut, emptied or mixed up is never overwritten."""
    path = ensure(home).path
    whole = path.read_text()
    other = ensure(home.with_name("other")).path.read_text()
    key = whole.index("-----BEGIN PRIVATE KEY")
    mixed = whole[:key] + other[other.index("-----BEGIN PRIVATE KEY") :]
    for damaged in ("", "rubbish", whole[:200], whole[:key], whole[: key + 60], mixed):
        path.write_text(damaged)

        with pytest.raises(CertificateBroken, match=r"certificate\.pem is damaged") as broken:
            ensure(home)
        assert damaged == path.read_text()
        assert "Delete" in broken.value.advice


def test_a_key_that_others_may_read_is_refused(home: Path) -> None:
    """A key that may have been copied is not used."""
    path = ensure(home).path
    path.chmod(0o644)

    with pytest.raises(CertificateBroken, match="other users"):
        ensure(home)


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    """A file in the place of the folder is named, not overwritten."""
    in_the_way = tmp_path / "home"
    in_the_way.write_text("mine")

    with pytest.raises(CertificateBroken, match=r"home/certificate\.pem"):
        ensure(in_the_way)
    assert "mine" == in_the_way.read_text()


@pytest.mark.parametrize("old", [None, NOW])
def test_processes_that_make_it_at_once_end_with_the_same(home: Path, old: float | None) -> None:
    """Whether it is the first or a renewal, one matching pair is left and all of them use it."""
    if old is not None:
        ensure(home, clock=lambda: old - 400 * DAY)
    program = (
        "import sys, pathlib; from close_tui.callback import certificate as c;"
        "sys.stdin.read(); made = c.ensure(pathlib.Path(sys.argv[1]), clock=lambda: 1.8e9);"
        "c.ssl_context(made); print(made.sha256)"
    )
    racing = [
        subprocess.Popen(
            [sys.executable, "-c", program, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ},
        )
        for _ in range(4)
    ]
    for process in racing:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    printed = {process.communicate(timeout=60)[0].strip() for process in racing}

    assert {ensure(home, clock=lambda: NOW).sha256} == printed
