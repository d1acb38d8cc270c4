"""The end of a vault: what is sealed is deleted, then the key that opened it.

The order, whatever is killed when: one transaction deletes every sealed row and marks the vault as
destroyed; only then is the key taken from its place. Before the commit the vault is as it was,
after it nothing is sealed in it any more, and doing it again takes away what is left of the key.
List, history, fingerprints and incidents stay: they need no key.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final, NamedTuple

from close_tui.errors import (
    ForeignIdentity,
    IdentityMissing,
    Tampered,
    VaultBusy,
    VaultError,
)
from close_tui.model import Event
from close_tui.secret import Secret
from close_tui.vault import folder, places
from close_tui.vault.database import FILE_NAME
from close_tui.vault.in_file import InFile
from close_tui.vault.in_passphrase import KEY_FILES
from close_tui.vault.rehousing import refuse_refreshes
from close_tui.vault.sealed import DESTROYED
from close_tui.vault.sealing import Identity, Place
from close_tui.vault.vault import READ_WAIT_S, Vault

_LAST_MARK: Final = "destroyed"


class KeyGone(NamedTuple):
    """What became of the key: whether nothing opens with it any more where it lived, and how."""

    is_proved: bool
    sentence: str


def destroy(vault: Vault, event: Event) -> None:
    """Delete every sealed row and mark the vault as destroyed, in one transaction.

    Running processes forget the key by it. Busy while a refresh is under way, whose tokens would
    be lost alive; VaultBusy when a connection has come that nobody has frozen. With an identity
    the vault keeps its last mark sealed to it, so that :func:`take_key` knows it again.
    """
    with vault.transaction():
        vault.check_key()
        refuse_refreshes(vault, event.at)
        _refuse_newcomers(vault)
        place = Place(vault.id, vault.id, _LAST_MARK, 0)
        last = vault.identity.seal(place, Secret(_LAST_MARK)) if vault.identity else b""
        mark = DESTROYED + f"{event.at:.3f}\n".encode() + last
        vault.database.change("UPDATE vault SET sealed_mark = ?", mark)
        vault.database.change("DELETE FROM secrets")
        vault.database.change("DELETE FROM superseded")
        vault.record(event)
    vault.identity = None
    vault.database.forget_deleted()


def is_empty(vault: Vault) -> bool:
    """Read again whether nothing sealed is left."""
    return not any(
        vault.database.row(f"SELECT 1 FROM {table}")  # noqa: S608 - ours
        for table in ("secrets", "superseded")
    )


def place_of(vault: Vault) -> places.IdentityPlace:
    """Return where the key lives, of which only the deletion is asked; PlaceContradicted."""
    return places.pinned(
        vault.settings, vault.id, vault.place_kind, vault.place_detail, Secret("none")
    )


def take_key(vault: Vault) -> KeyGone:
    """Delete the key of a destroyed vault, and the copies and keys beside it; may take seconds.

    Looks for it again afterwards. Where that fails it can be done again at any time.
    """
    place = place_of(vault)
    if isinstance(place, InFile):
        gone = _take_from_file(vault, place)
    else:
        left = place.remove()
        gone = KeyGone(False, left) if left else _missing(place)
    _clear_folder(vault, place)
    return gone


def _missing(place: places.IdentityPlace) -> KeyGone:
    try:
        place.read(READ_WAIT_S)
    except IdentityMissing:
        where = "the system keyring" if place.kind == "keyring" else "its file"
        return KeyGone(True, f"The key is gone from {where}: it was looked for again.")
    except VaultError as error:
        return KeyGone(False, f"Whether the key is gone could not be seen: {error}")
    return KeyGone(False, "The key can still be read where it lived.")


def _take_from_file(vault: Vault, file: InFile) -> KeyGone:
    try:
        if (own := _own(vault, file)) is None:
            return KeyGone(True, f"No key of this vault is in {file.path}.")
        file.forget(own)
        if _own(vault, file) is None:
            return KeyGone(True, f"The key is gone from {file.path}: it was looked for again.")
    except (VaultError, OSError) as error:
        return KeyGone(False, f"The key may still be in {file.path}: {error}")
    return KeyGone(
        True,
        f"{file.path} is yours, so the line with the key is still in it. It opens nothing in this "
        "vault any more. Delete that line unless something else needs it.",
    )


def _own(vault: Vault, file: InFile) -> Secret | None:
    """Return the line of an identity file that was this vault's key, if it is there."""
    row = vault.database.row("SELECT sealed_mark FROM vault")
    last = bytes(row["sealed_mark"]).partition(b"\n")[2] if row else b""
    try:
        lines = file.read(0).reveal().splitlines()
    except IdentityMissing:
        return None
    for line in lines:
        with suppress(ForeignIdentity, Tampered):
            Identity(Secret(line)).unseal(Place(vault.id, vault.id, _LAST_MARK, 0), last)
            return Secret(line)
    return None


def _clear_folder(vault: Vault, place: places.IdentityPlace) -> None:
    """Delete the copies of the vault's file and the keys that close-tui has left beside it."""
    home = vault.settings.home
    keys = {path for path in home.glob("key*.age") if re.fullmatch(KEY_FILES, path.name)}
    if isinstance(place, InFile):
        keys.discard(place.path)
    for path in (*home.glob(f"{FILE_NAME}.*"), *keys):
        with suppress(OSError):
            path.unlink()
    folder.sync(home)


def _refuse_newcomers(vault: Vault) -> None:
    came = vault.database.row(
        "SELECT name FROM connections WHERE frozen_at IS NULL AND revoked_at IS NULL"
    )
    if came:
        raise VaultBusy(
            f"{came['name']} was added meanwhile, and is not frozen.",
            advice="Nothing was destroyed. Do it again: it will be revoked too.",
        )
