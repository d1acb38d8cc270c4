"""The question before a revocation: what dies, what will be sent, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, UsageError
from close_tui.leaks import Revocability
from close_tui.model import Connection, Kind
from close_tui.operations.desk import Desk
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.left_alive import advised
from close_tui.tui.screens.under_way import UnderWay
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.kill_words import counted, prospect
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.status_look import MUTED
from close_tui.tui.widgets.wrap import wrapped

_AROUND: Final = 22
"""Lines of the dialog that are not the plan; ``_TIGHT`` where the terminal is not high."""

_TIGHT: Final = 15
_HIGH: Final = 34

HOLD_S: Final = 0.1
"""How long the screen stands still for the sake of the first request."""

_NAMES: Final = 6
_WORST: Final = ("impossible", "not_provable", "by_hand", "provable", "settled")
_GLYPHS: Final = {
    "impossible": ("✕", "$text-error"),
    "not_provable": ("◐", "$text-warning"),
    "by_hand": ("◔", "$text-warning"),
    "provable": ("✓", "$text-success"),
    "settled": ("■", MUTED),
}
_LOCKED: Final = (
    "The vault is locked: u unlocks it now. Without that, everything is frozen at once, and the "
    "passphrase or keyring is asked for then."
)


class Revoke(Dialog[UnderWay]):
    """Shows the plan and starts on Cancel; many at once ask for their count.

    The revocation begins with the confirming key, before anything is drawn; the result is the
    revocation that is under way.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False, id="revoke.previous", tooltip="Back."),
        Binding("right", "app.focus_next", show=False, id="revoke.next", tooltip="On."),
        Binding("u", "unlock", "Unlock", id="revoke.unlock",
                tooltip="Unlock the vault, so that nothing is asked for later."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, targets: list[Connection], *, reason: str = "") -> None:
        super().__init__(verbs)
        self._targets = targets
        self._reason = reason
        self._is_locked = False
        self._plans: list[Revocability] = []
        self._under_way: UnderWay | None = None

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count = len(self._targets)
        with Sheet(
            f"Revoke {self._targets[0].name}" if count == 1 else f"Revoke {count} connections"
        ):
            yield Words(id="summary")
            with VerticalScroll(id="plan", can_focus=count > 1):
                yield Static("Looking at what can be done …", id="targets", markup=False)
            yield Words(id="also")
            yield Static(
                "Each is frozen first: nothing renews it then. This cannot be undone.",
                markup=False,
            )
            yield Words(id="locked")
            if count > 1:
                yield Field(
                    f"Type {count} to confirm",
                    PlainInput(type="integer", id="count"),
                    id="count-field",
                )
            yield Field(
                "Reason, for the record",
                PlainInput(self._reason, placeholder="may stay empty", id="reason"),
            )
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button("Revoke", id="revoke", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel; look at what can be done, and get ready to do it."""
        self._fit()
        self.query_one("#cancel").focus()
        self._look()

    def on_resize(self) -> None:
        """Leave room for the rest of the dialog."""
        self._fit()
        self.call_after_refresh(self._write)

    def _fit(self) -> None:
        height = self.app.size.height
        around = _AROUND if height >= _HIGH else _TIGHT
        self.query_one("#plan").styles.max_height = max(4, height - around)

    @work(group="plan", exclusive=True)
    async def _look(self) -> None:
        try:
            plans = await self.verbs.run(_planned, self._targets)
            self._show(plans)
            self._say_locked(await self.verbs.run(_ready))
        except CloseTuiError as error:  # it is tried all the same, if that is wanted
            self.query_one("#targets", Static).update(Content(f"{error} {error.advice}"))

    def _show(self, plans: tuple[Revocability, ...]) -> None:
        self._plans = sorted(plans, key=lambda plan: _WORST.index(plan.word))
        self._write()
        if len(plans) > 1:
            self.query_one("#summary", Words).say(f"{counted(plans)}.")
        self.query_one("#also", Words).say(_also(plans))

    def _write(self) -> None:
        """Write the plan as wide as there is room."""
        width = self.query_one("#plan").scrollable_content_region.width
        lines = [line for plan in self._plans for line in _paragraph(plan, width)]
        if lines:
            self.query_one("#targets", Static).update(Content("\n").join(lines))

    def _say_locked(self, is_locked: bool) -> None:
        self._is_locked = is_locked
        self.query_one("#locked", Words).say(_LOCKED if is_locked else "")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer to unlock only what is locked."""
        if action == "unlock":
            return self._is_locked
        return super().check_action(action, parameters)

    @work(group="unlock", exclusive=True)
    async def action_unlock(self) -> None:
        """Unlock the vault while there is time."""
        from close_tui.tui.screens.gate import open_vault

        if await open_vault(self.app, self.verbs):
            self._say_locked(False)

    @on(Input.Submitted, "#count")
    def _count_submitted(self) -> None:
        if self._is_counted():
            self.query_one("#reason").focus()

    @on(Input.Submitted, "#reason")
    def _reason_submitted(self) -> None:
        # Whoever has typed the right count means it; one alone is confirmed on its button.
        if len(self._targets) == 1:
            self.query_one("#cancel").focus()
        elif self._is_counted():
            self.query_one("#revoke").focus()

    def on_key(self, event: Key) -> None:
        """Let the count be typed wherever the cursor is."""
        if len(self._targets) == 1 or not event.key.isdecimal():
            return
        if not isinstance(self.focused, Input):
            box = self.query_one("#count", Input)
            # At once, and the key after it: a focused field selects what is in it, and the second
            # digit would replace the first.
            self.set_focus(box)
            box.post_message(Key(event.key, event.character))
            event.stop()

    def _count(self) -> str:
        return self.query_one("#count", Input).value.strip()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer; the revocation begins before this dialog is gone."""
        if event.button.id == "cancel":
            self.dismiss(None)
        elif self._under_way is None and self._is_counted():
            reason = self.query_one("#reason", Input).value.strip()
            self._under_way = UnderWay(self.verbs, self._targets, reason)
            self._under_way.start()
            self.run_worker(self._go_on(self._under_way), group="begin", name="begin")

    async def _go_on(self, under_way: UnderWay) -> None:
        """Draw nothing until the first request is out: drawing would slow it down."""
        await under_way.begun(HOLD_S)
        self.dismiss(under_way)

    def _is_counted(self) -> bool:
        count = len(self._targets)
        if count == 1 or self._count() == str(count):
            return True
        field = self.query_one("#count-field", Field)
        field.refuse(UsageError(f"{count} connections would be revoked: type {count}."))
        self.query_one("#count", Input).select_all()
        return False


def _paragraph(plan: Revocability, width: int) -> Iterator[Content]:
    one = plan.connection
    kind = "API key" if one.kind is Kind.API_KEY else f"OAuth, {one.app or 'app removed'}"
    glyph, style = _GLYPHS[plan.word]
    where = f"{one.organization.name or one.organization.id}, {one.user.email or one.user.id}"
    head = Content.assemble((f"{glyph} ", style), (one.name, "bold"), (f"  {where}, {kind}", MUTED))
    yield from wrapped(head, width, indent=2)
    yield from wrapped(Content(prospect(plan)), width, indent=2, first=2)


def _also(plans: Iterable[Revocability]) -> str:
    """Say what hangs on the same OAuth apps and is not touched."""
    targets = {plan.connection.name for plan in plans}
    others: dict[str, list[str]] = {}
    for plan in plans:
        names = [name for name in plan.also if name not in targets]
        if plan.connection.app and names:
            others[plan.connection.app] = names
    said = []
    for app, names in others.items():
        shown = ", ".join(names[:_NAMES])
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        said.append(f"Not touched, though of the same app ({app}): {shown}{more}.")
    return " ".join(said)


async def _planned(desk: Desk, targets: list[Connection]) -> tuple[Revocability, ...]:
    from close_tui.operations.plan import plan

    return tuple(map(advised, plan(desk, targets)))


async def _ready(desk: Desk) -> bool:
    from close_tui.operations.readiness import get_ready

    return await get_ready(desk)
