"""The certificate of this machine's own address: what it is, who trusts it, and changing that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.app import ComposeResult
from textual.widgets import Button

from close_tui.errors import CloseTuiError
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.text import rfc3339
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.verbs import Verbs

if TYPE_CHECKING:
    from close_tui.operations.certificate import Done, State

_WHAT: Final = (
    "Close sends the browser back to https://localhost, where close-tui answers with this "
    "certificate. It is for this machine alone, and its key stays here."
)
_NONE: Final = "None yet: the first authorization makes it."
_RENEWED: Final = "It was made anew. Browsers warn of it until they are told to trust it."
_BROUGHT: Final = (
    "It is your own: which browsers trust it is not close-tui's to know, and it is renewed where "
    "it came from."
)
_MARKS: Final = {"added": "✓", "removed": "✓", "skipped": "–"}


class _Seen(NamedTuple):
    """What the screen shows.

    Attributes:
        state: what is known.
        commands: what Trust runs.

    """

    state: State
    commands: list[str]


class Certificate(Dialog[None]):
    """Shows it, and the commands before they are run; starts on Close."""

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs)
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Lay it out; what is not known yet is empty."""
        with Sheet("The certificate"):
            yield Words(_WHAT)
            yield Words("Looking …", id="facts")
            yield Words(id="standings")
            yield Words(id="commands")
            yield Words(id="outcomes")
            with Buttons():
                yield Button("Close", id="cancel")
                yield Button("Trust", id="trust")
                yield Button("Untrust", id="untrust")
                yield Button("Renew", id="renew")

    def on_mount(self) -> None:
        """Look; until something is known there is nothing to press but Close."""
        for name in ("trust", "untrust", "renew"):
            self.query_one(f"#{name}").display = False
        self.query_one("#cancel").focus()
        self.run_worker(self._look(), group="certificate", name="certificate")

    async def _look(self) -> None:
        try:
            seen = await self.verbs.run(_seen)
        except CloseTuiError as error:
            self._say("facts", f"✕ {error} {error.advice}")
        else:
            self._show(seen)

    def _show(self, seen: _Seen) -> None:
        state, commands = seen
        self._say("facts", _facts(state))
        self._say("standings", _standings(state))
        words = "\n".join(f"$ {command}" for command in commands)
        self._say("commands", words and f"Trust runs these commands, as you:\n{words}")
        is_ours = not state.is_brought
        self.query_one("#trust").display = is_ours and bool(commands)
        self.query_one("#renew", Button).label = "Renew" if state.certificate else "Make one"
        self.query_one("#renew").display = is_ours
        self.query_one("#untrust").display = any(
            each.trusts or each.old for each in state.standings
        )
        if self.focused is None or not self.focused.display:
            self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close, or change something: one thing at a time."""
        name = event.button.id or ""
        if name == "cancel":
            self.dismiss(None)
        elif not self._is_busy:
            self._is_busy = True
            self.run_worker(self._change(name), group="certificate", name=name)

    async def _change(self, name: str) -> None:
        self._say("outcomes", "At work; the system may ask you …")
        try:
            done = await self.verbs.run(_changed, name)
        except CloseTuiError as error:
            self._say("outcomes", f"✕ {error} {error.advice}")
        else:
            self._say("outcomes", _RENEWED if name == "renew" else _told(done))
        await self._look()
        self._is_busy = False
        # What became of it stands above the buttons; a small terminal has to scroll there.
        self.query_one(Sheet).scroll_end(animate=False)

    def _say(self, what: str, words: str) -> None:
        self.query_one(f"#{what}", Words).say(words)


async def _seen(desk: Desk) -> _Seen:
    from close_tui.callback.trust_stores import Machine
    from close_tui.callback.trust_tools import shell_line
    from close_tui.operations.certificate import look, plan_trust

    machine, settings = Machine.here(), desk.settings

    def seen() -> _Seen:
        state = look(settings, machine)
        hindered = state.problem or state.unknown or state.is_brought or settings.is_passing
        if state.certificate is None or hindered:
            return _Seen(state, [])
        steps = plan_trust(settings, machine, desk.clock)
        return _Seen(state, [shell_line(command) for step in steps for command in step.commands])

    return await in_daemon_thread(seen)


async def _changed(desk: Desk, name: str) -> list[Done]:
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import renew, trust, untrust

    def changed() -> list[Done]:
        if name == "renew":
            renew(desk.settings, desk.clock)
            return []
        change = trust if name == "trust" else untrust
        return change(desk.settings, Machine.here(), desk.clock)

    return await in_daemon_thread(changed)


def _facts(state: State) -> str:
    found = state.certificate
    if state.problem is not None:
        return f"✕ {state.problem} {state.problem.advice}"
    if found is None:
        return _NONE
    return (
        f"SHA-256 {found.sha256}\n"
        f"Valid from {rfc3339(found.not_before)} to {rfc3339(found.not_after)}\n{found.path}"
    )


def _standings(state: State) -> str:
    if state.is_brought:
        return _BROUGHT
    if state.unknown is not None:
        return f"✕ {state.unknown} {state.unknown.advice}"
    lines = []
    for each in state.standings:
        if each.trusts:
            lines.append(f"✓ {each.store.name} trusts it since {rfc3339(each.since)}.")
        elif each.old:
            lines.append(f"! {each.store.name} trusts the one before it, and will warn.")
        else:
            lines.append(f"– {each.store.name} will warn.")
    return "\n".join(lines)


def _told(done: Sequence[Done]) -> str:
    lines = []
    for each in done:
        result = each.result
        mark = _MARKS.get(result.outcome, "✕")
        lines.append(f"{mark} {result.name}: {result.detail} {result.advice}".strip())
    return "\n".join(lines) or "There was nothing to do."
