"""What the wait for an authorization says: what to do, where, and what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from close_tui.tui.screens.choose import Choice

if TYPE_CHECKING:
    from close_tui.callback.surroundings import Surroundings
    from close_tui.operations.authorize import Authorization

STEPS: Final = ("browser", "your answer", "exchange", "who", "stored")
"""From the consent screen to the vault."""

BROWSER, ANSWER, EXCHANGE, WHO, STORED = range(len(STEPS))

PASTE_TOO: Final = "Or paste the address that the browser shows afterwards"
PASTE_ALONE: Final = "Paste here the address that the browser shows afterwards"

UNPROVEN: Final = (
    "The browser reports that access was declined, without the proof that this belongs to your "
    "attempt. Keep waiting, or cancel?"
)
NO_BROWSER: Final = (
    "No browser could be opened here. Open the address above in one, on any machine; if it cannot "
    "come back by itself, paste where it ends up."
)
TOO_LATE: Final = (
    "The answer is with Close already; that takes half a minute at most. Afterwards X revokes it."
)
IN_TMUX: Final = " tmux passes it on after: set -s set-clipboard on"


def instruction(choice: Choice, *, opens: bool) -> str:
    """Say what the person does, and in which organization."""
    where = "in the browser" if opens else "in your own browser"
    meant = choice.meant
    if meant is None:
        return f"Allow access {where}, and pick the organization there."
    unless = ", unless you say so" if choice.may_keep_other else ""
    return (
        f"Allow access {where}, and pick {meant.name or meant.id} there. Another organization's "
        f"grant is revoked again and not kept{unless}."
    )


def way_back(under_way: Authorization, here: Surroundings, command: str) -> str:
    """Say how the browser comes back, where that is not a matter of course."""
    if under_way.not_listening:
        return " ".join(filter(None, (here.why_not, under_way.not_listening)))
    if under_way.tunnel:
        comes = f"A tunnel brings the browser back: close-tui listens on {under_way.tunnel}."
        return " ".join(filter(None, (here.why_not, comes)))
    if command:
        return f"{here.why_not} So that yours can come back, run this there first:"
    return here.why_not


def awaited(under_way: Authorization, *, opens: bool) -> str:
    """Say what is waited for."""
    if under_way.not_listening:
        return "Waiting for the pasted address"
    return "Waiting for the browser" if opens else "Waiting for your browser"
