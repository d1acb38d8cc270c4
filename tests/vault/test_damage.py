"""A file that is not what it should be is said to be so, and left alone to the byte."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from close_tui.errors import NoVault, VaultDamaged, VaultTooNew
from close_tui.settings import Settings
from close_tui.vault import migrations
from close_tui.vault.database import FILE_NAME
from close_tui.vault.vault import Vault, exists


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is not a database\n" * 1000)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _scratched(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _foreign(path: Path) -> None:
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()


@pytest.mark.parametrize("damage", [_garbage, _cut, _cut_short, _empty, _scratched, _foreign])
def test_a_damaged_file_is_said_to_be_and_left_alone(
    damage: Callable[[Path], None], vault: Vault, settings: Settings
) -> None:
    """Not a database, cut, empty, or another program's: an error with advice, not a byte changed.

    Neither opening nor making puts a new vault over what may still be restored.
    """
    vault.close()
    path = settings.home / FILE_NAME
    damage(path)
    before = digest(path)

    with pytest.raises(VaultDamaged):
        Vault.open(settings)
    with pytest.raises(VaultDamaged) as caught:
        Vault.make(settings, at=0)

    assert before == digest(path)
    assert 7 == caught.value.exit_code
    assert exists(settings)


def test_a_folder_in_the_place_of_the_file_is_damage(settings: Settings) -> None:
    """It is neither opened nor removed."""
    (settings.home / FILE_NAME).mkdir(parents=True)
    settings.home.chmod(0o700)

    with pytest.raises(VaultDamaged, match="is a folder"):
        Vault.open(settings)
    with pytest.raises(VaultDamaged, match="is a folder"):
        Vault.make(settings, at=0)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_newer_file_is_left_alone(journal: str, vault: Vault, settings: Settings) -> None:
    """A shape from the future is an error, not a byte changed, whatever its journal mode."""
    vault.close()
    path = settings.home / FILE_NAME
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA journal_mode = {journal}")
    newer.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    newer.close()
    before = digest(path)

    for way in (Vault.open, lambda settings: Vault.make(settings, at=0)):
        with pytest.raises(VaultTooNew, match="Its shape is"):
            way(settings)

    assert before == digest(path)


def test_nothing_stored_is_not_damage(settings: Settings) -> None:
    """Without a folder or a file in it there is no vault, and reading makes none."""
    for _ in range(2):
        with pytest.raises(NoVault):
            Vault.open(settings)
        settings.home.mkdir(mode=0o700, exist_ok=True)

    assert [] == list(settings.home.iterdir())


# No room
