"""Exports of a town's vault, opened, changed, and taken to another machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyrage

from close_tui.model import SecretKind
from close_tui.operations import vault_backup as backup
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.sealing import Identity

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town

KEY = Identity.generate()
RECIPIENT = str(pyrage.x25519.Identity.from_str(KEY.secret.reveal()).to_public())


async def exported(desk: Desk) -> Secret:
    """The document in an export of everything."""
    sealed = (await backup.export(desk, recipients=[RECIPIENT])).sealed
    return await backup.opened(sealed, identity=KEY.secret)


def elsewhere(town: Town, tmp_path: Path) -> Desk:
    """A desk on another machine, with an empty vault."""
    told = town.settings
    identity = tmp_path / "other-identity.txt"
    there = Settings(tmp_path / "other", told.api_url, told.app_url, identity)
    desk = town.open_desk(settings=there)
    desk.make_vault()
    return desk


def changed(document: Secret, change: Callable[[dict[str, Any]], object]) -> Secret:
    """The document with a change."""
    content = json.loads(document.reveal())
    change(content)
    return Secret(json.dumps(content))


def outcomes(results: list[Any]) -> dict[str, str]:
    """The outcome of each target."""
    return {each.name: each.outcome for each in results}


def secret(desk: Desk, connection: Connection, kind: SecretKind) -> str:
    """A secret, opened."""
    found = desk.vault.secret(connection, kind)
    assert found is not None
    return found.reveal()


def counted(desk: Desk) -> dict[str, int]:
    """How many rows each table has."""
    rows = desk.vault.database.rows
    tables = ("apps", "connections", "secrets", "fingerprints", "events", "intents")
    return {table: int(rows(f"SELECT COUNT(*) FROM {table}")[0][0]) for table in tables}
