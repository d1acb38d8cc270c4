"""The addresses that a browser is sent to."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

from close_tui.close import urls
from close_tui.secret import Secret


def test_the_consent_address_carries_state_and_challenge() -> None:
    """Every field arrives as it was given, however it has to be encoded."""
    url = urls.authorize_url(
        "https://app.close.com",
        client_id="oa2client_x&y",
        redirect_uri="https://localhost:25673/call back?a=b",
        state=Secret("st+te"),
        challenge="abc-_",
    )

    parts = urlsplit(url)
    assert "https://app.close.com/oauth2/authorize/" == f"https://{parts.netloc}{parts.path}"
    assert {
        "client_id": ["oa2client_x&y"],
        "response_type": ["code"],
        "redirect_uri": ["https://localhost:25673/call back?a=b"],
        "state": ["st+te"],
        "code_challenge": ["abc-_"],
        "code_challenge_method": ["S256"],
    } == parse_qs(parts.query, strict_parsing=True)
    assert "+" not in parts.query


def test_without_pkce_no_challenge_is_sent() -> None:
    """An app that switched PKCE off sends neither the challenge nor its method."""
    url = urls.authorize_url(
        "http://127.0.0.1:4321", client_id="c", redirect_uri="r", state=Secret("s"), challenge=None
    )

    assert (
        "http://127.0.0.1:4321/oauth2/authorize/"
        "?client_id=c&response_type=code&redirect_uri=r&state=s"
    ) == url


def test_settings_pages_are_where_close_has_them() -> None:
    """The pages are those that Close names."""
    assert "https://a/settings/developer/api-keys/" == urls.api_keys_page("https://a")
    assert "https://a/settings/developer/oauth-apps" == urls.oauth_apps_page("https://a")


def test_addresses_and_credentials_cost_no_http_library() -> None:
    """Building an address does not import httpx."""
    program = (
        "import sys, close_tui.close.urls, close_tui.close.credential\n"
        "print({'httpx', 'asyncio', 'textual'} & set(sys.modules))"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ("set()\n", "") == (answer.stdout, answer.stderr)
