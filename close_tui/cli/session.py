"""A desk for the commands that work: verbs run in one event loop, questions between them.

A question is never asked while the loop runs, so that Ctrl-C ends it at once; a refresh that was
begun is always waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from close_tui.cli import process
from close_tui.cli.call import Call
from close_tui.cli.console import Console
from close_tui.errors import NoVault, WrongPassphrase
from close_tui.operations.desk import Desk

KEYRING_WAIT_S: Final = 60.0
"""How long a person at the keyring's prompt is waited for."""

_TRIES: Final = 3

T = TypeVar("T")


class Session:
    """One desk and the loop in which its verbs run."""

    def __init__(self, console: Console, desk: Desk, runner: asyncio.Runner) -> None:
        self.console = console
        self.desk = desk
        self._runner = runner

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        """Run a verb to its end; Ctrl-C cancels it and is raised as KeyboardInterrupt."""
        return self._runner.run(verb)

    def unlock(self) -> None:
        """Unlock the vault, asking for its passphrase where somebody can be asked."""
        desk, console = self.desk, self.console
        vault, settings = desk.vault, desk.settings
        if not vault.is_locked:
            return
        given = settings.passphrase_file or settings.identity_file
        if vault.place_kind == "passphrase" and not given and console.interactive:
            self._ask_passphrase()
        elif console.interactive:
            self.run(desk.unlock(wait_s=KEYRING_WAIT_S))
        else:
            self.run(desk.unlock())

    def prepare(self) -> None:
        """Unlock the vault, or make it where there is none."""
        try:
            self.unlock()
        except NoVault:
            place = self.desk.make_vault().place_kind
            self.console.note(f"A vault was made; its key lives in {_PLACES[place]}.")

    def _ask_passphrase(self) -> None:
        for left in reversed(range(_TRIES)):
            passphrase = self.console.ask_secret("Passphrase of the vault")
            self.console.note("Opening the vault; that takes a few seconds.")
            try:
                self.run(self.desk.unlock(passphrase))
            except WrongPassphrase as error:
                if not left:
                    raise
                self.console.note(f"{error} Try again.")
            else:
                return


@contextmanager
def at_desk(call: Call) -> Iterator[Session]:
    """Give a session; leaving it waits (bounded) for the refreshes that were begun."""
    desk = Desk(call.settings, clock=call.clock)
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(_report(call.console))
        try:
            yield Session(call.console, desk, runner)
        finally:
            if desk.flights:
                call.console.note("A refresh is under way; waiting until its tokens are stored.")
            runner.run(desk.leave())


_PLACES: Final = {
    "keyring": "the system keyring",
    "passphrase": "key.age, behind the passphrase",
    "file": "the identity file",
}


def _report(console: Console) -> Any:
    def report(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(error := context.get("exception"), BaseException):
            process.report(error, console.stderr)

    return report
