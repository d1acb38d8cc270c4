"""Listening sockets on this machine's own addresses, or the reason why there are none."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterable
from typing import Final

from close_tui.callback.addresses import Endpoint
from close_tui.errors import CallbackError, PortBusy

_BACKLOG: Final = 128
_ADVICE: Final = (
    "Close the program that uses it, or choose another port in Close and here "
    "(close-tui set app NAME --redirect-uri URI), or paste the redirected address instead."
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
        return PortBusy(
            f"Another program listens on port {endpoint.port} of {endpoint.host}, "
            "perhaps another close-tui.",
            advice=_ADVICE,
        )
    return CallbackError(
        f"This machine does not let close-tui listen on port {endpoint.port} "
        f"({error.strerror or 'no reason given'}).",
        advice=_ADVICE,
    )
