"""No secret leaves by way of a log, a message or a traceback."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Awaitable, Callable

import httpx
import pytest

from close_tui.close.client import Close
from close_tui.close.credential import Basic, Bearer
from close_tui.errors import CloseError
from close_tui.model import Client
from close_tui.sandbox.server import serve
from close_tui.sandbox.state import World
from close_tui.secret import Secret

MARK = "canary"
CLIENT = Client("oa2client_1", Secret("secret-canary"))

CALLS: dict[str, Callable[[Close], Awaitable[object]]] = {
    "exchange": lambda close: close.exchange(
        CLIENT, Secret("code-canary"), redirect_uri="r", verifier=Secret("verifier-canary")
    ),
    "refresh": lambda close: close.refresh(CLIENT, Secret("refresh-canary")),
    "revoke": lambda close: close.revoke(CLIENT, Secret("token-canary")),
    "me with a key": lambda close: close.me(Basic(Secret("api-canary"))),
    "me with a token": lambda close: close.me(Bearer(Secret("access-canary"))),
    "organization": lambda close: close.organization(Bearer(Secret("access-canary")), "orga_1"),
}


def answered(status: int, answer: object) -> httpx.Response:
    """Return an answer whose body was not read yet, as the network would give it."""
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(answer).encode()))


def echo(request: httpx.Request) -> httpx.Response:
    """Refuse, and quote everything that was sent."""
    said = request.content.decode() + request.headers.get("authorization", "")
    return answered(400, {"error": said, "access_token": "new-canary"})


def half_granted(request: httpx.Request) -> httpx.Response:
    """Grant a refresh token beside an access token that cannot be used."""
    return answered(200, {"access_token": "a canary", "refresh_token": "new-canary"})


def lost(request: httpx.Request) -> httpx.Response:
    """Lose the answer, with the whole request in the exception."""
    raise httpx.ReadError(f"{request.content!r} {request.headers.raw}", request=request)


@pytest.mark.parametrize("answer", [echo, half_granted, lost])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_failed_call_tells_no_secret(
    answer: Callable[[httpx.Request], httpx.Response],
    call: Callable[[Close], Awaitable[object]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the log nor the traceback, local variables and causes included, holds a secret."""
    caplog.set_level(logging.DEBUG)
    shown, caught = "", None

    async with Close(
        "https://api.close.com", version="1", transport=httpx.MockTransport(answer)
    ) as close:
        try:
            shown = repr(await call(close))
        except CloseError as error:
            caught = error

    if caught is not None:
        story = traceback.TracebackException.from_exception(caught, capture_locals=True)
        # The first frame is this test's own.
        del story.stack[0]
        shown = "".join(story.format()) + repr(caught) + repr(vars(caught))
        assert (None, None) == (caught.__cause__, caught.__context__)
    assert shown
    assert MARK not in shown
    assert MARK not in caplog.text


async def test_the_log_of_a_program_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Levels stay as a program has set them, and what httpx and httpcore log holds no secret."""
    caplog.set_level(logging.DEBUG)
    before = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}
    world = World(marker=MARK)
    user = world.add_user("ada@acme.example", "Ada", [world.add_organization("Acme")])
    organization = next(iter(world.organizations.values()))
    app = world.add_app("Reports", "https://localhost:1/callback")
    granted = world.authorize_directly(app, user, organization)
    assert granted.refresh_token is not None
    client = Client(app.client_id, Secret(app.client_secret))

    async with serve(world) as url, Close(url, version="1") as close:
        await close.me(Bearer(Secret(granted.access_token)))
        await close.refresh(client, Secret(granted.refresh_token))

    lines = [one.name for one in caplog.records if one.name.startswith(("httpx", "httpcore"))]
    assert {"httpx", "httpcore.http11"} <= set(lines)
    assert before == {name: logging.getLogger(name).level for name in before}
    assert MARK in granted.access_token
    assert MARK not in caplog.text


def test_credentials_and_their_wire_forms_do_not_show_themselves() -> None:
    """A credential can stand in any message."""
    basic, bearer = Basic(Secret("api-canary")), Bearer(Secret("access-canary"))

    assert MARK not in f"{basic!r} {bearer!r} {basic.secrets!r} {bearer.secrets!r}"
    assert "YXBp" not in repr(basic.secrets)
