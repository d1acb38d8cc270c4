"""Token: the one verb that hands a secret out."""

from __future__ import annotations

from typing import Final

from close_tui.close.credential import Basic
from close_tui.errors import NeedsAuthorization
from close_tui.model import EXPIRING_S, Kind, Status
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh, usable
from close_tui.operations.test import credential, is_expired
from close_tui.secret import Secret

_AGAIN: Final = "Authorize again (a in the app, close-tui authorize APP)."
_NEW_KEY: Final = "Add a new key (close-tui add key NAME), then remove this one."


async def token(desk: Desk, connection_id: str) -> tuple[Secret, str]:
    """Return the API key or access token, and a warning for people (empty when all is well).

    An access token with five minutes left or fewer is refreshed first. When that fails on the way
    and the token has not expired, it is handed out with the warning.
    """
    seen = usable(desk.vault, connection_id)
    if seen.status(desk.clock()) is Status.REJECTED:
        again = _NEW_KEY if seen.kind is Kind.API_KEY else _AGAIN
        raise NeedsAuthorization(
            f"Close answered 401 to {seen.name} at the last test.",
            advice=f"Test it again (close-tui test {seen.name}), or: {again}",
        )
    vault = await desk.unlock()
    warning = ""
    if is_expired(seen, desk.clock(), EXPIRING_S):
        renewed = await refresh(desk, connection_id, seen.generation)
        seen = usable(vault, connection_id)
        if renewed.error is not None:
            if is_expired(seen, desk.clock()):
                raise renewed.error
            warning = f"The token could not be refreshed and will expire soon. {renewed.detail}"
    found = credential(vault, seen)
    secret = found.key if isinstance(found, Basic) else found.token
    desk.record(seen, "token", "ok", "Handed out.")
    return secret, warning
