"""One call over httpx: deadlines, a cap on the answer, no redirects, no cookies, no leaks."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx

from close_tui.close import trust
from close_tui.close.credential import Credential
from close_tui.close.failures import TROUBLE, Watch, is_untrusted, unreachable
from close_tui.close.proxies import Proxy, proxy_for
from close_tui.close.received import Received
from close_tui.close.server_clock import skew
from close_tui.close.signer import signer
from close_tui.errors import Unreachable
from close_tui.model import ClockSkew
from close_tui.secret import Secret


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

    No secret is in a URL, so the lines that httpx and httpcore log, where a program wants them,
    hold none: their levels are left to that program.

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
        parts = urlsplit(api_url)
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._transport = transport
        self._clock = clock
        self._monotonic = monotonic
        self._user_agent = f"close-tui/{version}"
        self._limits = limits
        self._http: httpx.AsyncClient | None = None
        self._proxy: Proxy | None = None
        self._signers: dict[str, str] = {}
        self.clock_skew: ClockSkew | None = None

    async def aclose(self) -> None:
        """Close every connection."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def warm(self) -> None:
        """Set httpx up now, so that the first call need not wait for it; sends nothing."""
        import anyio

        await anyio.lowlevel.checkpoint()  # loads what httpx waits with: 30 ms of a first call
        with suppress(Unreachable):  # what is wrong with the environment, the first call says
            self._open()

    async def get(self, path: str, credential: Credential | None = None) -> Received:
        """GET a path, with a credential or without. Raises Unreachable."""
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
        watch = Watch(self._host, self._port)
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
                trouble,
                watch,
                connect_s=self._limits.connect_s,
                whole_s=self._limits.whole_s,
                proxy=self._proxy,
                signer=await self._signer(trouble, watch),
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

    async def _signer(self, trouble: BaseException, watch: Watch) -> str:
        """Return who signed a certificate that is not trusted; each host is asked once."""
        if not is_untrusted(trouble):
            return ""
        if watch.host not in self._signers:
            through = self._proxy if watch.host == self._host else None
            self._signers[watch.host] = await signer(watch.host, watch.port, through)
        return self._signers[watch.host]

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            # Plain http is for this machine only: there is nobody to trust.
            nobody = self._transport is not None or self._api_url.startswith("http:")
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if nobody else trust.context()
            self._proxy = None if self._transport else proxy_for(self._api_url)
            self._http = httpx.AsyncClient(
                transport=self._transport,
                proxy=self._proxy
                and httpx.Proxy(
                    self._proxy.url.reveal(),
                    ssl_context=tls if self._proxy.scheme == "https" else None,
                ),
                verify=tls,
                # What the environment says is read here and in no other place.
                trust_env=False,
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


def _opened(form: Form) -> dict[str, str]:
    return {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()}
