"""close-tui for Python programs: the credentials of a vault, for the programs of its owner.

``close_tui.auth`` and ``close_tui.api_key`` are these; importing ``close_tui`` loads none of it.
They ask nobody anything: a vault whose key cannot be had raises
:class:`~close_tui.errors.VaultLocked`. All they raise is below
:class:`~close_tui.errors.CloseTuiError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui import errors
from close_tui.settings import Settings

if TYPE_CHECKING:
    from close_tui.library.http_auth import ConnectionAuth  # httpx, for those who use it

__all__ = ["api_key", "auth", "errors"]


def auth(name: str, *, settings: Settings | None = None) -> ConnectionAuth:
    """Return what authenticates an httpx client, sync or async, as the connection ``name``.

    ``httpx.Client(auth=close_tui.auth("acme"))``. Nothing is read before the first request; the
    same name gives the same object. ``settings`` are those of the environment unless given.
    """
    from close_tui.library.http_auth import shared_auth

    return shared_auth(name, settings or Settings.from_environment())


def api_key(name: str, *, settings: Settings | None = None) -> str:
    """Return the API key of the connection ``name``, for a client that takes one.

    ``closeio_api.Client(close_tui.api_key("acme"))``. UsageError for an OAuth connection, which
    has none; NeedsAuthorization, Frozen and AlreadyRevoked where the key is not to be used.
    """
    from close_tui.library import shared_desk
    from close_tui.library.handing import handed_key

    asked = shared_desk.submit(settings or Settings.from_environment(), handed_key, name)
    return asked.result().reveal()
