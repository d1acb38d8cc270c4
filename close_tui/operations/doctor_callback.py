"""Doctor: the browser's way back: the certificate, and the port of each app's redirect URI."""

from __future__ import annotations

from collections.abc import Iterator

from close_tui.callback import own_certificate
from close_tui.callback.addresses import RedirectURI
from close_tui.callback.binding import bind
from close_tui.callback.certificate import Certificate
from close_tui.callback.trust_stores import Machine
from close_tui.callback.tunnel import Tunnel
from close_tui.errors import CallbackError, NoVault, UsageError, VaultError
from close_tui.operations.certificate import look
from close_tui.operations.certificate_words import summary
from close_tui.operations.doctor_case import Case
from close_tui.text import rfc3339
from close_tui.vault.checking import Finding
from close_tui.vault.vault import Vault


def certificate(case: Case) -> Iterator[Finding]:
    """Say whether the local address has a certificate, until when, and who trusts it.

    The record of trust is believed: browsers' databases are not looked into here.
    """
    machine = Machine.here(case.environment)
    try:
        state = look(case.settings, machine, ask=False)
    except UsageError as error:
        yield Finding("certificate", "problem", str(error), error.advice)
        return
    found = state.certificate
    if state.problem is not None:
        yield Finding("certificate", "problem", str(state.problem), state.problem.advice)
        return
    if found is None:
        yield Finding("certificate", "ok", "None yet: the first authorization makes it.")
        return
    until = f"Valid until {rfc3339(found.not_after)}."
    if found.is_brought:
        yield _brought(case, found, until)
    elif state.unknown is not None:
        yield Finding("certificate", "warning", f"{until} {state.unknown}", state.unknown.advice)
    elif found.is_due(case.clock()):
        said = f"{until} The next authorization renews it, and the browser will warn again."
        yield Finding("certificate", "warning", said)
    else:
        yield Finding("certificate", "ok", f"{until} {summary(state)}")


def _brought(case: Case, found: Certificate, until: str) -> Finding:
    """Say whether the owner's own certificate can be used where the settings' URI points."""
    host = RedirectURI.parse(case.settings.redirect_uri).host
    try:
        own_certificate.check(found, host, case.clock())
    except CallbackError as error:
        return Finding("certificate", "problem", f"Your own. {error}", error.advice)
    if case.clock() > found.not_after - own_certificate.ENDS_SOON_S:
        return Finding("certificate", "warning", f"Your own. {until} Get the next one soon.")
    return Finding("certificate", "ok", f"Your own. {until}")


def redirect_uris(case: Case) -> Iterator[Finding]:
    """Listen for a moment where each app's redirect URI points."""
    try:
        uris = _in_use(case)
    except VaultError:
        return  # the vault's own finding says it
    elsewhere = 0
    for (uri, listen), apps in sorted(uris.items()):
        try:
            parsed = RedirectURI.parse(uri)
            tunnel = Tunnel.behind(parsed, listen) if listen else None
        except UsageError as error:
            yield Finding("redirect URI", "problem", str(error), error.advice)
            continue
        if not parsed.is_loopback and tunnel is None:
            elsewhere += apps
            continue
        try:
            sockets = bind((tunnel or parsed).endpoints)
        except CallbackError as error:
            yield Finding("redirect URI", "problem", str(error), error.advice)
            continue
        for each in sockets:
            each.close()
        of = f"of {apps} app{'s' if apps > 1 else ''}" if apps else "the default"
        # Whose address the far end of a tunnel has is nobody's business.
        where = f"A tunnel to {tunnel.text}" if tunnel else parsed.origin
        said = f"{where} ({of}): port {(tunnel or parsed).port} is free."
        yield Finding("redirect URI", "ok", said)
    if elsewhere:
        said = f"{elsewhere} not on this machine: there the address is pasted."
        yield Finding("redirect URI", "ok", said)


def _in_use(case: Case) -> dict[tuple[str, str], int]:
    """Return each redirect URI with its tunnel, and how many apps have it.

    Without apps it is the one to come.
    """
    uris: dict[tuple[str, str], int] = {}
    try:
        store = Vault.open(case.settings)
    except NoVault:
        return {(case.settings.redirect_uri, ""): 0}
    try:
        for app in store.apps():
            way = (app.redirect_uri, app.listen)
            uris[way] = uris.get(way, 0) + 1
    finally:
        store.close()
    return uris or {(case.settings.redirect_uri, ""): 0}
