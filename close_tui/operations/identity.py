"""Identity: the key to the vault, for its owner."""

from __future__ import annotations

from close_tui.model import Event
from close_tui.operations.desk import Desk
from close_tui.secret import Secret


async def identity(desk: Desk) -> Secret:
    """Return the age identity (``AGE-SECRET-KEY-1…``) that opens every sealed row.

    That it was handed out is written into the history.
    """
    vault = await desk.unlock()
    vault.record(
        Event(
            at=desk.clock(),
            connection_id=None,
            connection="",
            verb="identity",
            outcome="ok",
            detail="The key to the vault was handed out.",
        )
    )
    return vault.key()
