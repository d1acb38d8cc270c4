"""What the server says of itself, looked at during an authorization: it warns, no more."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_tui.operations import server
from close_tui.operations.add import set_app
from close_tui.operations.authorize import Authorization, authorize
from close_tui.sandbox import faults
from tests.operations.conftest import Meddling
from tests.operations.test_authorize import consent

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from tests.operations.conftest import Town

PATH = "/.well-known/oauth-authorization-server"


def answering(town: Town, answer: httpx.Response) -> Desk:
    """Return a desk at which the metadata are these, and all else is the sandbox's."""

    async def after(request: httpx.Request, true: httpx.Response) -> httpx.Response:
        return answer if request.url.path == PATH else true

    return town.open_desk(transport=Meddling(after))


def saying(town: Town, **changes: Any) -> httpx.Response:
    """Return metadata as the sandbox has them, but for some changes."""
    base = town.settings.api_url
    told = {
        "authorization_endpoint": f"{base}/oauth2/authorize/",
        "token_endpoint": f"{base}/oauth2/token/",
        "revocation_endpoint": f"{base}/oauth2/revoke/",
        "code_challenge_methods_supported": ["S256"],
    }
    return httpx.Response(200, json=told | changes)


async def look(town: Town, desk: Desk) -> list[str]:
    """Look at the metadata to the end, and return what was said."""
    said: list[str] = []
    await server._look(desk, town.app, said.append)
    return said


async def test_what_is_as_it_was_is_not_spoken_of(town: Town) -> None:
    """The sandbox, like Close, says what we know."""
    assert [] == await look(town, town.desk)
    assert 1 == town.sent("metadata")


async def test_a_missing_s256_is_said_and_pkce_stays_as_the_app_has_it(town: Town) -> None:
    """PKCE is never weakened by an answer; an app that has it switched off hears nothing."""
    desk = answering(town, saying(town, code_challenge_methods_supported=["plain"]))
    said: list[str] = []

    async def started(under_way: Authorization) -> None:
        under_way.on_notice = said.append
        assert "code_challenge_method=S256" in under_way.url
        back = await consent(town, under_way.url)

        async def later() -> None:
            while not said:
                await asyncio.sleep(0.01)
            under_way.paste(back)

        tasks.append(asyncio.create_task(later()))

    tasks: list[asyncio.Task[None]] = []
    done = await authorize(desk, town.app, started, listen=False, seconds=30)

    assert "authorized" == done.outcome
    assert [f"{server.NO_S256} It is sent all the same, as the app's setting says."] == said
    await set_app(town.desk, town.app, pkce=False)
    town.app = town.app._replace(pkce=False)
    assert [] == await look(town, desk)


@pytest.mark.parametrize(
    ("field", "theirs", "what"),
    [
        ("token_endpoint", "https://evil.example/oauth2/token/", "Token requests"),
        ("token_endpoint", "{base}/oauth3/token/", "Token requests"),
        ("token_endpoint", "{base}@evil.example/oauth2/token/", "Token requests"),
        ("revocation_endpoint", "https://api.close.com/oauth2/revoke/", "Revocations"),
        ("authorization_endpoint", "https://login.example/", "The consent screen"),
        ("authorization_endpoint", "https://[bad/", "The consent screen"),
    ],
)
async def test_another_address_is_a_warning_and_never_followed(
    town: Town, field: str, theirs: str, what: str
) -> None:
    """Another host and another path alike: the authorization goes where it always went."""
    theirs = theirs.format(base=town.settings.api_url)
    desk = answering(town, saying(town, **{field: theirs}))
    (said,) = await look(town, desk)

    async def started(under_way: Authorization) -> None:
        under_way.paste(await consent(town, under_way.url))

    done = await authorize(desk, town.app, started, listen=False, seconds=30)

    assert f"{what} should go to {theirs}, it says." in said
    assert "goes on with those that it knows" in said
    assert ("authorized", 1) == (done.outcome, town.sent("token"))


async def test_how_an_address_is_written_makes_no_difference(town: Town) -> None:
    """Case of the host, the slash at the end; and the consent screen may be on either host."""
    base = town.settings.api_url
    desk = answering(
        town, saying(town, token_endpoint=f"{base}/oauth2/token", revocation_endpoint="")
    )

    assert [] == await look(town, desk)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"x" * 10_000_000),
        httpx.Response(200, content=b"{" * 60_000),
        httpx.Response(200, content=b'{"token_endpoint": ' + b"[" * 50_000),
        httpx.Response(200, text="<html>Sign in to the hotel"),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={"token_endpoint": 7, "code_challenge_methods_supported": "x"}),
        httpx.Response(200, json={"token_endpoint": {}, "revocation_endpoint": None}),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(404, json={"token_endpoint": "https://evil.example/"}),
        httpx.Response(500),
    ],
)
async def test_what_is_no_metadata_says_nothing_and_is_not_kept(
    town: Town, answer: httpx.Response
) -> None:
    """Huge, not JSON, of wrong types, elsewhere: an authorization does not speak of it."""
    assert [] == await look(town, answering(town, answer))
    assert not (town.settings.home / server.FILE).exists()


async def test_hostile_words_are_cleaned_and_short(town: Town) -> None:
    """An address is shown, and can do nothing to the terminal."""
    theirs = "https://evil.example/\x1b]52;c;x\x07\u202e" + "y" * 60_000
    (said,) = await look(town, answering(town, saying(town, token_endpoint=theirs[:9000])))

    assert said.isprintable()
    assert len(said) < 800


async def test_it_is_asked_for_once_a_day(town: Town) -> None:
    """The answer is kept beside the vault, for its owner only; an older one is not believed."""
    await look(town, town.desk)
    await look(town, town.desk)
    kept = town.settings.home / server.FILE
    assert 1 == town.sent("metadata")
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)

    town.clock.advance(server.KEPT_S + 1)
    await look(town, town.desk)
    assert 2 == town.sent("metadata")

    town.clock.advance(-3600.0)  # kept in the future: a clock that was wrong
    await look(town, town.desk)
    assert 3 == town.sent("metadata")


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"x" * 100_000,
        b"[" * 60_000,
        b'{"api_url": "AT", "at": "NaN", "pkce": [], "endpoints": ["", "", ""]}',
        b'{"api_url": "AT", "at": 1e400, "pkce": 7, "endpoints": 7}',
        b'{"api_url": "https://other", "at": NOW, "pkce": [], "endpoints": ["x", "x", "x"]}',
    ],
)
async def test_a_kept_answer_that_cannot_be_used_is_asked_for_anew(town: Town, kept: bytes) -> None:
    """Cut, altered, or of another server."""
    told = kept.replace(b"AT", town.settings.api_url.encode())
    told = told.replace(b"NOW", str(town.clock()).encode())
    (town.settings.home / server.FILE).write_bytes(told)

    assert [] == await look(town, town.desk)
    assert 1 == town.sent("metadata")
    assert (
        town.settings.api_url
        == json.loads((town.settings.home / server.FILE).read_text())["api_url"]
    )


async def test_a_server_that_does_not_answer_delays_nothing(town: Town) -> None:
    """The wait ends with the code; nobody waits for the metadata."""
    town.world.faults.add(faults.latency(20.0), "metadata", times=None)
    begin = time.monotonic()

    async def started(under_way: Authorization) -> None:
        back = await consent(town, under_way.url)
        under_way.paste(back)

    done = await authorize(town.desk, town.app, started, listen=False, seconds=60)

    assert "authorized" == done.outcome
    assert time.monotonic() - begin < 10


async def test_without_a_network_nothing_is_said(town: Town) -> None:
    """The exchange itself says it better."""
    desk = town.cut_off()

    assert [] == await look(town, desk)
