"""What the detail pane reads: sections of labelled values, wrapped to a width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from textual.content import Content

from close_tui.leaks import Revocability
from close_tui.model import OUTCOMES, Connection, Event, Kind, Measure, RateLimit, Status
from close_tui.tui.widgets.chart import LOW, charts
from close_tui.tui.widgets.connection_row import KIND_WORDS
from close_tui.tui.widgets.expiry import ago, bar, expiry_bar, expiry_text
from close_tui.tui.widgets.kill_words import prospect
from close_tui.tui.widgets.sentences import check_words, meaning
from close_tui.tui.widgets.status_look import LOOKS, MUTED
from close_tui.tui.widgets.wrap import wrapped

_LABEL: Final = 14
_NARROW: Final = 44
_BARS: Final = {Status.OK: "$text-success 60%", Status.EXPIRING: "$text-warning"}
_TRACK: Final = "on $foreground 10%"
_EVENTS: Final = 50
_CAPTION: Final = 20
"""Cells for the words behind a chart."""

Row = tuple[str, str | Content]
"""A label and its value; a row without a value is not shown."""


class Living(NamedTuple):
    """What changes by itself as time goes by: the status, and times in words."""

    status: Status
    expires: tuple[str, str]
    imported: str
    checked: str


def living(connection: Connection, now: float) -> Living:
    """Return what reads differently at another time."""
    check, revoked_at = connection.last_check, connection.revoked_at
    return Living(
        connection.status(now),
        (expiry_text(connection, now), expiry_bar(connection, now))
        if revoked_at is None
        else (ago(now - revoked_at), ""),
        "" if connection.imported_at is None else ago(now - connection.imported_at),
        "" if check is None else ago(now - check.at),
    )


def heading(connection: Connection, now: float, width: int) -> Content:
    """Return the name, the status, what that means, and the description."""
    look = LOOKS[connection.status(now)]
    name = Content.styled(connection.name, "bold")
    status = Content.assemble((look.glyph, look.style), " ", (look.word, "bold"))
    beside = name.cell_length + 3 + status.cell_length <= width
    first = [Content("   ").join([name, status])] if beside else [name, status]
    return _lines(
        *(wrapped(line, width) for line in first),
        wrapped(Content(meaning(connection, now)), width),
        wrapped(Content.styled(connection.description, MUTED), width),
    )


def identity(connection: Connection, width: int) -> Content:
    """Return who it is, down to the heading of what :func:`expires` begins."""
    tokens = "API key" if connection.kind is Kind.API_KEY else "Tokens"
    return _lines(
        _section("Identity", _identity(connection), width),
        _section(tokens, (), width),
    )


def expires(connection: Connection, now: float, width: int) -> Content:
    """Return how long it lives still, or when it was revoked: what changes every second."""
    return _lines(_rows([_expires(connection, now)], width))


def tokens(
    connection: Connection,
    now: float,
    width: int,
    zone: tzinfo | None,
    plan: Revocability | None = None,
) -> Content:
    """Return what else is known of its tokens or key, and what revoking it would come to."""
    return _lines(_rows(_tokens(connection, now, zone, plan), width))


def last_check(
    connection: Connection,
    now: float,
    width: int,
    zone: tzinfo | None,
    measured: Sequence[Measure] = (),
) -> Content:
    """Return what the last test call showed, and charts of what those before it measured."""
    rows = [*_last_check(connection, now, zone), *charts(measured, width - _LABEL - _CAPTION)]
    return _lines(_section("Last check", rows, width))


def timeline(history: Sequence[Event], width: int, zone: tzinfo | None) -> Content:
    """Return the history, newest first as it is given; what is too old is counted."""
    lines = list(_section("History", (), width))
    for event in history[:_EVENTS]:
        lines += _event(event, width, zone)
    if len(history) > _EVENTS:
        lines.append(Content.styled(f"… and {len(history) - _EVENTS} older", MUTED))
    if not history:
        lines.append(Content.styled("Nothing has happened yet.", MUTED))
    return _lines(lines)


def _identity(connection: Connection) -> Iterator[Row]:
    user, organization = connection.user, connection.organization
    yield "Organization", _named(organization.name, organization.id)
    yield "User", _named(user.name or user.email, user.email if user.name else "", user.id)
    yield "Kind", KIND_WORDS[connection.kind]
    yield "App", connection.app or ""
    yield "Key ID", connection.key_id or ""


def _expires(connection: Connection, now: float) -> Row:
    if connection.revoked_at is not None:
        return "Revoked", ago(now - connection.revoked_at)
    if connection.expires_at is None:
        return "Expires", "never; it lives until it is deleted in Close"
    colour = _BARS.get(connection.status(now), "$foreground 20%")
    left = (expiry_bar(connection, now), f"{colour} {_TRACK}")
    return "Expires", Content.assemble(f"{expiry_text(connection, now)}  ", left)


def _tokens(
    connection: Connection, now: float, zone: tzinfo | None, plan: Revocability | None
) -> Iterator[Row]:
    ends = connection.expires_at if connection.revoked_at is None else connection.revoked_at
    if ends is not None:
        yield "", _moment(ends, zone)
    if connection.can_refresh and connection.revoked_at is None:
        yield "Auto-refresh", "on" if connection.auto_refresh else "off"
    yield "Generation", str(connection.generation)
    yield "Scope", connection.scope
    yield "Fingerprint", connection.fingerprint
    if connection.imported_at is not None:
        yield "Imported", f"{ago(now - connection.imported_at)}; the other machine may renew it"
        yield "", _moment(connection.imported_at, zone)
    if plan is not None and (plan.way != "settled" or plan.why_not):
        yield "If leaked", prospect(plan)


def _last_check(connection: Connection, now: float, zone: tzinfo | None) -> Iterator[Row]:
    check = connection.last_check
    if check is None:
        yield "When", "never"
        return
    yield "When", ago(now - check.at)
    yield "", _moment(check.at, zone)
    yield "Outcome", check_words(check)
    if check.rate_limit:
        yield "Rate limit", _headroom(check.rate_limit)


def _named(words: str, *ids: str) -> Content:
    known = [Content.styled(one, MUTED) for one in ids if one]
    return Content("  ").join([Content(words), *known] if words else known)


def _headroom(limit: RateLimit) -> Content:
    share = limit.remaining / limit.limit if limit.limit > 0 else 0
    colour = "$text-warning" if share < LOW else _BARS[Status.OK]
    words = f"{limit.remaining:g} of {limit.limit:g} left  "
    return Content.assemble(words, (bar(share, 8), f"{colour} {_TRACK}"))


def _event(event: Event, width: int, zone: tzinfo | None) -> Iterator[Content]:
    failed = OUTCOMES.get(event.outcome, 0) != 0
    glyph = ("✕ ", "$text-error") if failed else ("· ", MUTED)
    status = f"HTTP {event.http_status}" if failed and event.http_status else ""
    outcome = event.outcome.replace("_", " ")
    verb = event.verb.ljust(9 if width >= _NARROW else 0)
    when = datetime.fromtimestamp(event.at, zone).strftime("%d %b %H:%M:%S")
    line = Content.assemble(
        glyph, (when, MUTED), f"  {verb}  ", (outcome, "bold" if failed else "")
    )
    yield from wrapped(line, width, indent=2)
    detail = " · ".join(filter(None, (status, event.detail)))
    reason = f"Reason: {event.reason}" if event.reason else ""
    for more in (detail, reason, f"by {event.process}" if event.process else ""):
        yield from wrapped(Content.styled(more, MUTED), width, indent=2, first=2)


def _moment(at: float, zone: tzinfo | None) -> Content:
    utc = datetime.fromtimestamp(at, UTC)
    local = utc.astimezone(zone)
    lines = [f"{utc:%Y-%m-%d %H:%M:%S} UTC"]
    if local.utcoffset() != utc.utcoffset():
        lines.append(f"{local:%Y-%m-%d %H:%M:%S %Z}")
    return Content.styled("\n".join(lines), MUTED)


def _lines(*parts: Iterable[Content]) -> Content:
    return Content("\n").join(line for part in parts for line in part)


def _section(heading: str, rows: Iterable[Row], width: int) -> Iterator[Content]:
    rule = "─" * max(0, width - len(heading) - 1)
    yield Content("")
    yield Content.assemble((heading, "bold $text-primary"), " ", (rule, "$foreground 20%"))
    yield from _rows(rows, width)


def _rows(rows: Iterable[Row], width: int) -> Iterator[Content]:
    room = width - _LABEL
    for label, given in rows:
        value = given if isinstance(given, Content) else Content(given)
        if not value.plain:
            continue
        if width < _NARROW and any(line.cell_length > room for line in value.split()):
            yield from wrapped(Content.styled(label, MUTED), width)
            yield from wrapped(value, width, indent=2, first=2)
            continue
        for number, line in enumerate(wrapped(value, room)):
            yield Content.assemble(((label if number == 0 else "").ljust(_LABEL), MUTED), line)
