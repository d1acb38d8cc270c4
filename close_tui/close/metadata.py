"""What the authorization server says of itself (RFC 8414), asked without a credential."""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.close.received import Received
from close_tui.text import clean

PATH: Final = "/.well-known/oauth-authorization-server"

_MOST: Final = 20


class Metadata(NamedTuple):
    """An answer to the question, whatever it was.

    Attributes:
        status: the HTTP status.
        is_json: whether the body is a JSON object, as everything of Close's is.
        pkce: the code challenge methods (RFC 7636), ``S256`` among them.
        seconds: how long the call took.

    """

    status: int
    is_json: bool
    pkce: tuple[str, ...]
    seconds: float


def to_metadata(received: Received) -> Metadata:
    """Return what an answer says; one that is no metadata says little, and is no error."""
    answer = received.json()
    methods = (answer or {}).get("code_challenge_methods_supported")
    listed = methods[:_MOST] if isinstance(methods, list) else []
    pkce = tuple(filter(None, map(clean, listed)))
    return Metadata(received.status, answer is not None, pkce, received.seconds)
