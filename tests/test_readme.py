"""README and program do not drift: exit codes, keys, settings, and every command line in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from close_tui.cli.commands import EXIT_CODES, parse
from close_tui.settings import SETTINGS
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.screens.main import MainScreen
from close_tui.tui.widgets.connection_list import ConnectionList

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")

SHOWN = {
    "asterisk": "*", "comma": ",", "exclamation_mark": "!", "question_mark": "?", "slash": "/",
}  # fmt: skip
TEXTUALS = {"ctrl+p"}
OF_EVERY_APP = {
    "shift+up", "shift+down",
    "ctrl+q", "escape", "up", "down", "home", "end", "pageup", "pagedown", "ctrl+f", "ctrl+b",
}  # fmt: skip
"""Nobody looks for them in a README."""


def section(title: str) -> str:
    """Return what stands under a heading."""
    _, _, rest = TEXT.partition(f"\n## {title}\n")
    assert rest, title
    return rest.partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without headings."""
    found = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def command_lines() -> Iterator[str]:
    """Give each call of close-tui that README shows, up to where the shell goes on."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", TEXT, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`(close-tui [^`]+)`", prose)
    for line in [*"\n".join(blocks).replace("\\\n", " ").splitlines(), *spans]:
        for found in re.finditer(r"(?:^|[\s(/'])close-tui (?=[a-z-])", line):
            yield line[found.end() :]


def words(line: str) -> list[str]:
    """Return the arguments that a shell would hand over."""
    given = shlex.shlex(line, posix=True, punctuation_chars="|;&<>()")
    given.whitespace_split, given.commenters = True, "#"
    found: list[str] = []
    for word in given:
        if set(word) <= set("|;&<>()"):
            break
        found.append(word)
    return found


LINES = list(dict.fromkeys(command_lines()))


def test_the_exit_codes_are_those_that_are_published() -> None:
    """Number and meaning, in the words of ``--help``."""
    table = [row for row in rows(section("For scripts")) if row[0].isdigit()]

    assert list(EXIT_CODES) == [(int(code), text.replace("`", "")) for code, text in table]


def test_the_keys_are_those_of_the_app() -> None:
    """Every key of the main screen is told, and no other."""
    told = {
        key
        for row in rows(section("Keys"))
        for cell in row[::2]
        for key in re.findall(r"`([^`]+)`", cell)
    }
    declared: set[str] = set()
    for owner in (*MainScreen.__mro__, CloseTuiApp, *ConnectionList.__mro__):
        if owner.__module__.startswith("close_tui."):
            for each in owner.__dict__.get("BINDINGS", ()):
                assert isinstance(each, Binding)
                declared |= {SHOWN.get(key, key) for key in each.key.split(",")}

    assert told - TEXTUALS <= declared
    assert declared - OF_EVERY_APP - told == set()


def test_the_settings_are_those_of_the_program() -> None:
    """Name and variable of each; a default that is a value is the same one."""
    told = [[cell.strip("`") for cell in row] for row in rows(section("Settings"))[1:]]

    assert [(each.name, each.variable) for each in SETTINGS] == [(n, v) for n, v, _ in told]
    for setting, (_, _, default) in zip(SETTINGS, told, strict=True):
        if " " not in setting.default:
            assert setting.default == default


def test_the_lines_are_found() -> None:
    """The test below stands on it."""
    assert len(LINES) > 25
    assert any(line.startswith("token acme --header") for line in LINES)


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_a_call(line: str) -> None:
    """Command and flags exist."""
    given = words(line)
    if given == ["--help"]:
        return
    if given[-1] == "FILE" and given[0] == "vault":
        given[-1] = "backup.age"

    assert callable(parse(given).run)
