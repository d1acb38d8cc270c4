"""Answer a shell that completes: ``complete SHELL TABLE …``, then what it knows of the line.

Run at every press of Tab, so nothing is imported that is not needed, and nothing is parsed by
argparse: the shell hands over the table that ``completion`` has put into its script.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from close_tui.cli.shell_words import quoted, split

FILES: Final = ":files"
COMMANDS: Final = ":commands"
"""Answers that leave it to the shell."""


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        path: the command it belongs to, ``vault export``; empty for the program itself.
        what: ``word`` (a command below it), ``flag``, ``option`` (takes a value), ``one`` or
            ``many`` (what stands without a flag), ``rest`` (another command and its arguments).
        text: the word, flag or option.
        kind: of the value: ``connection``, ``app``, ``organization``, ``file``, ``command``,
            a list of words behind a ``=``, or nothing that could be offered.
        help: a few words.

    """

    path: str
    what: str
    text: str
    kind: str
    help: str


class Place(NamedTuple):
    """What may stand at the cursor: behind which command, a value of which kind, or not a flag."""

    path: str
    kind: str | None
    position: int
    ended: bool


def answer(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Print the words, one a line; whatever goes wrong, nothing is said, and 0 returned."""
    try:
        env = os.environ if environment is None else environment
        lines = "".join(f"{line}\n" for line in _lines(argv, env))
        sys.stdout.buffer.write(lines.encode("utf-8", "replace"))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - a shell that completes has nobody to tell it to
        return 0
    return 0


def _lines(argv: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    shell, table, *given = argv
    rows = parse(table)
    if shell == "bash":
        line = split(given[0], given[1])
        words, current = line.words[1:], line.current
    else:
        words, current = given[:-1], given[-1]
        if shell == "fish":
            current = split(current).current
    found = candidates(rows, words, current, environment)
    for text, told in found:
        if text in (FILES, COMMANDS):
            yield text
        elif shell == "bash":
            yield quoted(text[line.kept :], line.quote)
        else:
            yield f"{text}\t{told}"


def parse(table: str) -> list[Row]:
    """Read a table: a line for each row, tabs between the columns."""
    return [Row(*line.split("\t")) for line in table.splitlines()]


def candidates(
    rows: Sequence[Row], words: Sequence[str], current: str, environment: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the words that could stand at the cursor and begin as it does, each with its help."""
    place = _place(rows, words)
    here = [row for row in rows if row.path == place.path]
    if place.kind is not None:
        return _values(place.kind, current, environment)
    if not place.ended and current.startswith("-"):
        option, equals, begun = current.partition("=")
        if equals:
            kind = next((r.kind for r in here if r.what == "option" and r.text == option), "")
            found = _values(kind, begun, environment)
            return [(f"{option}={text}", told) for text, told in found if text[:1] != ":"]
        flags = [row for row in here if row.what in ("flag", "option")]
        return [(row.text, row.help) for row in flags if row.text.startswith(current)]
    found = []
    if place.position == 0 and not place.ended:
        found = [
            (row.text, row.help)
            for row in here
            if row.what == "word" and row.text.startswith(current)
        ]
    return found + _values(_positional(here, place), current, environment)


def _place(rows: Sequence[Row], words: Sequence[str]) -> Place:
    path, kind, position, ended = "", None, 0, False
    below = {(row.path, row.text): row for row in rows if row.text}
    for word in words:
        row = below.get((path, word))
        if kind is not None:
            kind = None
        elif ended:
            position += 1
        elif word == "--":
            ended, position = True, position if _has_rest(rows, path) is None else 0
        elif word.startswith("-"):
            kind = row.kind if row and row.what == "option" else None
        elif row and row.what == "word":
            path, position = f"{path} {word}".strip(), 0
        else:
            position += 1
    return Place(path, kind, position, ended)


def _has_rest(rows: Sequence[Row], path: str) -> Row | None:
    return next((row for row in rows if row.path == path and row.what == "rest"), None)


def _positional(here: Sequence[Row], place: Place) -> str:
    """Return of what kind the word is that stands at the cursor without a flag."""
    if any(row.what == "rest" for row in here) and place.ended:
        return "file" if place.position else "command"
    seats = [row for row in here if row.what in ("one", "many")]
    if place.position < len(seats):
        return seats[place.position].kind
    return seats[-1].kind if seats and seats[-1].what == "many" else ""


def _values(kind: str, current: str, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    if kind == "file":
        return [(FILES, "")]
    if kind == "command":
        return [(COMMANDS, "")]
    if kind.startswith("="):
        return [(text, "") for text in kind[1:].split(",") if text.startswith(current)]
    if not kind:
        return []
    from close_tui.settings import read
    from close_tui.vault.offering import offered

    home = read(environment).settings.home
    found = [(row[0], row[1]) for row in offered(home, kind, current)]
    if not found and kind == "connection":
        found = [
            (f"{whose}/{row[0]}", row[1])
            for row in offered(home, kind)
            for whose in row[1:]
            if f"{whose}/{row[0]}".startswith(current)
        ]
    return [each for each in found if each[0].startswith(current) and each[0][:1] not in "-:"]
