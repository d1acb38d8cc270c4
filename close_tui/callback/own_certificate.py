"""A certificate that its owner brings: from mkcert, or from a company's CA."""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from close_tui.callback.certificate import Certificate
from close_tui.errors import CertificateBroken
from close_tui.text import clean, rfc3339

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as Leaf

ENDS_SOON_S: Final = 14 * 86400.0
"""From here on its owner is told that it ends."""

_SIZE_LIMIT: Final = 256 * 1024
_POSIX: Final = sys.platform != "win32"
_KEY: Final = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----")
_LOOK: Final = "Look at certificate_file and certificate_key_file: close-tui settings show."
_SHOWN: Final = 5


def load(file: Path, key_file: Path | None) -> Certificate:
    """Return the certificate in a PEM file: the leaf first, then what it is signed by.

    Its key stands in a file of its own, or in the same one. CertificateBroken says what is wrong;
    whether it is valid now, and for this machine, is for :func:`check`.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = _read(file, holds_key=key_file is None)
    try:
        leaf = x509.load_pem_x509_certificates(pem)[0]
    except ValueError:
        raise _unusable(
            f"{_said(file)} does not hold a certificate in PEM.",
            "PEM begins with -----BEGIN CERTIFICATE-----; openssl x509 -inform der turns a binary "
            "one into it.",
        ) from None
    _match(leaf, pem if key_file is None else _read(key_file, holds_key=True), key_file or file)
    return Certificate(
        path=file,
        pem=leaf.public_bytes(Encoding.PEM).decode("ascii"),
        sha256=leaf.fingerprint(SHA256()).hex(":").upper(),
        not_before=leaf.not_valid_before_utc.timestamp(),
        not_after=leaf.not_valid_after_utc.timestamp(),
        key_path=key_file,
        is_brought=True,
    )


def check(certificate: Certificate, host: str, now: float) -> None:
    """CertificateBroken when a browser would refuse it at this host now, whoever has signed it."""
    file = _said(certificate.path)
    if now > certificate.not_after:
        raise _unusable(
            f"{file} has ended at {rfc3339(certificate.not_after)}.",
            f"Get a new one from where it came, for {host}.",
        )
    if now < certificate.not_before:
        raise _unusable(
            f"{file} is not valid before {rfc3339(certificate.not_before)}.",
            "Is this machine's clock right? close-tui doctor compares it with Close's.",
        )
    names = names_of(certificate)
    if not any(_covers(name, host) for name in names):
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        said = ", ".join(names[:_SHOWN]) + more if names else "no host at all"
        raise _unusable(
            f"{file} is not for {host}, where the redirect URI points: it names {said}.",
            f"Get one whose subject alternative names hold {host}, for example: mkcert {host}",
        )


def names_of(certificate: Certificate) -> list[str]:
    """Return the hosts that it names (RFC 6125: subject alternative names, nothing else)."""
    from cryptography import x509

    leaf = x509.load_pem_x509_certificate(certificate.pem.encode("ascii"))
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    names = [clean(name) for name in found.get_values_for_type(x509.DNSName)]
    return names + [str(address) for address in found.get_values_for_type(x509.IPAddress)]


def _covers(name: str, host: str) -> bool:
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        name, host = name.lower(), host.lower()
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:] and "." in name[2:]
    return name == host


def _read(file: Path, *, holds_key: bool) -> bytes:
    try:
        with file.open("rb") as opened:
            others_may = _POSIX and os.fstat(opened.fileno()).st_mode & 0o077
            content = opened.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise _unusable(f"{_said(file)} cannot be read: {error.strerror}.", _LOOK) from None
    if len(content) > _SIZE_LIMIT:
        raise _unusable(f"{_said(file)} is too large to be a certificate or a key.", _LOOK)
    if holds_key and others_may and _KEY.search(content):
        raise _unusable(
            f"{_said(file)} holds a private key that other users of this machine may read.",
            "Close it with chmod 600. If somebody may have read it, get a new certificate.",
        )
    return content


def _match(leaf: Leaf, pem: bytes, file: Path) -> None:
    """CertificateBroken where the key is not that of the certificate, or cannot be used."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = _KEY.search(pem)
    if found is None:
        raise _unusable(
            f"{_said(file)} does not hold a private key in PEM.",
            "Name the file that does: certificate_key_file in the settings, or --key.",
        )
    try:
        key = load_pem_private_key(pem[found.start() :], password=None)
    except TypeError:
        raise _unusable(
            f"The key in {_said(file)} is encrypted.",
            "close-tui asks for no passphrase here. Keep a copy that has none, for yourself only: "
            "(umask 077; openssl pkey -in KEY -out PLAIN-KEY)",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(f"The key in {_said(file)} cannot be read as one.", _LOOK) from None
    try:
        matching = leaf.public_key() == key.public_key()
    except (ValueError, UnsupportedAlgorithm):
        matching = False
    if not matching:
        raise _unusable(
            f"The key in {_said(file)} is not that of the certificate.",
            "Name the key that was made together with it, and the leaf before what has signed it.",
        )


def _said(file: Path) -> str:
    return clean(str(file), 300)


def _unusable(message: str, advice: str) -> CertificateBroken:
    return CertificateBroken(message, advice=advice)
