"""Doctor: the browser's way back: the certificate, and the port of each app's redirect URI."""

from __future__ import annotations

from collections.abc import Iterator

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.binding import bind
from close_tui.callback.certificate import look
from close_tui.errors import CallbackError, NoVault, UsageError, VaultError
from close_tui.operations.doctor_case import Case
from close_tui.text import rfc3339
from close_tui.vault.checking import Finding
from close_tui.vault.vault import Vault


def certificate(case: Case) -> Iterator[Finding]:
    """Say whether the local address has a certificate, and until when."""
    try:
        found = look(case.settings.home)
    except CallbackError as error:
        yield Finding("certificate", "problem", str(error), error.advice)
        return
    if found is None:
        yield Finding("certificate", "ok", "None yet: the first authorization makes it.")
        return
    until = f"Valid until {rfc3339(found.not_after)}."
    if found.is_due(case.clock()):
        said = f"{until} The next authorization renews it, and the browser will warn again."
        yield Finding("certificate", "warning", said)
    else:
        yield Finding("certificate", "ok", until)


def redirect_uris(case: Case) -> Iterator[Finding]:
    """Listen for a moment where each app's redirect URI points."""
    try:
        uris = _in_use(case)
    except VaultError:
        return  # the vault's own finding says it
    elsewhere = 0
    for uri, apps in sorted(uris.items()):
        try:
            parsed = RedirectURI.parse(uri)
        except UsageError as error:
            yield Finding("redirect URI", "problem", str(error), error.advice)
            continue
        if not parsed.is_loopback:
            elsewhere += apps
            continue
        try:
            sockets = bind(parsed.endpoints)
        except CallbackError as error:
            yield Finding("redirect URI", "problem", str(error), error.advice)
            continue
        for each in sockets:
            each.close()
        of = f"of {apps} app{'s' if apps > 1 else ''}" if apps else "the default"
        said = f"{parsed.origin} ({of}): port {parsed.port} is free."
        yield Finding("redirect URI", "ok", said)
    if elsewhere:
        said = f"{elsewhere} not on this machine: there the address is pasted."
        yield Finding("redirect URI", "ok", said)


def _in_use(case: Case) -> dict[str, int]:
    """Return each redirect URI, and how many apps have it; without apps the one to come."""
    uris: dict[str, int] = {}
    try:
        store = Vault.open(case.settings)
    except NoVault:
        return {case.settings.redirect_uri: 0}
    try:
        for app in store.apps():
            uris[app.redirect_uri] = uris.get(app.redirect_uri, 0) + 1
    finally:
        store.close()
    return uris or {case.settings.redirect_uri: 0}
