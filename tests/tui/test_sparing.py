"""Only what reads differently is sent to the terminal."""

from __future__ import annotations

import random
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip

from close_tui.tui.sparing import difference
from close_tui.tui.widgets.health import Health
from tests.grid import Cell, Grid
from tests.tui.town import Screen, Town

WIDTH, HEIGHT = 120, 40
RED = Style(color="red")
NAMES = ("plain", "a", "b", "c", "花丸", "[b]x")
KEYS = ("j", "k", "G", "g", "space", "s", "v", "tab", "slash", "o", "r", "escape", "question_mark")


class Wire:
    """Everything that is sent, and the terminal at its end."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.grid = Grid(WIDTH, HEIGHT)

    def take(self) -> str:
        """Return what was sent since the last time."""
        sent, self.sent = "".join(self.sent), []
        return sent


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Let apps without a terminal send to this one."""
    wire = Wire()

    def display(app: App[Any], _: object, update: object) -> None:
        if isinstance(update, CompositorUpdate) and not app._batch_count:
            sent = update.render_segments(app.console)
            wire.sent.append(sent)
            wire.grid.feed(sent.encode())

    monkeypatch.setattr(App, "_display", display)
    return wire


def drawn_anew(app: App[Any]) -> list[list[Cell]]:
    """Return the cells of a terminal that is sent everything."""
    grid = Grid(WIDTH, HEIGHT)
    visible_screen_stack.set(app._background_screens)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        grid.feed(f"\x1b[{y + 1};1H{strip.render(app.console)}".encode())
    return grid.cells


def fill(town: Town, count: int, lasts: float, every: float = 0) -> None:
    """Store authorizations that nothing renews, because their vault stays locked."""
    for number in range(count):
        user = town.world.add_user(f"u{number}@acme.example", f"User {number}", [town.acme])
        name = f"{NAMES[number % len(NAMES)]}-{number:02}"
        town.grant(name, lasts=lasts + every * number, by=user)
    town.grant("calm", lasts=3030)
    town.hide_identity()


async def settled(screen: Screen, wire: Wire) -> None:
    """Wait until everything is there and was sent."""
    await screen.until(lambda: screen.board.query("Keys"))
    await screen.until(lambda: wire.grid.cells == drawn_anew(screen.app))
    wire.take()


async def second(screen: Screen) -> None:
    """Let everything happen that happens each second."""
    board = screen.board
    board.connection_list.tick()
    board.organization_list.tick()
    board.detail.tick(board.verbs.clock())
    board.query_one(Health)._on_second()
    await screen.pilot.pause()


async def test_nothing_is_sent_while_nothing_changes(still_town: Town, wire: Wire) -> None:
    """An app at rest is silent."""
    fill(still_town, 0, lasts=0)
    async with still_town.show((WIDTH, HEIGHT)) as screen:
        await settled(screen, wire)
        for _ in range(3):
            await second(screen)

        assert wire.take() == ""


async def test_a_countdown_is_sent_a_digit_a_line(still_town: Town, wire: Wire) -> None:
    """Of rows in their last minute the digit that changed is sent, and no line without one."""
    fill(still_town, 30, lasts=59)
    async with still_town.show((WIDTH, HEIGHT)) as screen:
        await settled(screen, wire)
        before = [list(line) for line in wire.grid.cells]
        still_town.clock.advance(1)
        await second(screen)
        await screen.until(lambda: wire.grid.cells == drawn_anew(screen.app))
        sent = wire.take()

    changed = {y for y, line in enumerate(before) if line != wire.grid.cells[y]}
    assert len(changed) == 30
    assert changed == Grid(WIDTH, HEIGHT).feed(sent.encode())
    assert len(sent) < 40 * 30


@pytest.mark.parametrize("seed", range(2))
async def test_the_terminal_shows_what_the_app_shows(
    still_town: Town, wire: Wire, seed: int
) -> None:
    """After any keys, in any order, each cell and its colour is as if all had been sent."""
    chance = random.Random(seed)
    fill(still_town, 60, lasts=40, every=10)
    async with still_town.show((WIDTH, HEIGHT)) as screen:
        for _ in range(15):
            await screen.press(chance.choice(KEYS))
            still_town.clock.advance(chance.choice((0, 0, 1, 60)))
            await second(screen)
            await screen.until(lambda: wire.grid.cells == drawn_anew(screen.app))


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (["in 59s ok"], ["in 58s ok"], (4, 5)),
        (["aaaa"], ["aaba"], (2, 3)),
        (["aa"], ["ab"], (1, 2)),
        (["abab"], ["abab"], (0, 0)),
        (["all", " of it"], ["not", " that."], (0, 9)),
        (["in 10s ▎ok"], ["in 9s  ▎ok"], (3, 6)),
    ],
)
def test_only_the_cells_that_differ_are_sent(
    before: list[str], after: list[str], cells: tuple[int, int]
) -> None:
    """From the first cell that differs to the last."""
    assert cells == difference(
        *(Strip([Segment(text) for text in texts]) for texts in (before, after))
    )


@pytest.mark.parametrize(
    ("doubtful", "cells"),
    [("花 ", (0, 8)), ("👩‍👩‍👧 ", (0, 8)), ("e\u0301 ", (0, 7)), ("a ❤️ ", (2, 10))],
)
def test_what_stands_behind_a_doubtful_width_is_sent_with_it(
    doubtful: str, cells: tuple[int, int]
) -> None:
    """Terminals differ in how wide such characters are; a lone digit would miss its place."""
    first, then = (Strip([Segment(f"{doubtful}in {n}s")]) for n in (9, 8))
    start, stop = difference(first, then)

    assert cells == (start, stop + 1)
    assert difference(then, then) == (0, 0)


def test_another_colour_is_another_reading() -> None:
    """The same words in another style are sent again."""
    plain = Strip([Segment("ok"), Segment(" end")])

    assert difference(plain, Strip([Segment("ok", RED), Segment(" end")])) == (0, 2)


def test_another_width_is_sent_whole() -> None:
    """Where the layout is another, nothing is known of what stands there."""
    assert difference(Strip([Segment("ok ")]), Strip([Segment("ok")])) == (0, 2)
    assert difference(None, Strip([Segment("ok")])) == (0, 2)
