"""Which connections are refreshed without being asked, and when: facts and a time, nothing else.

An access token lives for an hour, so every morning all of them have expired and nothing is wrong:
each is renewed when it is needed. What is kept fresh is what lives:

- While the app is open and the vault unlocked, a token is renewed in its last five minutes. What
  had expired before the app was opened stays as it is, so that opening it sends nothing. What
  expires while the app is open but could not act, asleep or locked, is renewed when it can again.
- ``close-tui refresh --due`` is asked to by its caller, once: it renews what is in its last five
  minutes and everything that has expired.

Only what nobody has to think about: never what is frozen, revoked, refused, or switched off; never
while the answer to an earlier refresh is awaited or lost, for the one more try is a person's to
make; never what came from another machine's vault, for that machine may spend the token too.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from close_tui.model import EXPIRING_S, Connection, Kind

if TYPE_CHECKING:
    from close_tui.vault.protocol import Store

SPREAD_S: Final = 60.0
"""Tokens that end at the same moment are renewed over so many seconds."""


def may_be_kept(connection: Connection) -> bool:
    """Tell whether a refresh of this connection needs no person, whenever it is due."""
    return (
        connection.kind is Kind.OAUTH
        and connection.auto_refresh
        and connection.can_refresh
        and connection.app_id is not None
        and connection.expires_at is not None
        and connection.frozen_at is None
        and connection.revoked_at is None
        and connection.refused_at is None
        and connection.intent is None
        and connection.imported_at is None
    )


def delay(connection_id: str) -> float:
    """Return where in the spread a connection stands, 0 to 60 s: always the same for an id."""
    digest = hashlib.sha256(connection_id.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 * SPREAD_S


def to_keep(vault: Store, now: float, since: float) -> list[Connection]:
    """Return what is to be renewed now, what still lives first, each at its place in the spread.

    ``since`` is when the app was opened: what had expired by then stays as it is.
    """
    if not vault.keeps_fresh():
        return []
    found = [
        each
        for each in vault.ending(since, now + EXPIRING_S)
        if may_be_kept(each)
        and each.expires_at is not None
        and each.expires_at <= now + EXPIRING_S - delay(each.id)
    ]
    return sorted(found, key=lambda each: each.expires_at is not None and each.expires_at <= now)


def due(vault: Store, now: float) -> list[Connection]:
    """Return what is in its last five minutes, then what has expired; soonest first in both."""
    if not vault.keeps_fresh():
        return []
    found = [each for each in vault.ending(0.0, now + EXPIRING_S) if may_be_kept(each)]
    return sorted(found, key=lambda each: each.expires_at is not None and each.expires_at <= now)
