"""A desk for the commands that work: verbs run in one event loop, questions between them.

A question is never asked while the loop runs, so that Ctrl-C ends it at once; a refresh that was
begun is always waited for.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from close_tui.cli import process
from close_tui.cli.call import Call
from close_tui.cli.console import Console
from close_tui.errors import NoVault, WrongPassphrase
from close_tui.operations.desk import Desk
from close_tui.secret import Secret

if TYPE_CHECKING:
    import asyncio  # a fifth of the time of a command that sends nothing

KEYRING_WAIT_S: Final = 60.0
"""How long a person at the keyring's prompt is waited for."""

_TRIES: Final = 3

T = TypeVar("T")


class Session:
    """One desk and the loop in which its verbs run, which begins with the first of them."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self.console = console
        self.desk = desk
        self._runner: asyncio.Runner | None = None

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        """Run a verb to its end; Ctrl-C cancels it and is raised as KeyboardInterrupt."""
        import asyncio

        if self._runner is None:
            self._runner = asyncio.Runner()
            self._runner.get_loop().set_exception_handler(_report(self.console))
        try:
            return self._runner.run(verb)
        except asyncio.CancelledError:
            # Ctrl-C in the moment before Runner begins to count: it cancels, and is forgotten.
            raise KeyboardInterrupt from None

    def leave(self) -> None:
        """Wait (bounded) for the refreshes that were begun, and say what became of their tokens."""
        desk, console = self.desk, self.console
        if self._runner is None:
            desk.shut()
            return
        if desk.flights:
            console.note("A refresh is under way; waiting until its tokens are stored.")
        elif desk.unsaved:
            console.note("New tokens are not saved yet; trying for some seconds more.")
        with self._runner as runner:
            for result in runner.run(desk.leave()):
                if result.error is None:
                    console.note(f"{result.name}: its new tokens are saved now.")
                else:
                    console.error(result.error)

    def unlock(self) -> Secret | None:
        """Unlock the vault, asking for its passphrase where somebody can be asked.

        Returns what was typed, for the verbs that wrap the key anew.
        """
        desk, console = self.desk, self.console
        vault, settings = desk.vault, desk.settings
        if not vault.is_locked:
            return None
        vault.look_again()  # nobody is asked for the key of a vault that was destroyed
        given = settings.passphrase_file or settings.identity_file
        if vault.place_kind == "passphrase" and not given and console.interactive:
            return self._ask_passphrase()
        if console.interactive:
            desk.unlock_here(wait_s=KEYRING_WAIT_S)
        else:
            desk.unlock_here()
        return None

    def prepare(self) -> None:
        """Unlock the vault, or make it where there is none."""
        try:
            self.unlock()
        except NoVault:
            place = self.desk.make_vault().place_kind
            self.console.note(f"A vault was made; its key lives in {_PLACES[place]}.")

    def _ask_passphrase(self) -> Secret:
        left = _TRIES
        while True:
            left -= 1
            passphrase = self.console.ask_secret("Passphrase of the vault")
            self.console.note("Opening the vault; that takes a few seconds.")
            try:
                self.desk.unlock_here(passphrase)
            except WrongPassphrase as error:
                if not left:
                    raise
                self.console.warn(f"{error} Try again.")
            else:
                return passphrase


@contextmanager
def at_desk(call: Call) -> Iterator[Session]:
    """Give a session; leaving it waits (bounded) for the refreshes that were begun."""
    session = Session(call.console, Desk(call.settings, clock=call.clock, program=call.program))
    try:
        yield session
    finally:
        session.leave()


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
