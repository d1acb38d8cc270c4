"""What the authorization server says of itself (RFC 8414), asked without a credential."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from close_tui.close.received import Received
from close_tui.text import clean

PATH: Final = "/.well-known/oauth-authorization-server"

_MOST: Final = 20
_ADDRESS: Final = 500
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")


class Metadata(NamedTuple):
    """An answer to the question, whatever it was.

    Attributes:
        status: the HTTP status.
        is_json: whether the body is a JSON object, as everything of Close's is.
        pkce: the code challenge methods (RFC 7636), ``S256`` among them.
        seconds: how long the call took.
        endpoints: where it says that consent, tokens and revocations are asked for, in this order;
            each is empty when it does not say.

    """

    status: int
    is_json: bool
    pkce: tuple[str, ...]
    seconds: float
    endpoints: tuple[str, str, str] = ("", "", "")

    @property
    def is_metadata(self) -> bool:
        """Whether it can be believed: found, and naming an endpoint at all."""
        return self.status == 200 and self.is_json and any(self.endpoints)


def to_metadata(received: Received) -> Metadata:
    """Return what an answer says; one that is no metadata says little, and is no error."""
    answer = received.json()
    methods = (answer or {}).get("code_challenge_methods_supported")
    listed = methods[:_MOST] if isinstance(methods, list) else []
    pkce = tuple(filter(None, map(clean, listed)))
    consent, token, revocation = (clean((answer or {}).get(each), _ADDRESS) for each in _ENDPOINTS)
    endpoints = (consent, token, revocation)
    return Metadata(received.status, answer is not None, pkce, received.seconds, endpoints)


def moved(found: Metadata, api_url: str, app_url: str) -> list[str]:
    """Say which addresses differ from those that are used here; none of them is ever followed.

    The consent screen may be named on either of Close's two hosts: the one for browsers is the
    documented one, and a server may speak of itself.
    """
    ours = (
        ("The consent screen", {f"{app_url}/oauth2/authorize", f"{api_url}/oauth2/authorize"}),
        ("Token requests", {f"{api_url}/oauth2/token"}),
        ("Revocations", {f"{api_url}/oauth2/revoke"}),
    )
    return [
        f"{what} should go to {theirs}, it says."
        for (what, known), theirs in zip(ours, found.endpoints, strict=True)
        if theirs and _plain(theirs) not in {_plain(each) for each in known}
    ]


def _plain(address: str) -> str:
    """Return an address as it compares: scheme and host in lower case, no slash at the end."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return address
    port = None if (parts.scheme, port) in (("https", 443), ("http", 80)) else port
    end = f"?{parts.query}" if parts.query else ""
    who = f"{parts.username}@" if parts.username is not None else ""
    return f"{parts.scheme}://{who}{parts.hostname}:{port}{parts.path.rstrip('/')}{end}"
