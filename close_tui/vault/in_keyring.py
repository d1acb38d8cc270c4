"""The identity in the system's keyring: one item, written once.

The backend is one of a few that really keep secrets, made by name: what
``keyring.get_keyring()`` returns may be a plug-in in plain text, or one that drops every write.
Every call runs in a daemon thread with a time-out, because a locked keyring may wait for a prompt
that nobody sees, and must not keep the program from ending.
"""

from __future__ import annotations

import importlib
import logging
import secrets
import sys
import threading
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from close_tui.errors import IdentityMissing, VaultError, VaultLocked
from close_tui.secret import Secret
from close_tui.text import clean

SERVICE: Final = "close-tui"
PROBE_WAIT_S: Final = 8.0

_BY_PLATFORM: Final = {
    "darwin": ("keyring.backends.macOS",),
    "win32": ("keyring.backends.Windows",),
    "linux": (
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
    ),
}
_CLASS: Final = {
    "keyring.backends.Windows": "WinVaultKeyring",
    "keyring.backends.kwallet": "DBusKeyring",
}

T = TypeVar("T")


class Backend(Protocol):
    """What is used of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return an item, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an item."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete an item."""


def by_name(module: str) -> Backend:
    """Make the backend of one of keyring's modules; raises where it cannot work."""
    logging.getLogger("keyring").setLevel(logging.ERROR)
    backend_class = getattr(importlib.import_module(module), _CLASS.get(module, "Keyring"))
    _ = backend_class.priority  # raises, with the reason, where the backend cannot work
    backend: Backend = backend_class()
    if module == "keyring.backends.Windows":
        # The default persistence roams through a domain.
        backend.persist = "local machine"  # type: ignore[attr-defined]
    return backend


class _Bounded:
    """The three calls of a keyring backend, each bounded in time and in our words."""

    def __init__(self, module: str, make: Callable[[str], Backend], wait_s: float) -> None:
        self.module = module
        self._make = make
        self._wait_s = wait_s

    def get(self, user: str) -> str | None:
        return self._call(lambda backend: backend.get_password(SERVICE, user))

    def set(self, user: str, value: Secret) -> None:
        self._call(lambda backend: backend.set_password(SERVICE, user, value.reveal()))

    def delete(self, user: str) -> None:
        self._call(lambda backend: backend.delete_password(SERVICE, user))

    def _call(self, work: Callable[[Backend], T]) -> T:
        try:
            return in_daemon_thread(lambda: work(self._make(self.module)), self._wait_s)
        except TimeoutError:
            raise VaultLocked(
                f"The keyring did not answer within {self._wait_s:g} s: it is locked, or waits for "
                "its own prompt.",
            ) from None
        except VaultError:
            raise
        except Exception as error:  # noqa: BLE001 - each backend has errors of its own
            raise _in_our_words(error, self.module) from None


class InKeyring:
    """One item of the system's keyring, named after the vault.

    An item is written once. After a change of key the vault names another one: ``detail`` is the
    backend's module, from the second item on with a number (``…SecretService:2``).
    """

    kind = "keyring"

    def __init__(
        self, detail: str, vault_id: str, make: Callable[[str], Backend] = by_name
    ) -> None:
        module, _, number = detail.partition(":")
        if module not in {name for names in _BY_PLATFORM.values() for name in names}:
            raise VaultError(f"The vault names a keyring that is not known: {module!r}.")
        if number and not (number.isascii() and number.isdigit()):
            raise VaultError(f"The vault names a keyring item that cannot be one: {number!r}.")
        self.module = module
        self.number = int(number or 1)
        self.detail = detail
        self.user = _user(vault_id, self.number)
        self._vault_id = vault_id
        self._make = make

    def read(self, wait_s: float) -> Secret:
        """Return the identity; VaultLocked when the keyring does not answer in time."""
        found = _Bounded(self.module, self._make, wait_s).get(self.user)
        if not found:
            raise IdentityMissing(
                f"The keyring holds no item {SERVICE} / {self.user}.",
                advice=(
                    "Restore the keyring, or this vault's identity, from a backup. Without it the "
                    "secrets cannot be opened; the list still can."
                ),
            )
        return Secret(found)

    def write(self, identity: Secret) -> None:
        """Store the item, and prove that it can be read back."""
        backend = _Bounded(self.module, self._make, PROBE_WAIT_S)
        backend.set(self.user, identity)
        if backend.get(self.user) != identity.reveal():
            raise VaultError("The keyring does not give back what was written into it.")

    def free(self) -> InKeyring:
        """Return the first item behind this one that is not taken."""
        backend = _Bounded(self.module, self._make, PROBE_WAIT_S)
        number = self.number
        while backend.get(_user(self._vault_id, number)) is not None:
            number += 1
        detail = self.module if number == 1 else f"{self.module}:{number}"
        return InKeyring(detail, self._vault_id, self._make)

    def add(self, identity: Secret) -> InKeyring:
        """Keep another identity in an item of its own."""
        beside = self.free()
        beside.write(identity)
        return beside

    def remove(self) -> str:
        """Delete the item and older ones of this vault; returns what is left to do."""
        backend = _Bounded(self.module, self._make, PROBE_WAIT_S)
        for number in range(self.number, 0, -1):
            user = _user(self._vault_id, number)
            try:
                if backend.get(user) is None:
                    continue
                backend.delete(user)
                gone = backend.get(user) is None
            except VaultError as error:
                return f"The keyring still holds {SERVICE} / {user}: {error}"
            if not gone:
                return f"The keyring still holds {SERVICE} / {user}: delete it yourself."
        return ""


def _user(vault_id: str, number: int) -> str:
    plain = f"vault-identity-v1:{vault_id}"
    return plain if number == 1 else f"{plain}:{number}"


def proved(
    vault_id: str, make: Callable[[str], Backend] = by_name, wait_s: float = PROBE_WAIT_S
) -> InKeyring:
    """Return the first keyring that keeps a probe: written, read back, deleted.

    VaultLocked when one is there but locked; VaultError, with the reason, when there is none.
    """
    reasons: list[str] = []
    for module in _BY_PLATFORM.get(sys.platform, _BY_PLATFORM["linux"]):
        try:
            prove(module, make, wait_s)
        except VaultLocked:
            raise
        except VaultError as error:
            reasons.append(str(error))
        else:
            return InKeyring(module, vault_id, make)
    raise VaultError(" ".join(reasons) or "No keyring is known for this system.")


def prove(
    module: str, make: Callable[[str], Backend] = by_name, wait_s: float = PROBE_WAIT_S
) -> None:
    """Write a probe into one keyring, read it back and delete it; errors as for :func:`proved`."""
    backend = _Bounded(module, make, wait_s)
    user, value = f"probe:{secrets.token_hex(8)}", Secret(secrets.token_hex(16))
    backend.set(user, value)
    kept = backend.get(user) == value.reveal()
    backend.delete(user)
    if not kept or backend.get(user) is not None:
        raise VaultError(f"The {_short(module)} keyring does not keep what is written into it.")


def in_daemon_thread(work: Callable[[], T], wait_s: float) -> T:
    """Run a call that may hang; TimeoutError after so many seconds. It never delays the exit."""
    done = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the calling thread
            errors.append(error)
        done.set()

    threading.Thread(target=run, daemon=True, name="keyring").start()
    if not done.wait(wait_s):
        raise TimeoutError
    if errors:
        raise errors[0]
    return results[0]


def _in_our_words(error: Exception, module: str) -> VaultError:
    """A locked keyring is VaultLocked; anything else is a keyring that cannot be used."""
    names = {base.__name__ for base in type(error).__mro__}
    if names & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
        return VaultLocked("The keyring is locked.")
    reason = type(error).__name__
    if names & {"RuntimeError", "InitError"}:  # why it cannot start: no item is in these words
        reason = clean(str(error), 160).rstrip(".") or reason
    return VaultError(
        f"The {_short(module)} keyring cannot be used: {reason}.",
        advice="Start the keyring, or log in where it runs: ssh often has no session bus.",
    )


def _short(module: str) -> str:
    return module.rpartition(".")[2]
