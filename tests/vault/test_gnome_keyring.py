"""A real GNOME Keyring keeps the vault's key; locked, hanging or absent, it is said so."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from close_tui.vault.in_keyring import SERVICE

if TYPE_CHECKING:
    from tests.vault.conftest import Session

pytestmark = pytest.mark.real

MAKE = """
import sys, time
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from close_tui.errors import CloseTuiError
from close_tui.secret import Secret
settings = Settings.from_environment()
try:
    vault = Vault.make(settings, at=1.0, new_passphrase=Secret("never fall back to me"))
except CloseTuiError as error:
    print(type(error).__name__, error)
else:
    print(vault.place_kind, vault.place_detail, vault.is_locked, vault.key().reveal())
"""
READ = """
import sys, time
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from close_tui.errors import CloseTuiError
vault = Vault.open(Settings.from_environment())
assert [] == vault.connections()
try:
    vault.unlock(vault.key_reader(wait_s=float(sys.argv[1]))())
except CloseTuiError as error:
    print(type(error).__name__, error, error.advice)
else:
    print(vault.key().reveal())
"""
NO_PASSPHRASE = MAKE.replace(', new_passphrase=Secret("never fall back to me")', "")
SECRET_SERVICE = "keyring.backends.SecretService"
PATIENCE = "60"


def test_the_key_is_kept_and_found_by_a_second_process(session: Session) -> None:
    """One item, named after the vault; another process unlocks with it, and no probe is left."""
    session.start_keyring(unlocked=True)

    code, made, errors = session.python(MAKE)
    kind, module, locked, key = made.split()

    assert (0, "keyring", SECRET_SERVICE, "False") == (code, kind, module, locked), errors
    assert key.startswith("AGE-SECRET-KEY-1")
    assert (0, f"{key}\n") == session.python(READ, PATIENCE)[:2]
    assert 1 == items(session)
    assert not (session.home / "close-tui" / "key.age").exists()
    assert key.encode() not in b"".join(
        file.read_bytes() for file in session.home.rglob("*") if file.is_file()
    )


def test_a_null_backend_in_the_environment_is_not_used(session: Session) -> None:
    """A widespread work-around would drop the key silently; the real keyring is taken."""
    session.start_keyring(unlocked=True)
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    _, made, errors = session.python(MAKE, **null)

    assert SECRET_SERVICE == made.split()[1], errors
    assert f"{made.split()[3]}\n" == session.python(READ, PATIENCE, **null)[1]


def test_a_locked_keyring_is_locked_and_unlocks_again(session: Session) -> None:
    """Locked is said as locked; once it is open again, everything is as before."""
    session.start_keyring(unlocked=True)
    key = session.python(MAKE)[1].split()[3]
    session.lock()

    code, said, errors = session.python(READ, PATIENCE)

    assert 0 == code, errors
    assert said.startswith("VaultLocked The keyring is locked. Unlock your keyring")
    session.stop_keyring()
    session.start_keyring(unlocked=True)
    assert f"{key}\n" == session.python(READ, PATIENCE)[1]


def test_a_keyring_that_was_never_unlocked_is_locked(session: Session) -> None:
    """After a log-in without a password the collection is there, and locked."""
    session.start_keyring(unlocked=True)
    session.python(MAKE)
    session.stop_keyring()
    session.start_keyring(unlocked=False)

    assert session.python(READ, PATIENCE)[1].startswith("VaultLocked")


def test_a_locked_keyring_never_turns_into_a_passphrase(session: Session) -> None:
    """A new vault waits for the keyring, although a passphrase was at hand; nothing is made."""
    session.start_keyring(unlocked=True)
    session.lock()

    code, said, errors = session.python(MAKE)

    assert (0, "VaultLocked The keyring is locked.\n") == (code, said), errors
    assert not (session.home / "close-tui" / "vault.db").exists()
    assert not (session.home / "close-tui" / "key.age").exists()


def test_a_keyring_that_hangs_is_locked_within_seconds_and_the_process_ends(
    session: Session,
) -> None:
    """A daemon that answers nothing, as with an unseen prompt, delays neither error nor exit."""
    session.start_keyring(unlocked=True)
    session.python(MAKE)
    assert session.daemon is not None
    session.daemon.send_signal(signal.SIGSTOP)

    began = time.monotonic()
    code, said, errors = session.python(READ, 1)
    took = time.monotonic() - began

    assert 0 == code, errors
    assert said.startswith("VaultLocked The keyring did not answer within 1 s")
    assert took < 20


@pytest.mark.parametrize("bus", [True, False])
def test_without_a_keyring_the_three_ways_are_named(session: Session, bus: bool) -> None:
    """No collection, or not even a session bus: there is no place, and the reason is given."""
    if not bus:
        del session.variables["DBUS_SESSION_BUS_ADDRESS"]

    code, said, errors = session.python(
        NO_PASSPHRASE, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"
    )

    assert 0 == code, errors
    assert said.startswith("NoPlaceForIdentity The SecretService keyring cannot be used: ")
    assert ("Failed to create the collection" if bus else "DBUS_SESSION_BUS_ADDRESS") in said
    assert not (session.home / "close-tui" / "vault.db").exists()


def items(session: Session) -> int:
    """How many items of ours the keyring holds, whatever their user."""
    code, count, errors = session.python(
        "import secretstorage, sys\n"
        "bus = secretstorage.dbus_init()\n"
        "print(len(list(secretstorage.search_items(bus, {'service': sys.argv[1]}))))\n"
        "bus.close()",
        SERVICE,
    )
    assert 0 == code, errors
    return int(count)
