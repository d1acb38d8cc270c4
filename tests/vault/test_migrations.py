"""The file's shape moves on step by step, all of them or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultError, VaultNotWritable
from close_tui.model import Event
from close_tui.settings import Settings
from close_tui.vault import checking, migrations
from close_tui.vault.database import FILE_NAME, Database
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.vault.conftest import Shelf


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with one step done."""
    sqlite = sqlite3.connect(tmp_path / "plain.db", isolation_level=None)
    migrations.apply(sqlite, ("CREATE TABLE one (x);",))
    yield sqlite
    sqlite.close()


def test_missing_steps_are_applied_in_order_and_once(plain: sqlite3.Connection) -> None:
    """Each step builds on those before; a second time nothing is done."""
    steps = (
        "CREATE TABLE one (x);",
        "ALTER TABLE one ADD y;\nINSERT INTO one VALUES (1, 2);",
        "CREATE TRIGGER t DELETE ON one BEGIN\n  SELECT RAISE(ABORT, 'no; never');\nEND;",
    )

    for _ in range(2):
        migrations.apply(plain, steps)

    assert 3 == migrations.check(plain, steps)
    assert [(1, 2)] == plain.execute("SELECT x, y FROM one").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        plain.execute("DELETE FROM one")


def test_a_step_that_fails_leaves_the_file_as_it_was(plain: sqlite3.Connection) -> None:
    """All missing steps are one transaction, the counter included."""
    steps = ("", "ALTER TABLE one ADD y;", "CREATE TABLE two (x);\nINSERT INTO nowhere VALUES (1);")

    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrations.apply(plain, steps)

    assert 1 == plain.execute("PRAGMA user_version").fetchone()[0]
    assert [("one",)] == plain.execute("SELECT name FROM sqlite_master").fetchall()
    assert ["x"] == [row[1] for row in plain.execute("PRAGMA table_info(one)")]
    assert not plain.in_transaction


SECOND = 2


@pytest.fixture
def second(settings: Settings, vault: Vault, shelf: Shelf) -> Settings:
    """The home of a vault in the second shape, with an authorization and three events."""
    shelf.authorization("acme")
    rows = {
        table: [dict(row) for row in vault.database.rows(f"SELECT * FROM {table}")]
        for table in ("vault", "organizations", "users", "connections", "secrets")
    }
    vault.close()
    path = settings.home / FILE_NAME
    path.unlink()
    path.touch(mode=0o600)
    sqlite = sqlite3.connect(path, isolation_level=None)
    sqlite.execute("PRAGMA journal_mode = WAL")
    migrations.apply(sqlite, migrations.STEPS[:SECOND])
    for number, at in enumerate((1_799_990_000, 1_799_990_000.25, 1_799_990_001), 1):
        rows.setdefault("events", []).append(
            {"number": number, "at": at, "connection_id": None, "connection": "Zoë", "verb": "test",
             "outcome": "ok", "detail": "", "http_status": None, "reason": ""}
        )  # fmt: skip
    for table, found in rows.items():
        columns = [row[1] for row in sqlite.execute(f"PRAGMA table_info({table})")]
        for row in found:
            sqlite.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" VALUES ({', '.join('?' * len(columns))})",
                [row[name] for name in columns],
            )
    sqlite.close()
    return settings


def test_a_history_from_before_becomes_a_whole_chain(second: Settings) -> None:
    """What was written without hashes is linked once, and goes on from there."""
    vault = Vault.open(second)
    before = [(each.at, each.connection) for each in vault.history()]
    vault.record(Event(1_800_000_000, None, "", "test", "ok"))
    found = list(checking.history(vault))
    vault.unlock()
    opened = list(checking.secrets(vault))
    vault.close()

    assert [(1_799_990_001.0, "Zoë"), (1_799_990_000.25, "Zoë"), (1_799_990_000.0, "Zoë")] == before
    assert ["The chain of 4 events holds."] == [each.detail for each in found]
    assert ["ok"] == [each.level for each in opened]


def test_after_the_third_step_the_history_is_append_only_again(second: Settings) -> None:
    """The trigger that stood in the way came back, also in the database."""
    vault = Vault.open(second)
    for statement in ("UPDATE events SET reason = 'x'", "DELETE FROM events"):
        with pytest.raises(VaultError, match="append-only"):
            vault.database.change(statement)
    vault.close()

    assert (second.home / f"{FILE_NAME}.before-{len(migrations.STEPS)}").exists()


def test_a_reader_without_write_access_sees_the_whole_chain(
    second: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays in its shape; what is shown of it is in the newest."""

    def refuse(*_: object) -> None:
        raise VaultNotWritable

    monkeypatch.setattr(Database, "_keep_copy", refuse)
    vault = Vault.open(second)
    found = list(checking.history(vault))
    vault.close()
    sqlite = sqlite3.connect(second.home / FILE_NAME)
    shape = sqlite.execute("PRAGMA user_version").fetchone()[0]
    sqlite.close()

    assert (["ok"], SECOND) == ([each.level for each in found], shape)


THIRD = 3


def test_an_app_from_before_has_no_tunnel(tmp_path: Path) -> None:
    """It goes on as it was, with nothing that listens for a tunnel."""
    sqlite = sqlite3.connect(tmp_path / "third.db", isolation_level=None)
    migrations.apply(sqlite, migrations.STEPS[:THIRD])
    sqlite.execute("INSERT INTO apps VALUES ('app_1', 'n', 'c', 'https://localhost/', 1, 1, 0)")
    migrations.apply(sqlite)
    found = sqlite.execute("SELECT name, redirect_uri, pkce, listen FROM apps").fetchall()
    sqlite.close()

    assert [("n", "https://localhost/", 1, "")] == found


def test_a_chain_from_before_processes_were_told_still_holds(second: Settings) -> None:
    """The third step's hashes stay as they are; only new events say who wrote them."""
    sqlite = sqlite3.connect(second.home / FILE_NAME, isolation_level=None)
    migrations.apply(sqlite, migrations.STEPS[: SECOND + 1])
    before = sqlite.execute("SELECT last_event FROM vault").fetchone()[0]
    sqlite.close()

    vault = Vault.open(second)
    vault.process = "app 4711"
    after = vault.database.rows("SELECT last_event FROM vault")[0][0]
    vault.record(Event(1_800_000_000, None, "", "test", "ok"))
    found = list(checking.history(vault))
    told = [each.process for each in vault.history()]
    vault.close()

    assert before == after
    assert ["The chain of 4 events holds."] == [each.detail for each in found]
    assert ["app 4711", "", "", ""] == told
    assert (second.home / f"{FILE_NAME}.before-{len(migrations.STEPS)}").exists()
