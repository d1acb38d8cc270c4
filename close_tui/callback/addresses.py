"""Redirect URIs: what Close lets one be, where it can be listened for, how browsers write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

from close_tui.errors import UsageError
from close_tui.settings import DEFAULT_REDIRECT_URI, is_loopback

_LENGTH_LIMIT: Final = 500
_HTTPS_PORT: Final = 443
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")  # RFC 3986 §3.3, path-abempty
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ADVICE: Final = (
    f"Use the one that is registered in Close for this app, for example {DEFAULT_REDIRECT_URI}."
)


class Endpoint(NamedTuple):
    """One loopback address and port to listen on."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class RedirectURI:
    """A redirect URI (RFC 6749 §3.1.2), taken apart the way browsers do.

    Attributes:
        text: exactly as registered in Close.
        host: lower case, without brackets.
        port: 443 when none is written.
        path: begins with a slash.

    """

    text: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a redirect URI apart; a UsageError says what is wrong with it and what to write."""
        if len(text) > _LENGTH_LIMIT:
            raise _unusable(f"The redirect URI is longer than {_LENGTH_LIMIT} characters.")
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise _unusable("The redirect URI holds characters that an address cannot have.")
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise _unusable("The redirect URI is not an address.") from None
        _refuse_other_schemes(parts.scheme)
        if parts.username is not None or parts.password is not None:
            raise _unusable("The redirect URI must not hold a user name or password.")
        if "?" in text or "#" in text:
            raise _unusable("The redirect URI must not have a query or a fragment.")
        if not host or not (_HOST.fullmatch(host) or host == "::1"):
            raise _unusable("The redirect URI has no host that can be used.")
        if port == 0:
            raise _unusable("The redirect URI's port must be between 1 and 65535.")
        if not _PATH.fullmatch(parts.path) or "//" in parts.path:
            raise _unusable("The redirect URI's path holds characters that browsers change.")
        if {".", ".."} & set(parts.path.lower().replace("%2e", ".").split("/")):
            raise _unusable("The redirect URI's path must not hold '.' or '..' as a part.")
        return cls(text, host, port or _HTTPS_PORT, parts.path or "/")

    @property
    def is_loopback(self) -> bool:
        """True when a listener on this machine can receive it; otherwise it can only be pasted."""
        return is_loopback(self.host)

    @property
    def authority(self) -> str:
        """Host and port as a browser's ``Host`` header has them: the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTPS_PORT else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port (RFC 6454), as a browser shows them."""
        return f"https://{self.authority}"

    @property
    def done_path(self) -> str:
        """Path of the page that tells how the attempt ended."""
        return self.path.rstrip("/") + "/done"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The loopback addresses that the host stands for; none when it is not loopback."""
        hosts = {"localhost": ("127.0.0.1", "::1")}.get(self.host, (self.host,))
        return tuple(Endpoint(host, self.port) for host in hosts) if self.is_loopback else ()


def validate_redirect_uri(text: str) -> str:
    """Return a redirect URI that a person typed, without the space around it, or a UsageError."""
    if not text.strip():
        raise _unusable("The redirect URI is empty.")
    return RedirectURI.parse(text.strip()).text


def _refuse_other_schemes(scheme: str) -> None:
    if scheme == "http":
        raise UsageError(
            "Close refuses plain http redirect URIs.",
            advice="Begin it with https://, also for localhost: close-tui brings a certificate.",
        )
    if scheme != "https":
        raise _unusable("The redirect URI must begin with https://.")


def _unusable(reason: str) -> UsageError:
    return UsageError(reason, advice=_ADVICE)
