"""The main screen: from a key to its paint, and what an app that nobody touches takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from tests.bench.terminal import Screen
from tests.bench.timing import Figure, Limit, Timed, compare
from tests.bench.vaults import FIRST_NAME, add_authorizations, environment_of, names_in_order

RUNS: Final = 15
IDLE_S: Final = 10.0
TICKING: Final = 40
_START_S: Final = 3.0
"""Until then the app still unlocks the vault and begins its rounds."""


def keys(few: Mapping[str, str], many: Mapping[str, str]) -> Iterator[Figure]:
    """Measure the cursor key with 10 and with 10,000 connections, and the filter against it."""
    with ExitStack() as stack:
        small, large = (stack.enter_context(closing(Screen(each))) for each in (few, many))
        for screen in (small, large):
            screen.shows(FIRST_NAME)
            screen.rest(_START_S)
        down_small, down_large = _down(small, 10), _down(large, 10_000)
        yield compare(
            "cursor key to its paint, 10,000 connections / the same with 10",
            down_large,
            down_small,
            budget=2.0,
            runs=RUNS,
        )
        other = stack.enter_context(closing(Screen(many)))
        other.shows(FIRST_NAME)
        other.rest(_START_S)
        other.press("/")
        other.rest()
        yield compare(
            "filter by a word, 10,000 connections / cursor key to its paint",
            _filter(other, 10_000),
            down_large,
            budget=4.0,
            runs=RUNS,
        )


def _down(screen: Screen, count: int) -> Timed:
    """Go down by one row and up again, at the top of the list."""
    first, second = names_in_order(count)[:2]

    def run() -> float:
        pressed = screen.press("j")
        took = screen.shows(second) - pressed
        screen.rest(0.1)
        screen.press("k")
        screen.shows(first)
        screen.rest(0.1)
        return took

    return run


def _filter(screen: Screen, count: int) -> Timed:
    """Type a letter of a filter that leaves a tenth of the list, and take it away again."""
    every = names_in_order(count)
    found = next(name for name in every[60:] if "7" in name)

    def run() -> float:
        pressed = screen.press("7")
        took = screen.shows(found) - pressed
        screen.rest(0.2)
        screen.press("\x7f")
        screen.rest(0.3)
        return took

    return run


def at_rest(folder: Path, many: Mapping[str, str], bare: Sequence[str]) -> Iterator[Limit]:
    """Measure an app that nobody touches: its memory, its time, and what it sends."""
    with closing(Screen(many)) as ours, closing(Screen(many, bare)) as floor:
        for screen in (ours, floor):
            screen.rest(_START_S)
        above = ours.memory_mib() - floor.memory_mib()
        yield Limit("memory, 10,000 connections, above a bare Textual app", above, "MiB", 40)
        sent = ours.count(IDLE_S) / IDLE_S / 1000
        yield Limit("sent in an idle second, nothing ticking", sent, "kB", 0.05)
    ticking = environment_of(folder / "ticking", 0)
    add_authorizations(ticking, TICKING, expires_at=time.time() + _START_S + IDLE_S + 30)
    with closing(Screen(ticking)) as ours:
        ours.count(_START_S)
        before = ours.cpu_s()
        sent = ours.count(IDLE_S) / IDLE_S / 1000
        busy = (ours.cpu_s() - before) / IDLE_S * 100
    yield Limit(f"sent in an idle second, {TICKING} rows in their last minute", sent, "kB", 2)
    yield Limit(f"processor, {TICKING} rows in their last minute", busy, "%", 1)
