"""What exactly goes over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx
import pytest

from close_tui.close.credential import Basic, Bearer
from close_tui.errors import Rejected
from close_tui.model import Client, Organization
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.close.conftest import Answering

CLIENT = Client("oa2client_1", Secret("app secret&"))
GRANTED = httpx.Response(200, json={"access_token": "at", "refresh_token": "rt"})
PRINCIPAL = httpx.Response(200, json={"id": "user_1"})


def form(request: httpx.Request) -> dict[str, str]:
    """Return the fields of a form, each of which must occur once."""
    pairs = parse_qsl(request.content.decode(), strict_parsing=True, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


async def test_a_code_is_exchanged_with_the_verifier(answering: Answering) -> None:
    """The exchange posts the documented form, the redirect URI and the verifier."""
    close, sent = answering(GRANTED)

    async with close:
        await close.exchange(
            CLIENT, Secret("c/o"), redirect_uri="https://localhost:1/c", verifier=Secret("ver")
        )

    (request,) = sent
    assert ("POST", "https://api.close.com/oauth2/token/") == (request.method, str(request.url))
    assert "application/x-www-form-urlencoded" == request.headers["content-type"]
    assert {
        "client_id": "oa2client_1",
        "client_secret": "app secret&",
        "grant_type": "authorization_code",
        "code": "c/o",
        "redirect_uri": "https://localhost:1/c",
        "code_verifier": "ver",
    } == form(request)


async def test_without_pkce_and_secret_neither_is_sent(answering: Answering) -> None:
    """What is None leaves no empty field behind."""
    close, sent = answering(GRANTED)

    async with close:
        await close.exchange(Client("id", None), Secret("c"), redirect_uri="r", verifier=None)

    assert {"client_id", "grant_type", "code", "redirect_uri"} == set(form(sent[0]))


async def test_refresh_and_revoke_post_the_documented_forms(answering: Answering) -> None:
    """Client id and secret travel in the body, the token beside them."""
    close, sent = answering(GRANTED)

    async with close:
        await close.refresh(CLIENT, Secret("rt+1"))
        assert 200 == await close.revoke(CLIENT, Secret("rt+1"))

    client = {"client_id": "oa2client_1", "client_secret": "app secret&"}
    refresh, revoke = sent
    assert "https://api.close.com/oauth2/token/" == str(refresh.url)
    assert client | {"grant_type": "refresh_token", "refresh_token": "rt+1"} == form(refresh)
    assert "https://api.close.com/oauth2/revoke/" == str(revoke.url)
    assert client | {"token": "rt+1"} == form(revoke)


@pytest.mark.parametrize(
    ("credential", "header"),
    [
        (Basic(Secret("yourapikey")), "Basic eW91cmFwaWtleTo="),
        (Bearer(Secret("tok")), "Bearer tok"),
    ],
)
async def test_me_asks_for_the_few_fields_it_needs(
    answering: Answering, credential: Basic | Bearer, header: str
) -> None:
    """A key travels as Basic user name, a token as Bearer, and nothing else is asked for."""
    close, sent = answering(PRINCIPAL)

    async with close:
        await close.me(credential)

    (request,) = sent
    assert ("GET", b"") == (request.method, request.content)
    assert header == request.headers["authorization"]
    assert (
        "https://api.close.com/api/v1/me/"
        "?_fields=id,email,first_name,last_name,organizations,memberships"
    ) == str(request.url).replace("%2C", ",")


async def test_every_request_says_who_asks_and_what_for(answering: Answering) -> None:
    """The User-Agent is ours, JSON is asked for, nothing compressed."""
    close, sent = answering(PRINCIPAL)

    async with close:
        await close.me(Bearer(Secret("t")))

    headers = sent[0].headers
    assert "close-tui/9.9" == headers["user-agent"]
    assert "application/json" == headers["accept"]
    assert "identity" == headers["accept-encoding"]


async def test_no_cookie_is_carried_to_the_next_connection(answering: Answering) -> None:
    """Connections of different organizations share the client, and nothing else."""
    close, sent = answering(httpx.Response(200, json={"id": "u"}, headers={"set-cookie": "s=1"}))

    async with close:
        await close.me(Bearer(Secret("one")))
        await close.me(Bearer(Secret("two")))

    assert [None, None] == [request.headers.get("cookie") for request in sent]


async def test_an_organization_is_asked_for_its_name(answering: Answering) -> None:
    """The id is in the path, and the cleaned name comes back."""
    close, sent = answering(httpx.Response(200, json={"id": "orga_1", "name": "Ac\x1bme  Ltd"}))

    async with close:
        organization = await close.organization(Bearer(Secret("t")), "orga_1")

    assert Organization("orga_1", "Acme Ltd") == organization
    assert "/api/v1/organization/orga_1/?_fields=id,name" == sent[0].url.raw_path.decode().replace(
        "%2C", ","
    )


@pytest.mark.parametrize("hostile", ["", "..", "../me", "a/b", "a?b", "a%2fb", "a b", "ä", "a\n"])
async def test_an_id_cannot_alter_the_path(answering: Answering, hostile: str) -> None:
    """What is no id is refused before anything is sent."""
    close, sent = answering(PRINCIPAL)

    async with close:
        with pytest.raises(Rejected, match="Nothing was sent"):
            await close.organization(Bearer(Secret("t")), hostile)

    assert [] == sent


@pytest.mark.parametrize("hostile", ["", "a b", "a\r\nX: y", "ä", "a\x00", "\udc80"])
@pytest.mark.parametrize("kind", [Basic, Bearer])
async def test_a_credential_cannot_alter_the_headers(
    answering: Answering, kind: type[Basic | Bearer], hostile: str
) -> None:
    """A key or token that no header can hold is refused before anything is sent."""
    close, sent = answering(PRINCIPAL)

    async with close:
        with pytest.raises(Rejected, match="Nothing was sent"):
            await close.me(kind(Secret(hostile)))

    assert [] == sent
