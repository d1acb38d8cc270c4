"""What is made of answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_tui.close import answers
from close_tui.close.credential import Bearer
from close_tui.close.received import Received
from close_tui.errors import (
    CloseError,
    Forbidden,
    InvalidClient,
    InvalidGrant,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from close_tui.model import Client, Organization, RateLimit, User
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.close.conftest import Answering

CLIENT = Client("oa2client_1", Secret("the-app-secret"))
AT = 1_000_000.0
FULL = {
    "token_type": "Bearer",
    "access_token": "at-1",
    "expires_in": 3600,
    "refresh_token": "rt-1",
    "scope": "all.full_access offline_access",
    "organization_id": "orga_1",
    "user_id": "user_1",
}


def received(
    answer: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    seconds: float = 0.0,
    cap: int = 65536,
) -> Received:
    """Return an answer as the wire would give it."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Received(status, headers or {}, body, at=AT, seconds=seconds, cap=cap)


def test_a_full_answer_becomes_a_grant() -> None:
    """Every field is where it belongs; the call's duration is taken off the expiry."""
    grant = answers.to_grant(received(FULL, seconds=1.5), ())

    assert (Secret("at-1"), Secret("rt-1")) == (
        grant.tokens.access_token,
        grant.tokens.refresh_token,
    )
    assert AT - 1.5 + 3600 == grant.tokens.expires_at
    assert "all.full_access offline_access" == grant.tokens.scope
    assert ("orga_1", "user_1") == (grant.organization_id, grant.user_id)


@pytest.mark.parametrize(
    ("expires_in", "life"),
    [
        ("60", 60),
        ('"60"', 60),
        ("59.5", 59.5),
        ("null", 3600),
        ("true", 3600),
        ("[]", 3600),
        ('"soon"', 3600),
        ("NaN", 3600),
        ('"-inf"', 0),
        ("-5", 0),
        ("Infinity", 365 * 86400),
        pytest.param("1" + "0" * 5000, 365 * 86400, id="long"),
    ],
)
def test_an_odd_life_never_costs_the_tokens(expires_in: str, life: float) -> None:
    """Whatever ``expires_in`` holds, the pair is kept and the expiry is a plain number."""
    body = f'{{"access_token": "a", "refresh_token": "r", "expires_in": {expires_in}}}'.encode()

    grant = answers.to_grant(received(body), ())

    assert AT + life == grant.tokens.expires_at
    assert Secret("r") == grant.tokens.refresh_token


def test_odd_fields_beside_a_usable_token_are_left_empty() -> None:
    """A usable token is taken first; wrong types around it become nothing."""
    odd = {"access_token": "a", "refresh_token": 7, "scope": ["x"], "organization_id": {}}

    grant = answers.to_grant(received(odd, status=201), ())

    assert Secret("a") == grant.tokens.access_token
    assert None is grant.tokens.refresh_token
    assert ("", "", "") == (grant.tokens.scope, grant.organization_id, grant.user_id)


@pytest.mark.parametrize("token", [None, "", 5, ["a"], "a b", "a\r\nX: y", "ä", "\ud800"])
def test_a_token_that_no_header_can_hold_is_not_usable(token: object) -> None:
    """Without a usable access token a 200 is no grant."""
    with pytest.raises(Unavailable) as caught:
        answers.to_grant(received(FULL | {"access_token": token}), ())

    assert 200 == caught.value.http_status


OAUTH_ERRORS: list[tuple[int, Any, type[CloseError]]] = [
    (400, {"error": "invalid_grant"}, InvalidGrant),
    (401, {"error": "invalid_grant"}, InvalidGrant),
    (400, {"error": "invalid_client"}, InvalidClient),
    (401, {"error": "invalid_client"}, InvalidClient),
    (401, b"", InvalidClient),
    (400, {"error": "invalid_request"}, Rejected),
    (400, {"errors": ["no"], "field-errors": {"code": "bad"}}, Rejected),
    (404, {"error": "The requested URL was not found"}, Rejected),
    (400, b"<html>", Unavailable),
    (400, b"", Unavailable),
    (403, {"error": "no"}, Forbidden),
    (429, b"slow", RateLimited),
    (408, {"error": "late"}, Unavailable),
    (500, {"error": "invalid_grant"}, Unavailable),
    (502, b"", Unavailable),
    (302, b"", Unavailable),
    (200, b"", Unavailable),
    (200, b"<html>", Unavailable),
    (200, b"[" * 60000, Unavailable),
    (200, b"\xff\xfe\x00", Unavailable),
    (200, ["access_token"], Unavailable),
    (204, b"", Unavailable),
]


@pytest.mark.parametrize(("status", "answer", "kind"), OAUTH_ERRORS)
def test_the_token_endpoint_fails_in_our_words(
    status: int, answer: object, kind: type[CloseError]
) -> None:
    """Each answer that is no grant is exactly one kind of error, with its status."""
    with pytest.raises(CloseError) as caught:
        answers.to_grant(received(answer, status), ())

    assert (kind, status) == (type(caught.value), caught.value.http_status)


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (401, b"", Refused),
        (401, {"error": "Unauthorized"}, Refused),
        (400, {"error": "invalid_grant"}, Rejected),
        (402, {"error": "trial over"}, Rejected),
        (403, {"error": "no"}, Forbidden),
        (404, {"error": "not found"}, Rejected),
        (429, {}, RateLimited),
        (503, b"", Unavailable),
        (301, b"", Unavailable),
        (200, b"null", Unavailable),
        (200, {"email": "nobody"}, Unavailable),
    ],
)
def test_the_api_fails_in_our_words(status: int, answer: object, kind: type[CloseError]) -> None:
    """On the API a 401 is about the key or token, not about the app."""
    with pytest.raises(CloseError) as caught:
        answers.to_answer(received(answer, status), ())

    assert (kind, status) == (type(caught.value), caught.value.http_status)


@pytest.mark.parametrize(
    ("is_certain", "answer", "headers"),
    [
        (True, {"error": "Unauthorized"}, {}),
        (True, b"", {"WWW-Authenticate": 'Bearer realm="Close"'}),
        (False, b"", {}),
        (False, b"<h1>Sign in to the hotel</h1>", {"content-type": "text/html"}),
        (False, b'"Unauthorized"', {}),
    ],
)
def test_a_401_is_certainly_closes_or_may_be_anybodys(
    is_certain: bool, answer: object, headers: dict[str, str]
) -> None:
    """Close answers a JSON object, or says what it wants (RFC 9110 §11.6.1); a portal neither."""
    with pytest.raises(Refused) as caught:
        answers.to_answer(received(answer, 401, headers), ())

    assert is_certain == caught.value.is_certain


def test_a_revocation_needs_no_body() -> None:
    """Any 2xx accepts; anything else is the error that a token request would get."""
    assert 200 == answers.to_status(received(b""), ())
    assert 204 == answers.to_status(received(b"", 204), ())
    with pytest.raises(InvalidClient):
        answers.to_status(received({"error": "invalid_client"}, 400), ())


def test_a_429_says_how_long() -> None:
    """The wait comes from the headers."""
    with pytest.raises(RateLimited) as caught:
        answers.to_answer(received(b"", 429, {"RateLimit": "reset=7.5"}), ())

    assert 7.5 == caught.value.retry_after


async def test_the_servers_words_are_shown_without_our_secrets(answering: Answering) -> None:
    """A server that echoes what it was sent is quoted, cleaned and masked."""
    said = "bad \x1b]52;c;x\x07 the-app-\u200bsecret and r%2Ft or r/t " + "x" * 5000
    close, _ = answering(httpx.Response(400, json={"error": "nope", "error_description": said}))

    async with close:
        with pytest.raises(Rejected) as caught:
            await close.refresh(CLIENT, Secret("r/t"))

    message = str(caught.value)
    assert message.startswith("Close answered 400: nope. bad ]52;c;x **** and **** or **** xx")
    assert len(message) <= 230


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"organizations": [{"id": "o1", "name": "A\u202e"}]}, [("o1", "A")]),
        ({"organizations": [{"id": "o1"}, {"id": "o1"}, {"id": 5}, "x", None]}, [("o1", "")]),
        ({"organizations": [], "memberships": [{"organization_id": "o2"}]}, [("o2", "")]),
        ({"organizations": "none", "memberships": {"a": 1}}, []),
        ({}, []),
    ],
)
def test_any_number_of_organizations_is_an_answer(
    answer: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """Odd entries are left out and never cost the rest."""
    found = answers.to_answer(received({"id": "user_1"} | answer), ())

    assert tuple(Organization(*pair) for pair in expected) == found.organizations


def test_me_tells_who_how_fast_and_how_much_is_left() -> None:
    """The user, the latency in milliseconds and the headroom."""
    answer = answers.to_answer(
        received(
            {"id": "user_1", "email": "a@b.c", "first_name": "Ann", "last_name": None},
            headers={"ratelimit": "limit=100; remaining=99; reset=1"},
            seconds=0.25,
        ),
        (),
    )

    assert User("user_1", "a@b.c", "Ann") == answer.user
    assert (200, 250.0) == (answer.http_status, answer.latency_ms)
    assert RateLimit(100, 99, 1) == answer.rate_limit


async def test_an_answer_compressed_unasked_is_read(answering: Answering) -> None:
    """A proxy that compresses all the same does not cost the tokens."""
    body = gzip.compress(json.dumps(FULL).encode())
    close, _ = answering(httpx.Response(200, content=body, headers={"content-encoding": "gzip"}))

    async with close:
        grant = await close.refresh(CLIENT, Secret("r"))

    assert Secret("at-1") == grant.tokens.access_token


def test_a_compressed_flood_stays_small() -> None:
    """What inflates beyond the cap is cut there, and is no answer."""
    flood = gzip.compress(b'{"id": "user_1", "email": "' + b"x" * 10_000_000 + b'"}')

    answer = received(flood, headers={"Content-Encoding": "gzip"}, cap=1000)

    assert len(flood) < 20_000
    with pytest.raises(Unavailable):
        answers.to_answer(answer, ())


async def test_the_bearer_of_a_refused_call_is_never_quoted(answering: Answering) -> None:
    """A 401 that repeats the token is shown with the token masked."""
    close, _ = answering(httpx.Response(401, json={"error": "token tok-canary is dead"}))

    async with close:
        with pytest.raises(Refused, match=r"^Close answered 401: token \*\*\*\* is dead\.$"):
            await close.me(Bearer(Secret("tok-canary")))
