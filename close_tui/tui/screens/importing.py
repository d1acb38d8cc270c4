"""An import: what would happen, then what happened, line by line."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from close_tui.errors import CloseTuiError
from close_tui.operations.desk import Desk
from close_tui.text import clean
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.page import Page
from close_tui.tui.screens.results import verdict
from close_tui.tui.verbs import Verbs

if TYPE_CHECKING:
    from close_tui.operations.foreign.candidates import Candidate
    from close_tui.operations.import_keys import Imported

_SHOW_S = 0.2
_LINE = 500
_SHOWN = 1000
"""Lines that are shown; who has more wants the command."""


class Importing(Page[str]):
    """Tests every key for the dry run, and again when they are stored; gives the first one's id."""

    HEADING = "Import API keys"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "add", "Add them", id="importing.add",
                tooltip="Store the keys that Close accepts."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, found: Sequence[Candidate]) -> None:
        super().__init__(verbs)
        self._found = tuple(found)
        self._done: list[Imported] = []
        self._tested = _Count()
        self._doing = ""
        self._is_stored = False

    def on_mount(self) -> None:
        """Begin with the dry run."""
        self.query_one("#page").focus()
        self.set_interval(_SHOW_S, self._show_count)
        self.run_worker(self._work(dry_run=True), group="import", name="dry run")

    async def _work(self, *, dry_run: bool) -> None:
        self._tested.start_again()
        self._doing = "Asking Close whose keys these are" if dry_run else "Testing and adding"
        self.refresh_bindings()
        self._show_count()
        try:
            self._done = await self.verbs.run(_imported, self._found, dry_run, self._tested)
        except CloseTuiError as error:
            self._doing = ""
            self.write(Content(f"✕ {error} {error.advice}"))
        else:
            self._doing, self._is_stored = "", not dry_run
            self.write(await self.verbs.ask(_told, self._done, dry_run))
            self.query_one("#page").scroll_home(animate=False)
        self.refresh_bindings()

    def _show_count(self) -> None:
        if self._doing:
            keys = len({each.key for each in self._found if each.key and not each.why_not})
            self.write(Content(f"{self._doing}: {self._tested.count} of {keys} …"))

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer to add while there is something to add."""
        if action == "add":
            news = any(each.result.outcome == "added" for each in self._done)
            return news and not self._doing and not self._is_stored
        return super().check_action(action, parameters)

    @work(group="import")
    async def action_add(self) -> None:
        """Store what Close accepts."""
        if await open_vault(self.app, self.verbs, make=True):
            await self._work(dry_run=False)

    def action_close(self) -> None:
        """Go back; not while keys are being stored."""
        if self._doing.startswith("Testing"):
            self.notify("One moment: the keys are being stored.", markup=False)
        else:
            added = (each.result.id for each in self._done if each.result.outcome == "added")
            self.dismiss(next(added, None) if self._is_stored else None)


class _Count:
    """A number that one thread counts up and another reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def __call__(self) -> None:
        with self._lock:
            self.count += 1

    def start_again(self) -> None:
        with self._lock:
            self.count = 0


async def _imported(
    desk: Desk, found: Sequence[Candidate], dry_run: bool, tested: _Count
) -> list[Imported]:
    from close_tui.operations.import_keys import import_keys

    return await import_keys(desk, found, dry_run=dry_run, tested=tested)


def _told(_: Desk, done: Sequence[Imported], dry_run: bool) -> Content:
    """Say what would happen or has happened, with a line for each place."""
    from close_tui.operations.import_keys import where
    from close_tui.operations.plain_text import plain_text

    counts = Counter(_word(each, dry_run) for each in done)
    lines = [
        Content.styled(", ".join(f"{count} {word}" for word, count in counts.items()), "bold"),
        Content("Nothing is stored yet. Press enter to add them.")
        if dry_run and counts["to be added"]
        else Content("Nothing was changed." if not counts["added"] else "It is in the vault now."),
        Content(""),
    ]
    width = min(28, max(len(each.result.name) for each in done))
    lines += [_line(each, where(each.candidate), width, dry_run) for each in done[:_SHOWN]]
    if len(done) > _SHOWN:
        lines.append(Content(f"… and {len(done) - _SHOWN} more"))
    advice = dict.fromkeys(each.result.advice for each in done if each.result.advice)
    lines += [Content.styled(clean(each, _LINE), "$text-warning") for each in advice]
    if not dry_run and (left := list(plain_text(done))):
        title = Content.styled("The file was not changed", "bold")
        lines += [Content(""), title, *(Content(clean(each, _LINE)) for each in left)]
    return Content("\n").join(lines)


def _line(each: Imported, place: str, width: int, dry_run: bool) -> Content:
    result = each.result
    glyph, colour = _look(each)
    head = f"{glyph} {_word(each, dry_run):<12} "
    name = Content.styled(f"{result.name:<{width}}", "bold")
    here = "" if result.name == place else f" ({place})"
    detail = Content.styled(f"  {clean(result.detail, _LINE)}{here}", "$text-muted")
    return Content.assemble((head, colour), name, detail)


def _look(each: Imported) -> tuple[str, str]:
    if each.result.outcome == "added":
        return "✓", "$text-success"
    look = verdict(each.result.outcome)
    return look.glyph, "$text-muted" if look.colour == "muted" else f"$text-{look.colour}"


def _word(each: Imported, dry_run: bool) -> str:
    outcome = each.result.outcome
    if outcome == "added":
        return "to be added" if dry_run else "added"
    return {"skipped": "left out", "rejected": "refused"}.get(outcome, outcome.replace("_", " "))
