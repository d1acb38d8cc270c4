"""Run close-tui: ``python -m close_tui``, and the ``close-tui`` command."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process with its exit code.

    Everything was closed and written by then. Taking the interpreter apart as well would be a
    tenth of the time of a short command, and a thread that waits for a keyring would be in its way.
    """
    from close_tui.cli import main as run

    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # a stream may be closed, or none
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
