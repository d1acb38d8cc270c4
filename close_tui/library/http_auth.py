"""Authentication for httpx: each request carries what its connection is to be used with now."""

from __future__ import annotations

import asyncio

# What a refresh loads and what has hooks of its own at a fork is loaded here: if that happened
# while a fork waits for the refresh, their second halves would run without the first.
import concurrent.futures.thread  # noqa: F401
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Future
from functools import partial
from typing import Final

import filelock  # noqa: F401
import httpx

from close_tui.errors import UsageError
from close_tui.library import shared_desk
from close_tui.library.handing import Holding
from close_tui.model import Kind
from close_tui.operations.token import Handed
from close_tui.settings import Settings
from close_tui.text import clean

_PORTS: Final = {"http": 80, "https": 443}


class ConnectionAuth(httpx.Auth):
    """Authenticates as one connection: Basic with an API key, Bearer with an access token.

    An access token is refreshed in its last five minutes, and once when Close answers 401 to it;
    then the request is sent once more. An answer of 401 to that one, or to an API key, is the
    answer. Requests of an authorization are read into memory, so that they can be sent again.

    The credential goes to the API's own address and nowhere else: a request to another one raises
    :class:`~close_tui.errors.UsageError`, and httpx leaves the header out where it follows a
    redirect elsewhere. A connection that cannot be used raises what ``close-tui token`` would say:
    NeedsAuthorization, Frozen, AlreadyRevoked, NotFound, Ambiguous, VaultLocked and other
    VaultErrors, Unreachable, Unavailable, RateLimited, RefreshUnknown, Busy. Where a token cannot
    be refreshed and has not expired, it is used.

    One object may serve many threads, event loops (asyncio's) and clients. Pickled, it is its name
    and its settings.
    """

    requires_request_body = True

    def __init__(self, name: str, settings: Settings) -> None:
        self._name = name
        self._settings = settings
        self._origin = _origin(httpx.URL(settings.api_url))
        self._holding = Holding(name)
        # What Close refuses although it is new does not get newer: a place that always answers
        # 401 must not cost a refresh each time.
        self._in_vain: tuple[str, int] | None = None

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request, and once more with a newer token when that may help."""
        self._refuse_elsewhere(request)
        now = self._ask().result()
        if now.connection.kind is Kind.OAUTH:
            request.read()
        response = yield _signed(request, now)
        if self._may_help(response, now):
            newer = self._ask_instead_of(now).result()
            self._learn((yield _signed(response.request, newer)), newer)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Do the same in an event loop, which goes on meanwhile."""
        self._refuse_elsewhere(request)
        now = await _awaited(self._ask())
        if now.connection.kind is Kind.OAUTH:
            await request.aread()
        response = yield _signed(request, now)
        if self._may_help(response, now):
            newer = await _awaited(self._ask_instead_of(now))
            self._learn((yield _signed(response.request, newer)), newer)

    def __repr__(self) -> str:
        return f"close_tui.auth({self._name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return shared_auth, (self._name, self._settings)

    def _ask(self) -> Future[Handed]:
        return shared_desk.submit(self._settings, self._holding.now)

    def _ask_instead_of(self, refused: Handed) -> Future[Handed]:
        return shared_desk.submit(self._settings, partial(self._holding.instead_of, refused))

    def _refuse_elsewhere(self, request: httpx.Request) -> None:
        if _origin(request.url) != self._origin:
            raise UsageError(
                f"The credential of {clean(self._name)} is for {self._settings.api_url} only, and "
                f"this request goes to {clean(request.url.host)}. Nothing was sent.",
                advice="Send it with a client of its own, without this auth.",
            )

    def _may_help(self, response: httpx.Response, now: Handed) -> bool:
        """Tell whether a newer token may get another answer than this one."""
        return (
            response.status_code == httpx.codes.UNAUTHORIZED
            and now.connection.kind is Kind.OAUTH
            and _origin(response.request.url) == self._origin
            and self._in_vain != _which(now)
        )

    def _learn(self, response: httpx.Response, newer: Handed) -> None:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._in_vain = _which(newer)


_made: dict[tuple[str, Settings], ConnectionAuth] = {}


def shared_auth(name: str, settings: Settings) -> ConnectionAuth:
    """Return the one object of this process for a name and settings.

    So that whoever asks for it anew with each request does not have its secret opened each time.
    """
    return _made.setdefault((name, settings), ConnectionAuth(name, settings))


def _signed(request: httpx.Request, now: Handed) -> httpx.Request:
    request.headers["Authorization"] = now.credential.header()
    return request


def _which(handed: Handed) -> tuple[str, int]:
    return handed.connection.id, handed.connection.generation


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return what two addresses of one server have in common (RFC 6454 §4)."""
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


async def _awaited(asked: Future[Handed]) -> Handed:
    # Who stops waiting stops nothing: the verb goes on to its end.
    return await asyncio.shield(asyncio.wrap_future(asked))
