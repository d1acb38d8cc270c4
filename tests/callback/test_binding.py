from __future__ import annotations

import socket

import pytest

from close_tui.callback.addresses import Endpoint, RedirectURI
from close_tui.callback.binding import bind
from close_tui.errors import CallbackError, PortBusy

NOWHERE = "2001:db8::1"  # RFC 3849: an address that no machine has


@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_a_port_that_is_busy_on_either_family_is_busy(uri: RedirectURI, taken: str) -> None:
    """The message names the port and the advice names both ways out; nothing stays bound."""
    family = socket.AF_INET6 if ":" in taken else socket.AF_INET
    with socket.socket(family) as other:
        other.bind((taken, uri.port))
        other.listen()
        with pytest.raises(PortBusy, match=str(uri.port)) as busy:
            bind(uri.endpoints)

    assert "--redirect-uri" in busy.value.advice
    assert "paste" in busy.value.advice
    for listening in bind(uri.endpoints):
        listening.close()


def test_listens_on_loopback_only_and_on_both_families(uri: RedirectURI) -> None:
    """Nobody outside this machine can reach the listener."""
    listening = bind(uri.endpoints)
    bound = {one.getsockname()[0] for one in listening}
    for one in listening:
        one.close()

    assert {"127.0.0.1", "::1"} == bound


def test_a_machine_without_one_family_goes_on_with_the_other(uri: RedirectURI) -> None:
    """An address that this machine does not have is left out."""
    listening = bind([Endpoint("127.0.0.1", uri.port), Endpoint(NOWHERE, uri.port)])
    bound = [one.getsockname()[0] for one in listening]
    for one in listening:
        one.close()

    assert ["127.0.0.1"] == bound


def test_no_address_at_all_is_an_error(uri: RedirectURI) -> None:
    """A listener that nobody can reach is not one."""
    with pytest.raises(CallbackError, match="no loopback address"):
        bind([Endpoint(NOWHERE, uri.port)])
