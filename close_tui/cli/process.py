"""What holds for the whole process: private files, no core dump, crashes that show no secret."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from types import TracebackType
from typing import Final, TextIO

DEV: Final = "--dev"

_LEAKY: Final = ("TEXTUAL_LOG", "TEXTUAL")
"""With these Textual writes pasted keys and password fields where others may read them."""

_taken: dict[str, str] = {}
_umask: list[int] = []


def is_dev(argv: Sequence[str]) -> bool:
    """Tell whether a developer asks to see everything: ``--dev`` in front of the command."""
    return DEV in takewhile(lambda word: word.startswith("-"), argv)


def harden(*, dev: bool = False) -> None:
    """Make this process keep to itself what it knows. Call it before anything else.

    New files are private, there is no core dump, and what an uncaught exception shows holds
    neither messages nor local variables. ``dev`` leaves the last, and Textual's log, as they are.
    """
    _umask[:] = [os.umask(0o077)]
    if os.name == "posix":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if dev:
        return
    for name in _LEAKY:
        if (value := os.environ.pop(name, None)) is not None:
            _taken[name] = value
    sys.excepthook = _excepthook
    threading.excepthook = _in_thread
    sys.unraisablehook = _unraisable


def make_way(environment: dict[str, str]) -> None:
    """Leave to a command that takes this process's place what it would have found without us.

    The umask, the variables that were taken out of the environment, and the signals that Python
    ignores. That there is no core dump stays: its environment holds a credential.
    """
    for mask in _umask:
        os.umask(mask)
    environment.update(_taken)
    if os.name == "posix":
        import signal

        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)


def report(error: BaseException, stderr: TextIO) -> None:
    """Say where an unforeseen error happened: types and places, never a message or a value."""
    import traceback  # 2 ms that only a crash needs

    stderr.write("close-tui: This is a mistake in close-tui, please report it.\n")
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        stderr.write(f"  {type(link).__module__}.{type(link).__qualname__}\n")
        frames = traceback.extract_tb(link.__traceback__, limit=-20)
        stderr.writelines(f"    {each.filename}:{each.lineno} in {each.name}\n" for each in frames)
        link = link.__cause__ or link.__context__
    stderr.write("Nothing above is secret. close-tui --dev COMMAND shows more, secrets included.\n")


def abandon_stdout() -> None:
    """Let the interpreter's last flush succeed after the reader of a pipe has gone."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def _excepthook(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("close-tui: Cancelled\n")
    else:
        report(error, sys.stderr)


def _in_thread(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        report(crash.exc_value, sys.stderr)


def _unraisable(crash: sys.UnraisableHookArgs) -> None:
    if crash.exc_value is not None and sys.stderr is not None:
        report(crash.exc_value, sys.stderr)
