"""The question before connections are forgotten here: nothing is revoked by it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.model import Connection
from close_tui.operations.pending import is_pending
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs

_SHOWN = 8


class Remove(Dialog[list[Connection]]):
    """Asks whether to forget; starts on Cancel. Its result is what may be forgotten.

    What is frozen and not proved dead is left out: its secrets are the only means to kill it.
    """

    def __init__(self, verbs: Verbs, targets: list[Connection]) -> None:
        super().__init__(verbs)
        now = verbs.clock()
        self._kept = [target for target in targets if is_pending(target, now)]
        self._targets = [target for target in targets if not is_pending(target, now)]

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count, kept = len(self._targets), self._kept
        with Sheet("Remove" if count < 2 else f"Remove {count} connections"):
            for target in self._targets[:_SHOWN]:
                where = target.organization.name or target.organization.id
                yield Static(f"{target.name}, {where}", classes="target", markup=False)
            if count > _SHOWN:
                yield Static(f"… and {count - _SHOWN} more", classes="target", markup=False)
            if count:
                alive = sum(target.revoked_at is None for target in self._targets)
                words = _consequence(alive)
                yield Static(words, classes="advice" if alive else "", markup=False)
            if kept:
                yield Static(_kept_words(kept), classes="advice", markup=False)
            if count:
                yield Static("U undoes it, for ten seconds.", classes="hint", markup=False)
            with Buttons():
                yield Button("Cancel" if count else "Close", id="cancel")
                if count:
                    yield Button("Remove", id="remove", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel."""
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(self._targets if event.button.id == "remove" else None)


def _consequence(alive: int) -> str:
    if not alive:
        return "It was revoked. Only what is known of it here is forgotten; its history stays."
    return (
        "This does NOT revoke: Close goes on accepting what is forgotten here, and close-tui can "
        "no longer revoke it afterwards. To kill it, cancel and press X."
    )


def _kept_words(kept: list[Connection]) -> str:
    names = ", ".join(one.name for one in kept[:_SHOWN])
    more = f" and {len(kept) - _SHOWN} more" if len(kept) > _SHOWN else ""
    it = "it" if len(kept) == 1 else "them"
    return (
        f"{names}{more}: frozen, and not proved dead. Not removed here, because what is stored is "
        f"all that can still revoke {it}: press X. To forget {it} all the same: close-tui remove "
        f"{kept[0].name} --forget-unrevoked"
    )
