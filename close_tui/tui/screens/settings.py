"""The settings: what holds, where each comes from, and the way into their file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Final

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.content import Content

from close_tui.errors import CloseTuiError
from close_tui.settings import SETTINGS, Settings, Told, read
from close_tui.tui.screens.page import COPIED, Page

_ORIGINS: Final = {
    "default": ("default", "$text-muted"),
    "file": ("file", "$text-primary"),
    "environment": ("environment", "$text-accent"),
    "this run": ("this run", "$text-warning"),
}
_RULE: Final = "A flag wins over the environment, the environment over the file."


class ShowSettings(Page[None]):
    """Shows every setting with its value and origin; ``e`` opens the file in an editor."""

    HEADING = "Settings"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", id="settings.edit",
                tooltip="Open the settings file in $VISUAL or $EDITOR."),
        Binding("y", "copy", "Copy path", id="settings.copy",
                tooltip="Copy the path of the settings file."),
    ]  # fmt: skip

    def on_mount(self) -> None:
        """Show them."""
        self.query_one("#page").focus()
        self._show()

    def on_resize(self) -> None:
        """Lay it out for the new width."""
        self._show()

    def _show(self) -> None:
        try:
            told = read_now()
        except CloseTuiError as error:
            self.write(Content(f"✕ {error} {error.advice}"))
            return
        self.write(_words(told, self.verbs.settings, self.app.size.width - 3))

    def action_copy(self) -> None:
        """Copy where the file is."""
        try:
            self.app.copy_to_clipboard(str(read_now().file))
        except CloseTuiError as error:
            self.complain(error)
        else:
            self.notify(f"The path: {COPIED}", markup=False)

    def action_edit(self) -> None:
        """Leave the screen to the editor, then say what is wrong with what was written."""
        from close_tui.operations.editing import edit
        from close_tui.operations.settings_template import ensure

        failed: CloseTuiError | None = None
        try:
            file = read_now().file
            ensure(file)
            with self.app.suspend():
                # Nothing may be raised in here: the terminal would not be taken back.
                try:
                    edit(file, os.environ)
                except CloseTuiError as error:
                    failed = error
        except SuspendNotSupported:
            words = "This terminal cannot be left to an editor. Use: close-tui settings edit"
            self.notify(words, severity="warning", markup=False)
        except CloseTuiError as error:
            self.complain(error)
        else:
            self._say_what_changed(failed)
        self.refresh(layout=True)
        self._show()

    def _say_what_changed(self, failed: CloseTuiError | None) -> None:
        told = read_now()
        if failed is not None:
            words, severity = f"{failed} {failed.advice}".strip(), "error"
        elif told.problems:
            words, severity = f"{len(told.problems)} problem(s) in the file.", "warning"
        else:
            words, severity = "The settings are fine. They hold from the next start on.", ""
        self.notify(words, severity=severity or "information", markup=False)  # type: ignore[arg-type]


def read_now() -> Told:
    """Read environment and file as they are by now."""
    return read(os.environ)


def _words(told: Told, running: Settings, width: int) -> Content:
    exists = told.file.exists()
    state = "" if exists else "  (not made yet: press e)"
    lines = [
        Content.assemble(("File  ", "$text-muted"), str(told.file), (state, "$text-muted")),
        Content.styled(_RULE, "$text-muted"),
        Content(""),
    ]
    if told.problems:
        lines += [Content.styled(f"✕ {each}", "$text-error") for each in told.problems]
        lines.append(Content(""))
    for each in SETTINGS:
        now, next_time = getattr(running, each.name), getattr(told.settings, each.name)
        origin, style = _ORIGINS["this run" if now != next_time else told.origins[each.name]]
        head = Content.assemble((f"{each.name:<18}", "bold"), (f"{origin:<13}", style))
        value = Content.assemble(head, _said(now))
        if width < 100:
            twin = Content.styled(f"{'':18}{each.variable}", "$text-muted")
        else:
            twin = Content.styled(f"{'':18}{each.variable:<28} {each.sentence}", "$text-muted")
        lines += [value, twin]
        if now != next_time:
            words = f"{'':18}at the next start: {_said(next_time)}"
            lines.append(Content.styled(words, "$text-warning"))
    return Content("\n").join(lines)


def _said(value: object) -> str:
    if value is None:
        return "–"
    return (
        f"{value:g}"
        if isinstance(value, float)
        else str(value)
        if isinstance(value, Path)
        else f"{value}"
    )
