"""The key behind a passphrase: slow on purpose, in a child, never overwritten."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import (
    ForeignIdentity,
    IdentityMissing,
    UnsafePlace,
    VaultError,
    VaultLocked,
    WrongPassphrase,
)
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import in_passphrase
from close_tui.vault.in_passphrase import InPassphrase
from close_tui.vault.sealing import Identity
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Need

PASSPHRASE = Secret("canary-passphrase with ünïcode")
IDENTITY = Identity.generate()


@pytest.fixture(scope="module")
def wrapped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a ``key.age``; made once, because scrypt takes seconds."""
    path = tmp_path_factory.mktemp("wrapped") / "key.age"
    InPassphrase(path, PASSPHRASE).write(IDENTITY.secret)
    return path.read_bytes()


@pytest.fixture
def key_file(wrapped: bytes, tmp_path: Path) -> Path:
    """A ``key.age`` behind the passphrase."""
    path = tmp_path / "key.age"
    path.touch(mode=0o600)
    path.write_bytes(wrapped)
    return path


def test_a_vault_opens_with_its_passphrase(tmp_path: Path) -> None:
    """Made with a typed passphrase; locked for the next process until it is given again."""
    settings = Settings(tmp_path / "home")

    made = Vault.make(settings, at=0, new_passphrase=PASSPHRASE, may_use_keyring=False)
    key = made.key()
    made.close()
    vault = Vault.open(settings)
    with pytest.raises(VaultLocked):
        vault.unlock()
    vault.unlock(vault.key_reader(PASSPHRASE)())

    assert "passphrase" == vault.place_kind
    assert key == vault.key()
    assert 0o600 == (settings.home / "key.age").stat().st_mode & 0o777
    assert b"canary" not in (settings.home / "key.age").read_bytes()
    vault.close()


def test_a_wrong_passphrase_is_said_to_be_and_changes_nothing(
    key_file: Path, wrapped: bytes
) -> None:
    """It is not confused with damage: the advice is to try again."""
    with pytest.raises(WrongPassphrase) as caught:
        InPassphrase(key_file, Secret("not it")).read(0)

    assert "Try again. Nothing was changed." == caught.value.advice
    assert wrapped == key_file.read_bytes()


def test_a_missing_or_shared_key_file(key_file: Path) -> None:
    """Each is an error of its own."""
    place = InPassphrase(key_file, PASSPHRASE)

    key_file.chmod(0o644)
    with pytest.raises(UnsafePlace):
        place.read(0)
    key_file.unlink()
    with pytest.raises(IdentityMissing, match="cannot be read"):
        place.read(0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"\xff" + content,
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"BEGIN", b"BEGUN"),
        lambda content: content[:-60] + b"AAAA" + content[-56:],
    ],
)
def test_a_damaged_key_file_is_not_called_a_wrong_passphrase(
    damage: object, key_file: Path, wrapped: bytes
) -> None:
    """Cut, altered or not age at all: an error with advice, and the file stays as it is."""
    assert callable(damage)
    key_file.write_bytes(damage(wrapped))
    before = key_file.read_bytes()

    with pytest.raises(VaultError, match=r"key\.age") as caught:
        InPassphrase(key_file, PASSPHRASE).read(0)

    assert not isinstance(caught.value, WrongPassphrase)
    assert "backup" in caught.value.advice
    assert before == key_file.read_bytes()


def test_a_key_file_sealed_to_somebody_is_damage(key_file: Path) -> None:
    """An age file without a passphrase is not ours."""
    import pyrage

    other = pyrage.x25519.Identity.generate().to_public()
    key_file.write_bytes(pyrage.encrypt(b"x", [other], armored=True))

    with pytest.raises(VaultError, match="damaged"):
        InPassphrase(key_file, PASSPHRASE).read(0)


def test_an_existing_key_file_is_never_overwritten(key_file: Path, wrapped: bytes) -> None:
    """It may be the only key to a vault that was moved away; no vault is made."""
    settings = Settings(key_file.parent)
    key_file.parent.chmod(0o700)

    with pytest.raises(VaultError, match="exists already"):
        Vault.make(settings, at=0, new_passphrase=PASSPHRASE, may_use_keyring=False)

    assert wrapped == key_file.read_bytes()
    assert not (settings.home / "vault.db").exists()


def test_another_vaults_key_is_foreign(vault: Vault) -> None:
    """An identity that opens nothing here is refused, and the vault stays locked."""
    opened = Vault.open(vault.settings)

    with pytest.raises(ForeignIdentity, match="does not open this vault"):
        opened.unlock(IDENTITY.secret)

    assert opened.is_locked
    opened.close()


def test_other_threads_go_on_meanwhile(key_file: Path) -> None:
    """The work is done in a child: this interpreter is never held for long."""
    read = threading.Thread(target=InPassphrase(key_file, PASSPHRASE).read, args=(0,))
    turns = 0
    began = time.monotonic()

    read.start()
    while read.is_alive():
        time.sleep(0.005)
        turns += 1
    took = time.monotonic() - began

    assert took > 0.2, "the work factor is too low to protect anything"
    assert turns > 20, f"only {turns} turns in {took:.1f} s"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_passphrase_is_in_no_argument_or_environment(key_file: Path) -> None:
    """What other users and ``ps`` can see of the child holds no secret."""
    read = threading.Thread(target=InPassphrase(key_file, PASSPHRASE).read, args=(0,))
    seen: set[bytes] = set()

    read.start()
    while read.is_alive():
        for task in Path("/proc/self/task").iterdir():
            try:
                children = (task / "children").read_text().split()
                for child in children:
                    seen.add(Path(f"/proc/{child}/cmdline").read_bytes())
                    seen.add(Path(f"/proc/{child}/environ").read_bytes())
            except OSError:
                continue
        time.sleep(0.005)
    everything = b"".join(seen)

    assert b"passphrase_child" in everything
    assert b"canary" not in everything
    assert b"AGE-" not in everything


def test_the_child_imports_nothing_from_where_the_user_stands(
    key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted ``pyrage.py`` or ``close_tui`` in the current folder never sees the passphrase."""
    trap = tmp_path / "trap"
    (trap / "close_tui").mkdir(parents=True)
    for name in ("pyrage.py", "json.py", "close_tui/__init__.py"):
        (trap / name).write_text("raise SystemExit(99)")
    monkeypatch.chdir(trap)

    assert IDENTITY.secret == InPassphrase(key_file, PASSPHRASE).read(0)


def test_a_child_that_does_not_run_is_one_of_our_errors(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No interpreter, or no end: said with advice, without the passphrase."""
    monkeypatch.setattr(in_passphrase, "_WAIT_S", 0.01)
    with pytest.raises(VaultError, match="TimeoutExpired") as caught:
        InPassphrase(key_file, PASSPHRASE).read(0)
    monkeypatch.setattr(sys, "executable", str(key_file.parent / "missing"))
    with pytest.raises(VaultError, match="FileNotFoundError"):
        InPassphrase(key_file, PASSPHRASE).read(0)

    assert "canary" not in str(caught.value)


@pytest.mark.real
def test_the_stock_tool_opens_the_key_file(need: Need, key_file: Path) -> None:
    """``age --decrypt key.age`` asks for the passphrase on a terminal and gives the identity."""
    opened = key_file.with_name("opened.txt")
    command = shlex.join([need("age"), "--decrypt", "--output", str(opened), str(key_file)])

    subprocess.run(
        [need("script"), "--quiet", "--return", "--command", command, "/dev/null"],
        input=f"{PASSPHRASE.reveal()}\n".encode(), capture_output=True, timeout=60, check=True,
    )  # fmt: skip

    assert IDENTITY.secret.reveal() == opened.read_text()
