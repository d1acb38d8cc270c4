"""Keyrings that lie, hang or break: none of them gets a key, and none stops the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import IdentityMissing, VaultError, VaultLocked
from close_tui.secret import Secret
from close_tui.vault.in_keyring import SERVICE, Backend, InKeyring, proved

if TYPE_CHECKING:
    from tests.conftest import Python

FIRST = "keyring.backends.SecretService"
SECOND = "keyring.backends.libsecret"
KEY = Secret("AGE-SECRET-KEY-1CANARY")

pytestmark = pytest.mark.skipif(
    "not __import__('sys').platform.startswith('linux')", reason="the list of Linux keyrings"
)


class Honest:
    """A keyring that keeps what it is given, in memory."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return an item, or None."""
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an item."""
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Delete an item."""
        del self.items[service, username]


class Null(Honest):
    """Drops every write and says nothing, as keyring's own null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Do nothing."""

    def delete_password(self, service: str, username: str) -> None:
        """Do nothing."""


class Sticky(Honest):
    """Never deletes."""

    def delete_password(self, service: str, username: str) -> None:
        """Do nothing."""


class Forgetful(Honest):
    """Gives back something else than it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the beginning of an item."""
        found = super().get_password(service, username)
        return found and found[:10]


class KeyringLocked(Exception):
    """Has the name of keyring's own error."""


class Locked(Honest):
    """Refuses to write, as a keyring does whose prompt was dismissed."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse, with the secret in the error's own words."""
        raise KeyringLocked(f"cannot store {password}")


class Broken(Honest):
    """Fails, and quotes what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise ValueError(f"cannot store {password}")


def only(**made: Backend) -> Callable[[str], Backend]:
    """A factory that knows these backends; every other is not there."""

    def make(module: str) -> Backend:
        short = module.rpartition(".")[2]
        if short not in made:
            raise RuntimeError(f"{short} is not running\x1b]52;c;x\x07")
        return made[short]

    return make


@pytest.fixture
def hanging() -> Iterator[Honest]:
    """A keyring that waits for a prompt which nobody sees, until the test has ended."""
    end = threading.Event()

    class Hanging(Honest):
        def get_password(self, service: str, username: str) -> str | None:
            end.wait(100)
            return None

        def set_password(self, service: str, username: str, password: str) -> None:
            end.wait(100)

    yield Hanging()
    end.set()


def test_an_honest_keyring_is_proved_and_left_clean() -> None:
    """Written, read back, deleted: chosen, and the probe is gone."""
    honest = Honest()

    place = proved("v1", only(SecretService=honest))

    assert ("keyring", FIRST) == (place.kind, place.detail)
    assert {} == honest.items


def test_the_key_is_one_item_named_after_the_vault() -> None:
    """Several homes can use one keyring."""
    honest = Honest()
    one, two = (InKeyring(FIRST, v, only(SecretService=honest)) for v in ("v1", "v2"))

    one.write(KEY)

    assert {(SERVICE, "vault-identity-v1:v1"): KEY.reveal()} == honest.items
    assert KEY == one.read(10)
    with pytest.raises(IdentityMissing, match="vault-identity-v1:v2") as caught:
        two.read(10)
    assert "backup" in caught.value.advice


@pytest.mark.parametrize("liar", [Null, Sticky, Forgetful, Broken])
def test_a_keyring_that_does_not_keep_is_passed_over(liar: type[Honest]) -> None:
    """The next on the list is tried; the one that lies is never used."""
    honest = Honest()

    place = proved("v1", only(SecretService=liar(), libsecret=honest))

    assert SECOND == place.detail
    place.write(KEY)
    assert [KEY.reveal()] == list(honest.items.values())


@pytest.mark.parametrize("liar", [Null, Sticky, Forgetful, Broken])
def test_without_an_honest_one_there_is_none(liar: type[Honest]) -> None:
    """The reason of each is given, cleaned, and quotes no secret."""
    keyring = liar()

    with pytest.raises(VaultError) as caught:
        proved("v1", only(SecretService=keyring))

    words = str(caught.value)
    assert not isinstance(caught.value, VaultLocked)
    assert "SecretService" in words
    assert "libsecret keyring cannot be used: libsecret is not running" in words
    assert words.isprintable()
    assert "cannot store" not in words


def test_a_write_that_is_dropped_is_noticed() -> None:
    """A key that was not kept is an error now, not a vault that nobody opens later."""
    for liar in (Null(), Forgetful()):
        with pytest.raises(VaultError, match="does not give back"):
            InKeyring(FIRST, "v1", only(SecretService=liar)).write(KEY)


def test_locked_is_not_absent() -> None:
    """A locked keyring ends the search: no other place is taken silently."""
    honest = Honest()

    with pytest.raises(VaultLocked, match=r"^The keyring is locked\.$") as caught:
        proved("v1", only(SecretService=Locked(), libsecret=honest))

    assert "Unlock your keyring" in caught.value.advice
    assert {} == honest.items


def test_a_keyring_that_hangs_is_locked(hanging: Honest) -> None:
    """A time-out means locked, for choosing and for reading."""
    make = only(SecretService=hanging, libsecret=Honest())

    with pytest.raises(VaultLocked, match=r"within 0\.1 s"):
        proved("v1", make, wait_s=0.1)
    with pytest.raises(VaultLocked, match=r"within 0\.1 s"):
        InKeyring(FIRST, "v1", make).read(0.1)


def test_a_hanging_keyring_does_not_delay_the_exit(python: Python) -> None:
    """The program ends although the call into the keyring never does."""
    done = python(
        "import threading\n"
        "from close_tui.errors import VaultLocked\n"
        "from close_tui.vault.in_keyring import proved\n"
        "try:\n"
        "    proved('v1', lambda module: threading.Event().wait(), wait_s=0.1)\n"
        "except VaultLocked:\n"
        "    print('locked')\n"
    )

    assert (0, "locked\n") == (done.returncode, done.stdout), done.stderr


def test_the_environment_does_not_choose_the_keyring(python: Python) -> None:
    """``keyring.get_keyring()`` is never asked: what it would return may keep nothing."""
    done = python(
        "import sys\n"
        "from close_tui.errors import VaultError\n"
        "from close_tui.vault.in_keyring import proved\n"
        "try:\n"
        "    print('chosen', proved('v1').detail)\n"
        "except VaultError as error:\n"
        "    print('none', 'keyring.backends.null' in sys.modules)\n",
        PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
    )

    assert "none False\n" == done.stdout, done.stderr
