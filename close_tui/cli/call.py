"""One call of the command line, as the commands see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from close_tui.cli.console import Console
from close_tui.errors import UsageError
from close_tui.settings import Settings, read

if TYPE_CHECKING:
    from argparse import Namespace


class Call:
    """The parsed arguments, the streams, the settings and the clock."""

    def __init__(self, args: Namespace, console: Console, clock: Callable[[], float]) -> None:
        self.args = args
        self.console = console
        self.clock = clock

    @cached_property
    def settings(self) -> Settings:
        """What the environment and the settings file say."""
        return settings_of(self.console)

    @property
    def program(self) -> str:
        """Who is at work, for the history: the command, and nothing of what it was given."""
        due = " --due" if getattr(self.args, "due", False) else ""
        words = (self.args.command, getattr(self.args, "what", None))
        return f"cli {' '.join(filter(None, words))}{due}"

    def require_person(self) -> None:
        """UsageError where nobody can be asked."""
        if not self.console.interactive:
            raise UsageError("There is no terminal to ask on.", advice="Say --yes if you mean it.")


def settings_of(console: Console) -> Settings:
    """Read the settings, and say what is wrong with their file; it stops nothing."""
    told = read(console.environment)
    for problem in told.problems:
        console.warn(f"close-tui: {problem}")
    return told.settings


def open_app(console: Console, settings: Settings) -> int:
    """Run the app; UsageError where there is no terminal to show it on."""
    if not (console.stdin.isatty() and console.stdout.isatty()):
        raise UsageError(
            "The app needs a terminal.", advice="close-tui --help lists the commands for scripts."
        )
    from close_tui.tui.run import run

    return run(settings)
