"""Which columns fit, and that a line is never longer than the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from close_tui.model import Connection, User
from close_tui.text import clean
from close_tui.tui.widgets import connection_row
from close_tui.tui.widgets.line import fit, fit_name

from .conftest import HOSTILE_NAMES, NOW, World


def text(
    connection: Connection, width: int, *, longest: int = 0, busy: str = "", marked: bool = False
) -> str:
    """Return a row as it reads at a width, in a list whose longest name it has unless told."""
    reads = connection_row.living(connection, busy, NOW)
    widths = connection_row.columns(width, longest or cell_len(connection.name))
    return "".join(
        piece for piece, _ in connection_row.row(connection, reads, widths, marked=marked)
    )


def test_a_wide_row_shows_everything(world: World) -> None:
    """At 120 cells: mark, name, kind, user, bar, expiry, status."""
    row = text(world.connection(), 120, marked=True)

    assert [
        "◆▎reporting-acme",
        "OAuth",
        "mira@acme.example",
        "█████▊",
        "in",
        "43m",
        "●",
        "ok",
    ] == (row.split())


def test_up_to_80_cells_kind_and_user_give_way(world: World) -> None:
    """At 80 cells the countdown and its bar are still there."""
    assert ["▎reporting-acme", "█████▊", "in", "43m", "●", "ok"] == (
        text(world.connection(), 80).split()
    )


def test_in_very_little_room_name_and_status_stay(world: World) -> None:
    """At 40 cells and less there is no countdown any more, but what it is and how it is."""
    assert ["▎reporting-acme", "●", "ok"] == text(world.connection(), 36).split()
    assert ["▎reporti…", "!", "autho…"] == text(world.connection(refused_at=NOW), 20).split()


def test_long_names_take_the_room_of_the_user_first(world: World) -> None:
    """The name says which connection it is; the user can be read in the detail."""
    row = text(world.connection("reporting-app-northwind-traders-emea"), 92)

    assert "reporting-app-northwind-traders-emea" in row
    assert "mira" not in row
    assert "OAuth" in row


@pytest.mark.parametrize(("width", "shown"), [(150, True), (90, True), (76, True), (70, False)])
def test_whose_it_is_stands_in_a_column_where_there_is_room(
    world: World, width: int, shown: bool
) -> None:
    """It comes before kind and user: the colour alone must not say it."""
    widths = connection_row.columns(width, 14, len("Northwind Traders"))
    reads = connection_row.living(world.connection(), "", NOW)
    pieces = connection_row.row(world.connection(), reads, widths, marked=False)

    assert shown == (world.connection().organization.name in "".join(text for text, _ in pieces))


def test_where_all_are_of_one_organization_its_column_is_left_out() -> None:
    """It would say the same in each row."""
    assert 0 == connection_row.columns(150, 14, 0).organization


def test_an_expired_row_says_it_once(world: World) -> None:
    """The column is called Expires and the status says expired, so the time alone is enough."""
    row = text(world.connection(expires_at=NOW - 7_200), 120)

    assert 1 == row.count("expired")
    assert "2h ago" in row


def test_work_in_progress_stands_in_the_place_of_the_status(world: World) -> None:
    """While something is done to a connection, its row says what, with a glyph that turns."""
    row = text(world.connection(), 120, busy="refreshing…")
    turns = {connection_row.living(world.connection(), "x", NOW + s).busy[0] for s in range(10)}

    assert row.rstrip().endswith("refreshing…")
    assert "● ok" not in row
    assert 10 == len(turns)


@pytest.mark.parametrize("width", [120, 92, 80, 61, 40, 24, 12])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_breaks_the_columns(world: World, width: int, name: str) -> None:
    """Wide, combining, long and markup names leave the status where it is for plain ones."""
    plain = text(world.connection("plain"), width, longest=200)
    hostile = text(world.connection(clean(name)), width, longest=200)

    assert cell_len(plain) == cell_len(hostile) <= width
    assert plain.split("●")[1] == hostile.split("●")[1]


@given(name=st.text(max_size=250), email=st.text(max_size=250), width=st.integers(8, 300))
def test_a_row_never_takes_more_than_its_width(name: str, email: str, width: int) -> None:
    """Whatever is in it."""
    world = World()
    connection = world.connection(clean(name), user=User("user_1", clean(email)))

    assert cell_len(text(connection, width)) <= width


def test_the_header_stands_over_the_columns(world: World) -> None:
    """Each title begins where its column begins."""
    widths = connection_row.columns(119, 14)
    header = "".join(piece for piece, _ in connection_row.header(widths))
    row = text(world.connection(), 119)

    assert header.index("Name") == row.index("reporting")
    assert header.index("User") == row.index("mira@")
    assert header.index("Expires") == row.index("█")
    assert header.index("Status") == row.index("●")


@given(st.text(max_size=80), st.integers(0, 80))
def test_fitted_text_has_exactly_its_width(words: str, width: int) -> None:
    """Text is padded, or cut with an ellipsis."""
    cleaned = clean(words)

    assert width == cell_len(fit(cleaned, width))
    assert cell_len(cleaned) > width or fit(cleaned, width).startswith(cleaned)


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("acme-logistics-key", 18, "acme-logistics-key"),
        ("acme-logistics-reports", 18, "acme-logi…-reports"),
        ("acme-logistics-key", 16, "acme-log…ics-key"),
        ("acme-logistics-key", 8, "acme-lo…"),
        ("株式会社さくら経理", 13, "株式会…ら経理"),
    ],
)
def test_a_name_that_is_cut_keeps_its_end(name: str, width: int, shown: str) -> None:
    """The end tells the connections of an organization apart; a wide letter is never halved."""
    fitted = fit_name(name, width)

    assert shown == fitted.rstrip()
    assert width == cell_len(fitted)


@given(st.text(st.characters(min_codepoint=32), max_size=40), st.integers(1, 40))
def test_a_name_takes_exactly_its_cells(name: str, width: int) -> None:
    """Whatever stands in it."""
    assert width == cell_len(fit_name(clean(name, 100), width))
