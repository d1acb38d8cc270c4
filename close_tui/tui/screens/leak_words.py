"""What was recognized in a leaked text, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from textual.content import Content

from close_tui.leaks import Found, Stranger, Trace
from close_tui.model import Connection, Kind
from close_tui.text import clean, counted
from close_tui.tui.widgets.status_look import LOOKS, MUTED
from close_tui.tui.widgets.wrap import wrapped

_WHAT: Final = {
    "api_key": "API key",
    "key_id": "only the ID of its API key, which is no secret",
    "access_token": "access token",
    "refresh_token": "refresh token",
    "client_id": "only the client ID, which is no secret",
    "client_secret": "client secret",
}
_OTHER: Final = (
    "begins with the ID of its API key; the second half is not the stored one: treat it as leaked"
)
_NUMBERS: Final = ("", "one generation", "two generations", "three generations")


def found_lines(found: Found, now: float, width: int) -> Content:
    """Return a paragraph for each connection or app whose trace it is, then for each stranger."""
    whose: dict[str, list[Trace]] = {}
    for trace in found.traces:
        owner = trace.connection or trace.app
        whose.setdefault(owner.id if owner else trace.name, []).append(trace)
    lines = [line for traces in whose.values() for line in _owner(traces, now)]
    lines += [line for stranger in found.strangers for line in _stranger(stranger)]
    if not lines:
        lines.append(Content("Nothing in it was ever stored here, and nothing looks like Close's."))
    return Content("\n").join(broken for line in lines for broken in wrapped(line, width, indent=2))


def headline(found: Found) -> str:
    """Count what was found."""
    secrets = sum(trace.is_secret for trace in found.traces)
    ids, strangers = len(found.traces) - secrets, len(found.strangers)
    parts = [
        f"{counted(secrets, 'secret')} of this vault" if secrets else "",
        f"{counted(ids, 'ID')} of this vault" if ids else "",
        f"{strangers} not of this vault" if strangers else "",
    ]
    read = counted(found.lines_read, "line")
    return f"{', '.join(filter(None, parts)) or 'Nothing found'}; {read} read."


def concerned(found: Found, connections: Iterable[Connection]) -> list[Connection]:
    """Return what is to be revoked: what the secrets open; without secrets, what the IDs name.

    A leaked client secret concerns every connection of its app. What is revoked is left out.
    """
    traces = [t for t in found.traces if t.is_secret] or list(found.traces)
    ids = {trace.connection.id for trace in traces if trace.connection is not None}
    apps = {trace.app.id for trace in traces if trace.connection is None and trace.app is not None}
    return [
        one
        for one in connections
        if one.revoked_at is None and (one.id in ids or one.app_id in apps)
    ]


def _owner(traces: list[Trace], now: float) -> Iterator[Content]:
    """Say whose it is, then each of its secrets with its age and place."""
    first = traces[0]
    one, app = first.connection, first.app
    name = (clean(first.name) or "a connection without a name", "bold")
    if one is not None:
        look = LOOKS[one.status(now)]
        way = one.app or ("API key" if one.kind is Kind.API_KEY else "app removed")
        where = f"{one.organization.name or one.organization.id} / {way} / "
        where += one.user.email or one.user.id
        yield Content.assemble(name, "  ", (look.label, look.style), (f"  {where}", MUTED))
    elif app is not None:
        many = counted(app.connections, "live connection")
        yield Content.assemble(name, (f"  OAuth app, {many}", MUTED))
    else:
        yield Content.assemble(name, ("  removed here: see to it in Close", "$text-warning"))
    for trace in traces:
        glyph = ("● ", "bold $text-error") if trace.is_secret else ("○ ", MUTED)
        what = _OTHER if trace.other_secret else _WHAT.get(trace.what, trace.what) + _age(trace)
        place = f"  {_place(trace.lines, trace.times)}"
        yield Content.assemble("  ", glyph, what, (place, MUTED))


def _age(trace: Trace) -> str:
    if trace.behind is None or not trace.is_secret:
        return ""
    if trace.behind == 0:
        return ", the present one"
    number = _NUMBERS[trace.behind] if trace.behind < len(_NUMBERS) else ""
    return f", {number or f'{trace.behind} generations'} old"


def _stranger(stranger: Stranger) -> Iterator[Content]:
    hint = clean(stranger.hint)
    what = "a Close API key" if hint.startswith("api_") else "Close's"
    said = f"Looks like {what}{f', ID {hint}' if hint else ''}, not in this vault"
    place = f"  {_place(stranger.lines, stranger.times)}"
    yield Content.assemble(("? ", "bold $text-warning"), (said, "bold"), (place, MUTED))
    yield Content("  Its owner must delete it in Close.")


def _place(lines: tuple[int, ...], times: int) -> str:
    words = f"{'line' if len(lines) == 1 else 'lines'} {', '.join(map(str, lines))}"
    return f"{words} ({times} times)" if times > len(lines) else words
