"""Everything that a vault holds as one JSON document, in one age file that any age opens.

The document: ``{"format": "close-tui export", "schema_version", "vault", "made_at"}``, one list of
rows for each table under its name, and under ``secrets`` ``{"owner", "kind", "generation",
"secret"}``. Fingerprints are in hex. ``schema_version`` is the shape of the vault's file.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import pyrage
from pyrage import x25519

from close_tui.errors import NameTaken, Tampered, UsageError, VaultNotWritable
from close_tui.secret import Secret
from close_tui.vault import migrations
from close_tui.vault.folder import create_private, sync
from close_tui.vault.in_passphrase import in_child
from close_tui.vault.sealing import Place
from close_tui.vault.vault import Vault

FORMAT: Final = "close-tui export"
TABLES: Final = (
    "organizations", "users", "apps", "connections", "intents", "fingerprints", "events",
)  # fmt: skip
"""What is exported as it is stored, each table after those that it refers to."""

_SECRETS: Final = (
    "SELECT s.*, COALESCE(c.generation, a.secret_generation) AS current FROM secrets s"
    " LEFT JOIN connections c ON c.id = s.owner LEFT JOIN apps a ON a.id = s.owner"
)


class Written(NamedTuple):
    """A document, and what could not be put into it because it does not open."""

    document: Secret
    connections: int
    left_out: tuple[str, ...]


def document(vault: Vault, at: float) -> Written:
    """Return everything that an unlocked vault holds, as it is at one instant."""
    content: dict[str, object] = {
        "format": FORMAT,
        "schema_version": len(migrations.STEPS),
        "vault": vault.id,
        "made_at": at,
    }
    opened: list[dict[str, object]] = []
    left_out: list[str] = []
    with vault.database.reading():
        for table in TABLES:
            found = vault.database.rows(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
            content[table] = [
                {name: _plain(row[name]) for name in row.keys()}  # noqa: SIM118 - not a dict
                for row in found
            ]
        count = len(vault.connections())
        for row in vault.database.rows(_SECRETS):
            owner, kind, generation = row["owner"], row["kind"], row["generation"]
            place = Place(vault.id, owner, kind, generation)
            if generation != row["current"]:
                left_out.append(f"The stored {place} belongs to nothing.")
                continue
            try:
                text = vault.open_row(place, row["sealed"]).reveal()
            except Tampered as error:
                left_out.append(str(error))
            else:
                opened.append(
                    {"owner": owner, "kind": kind, "generation": generation, "secret": text}
                )
    content["secrets"] = opened
    return Written(Secret(json.dumps(content)), count, tuple(left_out))


def seal(document: Secret, recipients: Sequence[str], passphrase: Secret | None) -> bytes:
    """Return the armored age file, for recipients (``age1…``) or behind a passphrase.

    age knows no file that opens with either; UsageError for both, for none, and for what is not
    a recipient. The passphrase takes seconds: call it in a thread.
    """
    if bool(recipients) == bool(passphrase):
        raise UsageError("Seal it to recipients, or with a passphrase: one of the two.")
    if passphrase:
        return in_child("wrap", passphrase, document, Path("the export")).reveal().encode()
    try:
        found = [x25519.Recipient.from_str(each) for each in recipients]
    except (pyrage.RecipientError, ValueError):
        raise UsageError(
            "That is not an age recipient.",
            advice="A recipient begins with age1; age-keygen prints it as the public key.",
        ) from None
    sealed: bytes = pyrage.encrypt(document.reveal().encode(), found, armored=True)
    return sealed


def write(path: Path, sealed: bytes) -> None:
    """Write a new file (0600) that has its name only once it is whole; NameTaken when it is there.

    VaultNotWritable where it cannot be written.
    """
    refuse_existing(path)
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    create_private(half, sealed)
    try:
        try:
            os.link(half, path)  # unlike a rename, it never replaces a file
        except FileExistsError:
            raise _taken(path) from None
        except OSError:  # a file system without hard links
            refuse_existing(path)
            half.rename(path)
    except OSError as error:
        raise VaultNotWritable(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    sync(path.parent)


def refuse_existing(path: Path) -> None:
    """Raise NameTaken when there is something by that name, if only a dangling link."""
    if os.path.lexists(path):
        raise _taken(path)


def _taken(path: Path) -> NameTaken:
    return NameTaken(
        f"{path} exists already.", advice="Nothing is ever overwritten. Choose another name."
    )


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
