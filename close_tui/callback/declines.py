"""What the consent screen's errors mean to the person in front of it (RFC 6749 §4.1.2.1)."""

from __future__ import annotations

from typing import Final

from close_tui.callback.redirect import Decline
from close_tui.errors import Declined

PRIVATE: Final = (
    "An OAuth app is private by default: then only members of the organization that it was made in "
    "can authorize it. For others it must be made public in Close (Settings → Developer → OAuth "
    "Apps), or be an app of their own organization."
)
"""One reason for a refusal. Close documents that it refuses, and not with which error: so it is
named as what may be, wherever an answer leaves it open."""

_SETTINGS: Final = (
    "Compare the app's settings here (close-tui apps: client id, redirect URI, PKCE) with those in "
    "Close, then authorize again."
)
_LATER: Final = "Nothing is known to be wrong with the app. Authorize again in a few minutes."

# The error, what it says, what to do about it.
_KNOWN: Final = {
    "access_denied": (
        "Access was declined on the consent screen.",
        f"Authorize again and choose to allow access. If nobody declined: {PRIVATE}",
    ),
    "unauthorized_client": (
        "Close does not let this OAuth app be authorized here (unauthorized_client).",
        PRIVATE,
    ),
    "invalid_request": (
        "Close did not accept what was asked for (invalid_request).",
        _SETTINGS,
    ),
    "unsupported_response_type": (
        "Close does not give codes to this OAuth app (unsupported_response_type).",
        _SETTINGS,
    ),
    "invalid_scope": ("Close did not accept the scope (invalid_scope).", _SETTINGS),
    "server_error": ("Close ended the consent with an error of its own (server_error).", _LATER),
    "temporarily_unavailable": (
        "Close cannot ask for consent now (temporarily_unavailable).",
        _LATER,
    ),
}


def declined(decline: Decline) -> Declined:
    """Return the error that a proven decline ends the wait with."""
    if decline.error in _KNOWN:
        said, advice = _KNOWN[decline.error]
        return Declined(said, advice=advice)
    return Declined(
        f"The consent screen ended with the error {decline.error}.",
        advice=f"Authorize again. If it says the same: {_SETTINGS} {PRIVATE}",
    )
