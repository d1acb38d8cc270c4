"""Closing an incident that a person has seen to."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, UsageError
from close_tui.leaks import Incident
from close_tui.operations.desk import Desk
from close_tui.text import clean
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.plain_input import PlainInput

_LIMIT = 500
_SHOWN = 6


class CloseIncident(Dialog[Incident]):
    """Asks what was done, for the record; it proves nothing, and says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "close_it", "Close it", id="close_incident.do",
                tooltip="Close the incident with this sentence."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, incident: Incident) -> None:
        super().__init__(verbs)
        self._incident = incident
        self._is_at_work = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        left = [each.name for each in self._incident.targets if not each.is_over]
        with Sheet(f"Close {self._incident.id}"):
            if left:
                more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
                yield Static(
                    f"Not proved dead: {', '.join(left[:_SHOWN])}{more}. Closing proves nothing "
                    "and revokes nothing: every verdict stays as it is.",
                    classes="advice",
                    markup=False,
                )
            yield Field(
                "What was done, for the record",
                PlainInput(placeholder="deleted by hand in Close, seen by two of us", id="why"),
                "It goes into the history and into the export. Secrets in it are masked.",
                id="why-field",
            )
            with Buttons():
                yield Button("Close the incident", id="close", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the sentence."""
        self.query_one("#why").focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_close_it()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close it, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.action_close_it()

    def action_close_it(self) -> None:
        """Close the incident, if there is a sentence."""
        why = clean(self.query_one("#why", Input).value, _LIMIT)
        if not why:
            error = UsageError("Say what was done about what is left.")
            self.query_one("#why-field", Field).refuse(error)
        elif not self._is_at_work:
            self._is_at_work = True
            self.run_worker(self._close(why), group="incidents", name="close incident")

    async def _close(self, why: str) -> None:
        try:
            self.dismiss(await self.verbs.ask(_closed, self._incident.id, why))
        except CloseTuiError as error:
            self._is_at_work = False
            self.query_one("#why-field", Field).refuse(error)


def _closed(desk: Desk, incident_id: str, why: str) -> Incident:
    from close_tui.operations.incident import close, incident
    from close_tui.operations.kill import who

    return close(desk, incident(desk, incident_id), why, who())
