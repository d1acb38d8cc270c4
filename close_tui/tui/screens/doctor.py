"""Doctor: what is right and wrong on this machine, filled in as it is found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from close_tui.errors import CloseTuiError
from close_tui.operations.desk import Desk
from close_tui.tui.screens.findings import as_text, counted, line, waiting
from close_tui.tui.screens.page import COPIED, Page
from close_tui.tui.verbs import Verbs

if TYPE_CHECKING:
    from close_tui.operations.findings import Finding

Tell = Callable[[str, "list[Finding]"], None]


class Doctor(Page[None]):
    """Each check has a line from the beginning; nothing waits for the slowest."""

    HEADING = "Doctor: this machine"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="doctor.copy",
                tooltip="Copy the report: no secret and no name is in it."),
        Binding("r", "again", "Again", id="doctor.again", tooltip="Look at everything again."),
    ]  # fmt: skip

    class Found(Message):
        """A check has ended."""

        def __init__(self, name: str, findings: list[Finding]) -> None:
            super().__init__()
            self.name = name
            self.findings = findings

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs)
        self._found: dict[str, list[Finding] | None] = {}

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#page").focus()
        self.action_again()

    def on_resize(self) -> None:
        """Fold anew."""
        self._show()

    def action_again(self) -> None:
        """Look at everything, from the beginning."""
        if not self._is_looking():
            self.run_worker(self._look(), group="doctor", name="doctor")

    async def _look(self) -> None:
        try:
            self._found = dict.fromkeys(await self.verbs.ask(_names))
            self._show()
            size = self.app.size
            await self.verbs.run_while_waited_for(_examined, size.width, size.height, self._tell)
        except CloseTuiError as error:
            self._found = {}
            self.complain(error)

    def _tell(self, name: str, findings: list[Finding]) -> None:
        """Be told in the background thread; posting is safe from there."""
        self.post_message(self.Found(name, findings))

    def on_doctor_found(self, event: Found) -> None:
        """Show it on its line."""
        self._found[event.name] = event.findings
        self._show()

    def _is_looking(self) -> bool:
        return any(each is None for each in self._found.values())

    def _findings(self) -> list[Finding]:
        return [each for found in self._found.values() for each in found or ()]

    def _show(self) -> None:
        self.refresh_bindings()
        width = self.app.size.width - 3
        lines: list[Content] = []
        for name, found in self._found.items():
            lines += [waiting(name)] if found is None else [line(each, width) for each in found]
        if not lines:
            return
        looking = "  looking …" if self._is_looking() else ""
        head = Content.assemble(counted(self._findings()), (looking, "$text-muted"))
        self.write(Content("\n").join([head, Content(""), *lines]))

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer the report once it is whole."""
        if action in {"copy", "again"}:
            return bool(self._found) and not self._is_looking()
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Copy the report."""
        self.app.copy_to_clipboard(as_text(self._findings()))
        self.notify(f"Copied, fit for pasting in public: {COPIED}", markup=False)


def _names(_: Desk) -> list[str]:
    from close_tui.operations.doctor import CHECKS

    return [each.name for each in CHECKS]


async def _examined(desk: Desk, columns: int, lines: int, tell: Tell) -> None:
    from close_tui.operations.doctor import examine
    from close_tui.operations.doctor_case import Case, Terminal
    from close_tui.settings import read

    told = read(os.environ)._replace(settings=desk.settings)
    encoding = getattr(sys.__stdout__, "encoding", "") or ""
    terminal = Terminal(True, columns, lines, encoding)
    await examine(Case(told, terminal, os.environ, desk.clock), tell=tell)
