"""One line of the connection list: which columns fit, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from close_tui.model import Connection, Kind, Status
from close_tui.tui.widgets import expiry, status_look
from close_tui.tui.widgets.hue import CHIP, part_of
from close_tui.tui.widgets.line import Piece, fit, fit_name
from close_tui.tui.widgets.status_look import LOOKS

KIND_WORDS: Final = {Kind.OAUTH: "OAuth", Kind.API_KEY: "API key"}

MARK: Final = "◆"
MARK_CELLS: Final = 2
"""The mark, and the chip of the organization's colour."""

_GAP: Final = 2
_SPACE: Final = " " * _GAP  # drawn with the text before it: each change of style is a piece of work
_KIND: Final = 7
_BAR: Final = 8
_WORDS: Final = len("in 4m 12s")
_NARROW: Final = 80
_NAME: Final = 60
_NAME_FIRST: Final = 36
_USER: Final = 40
_ORGANIZATION: Final = 24
_BARS: Final = {Status.OK: "full", Status.EXPIRING: "low"}
_TURNS: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Columns(NamedTuple):
    """Widths in cells; 0 is a column that is not shown."""

    name: int
    organization: int
    kind: int
    user: int
    bar: int
    expiry: int
    status: int


class Living(NamedTuple):
    """What in a row changes by itself as time goes by."""

    bar: str
    expiry: str
    status: Status
    busy: str


@lru_cache(maxsize=64)
def columns(width: int, longest: int = _NAME, organization: int = 0) -> Columns:
    """Share out the cells of a line, without the cursor's first one.

    The name gets what the ``longest`` needs, within reason, before organization (whose longest
    name is given; 0 where all are of the same) and user get anything. Up to 80 cells user and kind
    give way, then the organization, the bar, the expiry; name and status always stay.
    """
    status, room = status_look.WIDEST, width - MARK_CELLS
    if width > _NARROW:
        free = room - _KIND - _BAR - 1 - _WORDS - status - 3 * _GAP - _GAP
        wanted = max(18, min(longest, _NAME_FIRST))
        whose = _share(free - wanted, organization, least=10, most=_ORGANIZATION)
        free -= whose + _GAP * bool(whose)
        user = _share(free - wanted, _USER, least=14, most=_USER)
        free -= user + _GAP * bool(user)
        return Columns(min(_NAME, free), whose, _KIND, user, _BAR, _WORDS, status)
    for least, bar in ((18, _BAR), (14, 0)):
        free = room - bar - bool(bar) - _WORDS - status - 2 * _GAP
        if free >= least:
            wanted = max(18, min(longest, _NAME_FIRST))
            whose = _share(free - wanted, organization, least=10, most=_ORGANIZATION)
            free -= whose + _GAP * bool(whose)
            return Columns(min(_NAME, free), whose, 0, 0, bar, _WORDS, status)
    status = min(status, max(2, room * 3 // 5 - _GAP))
    return Columns(max(1, room - status - _GAP), 0, 0, 0, 0, 0, status)


def _share(free: int, wanted: int, *, least: int, most: int) -> int:
    """Return what a column gets of so many free cells; 0 where it would be too narrow to read."""
    given = min(most, max(wanted, least), free - _GAP)
    return given if wanted and given >= least else 0


def living(connection: Connection, busy: str | None, now: float) -> Living:
    """Return what the row's changing part reads at a time."""
    working = f"{_TURNS[int(now) % len(_TURNS)]} {busy}" if busy else ""
    return Living(
        expiry.expiry_bar(connection, now, _BAR),
        # The column is called Expires, and the status says expired.
        expiry.expiry_text(connection, now).removeprefix("expired "),
        connection.status(now),
        working,
    )


def header(widths: Columns) -> Iterator[Piece]:
    """Return the header line's pieces."""
    shown = [fit(title, width) + _SPACE for title, width in _titles(widths)]
    yield " " * MARK_CELLS + "".join(shown), ""


def title_at(widths: Columns, x: int) -> str:
    """Return the title of the column that is ``x`` cells from the left of a line."""
    end, found = MARK_CELLS, ""
    for title, width in _titles(widths):
        end, found = end + width + _GAP, title
        if x < end:
            break
    return found


def _titles(widths: Columns) -> Iterator[tuple[str, int]]:
    bar_and_words = widths.bar + widths.expiry + (1 if widths.bar else 0)
    titles = (
        ("Name", widths.name),
        ("Organization", widths.organization),
        ("Kind", widths.kind),
        ("User", widths.user),
        ("Expires", bar_and_words),
        ("Status", widths.status),
    )
    yield from ((title, width) for title, width in titles if width)


def row(connection: Connection, reads: Living, widths: Columns, *, marked: bool) -> Iterator[Piece]:
    """Return a connection's pieces, each with the last part of its component class."""
    look = LOOKS[reads.status]
    dead = reads.status is Status.REVOKED
    yield (MARK, "mark") if marked else (" ", "")
    yield CHIP, part_of(connection.organization.id)
    yield (
        fit_name(connection.name, widths.name) + _SPACE,
        "muted" if dead else "strong" if marked else "",
    )
    if widths.organization:
        whose = connection.organization.name or connection.organization.id
        yield fit(whose, widths.organization) + _SPACE, "muted" if dead else ""
    if widths.kind:
        words = fit(KIND_WORDS[connection.kind], widths.kind) + _SPACE
        if widths.user:
            words += fit(connection.user.email or connection.user.id, widths.user) + _SPACE
        yield words, "muted"
    if widths.bar:
        ticking = connection.expires_at is not None and not dead
        yield reads.bar, _BARS.get(reads.status, "spent") if ticking else ""
    if widths.expiry:
        calm = reads.status is not Status.EXPIRING
        words = " " * bool(widths.bar) + fit(reads.expiry, widths.expiry) + _SPACE
        yield words, "muted" if calm else "warning"
    if reads.busy:
        yield fit(reads.busy, widths.status), "primary"
    else:
        yield fit(look.label, widths.status), look.colour
