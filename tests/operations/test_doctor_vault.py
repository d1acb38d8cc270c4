"""The doctor on the vault, its key and the keyring."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.operations import doctor_vault
from close_tui.settings import Settings
from close_tui.vault.database import FILE_NAME
from close_tui.vault.in_keyring import Backend
from close_tui.vault.vault import Vault
from tests.operations.checkup import case, found
from tests.vault.conftest import session  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.vault.conftest import Session


class Keyring:
    """A keyring that keeps what it is given, unless it drops it."""

    def __init__(self, *, drops: bool = False) -> None:
        self.items: dict[str, str] = {}
        self.asked: list[str] = []
        self._drops = drops

    def get_password(self, service: str, username: str) -> str | None:
        """Return an item, or None."""
        return self.items.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an item, or do not."""
        self.asked.append(username)
        if not self._drops:
            self.items[username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Delete an item."""
        self.items.pop(username, None)


def making(backend: Backend) -> Callable[[str], Backend]:
    """Return what makes this keyring, whatever the module."""
    return lambda module: backend


@pytest.fixture
def bare(settings: Settings) -> Settings:
    """A home without a vault, and nothing that says where a key shall live."""
    return settings._replace(identity_file=None)


def test_without_a_vault_that_is_said(bare: Settings) -> None:
    """It is nothing to worry about, and nothing is made."""
    (vault,) = doctor_vault.vault(case(bare))

    assert ("vault", "ok") == (vault.subject, vault.level)
    assert vault.detail.startswith("None yet in ")
    assert [] == list(doctor_vault.key(case(bare)))
    assert not bare.home.exists()


def test_a_keyring_is_proved_before_the_first_vault(bare: Settings) -> None:
    """Written, read back, deleted: and named as it is."""
    keyring = Keyring()

    (finding,) = doctor_vault.keyring(case(bare, make_keyring=making(keyring)))

    assert ("keyring", "ok") == (finding.subject, finding.level)
    assert finding.detail.startswith("SecretService on linux: a probe was written")
    assert (1, {}) == (len(keyring.asked), keyring.items)


def test_a_keyring_that_drops_everything_is_a_warning_while_nothing_needs_it(
    bare: Settings,
) -> None:
    """The advice names the other places for a key."""
    (finding,) = doctor_vault.keyring(case(bare, make_keyring=making(Keyring(drops=True))))

    assert "warning" == finding.level
    assert "does not keep what is written into it" in finding.detail
    assert "CLOSE_TUI_IDENTITY_FILE" in finding.advice


@pytest.fixture
def hanging() -> Iterator[Callable[[str], Backend]]:
    """A keyring that waits for a prompt which nobody sees."""
    end = threading.Event()

    def make(_: str) -> Backend:
        end.wait(60)
        return Keyring()

    yield make
    end.set()


def test_a_keyring_that_hangs_is_locked(
    bare: Settings, hanging: Callable[[str], Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A problem, and never a reason to look for another one."""
    monkeypatch.setattr(doctor_vault, "KEYRING_WAIT_S", 0.1)

    (finding,) = doctor_vault.keyring(case(bare, make_keyring=hanging))

    assert ("problem", True) == (finding.level, "did not answer within 0.1 s" in finding.detail)


def test_a_vault_with_its_key_in_a_file_leaves_the_keyring_alone(
    vault: Vault, settings: Settings
) -> None:
    """No prompt of a keyring appears for those who have chosen to do without; nor for a new one."""
    keyring = Keyring()
    looked = case(settings, make_keyring=making(keyring))
    to_come = settings._replace(home=settings.home / "new")

    (finding,) = doctor_vault.keyring(looked)
    (before,) = doctor_vault.keyring(case(to_come, make_keyring=making(keyring)))

    assert ("ok", "ok") == (finding.level, before.level)
    assert finding.detail.startswith("Not used")
    assert [] == keyring.asked


def test_the_keyring_that_a_vault_is_pinned_to_must_work(vault: Vault, bare: Settings) -> None:
    """That one, and no other; when it does not keep what it is given that is a problem."""
    pin = "UPDATE vault SET place = 'keyring', place_detail = 'keyring.backends.kwallet:2'"
    vault.database.change(pin)
    asked: list[str] = []

    def make(module: str) -> Backend:
        asked.append(module)
        return Keyring(drops=True)

    (finding,) = doctor_vault.keyring(case(bare, make_keyring=make))

    assert {"keyring.backends.kwallet"} == set(asked)
    assert ("problem", "The kwallet keyring does not keep what is written into it.") == (
        finding.level,
        finding.detail,
    )


def test_the_key_is_tried(vault: Vault, settings: Settings) -> None:
    """It opens the vault, and every secret in it."""
    key, secrets = doctor_vault.key(case(settings))

    assert ("ok", "Lives in an identity file, and opens the vault.") == (key.level, key.detail)
    assert ("secrets", "ok") == (secrets.subject, secrets.level)


def test_a_key_that_is_gone_is_a_problem(vault: Vault, settings: Settings) -> None:
    """With the words, and the advice, of every other command."""
    assert settings.identity_file is not None
    settings.identity_file.unlink()

    (key,) = doctor_vault.key(case(settings))

    assert ("key", "problem") == (key.subject, key.level)
    assert "cannot be read: No such file" in key.detail
    assert key.advice


def test_a_passphrase_is_not_asked_for(vault: Vault, bare: Settings) -> None:
    """Nobody waits for seconds of scrypt, nor at a prompt."""
    vault.database.change("UPDATE vault SET place = 'passphrase', place_detail = 'key.age'")

    (key,) = doctor_vault.key(case(bare))

    assert ("ok", True) == (key.level, "Not tried" in key.detail)


def test_permissions_are_counted(vault: Vault, settings: Settings) -> None:
    """How many, and the command that says which."""
    (settings.home / FILE_NAME).chmod(0o644)
    (settings.home / "note").touch(mode=0o600)
    (settings.home / "note").chmod(0o640)

    findings = {each.subject: each for each in doctor_vault.vault(case(settings))}

    assert ("problem", "2 problems.", "close-tui vault check says which.") == (
        findings["permissions"].level,
        findings["permissions"].detail,
        findings["permissions"].advice,
    )
    assert "ok" == findings["vault"].level


@pytest.mark.parametrize("content", [b"not a database" * 100, b""])
def test_a_file_that_is_no_vault_is_a_problem(settings: Settings, content: bytes) -> None:
    """It is left as it is, and what needs it is not looked at."""
    settings.home.mkdir(mode=0o700)
    path = settings.home / FILE_NAME
    path.touch(mode=0o600)
    path.write_bytes(content)

    findings = {each.subject: each for each in doctor_vault.vault(case(settings))}

    assert "problem" == findings["vault"].level
    assert content == path.read_bytes()
    assert [] == list(doctor_vault.keyring(case(settings)))


async def test_a_folder_that_others_may_write_is_a_problem(
    vault: Vault, settings: Settings
) -> None:
    """Whoever opens it, vault or key, says so."""
    settings.home.chmod(0o777)
    try:
        findings = await found(case(settings), offline=True)
    finally:
        settings.home.chmod(0o700)

    assert "problem" == findings["key"].level
    assert "Other users may write in" in findings["key"].detail


@pytest.mark.real
def test_a_real_gnome_keyring_is_proved_and_its_lock_seen(
    session: Session,  # noqa: F811 - the fixture
) -> None:
    """As the command says it: well while it is open, a problem once it is locked."""
    session.start_keyring(unlocked=True)

    code, out, errors = session.python(_DOCTOR)
    open_one = _keyring(out)
    session.lock()
    _, out, _ = session.python(_DOCTOR)
    locked = _keyring(out)

    assert 0 == code, errors
    assert ("ok", True) == (open_one["level"], open_one["detail"].startswith("SecretService"))
    assert "problem" == locked["level"], locked


_DOCTOR = "from close_tui.cli import main; main(['doctor', '--offline', '--json'])"


def _keyring(out: str) -> dict[str, str]:
    findings: list[dict[str, str]] = json.loads(out)["findings"]
    return next(each for each in findings if each["subject"] == "keyring")
