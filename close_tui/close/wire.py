"""One call over httpx: deadlines, a cap on the answer, no redirects, no cookies, no leaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx

from close_tui.close.credential import Credential
from close_tui.close.failures import TROUBLE, Watch, unreachable
from close_tui.close.received import Received
from close_tui.close.server_clock import skew
from close_tui.model import ClockSkew
from close_tui.secret import Secret
from close_tui.settings import is_loopback


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much.

    Attributes:
        connect_s: for a connection, and again for its TLS handshake.
        whole_s: for the whole call.
        body_bytes: the most that is read of an answer; organizations with long lists are large.
        connections: at one time.

    """

    connect_s: float = 10.0
    whole_s: float = 30.0
    body_bytes: int = 1 << 20
    connections: int = 200


Form = Mapping[str, str | Secret]
"""What a POST carries; secrets stay closed until the request is built."""

_KEPT_OPEN: Final = 50


class Wire:
    """The one place that talks HTTP; every connection of every organization shares it.

    ``clock_skew`` is what the last answer with a date has shown. ``transport`` replaces the
    network. httpx is set up at the first call and stays with the event loop of that call;
    :meth:`aclose` ends it.
    """

    def __init__(
        self,
        api_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        version: str,
        limits: Limits,
    ) -> None:
        self._api_url = api_url
        self._host = urlsplit(api_url).hostname or ""
        self._transport = transport
        self._clock = clock
        self._monotonic = monotonic
        self._user_agent = f"close-tui/{version}"
        self._limits = limits
        self._http: httpx.AsyncClient | None = None
        self.clock_skew: ClockSkew | None = None
        # They log whole URLs at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def aclose(self) -> None:
        """Close every connection."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def get(self, path: str, credential: Credential) -> Received:
        """GET a path with a credential. Raises Unreachable."""
        return await self._call("GET", path, credential=credential)

    async def post(self, path: str, form: Form) -> Received:
        """POST a form. Raises Unreachable."""
        return await self._call("POST", path, form=form)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        credential: Credential | None = None,
        form: Form | None = None,
    ) -> Received:
        watch = Watch(self._host)
        try:
            async with asyncio.timeout(self._limits.whole_s):
                http = self._open()
                request = http.build_request(
                    method,
                    f"{self._api_url}{path}",
                    headers={"Authorization": credential.header()} if credential else None,
                    data=_opened(form) if form else None,
                    extensions={"trace": watch},
                )
                watch.begun = True
                return await self._exchange(http, request)
        except TROUBLE as trouble:
            failure = unreachable(
                trouble, watch, connect_s=self._limits.connect_s, whole_s=self._limits.whole_s
            )
        # Raised outside of the handler, so that the failure does not keep httpx's exception, and
        # with it the request, as its context.
        raise failure

    async def _exchange(self, http: httpx.AsyncClient, request: httpx.Request) -> Received:
        start = self._monotonic()
        response = await http.send(request, stream=True)
        try:
            body = await self._read(response)
        finally:
            await response.aclose()
        received = Received(
            status=response.status_code,
            headers=dict(response.headers),
            body=body,
            at=self._clock(),
            seconds=max(0.0, self._monotonic() - start),
            cap=self._limits.body_bytes,
        )
        self.clock_skew = skew(received) or self.clock_skew
        return received

    async def _read(self, response: httpx.Response) -> bytes | None:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._limits.body_bytes:
                return None
        return bytes(body)

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(
                transport=self._transport,
                # What listens on this machine is not behind the environment's proxy.
                mounts={self._pattern(): None} if is_loopback(self._host) else None,
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": "application/json",
                    # Whatever is compressed could become far larger than the cap.
                    "Accept-Encoding": "identity",
                },
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                follow_redirects=False,
                # The deadline of the whole call stands around all of this.
                timeout=httpx.Timeout(
                    None, connect=self._limits.connect_s, pool=self._limits.connect_s
                ),
                limits=httpx.Limits(
                    max_connections=self._limits.connections,
                    max_keepalive_connections=_KEPT_OPEN,
                    keepalive_expiry=5.0,
                ),
            )
        return self._http

    def _pattern(self) -> str:
        return f"all://[{self._host}]" if ":" in self._host else f"all://{self._host}"


def _opened(form: Form) -> dict[str, str]:
    return {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()}
