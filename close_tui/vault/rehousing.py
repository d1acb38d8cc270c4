"""The vault's key, made anew or moved: what is done in the one transaction that decides.

The order, whatever is killed when: the key is written to its new place and read back; one
transaction seals every row to it, opens them all again, and names the new place; only then is the
old place emptied. Before the commit the old place is the vault's, after it the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from close_tui.errors import Busy, Tampered, VaultLocked
from close_tui.model import INTENT_GRACE_S, Event
from close_tui.secret import Secret
from close_tui.vault.places import IdentityPlace
from close_tui.vault.sealing import Identity, Place
from close_tui.vault.vault import MARK, Vault

_TABLES: Final = ("secrets", "superseded")
_WHICH: Final = "owner = ? AND kind = ? AND generation = ?"


def rehearse(vault: Vault) -> None:
    """Open every row; Tampered, naming it, when one does not: it would be lost with the old key.

    The vault takes a write now, so that what follows is not begun in vain.
    """
    vault.check_writable()
    for table in _TABLES:
        for place, sealed in _rows(vault, table):
            _present(vault).unseal(place, sealed)


def rehouse(vault: Vault, place: IdentityPlace, text: Secret, event: Event) -> None:
    """Make what was read back from ``place`` the vault's key, in one transaction.

    The key may be the same in another place, or another one. Busy while a refresh is under way:
    its new tokens could not be stored by a process that knows only the old key.
    """
    old = _present(vault)
    new = Identity(Secret(text.reveal().partition("\n")[0]))
    with vault.transaction():
        vault.check_key()
        refuse_refreshes(vault, event.at)
        at = Place(vault.id, vault.id, MARK, 0)
        mark = new.seal(at, Secret(MARK))
        new.unseal(at, mark)
        vault.database.change(
            "UPDATE vault SET place = ?, place_detail = ?, sealed_mark = ?",
            place.kind,
            place.detail,
            mark,
        )
        for table in _TABLES:
            for row, sealed in list(_rows(vault, table)):
                opened = old.unseal(row, sealed)
                vault.database.change(
                    f"UPDATE {table} SET sealed = ? WHERE {_WHICH}",  # noqa: S608 - ours
                    new.seal(row, opened),
                    row.owner,
                    row.kind,
                    row.generation,
                )
                _prove(vault, table, new, row, opened)
        vault.record(event)
    vault.look_again()
    vault.identity = new
    vault.database.forget_deleted()


def _prove(vault: Vault, table: str, new: Identity, row: Place, opened: Secret) -> None:
    stored = vault.database.row(
        f"SELECT sealed FROM {table} WHERE {_WHICH}",  # noqa: S608 - ours
        row.owner,
        row.kind,
        row.generation,
    )
    if stored is None or new.unseal(row, stored["sealed"]) != opened:
        raise Tampered(f"The stored {row} did not come back as it was.")


def refuse_refreshes(vault: Vault, now: float) -> None:
    """Raise Busy while a refresh is under way: its new tokens could not be sealed."""
    under_way = vault.database.row(
        "SELECT c.name FROM intents i JOIN connections c ON c.id = i.connection_id"
        " WHERE i.lost_at IS NULL AND ABS(? - i.started_at) <= ?",
        now,
        INTENT_GRACE_S,
    )
    if under_way:
        raise Busy(
            f"A refresh of {under_way[0]} is under way.",
            advice="Wait half a minute, then try again. The key is as it was.",
        )


def _rows(vault: Vault, table: str) -> Iterator[tuple[Place, bytes]]:
    found = vault.database.rows(f"SELECT owner, kind, generation, sealed FROM {table}")  # noqa: S608
    for row in found:
        yield Place(vault.id, row["owner"], row["kind"], row["generation"]), row["sealed"]


def _present(vault: Vault) -> Identity:
    if vault.is_locked or vault.identity is None:
        raise VaultLocked
    return vault.identity
