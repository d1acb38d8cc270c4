"""Listening sockets on this machine's own addresses, or the reason why there are none."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterable
from typing import Final

from close_tui.callback.addresses import Endpoint
from close_tui.callback.port_owner import owner_of
from close_tui.errors import CallbackError, PortBusy

_BACKLOG: Final = 128
_ADVICE: Final = (
    "Close the program that uses it, or choose another port in Close and here "
    "(close-tui set app NAME --redirect-uri URI), or paste the redirected address instead "
    "(--paste)."
)
# What the system says when it has no such address family or address.
_NO_SUCH_ADDRESS: Final = frozenset(
    {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT, 10047, 10049}
)
_BUSY: Final = frozenset({errno.EADDRINUSE, 10048})


def bind(endpoints: Iterable[Endpoint]) -> list[socket.socket]:
    """Listen on every one of the endpoints, which stand for one redirect URI.

    A machine without IPv6 (or without IPv4) goes on with the other. A port that is busy on
    either address is a PortBusy; no other port is ever tried.
    """
    sockets: list[socket.socket] = []
    for endpoint in endpoints:
        try:
            sockets.append(_listen(endpoint))
        except OSError as error:
            if error.errno in _NO_SUCH_ADDRESS:
                continue
            for listening in sockets:
                listening.close()
            raise _blocked(endpoint, error) from None
    if not sockets:
        raise CallbackError(
            "This machine has no loopback address to listen on.",
            advice="Paste the redirected address instead.",
        )
    return sockets


def check(endpoints: Iterable[Endpoint]) -> None:
    """Listen for a moment; the errors are those of :func:`bind`."""
    for listening in bind(endpoints):
        listening.close()


def _listen(endpoint: Endpoint) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Connections of the last attempt linger in TIME_WAIT and must not block the next.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(endpoint)
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def _blocked(endpoint: Endpoint, error: OSError) -> CallbackError:
    if error.errno in _BUSY:
        return PortBusy(_who(endpoint), advice=_ADVICE)
    return CallbackError(
        f"This machine does not let close-tui listen on port {endpoint.port} "
        f"({error.strerror or 'no reason given'}).",
        advice=_ADVICE,
    )


def _who(endpoint: Endpoint) -> str:
    """Say who listens there, as far as the system tells."""
    owner, port = owner_of(endpoint), endpoint.port
    if owner is None:
        return (
            f"Another program listens on port {port} of {endpoint.host}, perhaps another close-tui."
        )
    if owner.is_close_tui:
        which = "This" if owner.pid == os.getpid() else "Another"
        return (
            f"{which} close-tui (process {owner.pid}) is waiting for an authorization on port "
            f"{port} already."
        )
    return f"{owner.name} (process {owner.pid}) listens on port {port} of {endpoint.host}."
