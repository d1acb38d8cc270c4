"""Doctor: the way to Close: proxy, trust store, an answer, the clock, PKCE."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from close_tui import __version__
from close_tui.close import trust
from close_tui.close.client import Close
from close_tui.close.metadata import Metadata
from close_tui.close.proxies import proxy_for
from close_tui.close.wire import Limits
from close_tui.errors import Unreachable
from close_tui.model import ClockSkew
from close_tui.operations import server, skew
from close_tui.operations.doctor_case import Case
from close_tui.settings import is_loopback
from close_tui.vault.checking import Finding
from close_tui.vault.in_keyring import in_daemon_thread

LIMITS: Final = Limits(connect_s=3.0, whole_s=4.0, body_bytes=1 << 16, connections=1)
_DNS_WAIT_S: Final = 3.0

_SIGN_IN: Final = (
    "Open a browser: this network may want you to sign in first. If not, ask who runs its proxy."
)


def proxy(case: Case) -> Iterator[Finding]:
    """Say which proxy is in front of Close, without the password in it."""
    try:
        found = proxy_for(case.settings.api_url)
    except Unreachable as error:
        yield Finding("proxy", "problem", str(error), error.advice)
        return
    if found is None:
        yield Finding("proxy", "ok", f"None in front of {_host(case)}.")
    else:
        login = ", with a user name" if found.has_login else ""
        # A company's host tells whose machine this is.
        shown = found.shown if is_loopback(found.host) else found.shown.replace(found.host, "HOST")
        yield Finding("proxy", "ok", f"{shown} ({found.named_by}{login})")


def trust_store(case: Case) -> Iterator[Finding]:
    """Say whose certificates are trusted."""
    try:
        made = trust.context(case.environment)
    except Unreachable as error:
        yield Finding("trust store", "problem", str(error), error.advice)
        return
    named = [
        f"{name} names {case.environment[name]}"
        for name in (trust.FILE_VARIABLE, trust.FOLDER_VARIABLE)
        if case.environment.get(name)
    ]
    if named:
        yield Finding("trust store", "ok", f"{', '.join(named)}.")
    elif type(made) is not ssl.SSLContext:
        yield Finding("trust store", "ok", "The system's own (truststore).")
    else:
        file, folder = trust.system_store()
        where = file or folder or ""
        if "certifi" in Path(where).parts:
            said = "This system has none: the list that comes with certifi is used."
            advice = "Install your system's package of certificates (ca-certificates)."
            yield Finding("trust store", "warning", said, advice)
        else:
            yield Finding("trust store", "ok", f"The system's: {where}")


def api(case: Case) -> Iterator[Finding]:
    """Ask Close what its server can do, with no credential, and see what the answer shows."""
    host = _host(case)
    if case.transport is None and not _resolves(case):
        said = f"DNS did not answer within {_DNS_WAIT_S:g} s."
        yield Finding("API", "problem", said, "Check the network: its name servers do not answer.")
        return
    try:
        answer, clock = asyncio.run(_ask(case))
    except Unreachable as error:
        yield Finding("API", "problem", str(error), error.advice)
        return
    took = f"{answer.status}, {answer.seconds * 1000:.0f} ms"
    if answer.status == 429 or answer.status >= 500:
        advice = "Try again in a few minutes."
        yield Finding("API", "warning", f"{host} answers, but not properly ({took}).", advice)
    elif not answer.is_json:
        said = f"Something answers in the place of {host} ({took})."
        yield Finding("API", "problem", said, _SIGN_IN)
    else:
        yield Finding("API", "ok", f"{host} answers ({took}).")
        yield _of_clock(case, clock)
        yield _of_pkce(answer)
        if changed := server.concerns(answer, case.settings):
            yield Finding("endpoints", "warning", changed)


def _of_clock(case: Case, clock: ClockSkew | None) -> Finding:
    if clock is None:
        return Finding("clock", "ok", "Not compared: the answer had no date.")
    if said := skew.said(clock, case.clock()):
        advice = "Set this machine's clock: times in the history and countdowns are wrong with it."
        return Finding("clock", "warning", said, advice)
    return Finding("clock", "ok", f"Within {skew.WORTH_SAYING_S:.0f} s of Close's.")


def _of_pkce(answer: Metadata) -> Finding:
    if "S256" in answer.pkce:
        return Finding("PKCE", "ok", "The server lists S256.")
    said = server.NO_S256
    advice = "If authorizing fails, switch it off for the app: close-tui set app NAME --no-pkce"
    return Finding("PKCE", "warning", said, advice)


def _resolves(case: Case) -> bool:
    """Tell whether DNS answers, be it with no.

    Asked here because whoever asks in an event loop waits for the answer when the loop ends.
    """
    try:
        first = proxy_for(case.settings.api_url)
        host = first.host if first else _host(case)
        in_daemon_thread(lambda: socket.getaddrinfo(host, None), _DNS_WAIT_S)
    except TimeoutError:
        return False
    except (OSError, UnicodeError, Unreachable):
        return True  # the call itself says it better
    return True


async def _ask(case: Case) -> tuple[Metadata, ClockSkew | None]:
    async with Close(
        case.settings.api_url,
        version=__version__,
        transport=case.transport,
        clock=case.clock,
        limits=LIMITS,
    ) as close:
        return await close.metadata(), close.clock_skew


def _host(case: Case) -> str:
    return urlsplit(case.settings.api_url).hostname or ""
