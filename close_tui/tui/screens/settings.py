"""The settings: what holds, where each comes from, and the way into their file."""

from __future__ import annotations

import os
from textwrap import wrap
from typing import ClassVar, Final

from textual import work
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.content import Content

from close_tui.errors import CloseTuiError
from close_tui.settings import SETTINGS, Settings, Told, read, said
from close_tui.tui.screens.page import COPIED, Page

_ORIGINS: Final = {
    "default": ("default", "$text-muted"),
    "file": ("file", "$text-primary"),
    "environment": ("environment", "$text-accent"),
    "this run": ("this run", "$text-warning"),
}
_TWIN: Final = max(len(each.variable) for each in SETTINGS)
_IDS: Final = "What keys can be given in [keys], and the keys it has without:"
_RULE: Final = "A flag wins over the environment, the environment over the file."


class ShowSettings(Page[None]):
    """Shows every setting with its value and origin; ``e`` opens the file in an editor."""

    HEADING = "Settings"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", id="settings.edit",
                tooltip="Open the settings file in $VISUAL or $EDITOR."),
        Binding("y", "copy", "Copy path", id="settings.copy",
                tooltip="Copy the path of the settings file."),
        Binding("i", "list_ids", "Ids of keys", id="settings.ids",
                tooltip="List the ids that the setting keys can give other keys, or not."),
    ]  # fmt: skip

    _key_problems: tuple[str, ...] = ()
    _ids: tuple[tuple[str, str], ...] = ()

    def on_mount(self) -> None:
        """Show them."""
        self.query_one("#page").focus()
        self._show()
        self.run_worker(self._check_keys(), group="keys", name="keys", exclusive=True)

    def on_resize(self) -> None:
        """Lay it out for the new width."""
        self._show()

    def _show(self) -> None:
        try:
            told = read_now()
        except CloseTuiError as error:
            self.write(Content(f"✕ {error} {error.advice}"))
            return
        # A theme that was chosen in the palette holds for this run.
        running = self.verbs.settings._replace(theme=self.app.theme)
        self.write(_words(told, running, self.app.size.width - 3, self._key_problems, self._ids))

    async def _check_keys(self) -> None:
        """Find out what is wrong with the keys in the file as it is by now."""
        try:
            wanted = read_now().settings.keys
        except CloseTuiError:
            return  # said already
        problems: tuple[str, ...] = ()
        if wanted:
            from close_tui.tui.keymap import check, known_keys

            problems = check(wanted, await known_keys(self.app)).problems
        if problems != self._key_problems:
            self._key_problems = problems
            self._show()

    @work(group="ids", exclusive=True)
    async def action_list_ids(self) -> None:
        """List what may be given another key, after the settings, or end that."""
        from close_tui.tui.keymap import known_keys, lines

        self._ids = () if self._ids else tuple(lines(await known_keys(self.app)))
        self._show()

    def action_copy(self) -> None:
        """Copy where the file is."""
        try:
            self.app.copy_to_clipboard(str(read_now().file))
        except CloseTuiError as error:
            self.complain(error)
        else:
            self.notify(f"The path: {COPIED}", markup=False)

    @work(group="edit", exclusive=True)
    async def action_edit(self) -> None:
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
            await self._check_keys()
            self._say_what_changed(failed)
        self.refresh(layout=True)
        self._show()

    def _say_what_changed(self, failed: CloseTuiError | None) -> None:
        told = read_now()
        if failed is not None:
            words, severity = f"{failed} {failed.advice}".strip(), "error"
        elif problems := (*told.problems, *self._key_problems):
            words, severity = f"{len(problems)} problem(s) in the file.", "warning"
        else:
            words, severity = "The settings are fine. They hold from the next start on.", ""
        self.notify(words, severity=severity or "information", markup=False)  # type: ignore[arg-type]


def read_now() -> Told:
    """Read environment and file as they are by now."""
    return read(os.environ)


def _words(
    told: Told,
    running: Settings,
    width: int,
    key_problems: tuple[str, ...],
    ids: tuple[tuple[str, str], ...],
) -> Content:
    exists = told.file.exists()
    state = "" if exists else "  (not made yet: press e)"
    lines = [
        Content.assemble(("File  ", "$text-muted"), str(told.file), (state, "$text-muted")),
        Content.styled(_RULE, "$text-muted"),
        Content(""),
    ]
    if problems := (*told.problems, *(f"keys: {each}" for each in key_problems)):
        lines += [Content.styled(f"✕ {each}", "$text-error") for each in problems]
        lines.append(Content(""))
    for each in SETTINGS:
        now, next_time = getattr(running, each.name), getattr(told.settings, each.name)
        origin, style = _ORIGINS["this run" if now != next_time else told.origins[each.name]]
        head = Content.assemble((f"{each.name:<21}", "bold"), (f"{origin:<13}", style))
        value = Content.assemble(head, said(now))
        if width < 100:
            twin = Content.styled(f"{'':21}{each.variable}", "$text-muted")
        else:
            first, *more = wrap(each.sentence, max(20, width - 21 - _TWIN - 4))
            margin = " " * (21 + _TWIN + 2)
            said_of_it = [
                f"{'':21}{each.variable:<{_TWIN}}  {first}",
                *(margin + one for one in more),
            ]
            twin = Content.styled("\n".join(said_of_it), "$text-muted")
        lines += [value, twin]
        if now != next_time:
            words = f"{'':21}at the next start: {said(next_time)}"
            lines.append(Content.styled(words, "$text-warning"))
    if ids:
        lines += [Content(""), Content.styled(_IDS, "$text-muted")]
        lines += [Content.assemble((f"{id_:<28}", "bold"), keys) for id_, keys in ids]
    return Content("\n").join(lines)
