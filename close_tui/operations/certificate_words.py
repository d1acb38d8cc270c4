"""What browsers will say of the certificate, in words for the person who waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from close_tui.callback.trust import Standing
from close_tui.operations.certificate import State
from close_tui.text import clean

CHROMIUM_SAYS: Final = (
    "“Your connection is not private” (NET::ERR_CERT_AUTHORITY_INVALID); Advanced, Proceed"
)
FIREFOX_SAYS: Final = (
    "“Warning: Potential Security Risk Ahead” or, newer, “Be careful. Something doesn’t look "
    "right.”; Advanced, Accept the Risk or Proceed"
)
SAFARI_SAYS: Final = "“This Connection Is Not Private”; Show Details, visit this website"
_COMPARE: Final = "Compare the SHA-256 first."
_COMMAND: Final = "close-tui certificate trust (T)"


def expected(state: State) -> str:
    """Say whether the browser will warn when it comes back, and if so what will be seen."""
    if state.certificate is not None and state.is_brought:
        file = clean(str(state.certificate.path))
        return (
            f"This machine answers with your own certificate ({file}). Whether your browser trusts "
            "it is not close-tui's to know; if it warns, compare the SHA-256."
        )
    trusted, others = state.trusted, [each for each in state.standings if not each.trusts]
    if trusted and not others:
        return (
            f"The browser will not warn: {_names(trusted)} {_trust(trusted)} close-tui's "
            "certificate. Should one warn all the same, compare the SHA-256."
        )
    browsers = {each.store.browser for each in others} or {"chromium", "firefox"}
    if trusted:
        who = f"{_names(trusted)} will not warn of close-tui's certificate, {_names(others)} will"
    else:
        who = "The browser will warn of close-tui's certificate"
    return f"{who}: {_seen(browsers)}. {_COMPARE} {_ending(state)}"


def summary(state: State) -> str:
    """Say in a line where it is trusted."""
    if state.unknown is not None:
        return f"{state.unknown}"
    if state.trusted:
        return f"Trusted by {_names(state.trusted)}."
    return "No browser was told to trust it."


def _ending(state: State) -> str:
    if state.is_passing:
        return "Accept it here: a demo's certificate goes with it."
    if state.old:
        return f"It was renewed: {_COMMAND} gives trust anew."
    return f"{_COMMAND} ends that."


def _seen(browsers: set[str]) -> str:
    """Return what a browser says and what to press there, with its name where there are several."""
    says = {"Chromium": CHROMIUM_SAYS} if browsers & {"chromium", "system"} else {}
    if "firefox" in browsers:
        says["Firefox"] = FIREFOX_SAYS
    if "system" in browsers:
        says["Safari"] = SAFARI_SAYS
    if len(says) == 1:
        return "".join(says.values())
    return ". ".join(f"{name}: {words}" for name, words in says.items())


def _names(standings: Sequence[Standing]) -> str:
    names = [each.store.name for each in standings]
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _trust(standings: Sequence[Standing]) -> str:
    return "trusts" if len(standings) == 1 else "trust"
