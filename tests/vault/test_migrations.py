"""The file's shape moves on step by step, all of them or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from close_tui.vault import migrations


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
