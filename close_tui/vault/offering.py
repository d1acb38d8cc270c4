"""The names in a vault, for a shell that completes them: quick, and without a key.

Not through :class:`close_tui.vault.vault.Vault`: a shell waits for this at every press of Tab.
Nothing is written, not even the files that SQLite keeps beside an open database.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from close_tui.text import clean

FILE_NAME: Final = "vault.db"
"""That of :mod:`close_tui.vault.database`, which takes as long to import as all of this."""

MOST: Final = 2000
"""How many are returned at most."""

_SELECTS: Final = {
    "connection": "SELECT c.name AS called, o.name, o.id FROM connections c"
    " JOIN organizations o ON o.id = c.organization_id WHERE c.revoked_at IS NULL",
    "app": "SELECT name AS called, client_id, '' FROM apps WHERE TRUE",
    "organization": "SELECT o.name AS called, o.id, '' FROM organizations o"
    " WHERE EXISTS (SELECT 1 FROM connections c WHERE c.organization_id = o.id)",
}
_BUSY_S: Final = 0.2


def offered(home: Path, what: str, beginning: str = "") -> list[tuple[str, str, str]]:
    """Return live connections (name, organization, its id), apps (name, client id) or ``what``.

    ``what`` is ``connection``, ``app`` or ``organization`` (name, id); only those whose name
    begins so. Texts are clean: others may have written what stands in the file. Raises what
    SQLite does.
    """
    file = home / FILE_NAME
    wal = file.with_name(f"{FILE_NAME}-wal")
    # Where nothing waits beside it the file is the whole truth, and can be read without a lock.
    mode = "mode=ro" if wal.exists() and wal.stat().st_size else "mode=ro&immutable=1"
    opened = sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, timeout=_BUSY_S)
    try:
        found = opened.execute(
            f"{_SELECTS[what]} AND substr(called, 1, ?) = ? ORDER BY called LIMIT {MOST}",
            (len(beginning), beginning),
        ).fetchall()
    finally:
        opened.close()
    return [(clean(name), clean(of), clean(id_)) for name, of, id_ in found]
