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


async def test_httpx_logs_no_address(caplog: pytest.LogCaptureFixture) -> None:
    """A call leaves no line of httpx in the log, even when everything is logged."""
    caplog.set_level(logging.DEBUG)

    async with Close(
        "https://api.close.com",
        version="1",
        transport=httpx.MockTransport(lambda request: answered(200, {"id": "u"})),
    ) as close:
        await close.me(Bearer(Secret("t")))

    assert [] == [one for one in caplog.records if one.name.startswith(("httpx", "httpcore"))]


def test_credentials_and_their_wire_forms_do_not_show_themselves() -> None:
    """A credential can stand in any message."""
    basic, bearer = Basic(Secret("api-canary")), Bearer(Secret("access-canary"))

    assert MARK not in f"{basic!r} {bearer!r} {basic.secrets!r} {bearer.secrets!r}"
    assert "YXBp" not in repr(basic.secrets)
