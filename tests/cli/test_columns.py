"""Columns: counted in cells, cut to a terminal, coloured where it is wanted."""

from __future__ import annotations

import io

import pytest

from close_tui.cli.columns import Cell, cut, table, width
from close_tui.cli.console import Console


class Screen(io.StringIO):
    """A terminal to write on."""

    def isatty(self) -> bool:
        """Say that this is one."""
        return True


@pytest.mark.parametrize(
    ("text", "cells"), [("", 0), ("abc", 3), ("株式会社", 8), ("🌸", 2), ("e\u0301", 1), ("Ō", 1)]
)
def test_width(text: str, cells: int) -> None:
    """Wide characters take two cells, combining ones none."""
    assert cells == width(text)


@pytest.mark.parametrize(
    ("text", "cells", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("株式会社", 5, "株式…"), ("株式会社", 4, "株…")],
)
def test_cut(text: str, cells: int, kept: str) -> None:
    """Never more cells than there are, and no half of a wide character."""
    assert kept == cut(text, cells)
    assert width(kept) <= cells


def test_a_table_fits_its_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The widest column gives way first; colour only where the terminal and its owner take it."""
    monkeypatch.setenv("COLUMNS", "30")
    rows: list[tuple[Cell | str, str]] = [
        ("NAME", "WHAT"),
        (Cell("acme", "32"), "x" * 60),
        ("株式会社", "y"),
    ]
    plain, coloured = Screen(), Screen()
    table(Console(io.StringIO(), plain, io.StringIO(), {"NO_COLOR": "1"}), rows)
    table(Console(io.StringIO(), coloured, io.StringIO(), {"TERM": "xterm"}), rows)

    assert all(width(line) <= 30 for line in plain.getvalue().splitlines())
    assert "acme      xxxx" in plain.getvalue()
    assert "株式会社  y" in plain.getvalue()
    assert "\x1b[32macme\x1b[0m    " in coloured.getvalue()


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ("26", "who@example  key  acme-key"),
        ("24", "who@exam…  key  acme-key"),
        ("18", "key  acme-key"),
        ("8", "acme-key"),
    ],
)
def test_a_table_keeps_what_its_reader_types(
    monkeypatch: pytest.MonkeyPatch, columns: str, line: str
) -> None:
    """What may be narrow gives way first, then what may go is left out, and its gap with it."""
    monkeypatch.setenv("COLUMNS", columns)
    out = Screen()
    rows = [("who@example", "key", "acme-key")]
    table(Console(io.StringIO(), out, io.StringIO(), {}), rows, narrow={0: 9}, drop=(0, 1))

    assert f"{line}\n" == out.getvalue()


def test_elsewhere_nothing_is_cut_or_coloured() -> None:
    """A file or a pipe gets whole lines."""
    out = io.StringIO()
    table(Console(io.StringIO(), out, io.StringIO(), {}), [(Cell("a", "32"), "x" * 300)])

    assert f"a  {'x' * 300}\n" == out.getvalue()


def test_a_cell_is_one_harmless_line() -> None:
    """Whatever a caller forgot to clean."""
    out = io.StringIO()
    table(Console(io.StringIO(), out, io.StringIO(), {}), [("a\x1b[31mb\nc\u202e",)])

    assert "a[31mb c\n" == out.getvalue()
