"""What the authorization server says of itself, asked by nobody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.close.conftest import Answering


async def test_it_is_asked_without_a_credential(answering: Answering) -> None:
    """At the address of RFC 8414."""
    close, sent = answering(httpx.Response(200, json={}))
    async with close:
        await close.metadata()

    (request,) = sent
    assert "https://api.close.com/.well-known/oauth-authorization-server" == str(request.url)
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("answer", "status", "is_json", "pkce"),
    [
        (
            httpx.Response(200, json={"code_challenge_methods_supported": ["S256", "plain"]}),
            200,
            True,
            ("S256", "plain"),
        ),
        (
            httpx.Response(200, json={"code_challenge_methods_supported": ["\x1b[31m", 7, None]}),
            200,
            True,
            ("[31m",),
        ),
        (httpx.Response(200, json={"code_challenge_methods_supported": {}}), 200, True, ()),
        (httpx.Response(404, json={"error": "Not found"}), 404, True, ()),
        (httpx.Response(200, text="<html>Sign in"), 200, False, ()),
        (httpx.Response(502), 502, False, ()),
        (httpx.Response(200, json=[]), 200, False, ()),
    ],
)
async def test_whatever_is_answered_is_told(
    answering: Answering,
    answer: httpx.Response,
    status: int,
    is_json: bool,
    pkce: tuple[str, ...],
) -> None:
    """It is a question about the way to Close: no answer to it is an error."""
    close, _ = answering(answer)
    async with close:
        found = await close.metadata()

    assert (status, is_json, pkce) == (found.status, found.is_json, found.pkce)
    assert 0 <= found.seconds
