"""The port of a redirect URI, looked at before anybody needs it."""

from __future__ import annotations

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.binding import check
from close_tui.errors import CallbackError


def warning(redirect_uri: str) -> str:
    """Say why nothing could listen there now; empty when it could, or is not to.

    It is no error: what uses the port now may be gone when somebody authorizes.
    """
    uri = RedirectURI.parse(redirect_uri)
    if not uri.is_loopback:
        return ""
    try:
        check(uri.endpoints)
    except CallbackError as error:
        return f"{error} It must be free when you authorize. {error.advice}"
    return ""
