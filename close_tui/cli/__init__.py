"""The command line: one module for each group of commands; without arguments, the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from close_tui.cli import process
from close_tui.cli.console import Console, NotWritten
from close_tui.errors import Cancelled, CloseTuiError
from close_tui.settings import Settings

if TYPE_CHECKING:
    from close_tui.cli.call import Call

FAILED: Final = 1


def main(argv: Sequence[str], *, clock: Callable[[], float] = time.time) -> int:
    """Run one command and return its exit code; ``argv`` is without the program's name."""
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
        from close_tui.cli.call import open_app

        return open_app(console, Settings.from_environment(console.environment))
    from close_tui.cli import commands
    from close_tui.cli.call import Call

    try:
        args = commands.parse(argv)
    except SystemExit as end:  # argparse's way to say that all is said
        console.flush()
        return end.code if isinstance(end.code, int) else FAILED
    call = Call(args, console, clock)
    run: Callable[[Call], int] = getattr(args, "run", _app)
    return run(call)


def _app(call: Call) -> int:
    from close_tui.cli.call import open_app

    return open_app(call.console, call.settings)
