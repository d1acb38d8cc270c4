"""Tunnels: what forwards a redirect URI of another host to a plain http listener here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from close_tui.callback.addresses import Endpoint, RedirectURI
from close_tui.errors import UsageError
from close_tui.settings import is_loopback

_LENGTH_LIMIT: Final = 100
_HTTP_PORT: Final = 80
_LARGEST_PORT: Final = 65535
_EXAMPLE: Final = "http://127.0.0.1:8400"


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The near end of a tunnel: where it delivers what was sent to the redirect URI.

    TLS ends at the far end, in whose name the browser is answered; between the far end and here
    the tunnel itself keeps others out.

    Attributes:
        text: as it was given, without a trailing slash.
        host: a loopback name or address, without brackets.
        port: where to listen.

    """

    text: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take an address to listen on apart; a UsageError says what is wrong with it."""
        given = text.strip()
        try:
            parts = urlsplit(given if len(given) <= _LENGTH_LIMIT else "")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _unusable("is not an address") from None
        if not (given.isascii() and given.isprintable()) or " " in given or not parts.scheme:
            raise _unusable("is not an address")
        if parts.scheme != "http":
            raise _unusable("must begin with http://: the tunnel brings the https")
        if not is_loopback(host):
            raise _unusable("must be this machine itself: localhost, 127.0.0.1 or [::1]")
        if not port or not 0 < port <= _LARGEST_PORT:
            raise _unusable("needs the port that the tunnel forwards to")
        if (
            parts.username is not None
            or parts.path not in ("", "/")
            or "?" in given
            or "#" in given
        ):
            raise _unusable("must be host and port only: the path is the redirect URI's")
        return cls(given.rstrip("/"), host, port)

    @classmethod
    def behind(cls, uri: RedirectURI, text: str) -> Self:
        """Return the near end for a redirect URI, which must be of another host than this one."""
        tunnel = cls.parse(text)
        if uri.is_loopback:
            raise UsageError(
                f"{uri.origin} is this machine itself: close-tui answers there over https, and "
                "nothing has to be forwarded.",
                advice="Leave --listen out, or set the redirect URI that is registered for the "
                "tunnel: close-tui set app NAME --redirect-uri URI",
            )
        return tunnel

    @property
    def authority(self) -> str:
        """The ``Host`` that a tunnel sends which puts the near end's name in place of the far's."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTP_PORT else f"{host}:{self.port}"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The loopback addresses to listen on."""
        hosts = {"localhost": ("127.0.0.1", "::1")}.get(self.host, (self.host,))
        return tuple(Endpoint(host, self.port) for host in hosts)


def validate_listen(text: str, redirect_uri: str) -> str:
    """Return where to listen behind a redirect URI, as it is stored; UsageError if it cannot be."""
    return Tunnel.behind(RedirectURI.parse(redirect_uri), text).text


def _unusable(reason: str) -> UsageError:
    return UsageError(
        f"What to listen on {reason}.",
        advice=f"Write it the way the tunnel is told to forward to, for example {_EXAMPLE}.",
    )
