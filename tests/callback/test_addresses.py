from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_tui.callback.addresses import Endpoint, RedirectURI, validate_redirect_uri
from close_tui.errors import UsageError
from close_tui.settings import DEFAULT_REDIRECT_URI


def test_the_default_is_listened_for_on_both_families() -> None:
    """``localhost`` stands for both loopback addresses."""
    uri = RedirectURI.parse(DEFAULT_REDIRECT_URI)

    assert (Endpoint("127.0.0.1", 25673), Endpoint("::1", 25673)) == uri.endpoints
    assert "localhost:25673" == uri.authority
    assert "/callback/done" == uri.done_path


@pytest.mark.parametrize(
    ("text", "authority", "path", "endpoints"),
    [
        ("https://127.0.0.1:9000/cb", "127.0.0.1:9000", "/cb", (Endpoint("127.0.0.1", 9000),)),
        ("https://[::1]:9000/cb", "[::1]:9000", "/cb", (Endpoint("::1", 9000),)),
        ("https://LOCALHOST:443", "localhost", "/", None),
        ("https://tunnel.example.com/close", "tunnel.example.com", "/close", ()),
        ("https://localhost.example.com:1/", "localhost.example.com:1", "/", ()),
        ("https://127.0.0.2:1/", "127.0.0.2:1", "/", ()),
    ],
)
def test_is_taken_apart_as_browsers_do(
    text: str, authority: str, path: str, endpoints: tuple[Endpoint, ...] | None
) -> None:
    """Host header, path and listening addresses follow from the text; foreign hosts have none."""
    uri = RedirectURI.parse(text)

    assert (authority, path) == (uri.authority, uri.path)
    assert text == uri.text
    if endpoints is not None:
        assert endpoints == uri.endpoints
        assert bool(endpoints) == uri.is_loopback


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("http://localhost:25673/callback", "plain http"),
        ("ftp://localhost/", "https://"),
        ("localhost:25673/callback", "https://"),
        ("https:///callback", "host"),
        ("https://me:pw@localhost/callback", "password"),
        ("https://localhost/callback?x=1", "query"),
        ("https://localhost/callback?", "query"),
        ("https://localhost/callback#top", "fragment"),
        ("https://localhost:0/callback", "port"),
        ("https://localhost:99999/callback", "not an address"),
        ("https://localhost:port/callback", "not an address"),
        ("https://[::1/callback", "not an address"),
        ("https://localhost/a/../b", "'..'"),
        ("https://localhost/a/%2E%2e/b", "'..'"),
        ("https://localhost//evil.example.com", "path"),
        ("https://localhost/a\\b", "path"),
        ("https://localhost/ä", "characters"),
        ("https://lo\ncalhost/", "characters"),
        ("https://localhost/" + "a" * 600, "longer"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(text: str, word: str) -> None:
    """Each mistake has its own sentence, and advice."""
    with pytest.raises(UsageError) as refused:
        validate_redirect_uri(text)

    assert word in str(refused.value)
    assert refused.value.advice


def test_space_around_a_typed_uri_is_dropped() -> None:
    """What a person copies often brings a space or a line end."""
    assert DEFAULT_REDIRECT_URI == validate_redirect_uri(f"  {DEFAULT_REDIRECT_URI}\n")


@given(st.one_of(st.text(), st.text().map(lambda tail: f"https://{tail}")))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """Whatever is typed, the outcome is an https address or a UsageError."""
    try:
        accepted = validate_redirect_uri(text)
    except UsageError:
        return

    assert RedirectURI.parse(accepted).origin.startswith("https://")
