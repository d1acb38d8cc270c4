"""The proxy in front of Close, as the environment or the system names it."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from close_tui.errors import Unreachable
from close_tui.secret import Secret
from close_tui.settings import is_loopback
from close_tui.text import clean

SOCKS: Final = ("socks5", "socks5h")
SCHEMES: Final = ("http", "https", *SOCKS)
"""What can be spoken to a proxy."""


class Proxy(NamedTuple):
    """A proxy.

    Attributes:
        url: where it is, with the user name and password that it is given.
        shown: the same without them.
        host: its name or address.
        named_by: the variable that names it, or the system's settings.
        has_login: whether it is given a user name.

    """

    url: Secret
    shown: str
    host: str
    named_by: str
    has_login: bool

    @property
    def scheme(self) -> str:
        """``http`` for most, whatever is sent through it."""
        return self.url.reveal().partition("://")[0].lower()


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy for an address, None where it is reached directly.

    In order: ``https_proxy``, ``HTTPS_PROXY``, ``all_proxy``, ``ALL_PROXY``; on macOS and Windows
    else the system's settings. ``NO_PROXY`` lists hosts that are reached directly. What listens on
    this machine is never behind a proxy. Unreachable, nothing was sent, when what is named cannot
    be used.
    """
    import os
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if is_loopback(parts.hostname):
        return None
    found = getproxies()
    kind = parts.scheme if found.get(parts.scheme) else "all"
    if not found.get(kind) or proxy_bypass(parts.netloc):
        return None
    variable = f"{kind}_proxy"
    names = (variable, variable.upper())
    named_by = next((each for each in names if os.environ.get(each)), "the system's settings")
    return _proxy(found[kind], named_by)


def _proxy(text: str, named_by: str) -> Proxy:
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        host, port = clean(parts.hostname), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in SCHEMES or (parts.scheme in SOCKS and not _speaks_socks()):
        unusable = Unreachable(f"{named_by} {_why(url, host)} Nothing was sent.", sent=False)
        unusable.advice = f"Correct or unset {named_by}. Nothing in it is shown: it may be secret."
        raise unusable
    shown = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    return Proxy(Secret(url), shown, host, named_by, parts.username is not None)


def _why(url: str, host: str) -> str:
    if host and url.startswith(SOCKS):
        return "names a SOCKS proxy, which needs one more package: pipx inject close-tui socksio."
    return f"does not name a proxy that can be used: {', '.join(SCHEMES)} and a host."


def _speaks_socks() -> bool:
    from importlib.util import find_spec

    return find_spec("socksio") is not None
