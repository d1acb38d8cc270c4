"""A copy of the vault's file from before its shape changes, beside it and as private."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from close_tui.errors import VaultNotWritable
from close_tui.vault.folder import create_private, sync


def keep_copy(path: Path, shape: int) -> Path:
    """Copy a database as it was before it gets this shape; returns the copy's path.

    The copy is whole and on the disk when it gets its name, ``vault.db.before-<shape>``, and no
    copy is ever overwritten: the next one is ``…-<shape>.2``. The caller keeps the file from
    changing meanwhile.
    """
    half = path.with_name(f"{path.name}.copy")
    half.unlink(missing_ok=True)
    create_private(half)
    try:
        # Not a copy of the bytes: the WAL belongs to them. Deleted pages are left behind.
        reading = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            reading.execute("VACUUM INTO ?", (str(half),))
        finally:
            reading.close()
        with half.open("rb+") as file:
            os.fsync(file.fileno())
        copy = _free(path.with_name(f"{path.name}.before-{shape}"))
        half.rename(copy)
    except BaseException as error:
        half.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise VaultNotWritable(f"{half} cannot be written: {error.strerror}.") from None
        raise
    sync(path.parent)
    return copy


def copies(home: Path) -> list[Path]:
    """Return the copies in a vault's folder, by name."""
    return sorted(home.glob("vault.db.before-*"))


def _free(wanted: Path) -> Path:
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}.{number}")
    return path
