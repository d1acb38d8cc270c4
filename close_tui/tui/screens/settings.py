"""The settings: what holds, where each comes from, and the way into their file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import ClassVar, Final

from textual import work
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.content import Content

from close_tui.errors import CloseTuiError
from close_tui.settings import SETTINGS, Settings, Told, read, said
from close_tui.text import counted
from close_tui.tui.screens.page import COPIED, Page
from close_tui.tui.widgets.wrap import wrapped

_ORIGINS: Final = {
    "default": ("default", "$text-muted"),
    "file": ("file", "$text-primary"),
    "environment": ("environment", "$text-accent"),
    "this run": ("this run", "$text-warning"),
}
_TWIN: Final = max(len(each.variable) for each in SETTINGS)
_NAME: Final = 21
_CROSS: Final = Content.styled("✕ ", "$text-error")
_WITH_SENTENCES: Final = 100
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
            words, severity = f"{counted(len(problems), 'problem')} in the file.", "warning"
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
    file = Content.assemble(str(told.file), (state, "$text-muted"))
    lines = [
        *_beside(Content.styled("File  ", "$text-muted"), file, width),
        *wrapped(Content.styled(_RULE, "$text-muted"), width),
        Content(""),
    ]
    if problems := (*told.problems, *(f"keys: {each}" for each in key_problems)):
        for problem in problems:
            lines += _beside(_CROSS, Content.styled(problem, "$text-error"), width)
        lines.append(Content(""))
    for each in SETTINGS:
        now, next_time = getattr(running, each.name), getattr(told.settings, each.name)
        origin, style = _ORIGINS["this run" if now != next_time else told.origins[each.name]]
        head = Content.assemble((f"{each.name:<{_NAME}}", "bold"), (f"{origin:<13}", style))
        lines += _beside(head, Content(said(now)), width)
        twin = Content.styled(f"{'':{_NAME}}{each.variable}", "$text-muted")
        if width < _WITH_SENTENCES:
            lines.append(twin)
        else:
            sentence = Content.styled(each.sentence, "$text-muted")
            lines += _beside(twin.pad_right(_NAME + _TWIN + 2 - twin.cell_length), sentence, width)
        if now != next_time:
            words = Content.styled(f"at the next start: {said(next_time)}", "$text-warning")
            lines += _beside(Content(" " * _NAME), words, width)
    if ids:
        lines += [Content(""), Content.styled(_IDS, "$text-muted")]
        lines += [Content.assemble((f"{id_:<28}", "bold"), keys) for id_, keys in ids]
    return Content("\n").join(lines)


def _beside(head: Content, words: Content, width: int) -> Iterator[Content]:
    """Give the lines of some words, all of them to the right of what they are about."""
    for number, line in enumerate(wrapped(words, width, indent=head.cell_length)):
        yield line if number else Content.assemble(head, line)
