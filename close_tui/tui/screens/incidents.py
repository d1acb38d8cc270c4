"""The record of bad nights: all incidents, and one of them as it can be pasted elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from close_tui.errors import CloseTuiError
from close_tui.leaks import Incident
from close_tui.operations.desk import Desk
from close_tui.tui.screens.dialog import STYLES
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.incident_list import IncidentList
from close_tui.tui.widgets.keys import Keys
from close_tui.tui.widgets.paper import Paper

_COPIED: Final = "Copied as Markdown: sent to the terminal's clipboard (OSC 52)."


class Incidents(ModalScreen[None]):
    """Lists every incident, newest first; enter opens one."""

    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="incidents.help",
                tooltip="Show the keys for this place."),
        Binding("escape,q", "close", "Back", tooltip="Go back.", id="incidents.back"),
        Binding("y", "copy", "Copy", id="incidents.copy",
                tooltip="Copy this incident as Markdown, for a post-mortem."),
        Binding("c", "close_incident", "Close it", id="incidents.close",
                tooltip="Close this incident: you have seen to what is left."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs) -> None:
        super().__init__()
        self._verbs = verbs

    def compose(self) -> ComposeResult:
        """Lay it out."""
        listed = IncidentList()
        listed.border_title = "Incidents"
        yield listed
        yield Keys(compact=True)

    def on_mount(self) -> None:
        """Look what there is."""
        self.query_one(IncidentList).focus()
        self.run_worker(self._look(), group="incidents", name="incidents")

    def on_screen_resume(self) -> None:
        """Look again."""
        if self.query_one(IncidentList).count:
            self.run_worker(self._look(), group="incidents", name="incidents")

    async def _look(self) -> None:
        try:
            self.query_one(IncidentList).show(await self._verbs.ask(_incidents))
            self.refresh_bindings()
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)

    def on_incident_list_opened(self, event: IncidentList.Opened) -> None:
        """Show one."""
        self.app.push_screen(OneIncident(self._verbs, event.incident))

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer to close what is open."""
        if action == "close_incident":
            listed = self.query(IncidentList)  # asked also before there is one
            highlighted = listed.first().highlighted if listed else None
            return highlighted is not None and highlighted.is_open
        return super().check_action(action, parameters)

    def on_incident_list_highlighted(self) -> None:
        """Offer what is possible with another one."""
        self.refresh_bindings()

    @work(group="incidents.close")
    async def action_close_incident(self) -> None:
        """Ask for the sentence for the record, and close the highlighted one."""
        from close_tui.tui.screens.close_incident import CloseIncident

        incident = self.query_one(IncidentList).highlighted
        if incident is None:
            return
        closed = await self.app.push_screen_wait(CloseIncident(self._verbs, incident))
        if closed is not None:
            words = f"{closed.id} is closed. The verdicts stay."
            self.notify(words, title="Closed", markup=False)
            await self._look()

    async def action_copy(self) -> None:
        """Copy the highlighted one."""
        if incident := self.query_one(IncidentList).highlighted:
            try:
                self.app.copy_to_clipboard(await self._verbs.ask(markdown_of, incident))
            except CloseTuiError as error:
                self.notify(f"{error} {error.advice}", severity="error", markup=False)
            else:
                self.notify(f"{incident.id}: {_COPIED}", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


class OneIncident(ModalScreen[None]):
    """Shows one incident to the letter as it is copied."""

    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="incident.help",
                tooltip="Show the keys for this place."),
        Binding("escape,enter,q", "close", "Back", tooltip="Go back.", id="incident.back"),
        Binding("y", "copy", "Copy", id="incident.copy",
                tooltip="Copy it as Markdown, for a post-mortem."),
        Binding("j,down", "scroll(1)", "Down", tooltip="Read on.", id="incident.down"),
        Binding("k,up", "scroll(-1)", "Up", tooltip="Read back.", id="incident.up"),
        Binding("h,left", "sideways(-8)", "Left", show=False, tooltip="Read to the left.",
                id="incident.left"),
        Binding("l,right", "sideways(8)", "Right", show=False, tooltip="Read to the right.",
                id="incident.right"),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, incident: Incident) -> None:
        super().__init__()
        self._verbs = verbs
        self._incident = incident
        self._markdown = ""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Paper(id="incident") as page:
            page.border_title = Content(
                f"{self._incident.id}: y copies this, close-tui incident export writes a file"
            )
            yield Static(id="markdown", markup=False)
        yield Keys(compact=True)

    def on_mount(self) -> None:
        """Let the keys scroll, and write it."""
        self.query_one("#incident").focus()
        self.run_worker(self._write(), group="incidents", name="incident")

    async def _write(self) -> None:
        try:
            self._markdown = await self._verbs.ask(markdown_of, self._incident)
        except CloseTuiError as error:
            self._markdown = f"{error} {error.advice}"
        self.query_one("#markdown", Static).update(Content(self._markdown))

    def action_copy(self) -> None:
        """Copy it."""
        self.app.copy_to_clipboard(self._markdown)
        self.notify(_COPIED, markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one("#incident").scroll_relative(y=by, animate=False)

    def action_sideways(self, by: int) -> None:
        """Scroll by columns: its tables are wide."""
        self.query_one("#incident").scroll_relative(x=by, animate=False)


def markdown_of(desk: Desk, incident: Incident) -> str:
    """Return an incident as Markdown, with the hash of its last event."""
    from close_tui.operations.incident import hash_of_last
    from close_tui.operations.incident_text import markdown

    return markdown(incident, hash_of_last(desk, incident))


def _incidents(desk: Desk) -> list[Incident]:
    from close_tui.operations.incident import incidents

    return list(incidents(desk))
