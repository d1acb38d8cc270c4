"""What a refused exchange may mean: an OAuth app that is private to another organization."""

from __future__ import annotations

from close_tui.callback.declines import PRIVATE
from close_tui.errors import CloseError, Forbidden, InvalidGrant, Rejected


def advice_for(error: CloseError) -> str:
    """Return the advice for an exchange that Close refused; other errors keep theirs."""
    if isinstance(error, (Forbidden, Rejected)):
        return f"{PRIVATE} If that is not it, compare the app's settings in Close with those here."
    if isinstance(error, InvalidGrant):
        return (
            "A code lives only minutes, and the redirect URI must be exactly the one in Close. "
            f"Authorize again. If it says the same: {PRIVATE}"
        )
    return error.advice
