"""End: find, which says whose secret stands in a leaked text. Needs neither key nor network."""

from __future__ import annotations

import argparse
import os
import stat
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Final

from close_tui.cli import finding_words as told
from close_tui.cli import json_shapes as shapes
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.console import Console
from close_tui.cli.several import PATIENCE_S
from close_tui.errors import CloseTuiError, NoVault, UsageError
from close_tui.leaks import Found
from close_tui.model import Connection
from close_tui.operations.desk import Desk
from close_tui.operations.find import find
from close_tui.text import clean, rfc3339

_AT_ONCE: Final = 256 * 1024
_STDIN: Final = "-"


class NotRead(CloseTuiError):
    """A text could not be read, or not to its end."""

    title = "Not everything could be read"


class Source:
    """One text to look through: a file, or standard input where ``path`` is None.

    An ``error`` ends it early; what was read before stands.
    """

    def __init__(self, path: str | None, console: Console) -> None:
        self.path = None if path == _STDIN else path
        self.error: NotRead | None = None
        self._console = console

    @property
    def name(self) -> str:
        """What the text is called."""
        return "standard input" if self.path is None else clean(self.path)

    def chunks(self) -> Iterator[bytes]:
        """Read it, in pieces; it is never in memory as a whole."""
        try:
            if self.path is None:
                yield from self._stdin()
            else:
                with open(self.path, "rb", buffering=0) as file:  # noqa: PTH123
                    if stat.S_ISCHR(os.fstat(file.fileno()).st_mode):
                        self.error = NotRead(f"{self.name}: this is a device, which has no end.")
                        return
                    while chunk := file.read(_AT_ONCE):
                        yield chunk
        except (OSError, ValueError) as error:  # ValueError: a NUL in a path
            why = getattr(error, "strerror", None) or "this is no name of a file"
            self.error = NotRead(f"{self.name}: {why}.")

    def _stdin(self) -> Iterator[bytes]:
        stdin = self._console.stdin
        if stdin.isatty():
            self._console.warn("Paste the text, then press Enter and Ctrl-D.")
        try:
            descriptor = stdin.fileno()
        except (OSError, ValueError):  # a stream that is no file
            yield stdin.read().encode("utf-8", "surrogateescape")
            return
        while chunk := os.read(descriptor, _AT_ONCE):
            yield chunk


def find_arguments(parser: ArgumentParser) -> None:
    """Declare ``find``."""
    parser.add_argument("text", nargs="*", help=argparse.SUPPRESS)  # refused, and not repeated
    parser.add_argument(
        "--file",
        metavar="PATH",
        action="append",
        help="read this file, - is standard input; may be given again (default: -)",
    )
    json_flag(parser)
    parser.set_defaults(run=run_find)
    parser.description = (
        "Find whose API key, token or client secret stands in a leaked text.\n"
        "The text, a line or a whole log, comes from standard input or --file, never from the\n"
        "command line. Replaced secrets and revoked connections are recognized too. Works while\n"
        "the vault is locked. Exit code 0: found, 5: nothing of this vault is in it."
    )
    example(parser, "close-tui find --file app.log --file .env", "close-tui find --json")


def run_find(call: Call) -> int:
    """Look through the texts."""
    if call.args.text:
        raise UsageError(
            "The text is not taken from the command line: others can see it there.",
            advice="Run close-tui find and paste it, or name a file: --file PATH.",
        )
    console = call.console
    sources = [Source(path, console) for path in call.args.file or [None]]
    desk = Desk(call.settings, clock=call.clock)
    try:
        vault_is_missing = _is_missing(desk)
        found = [(each, find(desk, _progress(console, each))) for each in sources]
    finally:
        desk.shut()
    if call.args.json:
        console.data(_json(found, call.clock()))
    else:
        for source, each in found:
            _tell(console, source, each, call.clock(), named=len(found) > 1)
        _sum_up(console, [each for _, each in found])
    if vault_is_missing:
        console.error(NoVault())
    unread = [source.error for source in sources if source.error is not None]
    for error in unread:
        console.error(error)
    if unread:
        return NotRead.exit_code
    return 0 if any(each.traces for _, each in found) else NoVault.exit_code


def _is_missing(desk: Desk) -> bool:
    try:
        _ = desk.vault
    except NoVault:
        return True
    return False


def _progress(console: Console, source: Source) -> Iterable[bytes]:
    """Show on a terminal how much was read, once it takes long."""
    stderr = console.stderr
    if not console.shows_progress or (source.path is None and console.stdin.isatty()):
        yield from source.chunks()
        return
    read, shown = 0, time.monotonic() + PATIENCE_S
    is_shown = False
    try:
        for chunk in source.chunks():
            yield chunk
            read += len(chunk)
            if time.monotonic() >= shown:
                is_shown, shown = True, time.monotonic() + PATIENCE_S / 4
                stderr.write(f"\r\x1b[K{source.name}: {read / 1e6:,.0f} MB read …")
                stderr.flush()
    finally:
        if is_shown:
            stderr.write("\r\x1b[K")
            stderr.flush()


def _tell(console: Console, source: Source, found: Found, now: float, *, named: bool) -> None:
    file = f"{source.name}, " if named else ""
    for trace in found.traces:
        _paragraph(
            console,
            told.head(trace),
            told.state(trace, now),
            f"{file}{told.where(trace)}",
            told.step(trace, now),
        )
    for stranger in found.strangers:
        _paragraph(console, told.strange(stranger), f"{file}{told.where(stranger)}")


def _paragraph(console: Console, first: str, *rest: str) -> None:
    console.data(clean(first, 1000))
    for line in filter(None, rest):
        console.data(f"  {clean(line, 1000)}")


def _sum_up(console: Console, found: list[Found]) -> None:
    if not any(each.bytes_read for each in found):
        console.note("There was nothing to read.")
        return
    console.note(
        told.summary(
            sum(len(each.traces) for each in found),
            sum(len(each.strangers) for each in found),
            sum(each.lines_read for each in found),
        )
    )
    if command := told.all_at_once(trace for each in found for trace in each.traces):
        console.note(clean(command, 4000))


def _of_connection(connection: Connection, now: float) -> shapes.Shape:
    return {
        "id": connection.id,
        "kind": connection.kind.value,
        "organization": {"id": connection.organization.id, "name": connection.organization.name},
        "user": {"id": connection.user.id, "email": connection.user.email},
        "app": connection.app,
        "key_id": connection.key_id,
        "status": connection.status(now).value,
        "frozen_at": rfc3339(connection.frozen_at),
        "revoked_at": rfc3339(connection.revoked_at),
        "proved_dead_at": rfc3339(connection.proved_dead_at),
    }


def _json(found: list[tuple[Source, Found]], now: float) -> str:
    return shapes.dumps(
        found=[
            {
                "file": source.path,
                "what": trace.what,
                "name": trace.name,
                "generation": trace.generation,
                "behind": trace.behind,
                "other_secret": trace.other_secret,
                "connection": trace.connection and _of_connection(trace.connection, now),
                "app": trace.app and shapes.of_app(trace.app),
                "lines": trace.lines,
                "times": trace.times,
                "detail": told.head(trace),
                "advice": told.step(trace, now),
            }
            for source, each in found
            for trace in each.traces
        ],
        strangers=[
            {
                "file": source.path,
                "hint": stranger.hint,
                "lines": stranger.lines,
                "times": stranger.times,
            }
            for source, each in found
            for stranger in each.strangers
        ],
        unread=[
            {"file": source.path, "detail": str(source.error)}
            for source, _ in found
            if source.error is not None
        ],
        bytes_read=sum(each.bytes_read for _, each in found),
        lines_read=sum(each.lines_read for _, each in found),
    )
