"""From an exception of httpx to :class:`~close_tui.errors.Unreachable`, in words for people.

Nothing of the exception itself is quoted but a certificate's verdict: httpx keeps the request, and
with it the form, in its exceptions.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final

import httpx

from close_tui.errors import Unreachable
from close_tui.text import clean

TROUBLE: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,  # TimeoutError and ssl.SSLError among them
    ValueError,  # UnicodeError: a host name that IDNA refuses, text that UTF-8 refuses
    ImportError,  # a SOCKS proxy in the environment, and no library for it
)
"""Everything that the way to Close and back may raise."""

_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)

_REASONS: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((socket.gaierror,), "DNS name not found: {host}."),
    ((ConnectionRefusedError,), "{host}: connection refused."),
    ((httpx.ProxyError,), "The proxy that the environment names refused the connection."),
    ((httpx.PoolTimeout,), "Too many calls at once: none ended within {connect_s:g} s."),
    ((httpx.ConnectTimeout,), "{host}: no connection within {connect_s:g} s."),
    ((TimeoutError, httpx.TimeoutException), "{host}: no answer within {whole_s:g} s."),
    ((ssl.SSLError,), "{host}: TLS could not be set up."),
    ((httpx.ConnectError,), "{host}: no connection."),
    ((httpx.TransportError,), "{host}: the connection broke before the answer was complete."),
)
"""The first that is among the causes is said."""

_NOT_BEGUN: Final = (
    "The request could not be made. Check the addresses, and the proxy and certificates that the "
    "environment names."
)


class Watch:
    """Follows one call, by httpx's ``trace`` extension, to know whether the request left.

    Attributes:
        begun: whether the request was handed to httpx.
        host: the last one that was connected to: Close, or a proxy.

    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.begun = False
        self._stream: Any = None
        self._traced = False
        self._sent = False

    async def __call__(self, event: str, details: dict[str, Any]) -> None:
        """Take note of one event; httpcore calls this."""
        self._traced = True
        if event == "connection.connect_tcp.started":
            self.host = str(details["host"])
        elif event == "connection.connect_tcp.complete":
            self._stream = details["return_value"]
        elif event.endswith(".start_tls.failed") and self._stream is not None:
            # httpcore leaves the socket open when a handshake is cancelled.
            await self._stream.aclose()
        elif event.endswith(".send_request_headers.started"):
            # A proxy's CONNECT carries nothing of ours.
            self._sent = self._sent or details["request"].method != b"CONNECT"

    def was_sent(self, trouble: BaseException) -> bool:
        """Tell whether any byte of the request may have left.

        A transport that reports no events is judged by the kind of trouble, and yes is the
        careful answer.
        """
        if self._sent or not self.begun:
            return self._sent
        return not (self._traced or isinstance(trouble, _NEVER_SENT))


def unreachable(
    trouble: BaseException, watch: Watch, *, connect_s: float, whole_s: float
) -> Unreachable:
    """Return our error for a call that got no whole answer; it keeps nothing of the original."""
    sent = watch.was_sent(trouble)
    reason = _NOT_BEGUN
    if watch.begun:
        reason = _reason(tuple(_causes(trouble))).format(
            host=watch.host, connect_s=connect_s, whole_s=whole_s
        )
    rest = "The request may have arrived all the same." if sent else "Nothing was sent."
    return Unreachable(f"{reason} {rest}", sent=sent)


def _reason(causes: tuple[BaseException, ...]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            verdict = clean(cause.verify_message).replace("{", "(").replace("}", ")")
            return (
                f"{{host}}: TLS certificate not trusted ({verdict}). Where a proxy inspects TLS, "
                "SSL_CERT_FILE can name its certificate."
            )
    for kinds, reason in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return reason
    return "{host}: no answer."


def _causes(trouble: BaseException | None) -> Iterator[BaseException]:
    while trouble is not None:
        yield trouble
        if isinstance(trouble, BaseExceptionGroup):
            for inner in trouble.exceptions:
                yield from _causes(inner)
        trouble = trouble.__cause__ or trouble.__context__
