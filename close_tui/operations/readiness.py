"""Getting ready for a revocation, while a person still thinks about it."""

from __future__ import annotations

from contextlib import suppress

from close_tui.errors import CloseTuiError
from close_tui.operations.desk import Desk


async def get_ready(desk: Desk) -> bool:
    """Load what a revocation needs, so that confirming it waits for nothing; tell if it is locked.

    The HTTP client with its certificates is made too, and a vault whose key lies in a file is
    unlocked: that asks nobody. Sends nothing.
    """
    import filelock  # noqa: F401 - loaded for the lock that comes

    from close_tui.operations import kill, revoke, sending  # noqa: F401

    await desk.close.warm()
    if desk.vault.place_kind == "file":
        with suppress(CloseTuiError):  # what is wrong is said when it is needed
            await desk.unlock()
    return desk.vault.is_locked
