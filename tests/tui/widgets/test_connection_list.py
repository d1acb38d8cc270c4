"""The list of connections: cursor, marks, countdowns, and what it tells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

from close_tui.model import Connection
from close_tui.text import clean
from close_tui.tui.widgets.connection_list import ConnectionList
from close_tui.tui.widgets.connection_row import Living

from .conftest import HOSTILE_NAMES, NOW, Shelf, World

KEYS = ("k", "j", "down", "k", "up", "G", "j", "g", "end", "home", "pagedown", "pagedown", "pageup")


class Listening(Shelf):
    """Notes what the list tells."""

    def on_connection_list_highlighted(self, event: ConnectionList.Highlighted) -> None:
        """Note the name under the cursor."""
        self.said.append(event.connection and event.connection.name)

    def on_connection_list_opened(self, event: ConnectionList.Opened) -> None:
        """Note what was opened."""
        self.said.append(("opened", event.connection.name))

    def on_connection_list_marked(self, event: ConnectionList.Marked) -> None:
        """Note the number of marks."""
        self.said.append(event.count)


class Watched(ConnectionList):
    """Remembers which lines it was made to draw."""

    def __init__(self, world: World) -> None:
        super().__init__(clock=world.clock)
        self.drawn: list[int] = []
        self.asked: list[int] = []

    def living(self, row: int) -> Living:
        """Tell what changes in a row, and remember having been asked."""
        self.asked.append(row)
        return super().living(row)

    def render_line(self, y: int) -> Strip:
        """Draw a line and remember it."""
        self.drawn.append(y)
        return super().render_line(y)


def many(world: World, count: int) -> list[Connection]:
    """Return connections c-0, c-1, … that expire in an hour and more."""
    return [world.connection(f"c-{i}", expires_at=NOW + 4_000 + i) for i in range(count)]


def text(connections: ConnectionList) -> list[str]:
    """Return the lines of the list as they read now."""
    height = connections.size.height
    return [connections.render_line(y).text.rstrip() for y in range(height)]


def cursor_line(connections: ConnectionList) -> int:
    """Return the line of the screen on which the cursor is drawn."""
    (line,) = (y for y, line in enumerate(text(connections)) if line.startswith("▌"))
    return line


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (120, ["Name", "Organization", "Kind", "User", "Expires", "Status"]),
        (80, ["Name", "Organization", "Expires", "Status"]),
        (40, ["Name", "Status"]),
    ],
)
async def test_columns_follow_the_width(world: World, width: int, titles: list[str]) -> None:
    """Every line fills the width exactly, and shows the columns that fit."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(width, 20)):
        connections.show(world.varied())
        lines = [connections.render_line(y) for y in range(20)]

    assert titles == lines[0].text.split()
    assert {width} == {line.cell_length for line in lines}
    assert lines[1].text.startswith("▌ ▎reporting-acme")
    assert "authorize again" in lines[6].text


async def test_resizing_keeps_the_cursor_in_view(world: World) -> None:
    """A terminal that gets small shows the highlighted connection still."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(120, 40)) as pilot:
        connections.show(many(world, 100))
        connections.action_cursor(30)
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        lines = text(connections)

    assert "Kind" not in lines[0]
    assert any(line.startswith("▌ ▎c-30 ") for line in lines)


async def test_the_cursor_moves_by_keys(world: World) -> None:
    """The keys j k g G, arrows, home, end, page up and page down, never beyond the ends."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    seen: list[int] = []
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show(many(world, 50))
        for key in [
            "k",
            "j",
            "down",
            "k",
            "up",
            "G",
            "j",
            "g",
            "end",
            "home",
            "pagedown",
            "pagedown",
            "pageup",
        ]:
            await pilot.press(key)
            seen.append(connections.cursor_row)

    assert [0, 1, 2, 1, 0, 49, 49, 0, 49, 0, 10, 20, 10] == seen


async def test_it_tells_what_is_highlighted_and_opened(world: World) -> None:
    """Moving tells the connection, enter opens it, an empty list highlights nothing."""
    connections = ConnectionList(clock=world.clock)
    app = Listening(connections)
    async with app.run_test() as pilot:
        connections.show(many(world, 2))
        await pilot.press("j", "j", "enter")
        connections.show([])
        await pilot.press("enter", "space")

    assert ["c-0", "c-1", ("opened", "c-1"), None] == app.said
    assert connections.highlighted is None
    assert [] == connections.selection()


async def test_new_values_of_the_highlighted_connection_are_told(world: World) -> None:
    """The detail pane must follow a refresh although the cursor did not move."""
    connections = ConnectionList(clock=world.clock)
    app = Listening(connections)
    async with app.run_test() as pilot:
        connections.show([world.connection("a")])
        connections.show([world.connection("a")])
        connections.show([world.connection("a", generation=5)])
        await pilot.pause()

    assert ["a", "a"] == app.said


async def test_showing_other_rows_does_not_move_the_cursor(world: World) -> None:
    """The same connection stays under the cursor, at the same line of the screen."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    rows = many(world, 100)
    async with app.run_test(size=(80, 21)) as pilot:
        connections.show(rows)
        connections.action_cursor(40)
        await pilot.pause()
        before = cursor_line(connections)
        connections.show(rows[5:20] + rows[30:])
        await pilot.pause()
        after = cursor_line(connections)
        name = connections.highlighted and connections.highlighted.name
        connections.show(rows[:35])
        await pilot.pause()

    assert before == after
    assert "c-40" == name
    assert 25 == connections.cursor_row


async def test_a_connection_can_be_asked_for(world: World) -> None:
    """What was just added is highlighted and in view."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show(many(world, 100), keep="id-c-77")
        await pilot.pause()
        lines = text(connections)

    assert any(line.startswith("▌ ▎c-77 ") for line in lines)


async def test_columns_stand_still_while_rows_come_and_go(world: World) -> None:
    """A filter that leaves only short names does not move the columns."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    rows = [world.connection("reporting-northwind-traders"), world.connection("b")]
    async with app.run_test(size=(100, 11)):
        connections.show(rows)
        before = text(connections)[0]
        connections.show(rows[1:])
        after = text(connections)[0]

    assert before == after


async def test_another_theme_repaints_everything(world: World) -> None:
    """No line keeps the colours of the theme before."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show([world.connection("a")])
        await pilot.pause()
        dark = {s.style.bgcolor for s in connections.render_line(2) if s.style}
        dark_row = {s.style.bgcolor for s in connections.render_line(1) if s.style}
        app.theme = "textual-light"
        await pilot.pause()
        light = {s.style.bgcolor for s in connections.render_line(2) if s.style}
        light_row = {s.style.bgcolor for s in connections.render_line(1) if s.style}

    assert not dark & light
    assert not dark_row & light_row


async def test_marks_select_and_outlive_filters(world: World) -> None:
    """Marked connections in view are selected; the highlighted one only where nothing is marked."""
    connections = ConnectionList(clock=world.clock)
    app = Listening(connections)
    rows = many(world, 5)
    async with app.run_test() as pilot:
        connections.show(rows)
        await pilot.press("space", "j", "space")
        both = _names(connections.selection())
        connections.show(rows[1:3])
        await pilot.pause()
        one = _names(connections.selection())
        connections.show(rows[3:])
        await pilot.pause()
        none = _names(connections.selection())
        connections.clear_marks()
        await pilot.pause()
        unmarked = _names(connections.selection())

    assert ["c-0", "c-2"] == both
    assert ["c-2"] == one
    assert [] == none
    assert ["c-3"] == unmarked  # the cursor is back where it was
    assert frozenset() == connections.marked
    assert [1, 2, 1, 0] == [said for said in app.said if isinstance(said, int)]


async def test_the_mouse_highlights_marks_opens_and_scrolls(world: World) -> None:
    """A click moves the cursor, one in the mark's column marks, two clicks open."""
    connections = ConnectionList(clock=world.clock)
    app = Listening(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show(many(world, 50))
        await pilot.click(connections, offset=(10, 3))
        await pilot.click(connections, offset=(1, 5))
        await pilot.click(connections, offset=(10, 0))
        await pilot.click(connections, offset=(10, 6), times=2)
        await _wheel(pilot, connections)
        top = text(connections)[1]

    assert ["c-0", "c-2", "c-4", 1, "c-5", ("opened", "c-5")] == app.said
    assert not top.startswith(" " * 3 + "c-0 ")
    assert 5 == connections.cursor_row


async def test_a_tick_draws_only_lines_that_read_differently(world: World) -> None:
    """Of three connections only the one in its last minutes changes within a second."""
    connections = Watched(world)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        soon = world.connection("b", expires_at=NOW + 200)
        connections.show([world.connection("a", expires_at=NOW + 630), soon, world.key("c")])
        await pilot.pause()
        connections.drawn.clear()
        connections.tick()
        await pilot.pause()
        still = list(connections.drawn)
        world.now += 1
        connections.tick()
        await pilot.pause()

    assert [] == still
    assert [2] == connections.drawn


async def test_countdowns_run_by_themselves(world: World) -> None:
    """A second later the screen says so, without anybody asking."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show([world.connection(expires_at=NOW + 30)])
        await pilot.pause()
        before = app.lines()[1]
        world.now += 31
        await pilot.pause(1.5)
        after = app.lines()[1]

    assert "in 30s" in before
    assert "○ expired" in after


@pytest.mark.parametrize(("cover", "ticks"), [(Screen, False), (ModalScreen, True)])
async def test_out_of_sight_nothing_ticks(
    world: World, cover: type[Screen[None]], ticks: bool
) -> None:
    """Below another screen the list rests; behind a dialog it can be seen and goes on."""
    connections = Watched(world)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show([world.connection(expires_at=NOW + 30)])
        await app.push_screen(cover())
        await pilot.pause()
        connections.asked.clear()
        connections.tick()

    assert ticks == bool(connections.asked)


async def test_work_in_progress_is_shown_and_taken_away(world: World) -> None:
    """The word stands in the row until it is taken away."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        connections.show([world.connection("a")])
        connections.set_busy("id-a", "refreshing…")
        await pilot.pause()
        during, busy = app.lines()[1], connections.busy
        connections.set_busy("id-a", None)
        await pilot.pause()
        after = app.lines()[1]

    assert "refreshing…" in during
    assert {"id-a"} == busy
    assert after.endswith("● ok")
    assert frozenset() == connections.busy


async def test_an_empty_list_says_so(world: World) -> None:
    """Nothing found is a sentence, not a blank."""
    connections = ConnectionList(clock=world.clock, empty_text="Nothing matches.")
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)):
        connections.show([])
        line = text(connections)[1]

    assert "  Nothing matches." == line


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_names_are_shown_literally(world: World, name: str) -> None:
    """Markup stays text, wide and long names stay in their column, and nothing runs."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    cleaned = clean(name)
    async with app.run_test(size=(100, 11)) as pilot:
        connections.show([world.connection(cleaned), world.connection("plain")])
        await pilot.pause()
        await pilot.click(connections, offset=(5, 1))
        hostile, plain = (connections.render_line(y) for y in (1, 2))
        still_there = app.is_running

    assert still_there
    assert cleaned[:10] in hostile.text
    assert 100 == hostile.cell_length
    assert cell_len(plain.text.split("●")[0]) == cell_len(hostile.text.split("●")[0])


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "ansi-light"])
async def test_the_cursor_can_be_told_without_colour(world: World, theme: str) -> None:
    """A bar marks the highlighted line, and a background or inversion that differs."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    async with app.run_test(size=(80, 11)) as pilot:
        app.theme = theme
        connections.show([world.connection("a"), world.connection("b")])
        await pilot.pause()
        here, there = (connections.render_line(y) for y in (1, 2))

    grounds = [
        [(s.style.bgcolor, s.style.reverse) for s in line if s.style] for line in (here, there)
    ]
    assert here.text.startswith("▌")
    assert not there.text.startswith("▌")
    assert set(grounds[0]) - set(grounds[1])


async def test_ten_thousand_connections_draw_a_screenful(world: World) -> None:
    """However many there are, only what is on the screen is drawn, also at the far end."""
    connections = Watched(world)
    app = Shelf(connections)
    async with app.run_test(size=(80, 21)) as pilot:
        connections.show(many(world, 10_000))
        await pilot.pause()
        connections.drawn.clear()
        await pilot.press("G")
        await pilot.pause()
        drawn = list(connections.drawn)
        last = text(connections)[-1]

    assert len(drawn) <= 3 * 21
    assert last.startswith("▌ ▎c-9999 ")


def _names(connections: Sequence[Connection]) -> list[str]:
    return [connection.name for connection in connections]


async def _wheel(pilot: Pilot[None], connections: ConnectionList) -> None:
    for _ in range(3):
        connections.scroll_down(animate=False)
    await pilot.pause()
