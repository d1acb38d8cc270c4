"""The tools that change what a browser trusts: their commands, and what they complain of."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from close_tui.callback.trust_stores import Machine, Ran, Store
from close_tui.text import clean

Command: TypeAlias = tuple[str, ...]

# Measured: Chromium believes a leaf as a peer (P) only, Firefox as an authority (C) only. It is no
# authority: CA:FALSE, and its key usage does not sign certificates.
_FLAGS: Final = {"chromium": "P,,", "firefox": "C,,"}
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PASSWORD: Final = ("SEC_ERROR_BAD_PASSWORD", "could not authenticate")


class Wanted(NamedTuple):
    """A certificate, as the tools name it.

    Attributes:
        sha256: fingerprint as browsers show it.
        sha1: upper-case hex; by this macOS and Windows find it. It protects nothing.
        nickname: what it is called in an NSS database.

    """

    sha256: str
    sha1: str
    nickname: str


def wanted(pem: str) -> Wanted:
    """Return how the tools name a certificate."""
    der = ssl.PEM_cert_to_DER_cert(pem)
    sha256 = hashlib.sha256(der).digest()
    sha1 = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    return Wanted(sha256.hex(":").upper(), sha1, f"close-tui {sha256.hex()[:16]}")


def certutil(machine: Machine) -> str | None:
    """Return NSS's certutil, None where it is not installed. Windows has another of that name."""
    found = machine.which("certutil")
    if found and machine.platform == "win32":
        system = machine.environment.get("SYSTEMROOT") or r"C:\Windows"
        if found.lower().startswith(system.lower()):
            return None
    return found


def where_from(machine: Machine) -> str:
    """Say how certutil is got."""
    if machine.platform == "darwin":
        return "Install NSS's certutil: brew install nss"
    if machine.platform == "win32":
        return "Let Firefox ask once and accept there: NSS's certutil is seldom had on Windows."
    return (
        "Install NSS's certutil: apt install libnss3-tools (Debian, Ubuntu), dnf install nss-tools "
        "(Fedora), pacman -S nss (Arch)."
    )


def adding(store: Store, what: Wanted, file: Path) -> list[Command]:
    """Return the commands that make a store trust the certificate in a file."""
    if store.kind == "keychain":
        how = ("-r", "trustRoot", "-p", "ssl", "-k", store.path)
        return [("security", "add-trusted-cert", *how, str(file))]
    if store.kind == "windows":
        return [("certutil", "-user", "-addstore", "Root", str(file))]
    commands: list[Command] = []
    if store.is_gone:
        if not Path(store.path).is_dir():
            commands.append(("mkdir", "-p", "-m", "700", store.path))
        commands.append((*_nss(store), "-N", "--empty-password"))
    flags = _FLAGS[store.browser]
    return [*commands, (*_nss(store), "-A", "-t", flags, "-n", what.nickname, "-i", str(file))]


def removing(store: Store, what: Wanted) -> Command:
    """Return the command that takes the certificate, and the trust in it, out of a store."""
    if store.kind == "keychain":
        return ("security", "delete-certificate", "-Z", what.sha1, "-t", store.path)
    if store.kind == "windows":
        return ("certutil", "-user", "-delstore", "Root", what.sha1)
    return (*_nss(store), "-D", "-n", what.nickname)


def holds(store: Store, what: Wanted, machine: Machine) -> bool | None:
    """Tell whether a store holds the certificate; None where its tool cannot say."""
    if store.is_gone:
        return False
    if store.kind == "keychain":
        ran = machine.run(("security", "find-certificate", "-a", "-Z", store.path))
        return None if ran.code else what.sha1 in ran.out.upper().replace(" ", "")
    if store.kind == "windows":
        ran = machine.run(("certutil", "-user", "-store", "Root", what.sha1))
        return None if ran.code in (124, 126, 127) else ran.code == 0
    ran = machine.run((*_nss(store), "-L", "-n", what.nickname, "-a"))
    if ran.code:
        return False if "PR_FILE_NOT_FOUND_ERROR" in ran.err else None
    return any(wanted(pem).sha256 == what.sha256 for pem in _PEM.findall(ran.out))


def complaint(ran: Ran, command: Command, machine: Machine) -> tuple[str, str]:
    """Return what went wrong, and what to do."""
    if ran.code == 127:
        advice = where_from(machine) if "sql:" in "".join(command) else ""
        return f"{command[0]} is not installed.", advice
    if any(sign in ran.err for sign in _PASSWORD):
        return (
            "It is protected by a password (Firefox: primary password).",
            f"Run it where it can ask you, then trust once more: {shell_line(command)}",
        )
    words = clean(ran.err or ran.out, 300) or f"It ended with {ran.code}."
    return words, "Close the browser that uses it, and try again."


def shell_line(command: Sequence[str]) -> str:
    """Return a command as it can be pasted into a shell: one line, whatever is in its names."""
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in command)


def _escaped(word: str) -> str:
    codes = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}"
        for byte in os.fsencode(word)
    )
    return f"$'{codes}'"


def _nss(store: Store) -> Command:
    return ("certutil", "-d", f"sql:{store.path}")
