"""The file stays whole: in transactions, and between programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import CloseTuiError, VaultBusy
from close_tui.settings import Settings
from close_tui.vault import migrations
from close_tui.vault.database import FILE_NAME, Database
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.vault.conftest import Shelf


def test_the_file_is_opened_with_the_safe_settings(vault: Vault) -> None:
    """WAL, a full fsync for each commit, deleted content overwritten, foreign keys on."""
    pragmas = {
        name: vault.database.rows(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "user_version")
    }

    assert {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "user_version": len(migrations.STEPS),
    } == pragmas


# Transactions


def test_a_transaction_is_all_or_nothing(vault: Vault, shelf: Shelf) -> None:
    """What fails half way leaves no trace, in a transaction within a transaction, too."""

    def fail() -> None:
        with vault.transaction():
            shelf.key("first")
            with vault.transaction():
                shelf.key("second")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert [] == vault.connections()
    assert [] == vault.database.rows("SELECT * FROM fingerprints")
    shelf.key("third")
    assert ["third"] == [c.name for c in vault.connections()]


def test_a_transaction_that_a_kill_interrupts_never_happened(
    python: Python, vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """SIGKILL before the commit: the next process finds what was there before."""
    acme = shelf.key("acme")

    done = python(
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from close_tui.vault.database import Database\n"
        "database = Database(Path(sys.argv[1]))\n"
        "with database.transaction():\n"
        "    database.change('DELETE FROM connections')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        settings.home / FILE_NAME,
    )

    assert -9 == done.returncode, done.stderr
    assert [acme] == vault.connections()


def test_another_programs_changes_are_noticed(vault: Vault, settings: Settings) -> None:
    """The number moves when another connection commits, not by our own commits."""
    before = vault.version_of_others()
    vault.check_writable()
    own = vault.version_of_others()
    other = Vault.open(settings)
    other.check_writable()
    other.close()

    assert before == own
    assert before != vault.version_of_others()


# Another program


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2].split(";"):
    held.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
held.close()
"""


@contextmanager
def holding(path: Path, statement: str) -> Iterator[None]:
    """Another process that has run a statement on the file and goes on holding it."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), statement],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert b"held\n" == child.stdout.readline()
    yield
    child.communicate(timeout=60)


def test_a_database_that_another_process_holds_is_busy(vault: Vault, settings: Settings) -> None:
    """A writer elsewhere: reading goes on, writing says busy, and works when it has ended."""
    database = Database(settings.home / FILE_NAME, busy_s=0.1)

    with holding(settings.home / FILE_NAME, "BEGIN IMMEDIATE"):
        shown = vault.connections()
        with pytest.raises(VaultBusy) as caught:
            database.check_writable()
    database.check_writable()
    database.close()

    assert [] == shown
    assert 6 == caught.value.exit_code


def test_a_database_that_another_process_locks_exclusively_is_busy_at_once(
    vault: Vault, settings: Settings
) -> None:
    """A backup program may lock out readers as well: busy, not damaged."""
    vault.close()
    path = settings.home / FILE_NAME

    exclusive = "PRAGMA locking_mode=EXCLUSIVE;BEGIN IMMEDIATE;SELECT * FROM vault"
    with holding(path, exclusive), pytest.raises(VaultBusy):
        Database(path, busy_s=0.1)
    Vault.open(settings).close()


def test_a_deletion_counts_although_the_wal_is_in_use(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """A reader that holds the WAL delays its emptying; the deletion itself has happened."""
    acme = shelf.key("acme")
    patient = vault.database
    vault.database = Database(settings.home / FILE_NAME, busy_s=0.1)
    with holding(settings.home / FILE_NAME, "BEGIN;SELECT * FROM secrets"):
        vault.remove(acme.id)

    assert [] == vault.connections()
    patient.close()


def test_what_sqlite_says_is_one_of_our_errors(vault: Vault) -> None:
    """A statement that cannot be is ours to explain, too, and holds no values."""
    with pytest.raises(CloseTuiError, match="The database refused") as caught:
        vault.database.change("INSERT INTO organizations VALUES (?, ?)", "canary-orga", None)

    assert "canary" not in str(caught.value)
