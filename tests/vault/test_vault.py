"""A vault is made whole or not at all, and opens with its own key only."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import ForeignIdentity, VaultBusy, VaultLocked, VaultNotWritable
from close_tui.model import SecretKind
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import vault as vault_module
from close_tui.vault.in_file import InFile
from close_tui.vault.sealing import Identity
from close_tui.vault.vault import Vault, exists

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.vault.conftest import Shelf


def test_a_new_vault_is_unlocked_and_reopens_locked(settings: Settings) -> None:
    """Making it hands over an open vault; opening it asks for nothing and can list."""
    assert not exists(settings)

    made = Vault.make(settings, at=7)
    made.close()
    opened = Vault.open(settings)

    assert exists(settings)
    assert made.id == opened.id
    assert ("file", str(settings.identity_file)) == (opened.place_kind, opened.place_detail)
    assert opened.is_locked
    assert 7 == opened.database.rows("SELECT created_at FROM vault")[0][0]
    opened.unlock()
    opened.unlock()
    assert not opened.is_locked
    opened.close()
    opened.close()
    assert opened.is_locked


def test_making_it_again_opens_the_one_that_is_there(vault: Vault, settings: Settings) -> None:
    """Nothing is overwritten; the key that is needed is still the first one."""
    again = Vault.make(settings, at=99)

    assert vault.id == again.id
    assert again.is_locked
    again.close()


def test_two_processes_make_one_vault(settings: Settings) -> None:
    """Started at the same instant, both end up with the same vault and a key that opens it."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from close_tui.settings import Settings\n"
        "from close_tui.vault.vault import Vault\n"
        "sys.stdin.readline()\n"
        "vault = Vault.make(Settings(Path(sys.argv[1]), identity_file=Path(sys.argv[2])), at=0)\n"
        "vault.unlock()\n"
        "print(vault.id, vault.key().sha256.hex())\n"
    )
    file = settings.home.parent / "made-by-one-of-them.txt"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, settings.home, file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip

    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=100) for racer in racers]

    assert 1 == len({stdout for stdout, _ in answers}), answers
    assert answers[0][0].strip()
    assert 1 == len(list(settings.home.glob("vault.db*")))


def test_a_place_that_fails_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a kept key there is no vault; the next attempt starts afresh."""

    def fail(self: InFile, identity: Secret) -> None:
        raise VaultNotWritable("no")

    assert settings.identity_file is not None
    settings.identity_file.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(InFile, "write", fail)
        with pytest.raises(VaultNotWritable):
            Vault.make(settings, at=0)
    assert not exists(settings)

    made = Vault.make(settings, at=0)

    assert Secret(settings.identity_file.read_text().splitlines()[-1]) == made.key()
    assert not list(settings.home.glob("vault.db.new*"))
    made.close()


def test_another_process_at_work_on_making_it_is_busy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may sit at the keyring's prompt over there: wait, then say so."""
    from filelock import FileLock

    monkeypatch.setattr(vault_module, "_MAKE_WAIT_S", 0.05)
    settings.home.mkdir(mode=0o700)
    errors: list[BaseException] = []

    def make() -> None:
        try:
            Vault.make(settings, at=0)
        except VaultBusy as error:
            errors.append(error)

    with FileLock(settings.home / "make.lock"):
        other = threading.Thread(target=make)
        other.start()
        other.join(60)

    assert ["Another close-tui is making the vault."] == [str(error) for error in errors]
    assert not exists(settings)


# Unlocking


def test_a_foreign_identity_is_refused_and_nothing_changes(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """Another valid age key, in the very place of the right one."""
    shelf.key()
    assert settings.identity_file is not None
    right = settings.identity_file.read_text()
    settings.identity_file.write_text(Identity.generate().secret.reveal())
    before = vault.database.rows("SELECT sealed FROM secrets")
    opened = Vault.open(settings)

    with pytest.raises(ForeignIdentity, match="does not open this vault") as caught:
        opened.unlock()

    assert opened.is_locked
    assert "Nothing was changed" in caught.value.advice
    assert before == opened.database.rows("SELECT sealed FROM secrets")
    settings.identity_file.write_text(right)
    opened.unlock()
    assert not opened.is_locked
    opened.close()


@pytest.mark.parametrize("damage", [b"", b"scratched", None])
def test_the_right_key_unlocks_although_the_mark_is_damaged(
    damage: bytes | None, vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """Any row that opens proves the key; one damaged row never locks out all others."""
    shelf.key("one")
    two = shelf.key("two")
    swapped = vault.database.rows("SELECT sealed FROM secrets")[0][0]
    mark = swapped if damage is None else damage
    vault.database.change("UPDATE vault SET sealed_mark = ?", mark)
    vault.database.change("UPDATE secrets SET sealed = ? WHERE owner <> ?", b"broken", two.id)
    opened = Vault.open(settings)

    opened.unlock()

    assert opened.secret(two, SecretKind.API_KEY) is not None
    opened.close()


def test_reading_the_key_touches_no_database(vault: Vault, settings: Settings) -> None:
    """So that a front end can do it in a thread, while this one goes on."""
    opened = Vault.open(settings)
    read = opened.key_reader()
    keys: list[Secret] = []
    thread = threading.Thread(target=lambda: keys.append(read()))

    thread.start()
    thread.join(60)
    opened.unlock(keys[0])

    assert vault.key() == opened.key()
    opened.close()


def test_a_locked_vault_says_so(vault: Vault, settings: Settings) -> None:
    """The key itself is given to its owner only after unlocking."""
    opened = Vault.open(settings)

    with pytest.raises(VaultLocked) as caught:
        opened.key()

    assert 7 == caught.value.exit_code
    opened.close()


def test_another_thread_is_refused_in_our_words(vault: Vault) -> None:
    """A slip in a front end is an error of ours, not damage."""
    errors: list[str] = []

    def read(connections: Callable[[], object]) -> None:
        try:
            connections()
        except Exception as error:  # noqa: BLE001 - its type is what is shown
            errors.append(type(error).__name__)

    thread = threading.Thread(target=read, args=(vault.connections,))
    thread.start()
    thread.join(60)

    assert ["VaultError"] == errors


def test_a_process_that_is_killed_while_making_it_leaves_no_half_vault(
    python: Python, settings: Settings, tmp_path: Path
) -> None:
    """SIGKILL after the file was written and before it got its name: made afresh next time."""
    done = python(
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from close_tui.settings import Settings\n"
        "from close_tui.vault import in_file\n"
        "from close_tui.vault.vault import Vault\n"
        "in_file.InFile.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Vault.make(Settings(Path(sys.argv[1]), identity_file=Path(sys.argv[2])), at=0)\n",
        settings.home,
        tmp_path / "new.txt",
    )
    assert -9 == done.returncode, done.stderr
    assert not exists(settings)

    Vault.make(settings, at=0).close()

    assert ["vault.db"] == [p.name for p in settings.home.iterdir() if p.name != "make.lock"]
