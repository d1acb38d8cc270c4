"""Which requests are listened to at all: the way a browser's own tab comes back, and no other."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.exchange import Refusal, Request
from close_tui.callback.tunnel import Tunnel

# Fetch Metadata: what a browser says of a page that a person's tab goes to. Sec-Fetch-Site is
# not among them, because the consent screen is another site by nature.
_NAVIGATION: Final = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))


def check(request: Request, uri: RedirectURI, tunnel: Tunnel | None = None) -> None:
    """Refuse what is not a GET of the redirect URI's page, or of its end, by a browser's tab.

    A tunnel passes the redirect URI's host on, or puts its own near end in its place.
    """
    hosts = (uri.authority, tunnel.authority) if tunnel else (uri.authority,)
    if request.values("host") not in [[host] for host in hosts]:
        raise Refusal(HTTPStatus.MISDIRECTED_REQUEST)
    if request.path not in (uri.path, uri.done_path):
        raise Refusal(HTTPStatus.NOT_FOUND)
    if request.method != "GET":
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, allow="GET")
    for name, wanted in _NAVIGATION:
        if any(value != wanted for value in request.values(name)):
            raise Refusal(HTTPStatus.FORBIDDEN)
