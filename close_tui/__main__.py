"""Run close-tui: ``python -m close_tui``, and the ``close-tui`` command."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from close_tui.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
