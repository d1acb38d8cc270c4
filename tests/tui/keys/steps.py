"""What the walks share: what happens between two keys, and what many places have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen

from close_tui.tui.screens.under_way import UnderWay
from tests.tui.keys.table import (
    Aside,
    Press,
    Seen,
    Walk,
    goes_to,
    grows,
    is_now,
    send,
    until,
)

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

# Asides


def sees(*words: str) -> Aside:
    """Wait until it can be read."""
    return lambda _, screen: screen.sees(*words)


def typed(selector: str, words: Callable[[Town], str]) -> Aside:
    """Type into a field."""
    return lambda town, screen: screen.type(selector, words(town))


def also(*keys: str, on: str = "MainScreen") -> Aside:
    """Press keys that are looked at elsewhere, or are Textual's own, until a screen is on top."""

    async def aside(town: Town, screen: Screen) -> None:
        await send(screen, *keys)
        await until(screen, goes_to(on)(town, screen), f"to {on}")

    return aside


def jump(name: str) -> Aside:
    """Put the cursor on a connection."""

    async def aside(_: Town, screen: Screen) -> None:
        screen.board.jump(f"conn_{name}")
        await screen.pilot.pause()

    return aside


def in_town(do: Callable[[Town], object]) -> Aside:
    """Let something happen outside the app."""

    async def aside(town: Town, _: Screen) -> None:
        do(town)

    return aside


def on_screen(do: Callable[[Screen], object]) -> Aside:
    """Do something that no key does."""

    async def aside(_: Town, screen: Screen) -> None:
        do(screen)
        await screen.pilot.pause()

    return aside


def asked(make: Callable[[Screen, Town], ModalScreen[Any]]) -> Aside:
    """Show a question that comes by itself."""

    async def aside(town: Town, screen: Screen) -> None:
        dialog = make(screen, town)
        screen.app.push_screen(dialog)
        await screen.on(type(dialog).__name__)

    return aside


def revoking(town: Town, screen: Screen) -> UnderWay:
    """Return a revocation of three, of which one has ended."""

    class AtWork(UnderWay):
        at_work = 2

    return AtWork(screen.app.verbs, list(town.vault.connections()))


# What many places have


def row_of(kind: str) -> Callable[[Town, Screen], int]:
    """Return the cursor of a list."""
    return lambda _, screen: screen.app.screen.query_one(kind).cursor_row  # type: ignore[attr-defined]


def cursor_keys(kind: str) -> Walk:
    """Move the cursor of a list of at least three rows in every way, from the first and back."""
    row = row_of(kind)
    return (
        Press(kind, "j", is_now(row, 1)),
        Press(kind, "down", is_now(row, 2)),
        Press(kind, "k", is_now(row, 1)),
        Press(kind, "up", is_now(row, 0)),
        Press(kind, "pagedown", grows(row)),
        Press(kind, "pageup", is_now(row, 0)),
        Press(kind, "ctrl+f", grows(row)),
        Press(kind, "ctrl+b", is_now(row, 0)),
        Press(kind, "G", is_now(_is_last(kind), True)),
        Press(kind, "g", is_now(row, 0)),
        Press(kind, "end", is_now(_is_last(kind), True)),
        Press(kind, "home", is_now(row, 0)),
    )


def _is_last(kind: str) -> Seen:
    def seen(town: Town, screen: Screen) -> bool:
        count: int = screen.app.screen.query_one(kind).count  # type: ignore[attr-defined]
        return row_of(kind)(town, screen) == count - 1 > 1

    return seen


def scroll_keys(place: str, selector: str, by: str = "") -> Walk:
    """Read on and back, a line at a time; ``by`` takes the arrows first."""

    def line(_: Town, screen: Screen) -> float:
        return screen[selector].scroll_y

    return (
        Press(place, "j", grows(line)),
        Press(place, "down", grows(line), by=by),
        Press(place, "k", grows(line, -1)),
        Press(place, "up", grows(line, -1), by=by),
    )


def paper_keys(selector: str) -> Walk:
    """Go to the end and back, by screenfuls and at once."""

    def line(_: Town, screen: Screen) -> float:
        return screen[selector].scroll_y

    def is_last(_: Town, screen: Screen) -> bool:
        return screen[selector].scroll_y == screen[selector].max_scroll_y

    return (
        Press("Paper", "pagedown", grows(line)),
        Press("Paper", "pageup", is_now(line, 0)),
        Press("Paper", "ctrl+f", grows(line)),
        Press("Paper", "ctrl+b", is_now(line, 0)),
        Press("Paper", "G", is_now(is_last, True)),
        Press("Paper", "g", is_now(line, 0)),
        Press("Paper", "end", is_now(is_last, True)),
        Press("Paper", "home", is_now(line, 0)),
    )


def page_keys(place: str, words: str, back: Press | Aside) -> Walk:
    """Scroll, ask for help, and leave by either key; ``back`` comes there again."""
    return (
        back,
        sees(words),
        *scroll_keys(place, "#page"),
        Press(place, "question_mark", goes_to("Help")),
        also("escape", on=place),
        Press(place, "q", goes_to("MainScreen")),
        back,
        Press(place, "escape", goes_to("MainScreen")),
    )


def escape(place: str, back: str = "MainScreen") -> Press:
    """Give a dialog up."""
    return Press(place, "escape", goes_to(back))
