"""What a vault is, without its key: where, how large, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from close_tui.operations.desk import Desk
from close_tui.vault.database import FILE_NAME


class VaultFacts(NamedTuple):
    """Attributes say what is known without the vault's key.

    Attributes:
        file: where it is.
        size: of the file and what SQLite keeps beside it, in bytes.
        place: where its key lives: ``keyring``, ``passphrase`` or ``file``.
        place_detail: which file that is; empty where nothing more is to be said.
        is_locked: whether its secrets cannot be used now.
        connections: how many are not revoked.
        revoked: how many are.
        apps: how many OAuth apps.

    """

    file: Path
    size: int
    place: str
    place_detail: str
    is_locked: bool
    connections: int
    revoked: int
    apps: int


def facts(desk: Desk) -> VaultFacts:
    """Return them; NoVault where nothing was ever stored."""
    vault = desk.vault
    file = desk.settings.home / FILE_NAME
    beside = (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm")))
    everything = vault.connections()
    alive = sum(each.revoked_at is None for each in everything)
    return VaultFacts(
        file=file,
        size=sum(each.stat().st_size for each in beside if each.exists()),
        place=vault.place_kind,
        place_detail=vault.place_detail if vault.place_kind == "file" else "",
        is_locked=vault.is_locked,
        connections=alive,
        revoked=len(everything) - alive,
        apps=len(vault.apps()),
    )
