"""The addresses that a person's browser is sent to."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from close_tui.secret import Secret


def authorize_url(
    app_url: str, *, client_id: str, redirect_uri: str, state: Secret, challenge: str | None
) -> str:
    """Return the address of the consent screen (Close: Authentication with OAuth).

    ``challenge`` is the S256 code challenge of RFC 7636 §4.2, or None to leave PKCE out. The
    address holds ``state``: show it to the person who authorizes, never log it.
    """
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state.reveal(),
    }
    if challenge is not None:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{app_url}/oauth2/authorize/?{urlencode(query, quote_via=quote, safe='')}"


def api_keys_page(app_url: str) -> str:
    """Return the settings page where API keys are made and deleted."""
    return f"{app_url}/settings/developer/api-keys/"


def oauth_apps_page(app_url: str) -> str:
    """Return the settings page where OAuth apps are made."""
    return f"{app_url}/settings/developer/oauth-apps"
