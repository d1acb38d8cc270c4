"""The command line: one module for each group of commands; without arguments, the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from close_tui.cli import process
from close_tui.cli.console import Console, NotWritten
from close_tui.errors import Cancelled, CloseTuiError

if TYPE_CHECKING:
    from close_tui.cli.call import Call

FAILED: Final = 1

COMPLETE: Final = "complete"
"""The command that no help shows: what shells ask at every press of Tab. It never fails."""


def main(argv: Sequence[str], *, clock: Callable[[], float] = time.time) -> int:
    """Run one command and return its exit code; ``argv`` is without the program's name."""
    if argv and argv[0] == COMPLETE:
        from close_tui.cli.completing import answer

        return answer(argv[1:])
    dev = process.is_dev(argv)
    process.harden(dev=dev)
    console = Console.of_process()
    try:
        code = _run(argv, console, clock)
        console.flush()
    except NotWritten as error:
        process.abandon_stdout()
        console.error(error)
        return error.exit_code
    except CloseTuiError as error:
        console.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        console.error(Cancelled())
        return Cancelled.exit_code
    except BrokenPipeError:
        process.abandon_stdout()
        return FAILED
    except Exception as error:
        if dev:
            raise
        process.report(error, console.stderr)
        return FAILED
    return code


def _run(argv: Sequence[str], console: Console, clock: Callable[[], float]) -> int:
    if not argv:
        from close_tui.cli.call import open_app, settings_of

        return open_app(console, settings_of(console))
    from close_tui.cli import commands
    from close_tui.cli.call import Call

    try:
        args = commands.parse(argv)
    except SystemExit as end:  # argparse's way to say that all is said
        console.flush()
        return end.code if isinstance(end.code, int) else FAILED
    console.is_quiet = getattr(args, "quiet", False)
    call = Call(args, console, clock)
    run: Callable[[Call], int] = getattr(args, "run", _app)
    return run(call)


def _app(call: Call) -> int:
    from close_tui.cli.call import open_app

    return open_app(call.console, call.settings)
