"""Before the shape of a vault's file changes, a whole and private copy is put beside it."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultNotWritable
from close_tui.model import SecretKind
from close_tui.settings import Settings
from close_tui.vault import keeping_copies, migrations
from close_tui.vault.database import FILE_NAME
from close_tui.vault.vault import Vault
from tests.vault.conftest import CANARY

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.vault.conftest import Shelf

NEWEST = len(migrations.STEPS)
COPY = f"{FILE_NAME}.before-{NEWEST}"


@pytest.fixture
def old(vault: Vault, shelf: Shelf, settings: Settings) -> Path:
    """A vault's file in the first shape, with an authorization, a key and an app in it."""
    shelf.app()
    shelf.authorization("acme", scope="all.full_access")
    shelf.key("globex")
    rows = {
        table: [dict(row) for row in vault.database.rows(f"SELECT * FROM {table}")]
        for table in ("vault", "organizations", "users", "apps", "connections", "secrets")
    }
    vault.close()
    path = settings.home / FILE_NAME
    path.unlink()
    path.touch(mode=0o600)
    sqlite = sqlite3.connect(path, isolation_level=None)
    sqlite.execute("PRAGMA journal_mode = WAL")
    migrations.apply(sqlite, migrations.STEPS[:1])
    for table, found in rows.items():
        columns = [row[1] for row in sqlite.execute(f"PRAGMA table_info({table})")]
        for row in found:
            sqlite.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" VALUES ({', '.join('?' * len(columns))})",
                [row[name] for name in columns],
            )
    sqlite.close()
    return path


def shape(path: Path) -> int:
    """How many steps a file has seen."""
    sqlite = sqlite3.connect(path)
    try:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])
    finally:
        sqlite.close()


def held(settings: Settings) -> dict[str, str]:
    """Every connection's own secret, opened."""
    vault = Vault.open(settings)
    vault.unlock()
    found = {}
    for each in vault.connections():
        kind = SecretKind.REFRESH_TOKEN if each.can_refresh else SecretKind.API_KEY
        secret = vault.secret(each, kind)
        assert secret is not None
        found[each.name] = secret.reveal()
    vault.close()
    return found


EVERYTHING = {"acme": f"refresh-{CANARY}-acme-1", "globex": f"api_{CANARY}.globex"}


def test_a_file_of_the_first_shape_is_copied_then_changed(old: Path, settings: Settings) -> None:
    """All secrets open afterwards; the copy is private, whole, and of the old shape."""
    assert EVERYTHING == held(settings)

    copy = settings.home / COPY
    assert (1, NEWEST) == (shape(copy), shape(old))
    assert 0o600 == stat.S_IMODE(copy.stat().st_mode)
    assert [COPY] == [path.name for path in keeping_copies.copies(settings.home)]
    assert CANARY.encode() not in copy.read_bytes()


def test_the_copy_is_a_vault_when_it_is_put_back(old: Path, settings: Settings) -> None:
    """Its own file is enough: nothing of it lies in a WAL."""
    held(settings)
    copy = settings.home / COPY
    for path in settings.home.glob(f"{FILE_NAME}*"):
        if path != copy:
            path.unlink()
    copy.rename(old)

    assert EVERYTHING == held(settings)


def test_a_copy_is_never_overwritten(old: Path, settings: Settings) -> None:
    """The next one gets a number."""
    first, second = settings.home / COPY, settings.home / f"{COPY}.2"
    first.write_bytes(b"somebody's")
    second.write_bytes(b"somebody's too")

    held(settings)

    assert (b"somebody's", b"somebody's too") == (first.read_bytes(), second.read_bytes())
    assert 1 == shape(settings.home / f"{COPY}.3")


def test_a_new_vault_and_one_of_the_present_shape_are_not_copied(
    vault: Vault, settings: Settings
) -> None:
    """There is nothing that could be lost."""
    Vault.open(settings).close()

    assert [] == keeping_copies.copies(settings.home)


def test_a_half_copy_of_a_killed_process_is_made_anew(old: Path, settings: Settings) -> None:
    """It never had the name of a copy."""
    (settings.home / f"{FILE_NAME}.copy").write_bytes(b"half")

    assert EVERYTHING == held(settings)
    assert 1 == shape(settings.home / COPY)
    assert not (settings.home / f"{FILE_NAME}.copy").exists()


def _no_copy(*_: object) -> None:
    raise VaultNotWritable("There is no room left on the disk.")


def test_without_room_for_a_copy_nothing_changes_and_everything_is_shown(
    old: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file stays in its shape; what is in it is shown, and no write is taken."""
    monkeypatch.setattr(keeping_copies, "keep_copy", _no_copy)
    before = old.read_bytes()

    vault = Vault.open(settings)

    assert ["acme", "globex"] == [each.name for each in vault.connections()]
    with pytest.raises(VaultNotWritable):
        vault.check_writable()
    vault.close()
    assert (before, 1) == (old.read_bytes(), shape(old))


READ = """
import sys
from pathlib import Path
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
vault = Vault.open(Settings(Path(sys.argv[1]), identity_file=Path(sys.argv[2])))
vault.unlock()
print([each.name for each in vault.connections()])
try:
    vault.check_writable()
except Exception as error:
    print(type(error).__name__)
"""


def test_a_file_of_an_old_shape_in_a_read_only_folder_is_shown(
    old: Path, settings: Settings, python: Python, unprivileged: tuple[str, ...]
) -> None:
    """It is read as if it had the new shape, and nothing is written."""
    settings.home.chmod(0o500)
    old.chmod(0o400)
    try:
        done = python(READ, settings.home, settings.identity_file, prefix=unprivileged)
    finally:
        settings.home.chmod(0o700)

    assert ("['acme', 'globex']\nVaultNotWritable\n", "") == (done.stdout, done.stderr)
    assert 1 == shape(old)


def test_two_processes_at_once_make_one_copy(old: Path, settings: Settings, python: Python) -> None:
    """Who comes second finds the new shape, and copies nothing."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        ended = list(
            pool.map(lambda _: python(READ, settings.home, settings.identity_file), range(4))
        )

    assert ["['acme', 'globex']\n"] * 4 == [done.stdout for done in ended], ended
    assert [1] == [shape(copy) for copy in keeping_copies.copies(settings.home)]
