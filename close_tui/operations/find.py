"""Find: whose secret stands in a text that leaked. Needs neither key nor network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from close_tui.errors import NoVault
from close_tui.leaks import Found, Stranger, Trace
from close_tui.operations.candidates import RUN, Sheet, candidates, sheets
from close_tui.operations.desk import Desk
from close_tui.operations.recognizing import Known, Mark, shaped
from close_tui.operations.scanning import Block, Reading

LINES: Final = 5
"""How many line numbers are kept of each find."""

STRANGERS: Final = 1000
"""How many different strangers are told apart; what comes after them is not told."""

_REMEMBERED: Final = 8 * 1024 * 1024
"""Bytes of runs in which there is nothing, remembered because logs repeat themselves."""


class _Places:
    """Where something stands: the first lines, and how often."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.times = 0

    def add(self, line: int) -> None:
        self.times += 1
        if len(self.lines) < LINES and line not in self.lines:
            self.lines.append(line)


def find(desk: Desk, chunks: Iterable[bytes]) -> Found:
    """Recognize in a text of any size every API key, token, client secret and id of this vault.

    Current and superseded ones, of revoked and removed connections too, by their fingerprints:
    the vault may be locked, and where there is none, everything is a stranger. A secret may stand
    between other words, in a URL, escaped (percent, JSON), in base64, in UTF-16, and be glued on
    one side to other token characters. One of fewer than 20 characters is not recognized. Memory
    is bounded, whatever the text.
    """
    known = _known(desk)
    reading = Reading(chunks)
    places: dict[Mark, _Places] = {}
    seen: set[bytes] = set()
    remembered = 0
    for block in reading.blocks():
        runs = set(RUN.findall(block.text)) - seen
        marked = _marks(known, runs) if runs else {}
        _place(block, marked, places)
        seen |= runs - marked.keys()
        remembered += sum(map(len, runs))
        if remembered > _REMEMBERED:
            seen.clear()
            remembered = 0
    traces, strangers = [], []
    for mark, place in places.items():
        if isinstance(mark, str):
            strangers.append(Stranger(mark, tuple(place.lines), place.times))
        else:
            traces += known.traces(mark, tuple(place.lines), place.times)
    traces.sort(key=_urgency)
    return Found(tuple(traces), tuple(strangers), reading.bytes_read, reading.lines_read)


def _known(desk: Desk) -> Known:
    try:
        return Known(desk.vault)
    except NoVault:
        return Known(None)


def _marks(known: Known, runs: set[bytes]) -> dict[bytes, set[Mark]]:
    """Return the runs in which something was recognized, each with what."""
    marked: dict[bytes, set[Mark]] = {}
    for sheet in sheets(runs):
        close_like = shaped(sheet.text)
        ours = known.recognize(candidates(sheet.text) | close_like)
        marks: dict[bytes, Mark] = {each: known.mark(each) for each in close_like - ours.keys()}
        marks.update(ours)
        for run, mark in _where(sheet, marks):
            marked.setdefault(run, set()).add(mark)
    return marked


def _where(sheet: Sheet, marks: dict[bytes, Mark]) -> Iterator[tuple[bytes, Mark]]:
    """Say in which runs of a sheet the marked texts stand; at one place only the longest."""
    at: dict[int, Mark] = {}
    for text in sorted(marks, key=len):
        position = sheet.text.find(text)
        while position >= 0:
            at[position] = marks[text]
            position = sheet.text.find(text, position + 1)
    line = last = 0
    for start in sorted(at):
        line += sheet.text.count(b"\n", last, start)
        last = start
        yield sheet.runs[line], at[start]


def _place(block: Block, marked: dict[bytes, set[Mark]], places: dict[Mark, _Places]) -> None:
    """Note the line of each run in which something was recognized."""
    if not marked:
        return
    line, last = block.line, 0
    for run in RUN.finditer(block.text):
        for mark in marked.get(run[0], ()):
            line += block.text.count(b"\n", last, run.start())
            last = run.start()
            if mark in places or not isinstance(mark, str) or len(places) < STRANGERS:
                places.setdefault(mark, _Places()).add(line)


def _urgency(trace: Trace) -> tuple[bool, bool, tuple[int, ...]]:
    """Live ones before dead ones, secrets before ids, then as they stand in the text."""
    dead = trace.connection is not None and trace.connection.revoked_at is not None
    return dead, not trace.is_secret, trace.lines
