"""What the doctor's checks look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from close_tui.settings import Settings, Told
from close_tui.vault.in_keyring import Backend, by_name

if TYPE_CHECKING:
    import httpx


class Terminal(NamedTuple):
    """The terminal that close-tui was called on.

    Attributes:
        is_one: False where the output goes into a file or a pipe.
        columns: its width in cells.
        lines: its height.
        encoding: of the characters that are written to it.

    """

    is_one: bool
    columns: int = 0
    lines: int = 0
    encoding: str = ""


class Case(NamedTuple):
    """One look at one machine.

    Attributes:
        told: the settings, and what is wrong with their file.
        terminal: where the answer is shown.
        environment: the process's variables.
        clock: wall clock, Unix seconds.
        make_keyring: makes a keyring's backend by the name of its module.
        transport: replaces the network in tests.

    """

    told: Told
    terminal: Terminal
    environment: Mapping[str, str]
    clock: Callable[[], float]
    make_keyring: Callable[[str], Backend] = by_name
    transport: httpx.AsyncBaseTransport | None = None

    @property
    def settings(self) -> Settings:
        """What holds."""
        return self.told.settings
