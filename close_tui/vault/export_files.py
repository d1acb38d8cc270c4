"""An export read back: opened, checked row by row in the shape of a vault, and not yet trusted."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyrage
from pyrage import x25519

from close_tui.errors import NotAnExport, UsageError, VaultError, WrongPassphrase
from close_tui.model import SecretKind
from close_tui.secret import Secret
from close_tui.vault import migrations
from close_tui.vault.exporting import FORMAT, TABLES
from close_tui.vault.in_passphrase import in_child

SIZE_LIMIT: Final = 256 * 1024 * 1024
"""Bytes of an export; more is refused."""

_ARMOR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY: Final = b"age-encryption.org/v1\n"
_ID: Final = r"[A-Za-z0-9_-]{1,64}"  # ids become names of lock files


class Export:
    """What an export holds: ``rows`` of each table, and its secrets. Close it."""

    def __init__(self, sqlite: sqlite3.Connection, secrets: dict[tuple[str, str], Secret]) -> None:
        self._sqlite = sqlite
        self.secrets = secrets

    def rows(self, table: str) -> list[dict[str, object]]:
        """Return the rows of one of the tables, as they were stored."""
        found = self._sqlite.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608
        return [dict(row) for row in found]

    def close(self) -> None:
        """Forget it."""
        self.secrets = {}
        self._sqlite.close()


def read(path: Path) -> bytes:
    """Return an age file's bytes; NotAnExport when it is none."""
    try:
        with path.open("rb") as file:
            sealed = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise NotAnExport(f"{path} cannot be read: {error.strerror}.") from None
    if len(sealed) > SIZE_LIMIT:
        raise NotAnExport(f"{path} is too large to be an export.")
    if not sealed.startswith((_ARMOR, _BINARY)):
        raise NotAnExport(f"{path} is not an age file.")
    return sealed


def unseal(sealed: bytes, identities: Secret | None, passphrase: Secret | None) -> Secret:
    """Open an age file with one of several identities (a line each), or with its passphrase.

    The passphrase takes seconds: call it in a thread. WrongPassphrase; NotAnExport when the file
    is damaged or cut, or sealed to somebody else.
    """
    if passphrase is not None:
        try:
            return in_child("unwrap", passphrase, Secret(_text(sealed)), Path("the export"))
        except WrongPassphrase:
            raise
        except VaultError:
            raise NotAnExport(
                "It is damaged, or not sealed with a passphrase.",
                advice="For one that is sealed to a recipient, name the key: --identity FILE.",
            ) from None
    lines = (identities or Secret("")).reveal().split()
    try:
        keys = [x25519.Identity.from_str(line) for line in lines]
    except (pyrage.IdentityError, ValueError):
        raise UsageError("The identity file holds what is no age X25519 identity.") from None
    try:
        return Secret(pyrage.decrypt(sealed, keys).decode())
    except (pyrage.DecryptError, ValueError):
        raise NotAnExport("It is damaged, or sealed to another identity.") from None


def is_behind_passphrase(sealed: bytes) -> bool:
    """Tell whether an age file opens with a passphrase, from its header (age-encryption.org/v1)."""
    import base64

    head = sealed[:4096]
    if not head.startswith(_BINARY):
        lines = head.splitlines()[1:4]
        try:
            head = base64.b64decode(b"".join(lines), validate=True)
        except ValueError:
            raise NotAnExport("It is damaged.") from None
    return head.startswith(_BINARY + b"-> scrypt ")


def _text(sealed: bytes) -> str:
    """Return an age file as armor: the child takes text."""
    if sealed.startswith(_BINARY):
        import base64

        body = base64.b64encode(sealed).decode()
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        return "\n".join([_ARMOR.decode(), *lines, "-----END AGE ENCRYPTED FILE-----", ""])
    try:
        return sealed.decode("ascii")
    except UnicodeDecodeError:
        raise NotAnExport("It is damaged.") from None


def parse(document: Secret) -> Export:
    """Read a document; NotAnExport unless every row could stand in a vault as it is."""
    try:
        content = json.loads(document.reveal())
    except (ValueError, RecursionError):
        raise NotAnExport("What is in it is not JSON.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise NotAnExport("What is in it is not an export of close-tui.")
    version = content.get("schema_version")
    if not isinstance(version, int) or version < 1:
        raise NotAnExport("It does not say which version it has.")
    if version > len(migrations.STEPS):
        raise NotAnExport(
            f"It is of version {version}; this close-tui knows versions up to "
            f"{len(migrations.STEPS)}.",
            advice="Update close-tui. Nothing was changed.",
        )
    sqlite = sqlite3.connect(":memory:", isolation_level=None)
    sqlite.row_factory = sqlite3.Row
    try:
        migrations.apply(sqlite)
        sqlite.execute("PRAGMA foreign_keys = ON")
        for table in TABLES:
            _load(sqlite, table, content.get(table))
        return Export(sqlite, dict(_secrets(sqlite, content.get("secrets"))))
    except BaseException as error:
        sqlite.close()
        if isinstance(error, (sqlite3.Error, OverflowError, UnicodeEncodeError)):
            raise NotAnExport("A row in it could not stand in a vault.") from None
        raise


def _load(sqlite: sqlite3.Connection, table: str, rows: object) -> None:
    columns = {row["name"]: row["type"] for row in sqlite.execute(f"PRAGMA table_info({table})")}
    for row in _objects(rows, table):
        if not row or not row.keys() <= columns.keys():
            raise NotAnExport(f"A row of {table} in it has other columns than it should.")
        values = [_typed(value, columns[name]) for name, value in row.items()]
        for name in ("id", "owner", "connection_id"):
            if row.get(name) is not None and not re.fullmatch(_ID, str(row[name])):
                raise NotAnExport(f"A row of {table} in it has an id that cannot be one.")
        sqlite.execute(
            f"INSERT INTO {table} ({', '.join(row)})"  # noqa: S608 - names of our own columns
            f" VALUES ({', '.join('?' * len(row))})",
            values,
        )


def _typed(value: object, column: str) -> object:
    if isinstance(value, (bool, list, dict)):
        raise NotAnExport("A value in it has another type than it should.")
    if column == "BLOB":
        try:
            return bytes.fromhex(value if isinstance(value, str) else "?")
        except ValueError:
            raise NotAnExport("A fingerprint in it is not one.") from None
    return value


def _secrets(sqlite: sqlite3.Connection, rows: object) -> Iterator[tuple[tuple[str, str], Secret]]:
    generations = dict(
        sqlite.execute(
            "SELECT id, generation FROM connections UNION SELECT id, secret_generation FROM apps"
        ).fetchall()
    )
    for row in _objects(rows, "secrets"):
        owner, kind, text = row.get("owner"), row.get("kind"), row.get("secret")
        belongs = owner in generations and row.get("generation") == generations[owner]
        if not (belongs and kind in set(SecretKind) and isinstance(text, str) and text):
            raise NotAnExport("A secret in it belongs to nothing in it.")
        yield (str(owner), str(kind)), Secret(text)


def _objects(rows: object, table: str) -> list[dict[str, object]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotAnExport(f"Its list of {table} is missing or is none.")
    return rows
