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

from close_tui.close.proxies import Proxy
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
        port: likewise.

    """

    def __init__(self, host: str, port: int = 443) -> None:
        self.host = host
        self.port = port
        self.begun = False
        self._beyond = host, port
        self._stream: Any = None
        self._traced = False
        self._sent = False

    async def __call__(self, event: str, details: dict[str, Any]) -> None:
        """Take note of one event; httpcore calls this."""
        self._traced = True
        if event == "connection.connect_tcp.started":
            self.host, self.port = str(details["host"]), int(details["port"])
        elif event == "connection.connect_tcp.complete":
            self._stream = details["return_value"]
        elif event == "proxy.start_tls.started":
            self.host, self.port = self._beyond  # the tunnel stands
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
    trouble: BaseException,
    watch: Watch,
    *,
    connect_s: float,
    whole_s: float,
    proxy: Proxy | None = None,
    signer: str = "",
) -> Unreachable:
    """Return our error for a call that got no whole answer; it keeps nothing of the original.

    ``proxy`` is the one in between, ``signer`` who signed a certificate that is not trusted.
    """
    sent = watch.was_sent(trouble)
    causes = tuple(_causes(trouble))
    untrusted = _verdict(causes)
    advice = ""
    if not watch.begun:
        reason = _NOT_BEGUN
    elif untrusted is not None:
        reason, advice = _of_certificate(watch.host, untrusted, signer)
    elif proxy and (refusal := next((e for e in causes if isinstance(e, httpx.ProxyError)), None)):
        reason, advice = _of_proxy(proxy, refusal)
    else:
        reason = _reason(causes).format(host=watch.host, connect_s=connect_s, whole_s=whole_s)
    rest = "The request may have arrived all the same." if sent else "Nothing was sent."
    failure = Unreachable(f"{reason} {rest}", sent=sent)
    failure.advice = advice or failure.advice
    return failure


def is_untrusted(trouble: BaseException) -> bool:
    """Tell whether a certificate was refused because nobody known has signed it."""
    verdict = _verdict(tuple(_causes(trouble)))
    return verdict is not None and verdict.verify_code not in (*_DATES, *_OTHER_HOST)


_DATES: Final = (9, 10)  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_OTHER_HOST: Final = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


def _verdict(causes: tuple[BaseException, ...]) -> ssl.SSLCertVerificationError | None:
    return next((e for e in causes if isinstance(e, ssl.SSLCertVerificationError)), None)


def _of_certificate(
    host: str, verdict: ssl.SSLCertVerificationError, signer: str
) -> tuple[str, str]:
    """Return why a certificate was refused, and what to do: never to look away."""
    said = f"({clean(verdict.verify_message).rstrip('.')})"
    if verdict.verify_code in _DATES:
        return (
            f"{host}: TLS certificate not valid at this time {said}.",
            "Is this machine's clock right? If it is, somebody else may be answering.",
        )
    if verdict.verify_code in _OTHER_HOST:
        return (
            f"{host}: TLS certificate of another host {said}.",
            "Somebody else is answering: a sign-in page of this network, or a proxy.",
        )
    by = f": it is signed by “{signer}”, which this machine does not trust" if signer else ""
    advice = (
        "If your company inspects TLS, set SSL_CERT_FILE to a file with its CA certificate, or "
        "have it added to this system's trust store. If not, somebody may be listening."
    )
    return f"{host}: TLS certificate not trusted{by} {said}.", advice


def _of_proxy(proxy: Proxy, refusal: httpx.ProxyError) -> tuple[str, str]:
    """Return why a proxy did not connect; of its own words only the status is taken."""
    status = str(refusal)[:3]
    named = f"The proxy {proxy.shown} ({proxy.named_by})"
    form = f"{proxy.scheme}://USER:PASSWORD@HOST:PORT, special characters as %40 and the like"
    if status == "407" and proxy.has_login:
        return (
            f"{named} does not accept the user name and password that it is given (407).",
            f"Correct them in {proxy.named_by}: {form}.",
        )
    if status == "407":
        return (
            f"{named} asks for a user name and a password (407).",
            f"Put them into {proxy.named_by}: {form}.",
        )
    code = f" ({status})" if status.isdigit() and status.isascii() else ""
    return (
        f"{named} refused the connection{code}.",
        "Ask who runs it to let Close through, or name Close's host in NO_PROXY to go around it.",
    )


def _reason(causes: tuple[BaseException, ...]) -> str:
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
