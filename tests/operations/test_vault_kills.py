"""Killed at any durable step of a change to the whole vault, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.model import App, Connection, Kind, Organization, SecretKind, Tokens, User
from close_tui.operations.desk import Desk
from close_tui.operations.vault_key import move_key
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import exporting, in_passphrase
from close_tui.vault.vault import Vault
from tests.conftest import NOW
from tests.operations.killing import KILLED, PRETEND

if TYPE_CHECKING:
    from tests.conftest import Python

ONE = Secret("one")
SOAK = bool(os.environ.get("CLOSE_TUI_SOAK"))


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose keyring is a file, and passphrases that take no time; as in the children."""
    name = "keyring.backends.SecretService"
    monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setattr(in_passphrase, "in_child", in_passphrase.in_child)
    names: dict[str, Any] = {}
    exec(PRETEND, names)
    names["pretend"](tmp_path / "work")
    return tmp_path / "work"


def connection(name: str) -> Connection:
    """An authorization that is not stored yet."""
    return Connection(
        f"conn_{name}", name, "", Kind.OAUTH, Organization(f"orga_{name}", name),
        User("user_ada", "ada@acme.example"), "reports", "app_1", None, "", NOW + 3600, 1, "",
        True, NOW,
    )  # fmt: skip


def stored(vault: Vault, *names: str) -> None:
    """Store an app and authorizations."""
    vault.add_app(App("app_1", "reports", "oa2client_1", "https://localhost/"), Secret("app"), NOW)
    for name in names:
        tokens = Tokens(Secret(f"access-{name}"), Secret(f"refresh-{name}"), NOW + 3600)
        vault.add_authorization(connection(name), "oa2client_1", tokens)


def make(work: Path, place: str) -> None:
    """Make a vault with secrets, its key in a place, and an export of another one."""
    work.mkdir()
    told = Settings(work / "home", identity_file=work / "first.txt")
    vault = Vault.make(told, at=NOW)
    stored(vault, "acme", "globex")
    vault.close()
    other = Vault.make(Settings(work / "other", identity_file=work / "other.txt"), at=NOW)
    stored(other, "initech")
    document = exporting.document(other, NOW).document
    (work / "document.json").write_text(document.reveal())
    other.close()

    async def move() -> None:
        async with Desk(told) as desk:
            await move_key(desk, place, new_passphrase=ONE)

    if place != "file":
        asyncio.run(move())


def secrets(work: Path) -> dict[str, str]:
    """Open the vault as anybody would, and every secret in it."""
    vault = Vault.open(Settings(work / "home"))
    try:
        vault.unlock(vault.key_reader(ONE)())
        found = {}
        owners: list[Connection | App] = [*vault.connections(), *vault.apps()]
        for owner in owners:
            for kind in SecretKind:
                secret = vault.secret(owner, kind)
                if secret is not None:
                    found[f"{owner.name} {kind.value}"] = secret.reveal()
        return found
    finally:
        vault.close()


BEFORE = {
    "acme access_token": "access-acme",
    "acme refresh_token": "refresh-acme",
    "globex access_token": "access-globex",
    "globex refresh_token": "refresh-globex",
    "reports client_secret": "app",
}
IMPORTED = {
    **BEFORE,
    "initech access_token": "access-initech",
    "initech refresh_token": "refresh-initech",
}


def first_shape(work: Path) -> None:
    """Bring the vault's file back to its first shape."""
    path = work / "home" / "vault.db"
    sqlite = sqlite3.connect(path, isolation_level=None)
    sqlite.execute("DROP TABLE superseded")
    sqlite.execute("DROP INDEX events_of_incident")
    for table, columns in {
        "connections": ("auto_refresh", "imported_at", "incident_id"),
        "apps": ("listen",),
        "events": ("incident", "facts", "previous", "process"),
        "vault": ("auto_refresh", "clock_skew_s", "clock_seen_at", "last_event"),
    }.items():
        for column in columns:
            sqlite.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    sqlite.execute("PRAGMA user_version = 1")
    sqlite.close()


def shape(path: Path) -> int:
    """How many steps of migration a file has seen."""
    sqlite = sqlite3.connect(path)
    try:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])
    finally:
        sqlite.close()


def nothing(work: Path) -> None:
    """The vault is as it was made."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("place", "change", "prepare"),
    [
        ("file", "rekey", nothing),
        ("passphrase", "rekey", nothing),
        ("keyring", "rekey", nothing),
        ("keyring", "passphrase", nothing),
        ("passphrase", "passphrase", nothing),
        ("passphrase", "keyring", nothing),
        ("keyring", "file", nothing),
        ("file", "import", nothing),
        ("keyring", "open", first_shape),
    ],
)
def test_killed_at_any_step_the_vault_opens_with_everything_in_it(
    place: str,
    change: str,
    prepare: Callable[[Path], None],
    pretended: Path,
    python: Python,
) -> None:
    """With one of the keys, in one of the places; and the change can be made after all."""
    make(pretended, place)
    prepare(pretended)
    kept = pretended.with_name("kept")
    shutil.copytree(pretended, kept)
    steps = json.loads(said(python, pretended, change, 0))
    after = IMPORTED if change == "import" else BEFORE
    assert after == secrets(pretended)
    assert "before COMMIT" in steps

    for fatal in chosen(steps):
        shutil.rmtree(pretended)
        shutil.copytree(kept, pretended)
        killed = python(KILLED, pretended, change, fatal)

        assert -signal.SIGKILL == killed.returncode, killed.stderr
        where = steps[fatal - 1]
        assert secrets(pretended) in (BEFORE, after), where
        done = python(KILLED, pretended, change, 0)
        assert 0 == done.returncode or "already" in done.stderr, (where, done.stderr)
        assert after == secrets(pretended), where
        if prepare is first_shape:
            copies = list((pretended / "home").glob("vault.db.before-*"))
            assert {1} == {shape(copy) for copy in copies}, where


def said(python: Python, work: Path, change: str, fatal: int) -> str:
    """What a child that is not killed prints: its steps."""
    done = python(KILLED, work, change, fatal)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def chosen(steps: list[str]) -> list[int]:
    """The steps at which to kill: all of them, or those that decide, and the first and last."""
    if SOAK:
        return list(range(1, len(steps) + 1))
    decided = max(i for i, name in enumerate(steps, 1) if name == "after COMMIT")
    return sorted({1, decided - 1, decided, len(steps)})
