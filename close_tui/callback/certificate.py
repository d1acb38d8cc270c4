"""The certificate for the local address: one self-signed leaf for each installation."""

from __future__ import annotations

import os
import secrets
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from close_tui.errors import CallbackError, CertificateBroken

FILE_NAME: Final = "certificate.pem"
"""The certificate, then its key. One file, so that the two always match."""

LIFETIME: Final = timedelta(days=397)
RENEW_BEFORE: Final = timedelta(days=30)

_LOCK_S: Final = 20.0
_SIZE_LIMIT: Final = 64 * 1024
_POSIX: Final = sys.platform != "win32"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate in use.

    Attributes:
        path: PEM file with the certificate (and what it is signed by); ours holds its key too.
        pem: the certificate alone, without the key.
        sha256: fingerprint as browsers show it: upper-case hex pairs with colons.
        not_before: Unix seconds.
        not_after: Unix seconds.
        key_path: PEM file with the key, None when it stands behind the certificate.
        is_brought: whether it is its owner's own, and not made by close-tui.

    """

    path: Path
    pem: str
    sha256: str
    not_before: float
    not_after: float
    key_path: Path | None = None
    is_brought: bool = False

    def is_due(self, now: float) -> bool:
        """Tell whether it must be made anew: it ends soon, or is not valid yet."""
        return not self.not_before <= now <= self.not_after - RENEW_BEFORE.total_seconds()


def ensure(home: Path, *, clock: Callable[[], float] = time.time) -> Certificate:
    """Return the installation's certificate, made or renewed where needed.

    Several processes at once end with the same one. A file that cannot be read, does not parse,
    or that others may read is a CertificateBroken, and is left as it is. Blocks for some
    milliseconds of file and key work.
    """
    found = _read(home / FILE_NAME)
    if found is not None and not found.is_due(clock()):
        return found
    return _made(home, clock, lambda found: found is None or found.is_due(clock()))


def renew(home: Path, *, clock: Callable[[], float] = time.time) -> Certificate:
    """Make the installation's certificate anew, also in the place of one that is unusable."""
    return _made(home, clock, None)


def _made(
    home: Path,
    clock: Callable[[], float],
    is_wanted: Callable[[Certificate | None], bool] | None,
) -> Certificate:
    """Make it, one process at a time; not when a look under the lock says that it is not wanted."""
    from filelock import FileLock, Timeout

    path = home / FILE_NAME
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(
            home / f"{FILE_NAME}.lock", _LOCK_S, 0o600, thread_local=False, fallback_to_soft=False
        )
        with lock:
            if is_wanted is None or is_wanted(_read(path)):
                write(path, _make(clock()))
            found = _read(path)
    except Timeout:
        raise CallbackError(
            "Another close-tui is making the certificate.", advice="Wait a moment and try again."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise CertificateBroken(
            f"{path} cannot be written: {_why(error)}.",
            advice="Make its folder writable and leave some space, then try again.",
        ) from None
    assert found is not None
    return found


def look(home: Path) -> Certificate | None:
    """Return the installation's certificate as it is, None where none was made; makes nothing.

    CertificateBroken when the file is unusable.
    """
    return _read(home / FILE_NAME)


def ssl_context(certificate: Certificate) -> ssl.SSLContext:
    """Return the server side of TLS 1.2 or newer with this certificate, for HTTP/1.1 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate.path, certificate.key_path)
    except (OSError, ssl.SSLError) as error:
        if certificate.is_brought:
            raise CertificateBroken(
                f"{certificate.path} cannot be served: {_why(error)}.",
                advice="Look at certificate_file and certificate_key_file in the settings.",
            ) from None
        raise _broken(certificate.path, "its certificate and key do not belong together") from None
    return context


def _read(path: Path) -> Certificate | None:
    """Return what the file holds, None when there is none."""
    try:
        with path.open("rb") as file:
            others_may = _POSIX and os.fstat(file.fileno()).st_mode & 0o077
            pem = file.read(_SIZE_LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CertificateBroken(
            f"{path} cannot be read: {_why(error)}.",
            advice="Make it readable for yourself, then try again.",
        ) from None
    if others_may:
        raise CertificateBroken(
            f"{path} holds a private key that other users of this machine may read.",
            advice="Delete it; a new certificate is made at the next start.",
        )
    return _parse(path, pem)


def _parse(path: Path, pem: bytes) -> Certificate:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    mark = pem.find(b"-----BEGIN PRIVATE KEY-----")
    if mark < 0:
        raise _broken(path, "it does not hold a certificate and a key")
    try:
        leaf = x509.load_pem_x509_certificate(pem[:mark])
        key = load_pem_private_key(pem[mark:], password=None)
        matching = leaf.public_key() == key.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _broken(path, "it does not hold a certificate and a key") from None
    if not matching:
        raise _broken(path, "its certificate and key do not belong together")
    return Certificate(
        path=path,
        pem=leaf.public_bytes(Encoding.PEM).decode("ascii"),
        sha256=leaf.fingerprint(SHA256()).hex(":").upper(),
        not_before=leaf.not_valid_before_utc.timestamp(),
        not_after=leaf.not_valid_after_utc.timestamp(),
    )


def _make(now: float) -> bytes:
    """Return a fresh P-256 leaf and its key as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own: browsers keep certificates of the same name together, and could not be told
    # which of two installations, or of an old and a new one, to forget.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "close-tui on this computer"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, secrets.token_hex(8)),
        ]
    )
    # An hour back, for clocks that are set back a little after it was made.
    begin = datetime.fromtimestamp(int(now), UTC) - timedelta(hours=1)
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ip_address(text)) for text in ("127.0.0.1", "::1")]
    leaf = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return leaf.public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step, never readable by others."""
    made = path.with_name(f".{path.name}.{os.getpid()}.new")
    made.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(made, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def _broken(path: Path, reason: str) -> CertificateBroken:
    return CertificateBroken(
        f"{path} is damaged: {reason}.",
        advice="Delete that file; a new certificate is made at the next start.",
    )


def _why(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
