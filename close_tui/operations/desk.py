"""What the verbs work with: one vault, one Close, a clock, and the refreshes under way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from close_tui import __version__
from close_tui.errors import CloseTuiError, NoVault, VaultError
from close_tui.model import Client, Connection, Event, Grant, Result
from close_tui.operations import skew
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import READ_WAIT_S, Vault

if TYPE_CHECKING:
    import asyncio  # looking at the vault does without it

    import httpx

    from close_tui.close.client import Close
    from close_tui.close.wire import Limits

LEAVE_WAIT_S: Final = 35.0
"""How long leaving waits for a refresh that was begun: a whole call and its commit."""

T = TypeVar("T")


class Pauses(NamedTuple):
    """How long the verbs wait, in seconds.

    Attributes:
        lock: for another process at work on a connection; the longest that one can rightly hold
            it is a whole call and its commit.
        commit: between the tries to store tokens that Close has already replaced.
        proof: before each try to see a revoked access token refused: servers may cache.
        rate_limit: the longest that a revocation waits when Close asks to slow down, once.
        poll: between two looks at an API key that a person is deleting: gentle on the rate
            limit, quick enough for a person.
        rescue: in leaving, for a vault that does not take tokens which Close has already replaced.

    """

    lock: float = 35.0
    commit: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    proof: tuple[float, ...] = (0.0, 0.2, 0.5, 1.0, 2.0)
    rate_limit: float = 30.0
    poll: float = 2.0
    rescue: float = 10.0


class Unsaved(NamedTuple):
    """Tokens that are in memory only, because the vault has not taken them yet.

    Attributes:
        generation: the one that they replace.
        grant: the tokens.
        connection: whose they are, as it was when they came.
        client: what can revoke them.

    """

    generation: int
    grant: Grant
    connection: Connection
    client: Client


class Desk:
    """One vault and one Close, for the verbs of one thread. An async context manager.

    Args:
        settings: where things are.
        clock: wall clock, Unix seconds.
        transport: replaces the network in tests.
        pauses: how long the verbs wait.
        program: who is at work, for the history: ``app``, ``cli refresh``, ``library``.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
        pauses: Pauses = Pauses(),  # noqa: B008 - immutable
        program: str = "",
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.pauses = pauses
        self.program = program
        self.is_leaving = False
        self.flights: dict[str, asyncio.Task[Result]] = {}
        self.unsaved: dict[str, Unsaved] = {}
        self._transport = transport
        self._vault: Vault | None = None
        self._close: Close | None = None
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Desk:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> list[Result]:
        """Wait (bounded) for refreshes under way, then close the vault and the network.

        Tokens that are in memory only get a last chance (bounded); returns what became of them.
        """
        self.is_leaving = True
        if self.flights:
            import asyncio

            await asyncio.wait(list(self.flights.values()), timeout=LEAVE_WAIT_S)
        rescued = []
        if self.unsaved:
            from close_tui.operations.late import rescue

            rescued = await rescue(self)
        self.remember_clock()
        self._close = None
        await self._exits.aclose()
        self.shut()
        return rescued

    async def shelter(self, key: str, begin: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run what must not be cut off half-way; whoever comes with the same key shares it.

        Cancelling a caller does not cancel it, and leaving waits for it.
        """
        import asyncio

        flight = self.flights.get(key)
        if flight is None:
            flight = asyncio.create_task(begin(), name=key)
            self.flights[key] = flight
            flight.add_done_callback(lambda _: self.flights.pop(key, None))
        return await asyncio.shield(flight)

    def shut(self) -> None:
        """Close the vault: enough after a look at it, for which nothing else was opened."""
        if self._vault is not None:
            self._vault.close()
            self._vault = None

    @property
    def vault(self) -> Vault:
        """The vault, opened at first use; NoVault where nothing was ever stored."""
        if self._vault is None:
            self._vault = self._signed(Vault.open(self.settings))
        return self._vault

    def _signed(self, vault: Vault) -> Vault:
        """Let the history say who wrote it."""
        if self.program:
            vault.process = f"{self.program} {os.getpid()}"
        return vault

    @property
    def close(self) -> Close:
        """Close's API, connected at first use."""
        if self._close is None:
            from close_tui.close.client import Close

            self._close = Close(
                self.settings.api_url,
                version=__version__,
                transport=self._transport,
                clock=self.clock,
            )
            self._exits.push_async_exit(self._close)
        return self._close

    def another_close(self, limits: Limits) -> Close:
        """Return Close's API with connections and limits of its own; whoever asks enters it."""
        from close_tui.close.client import Close

        return Close(
            self.settings.api_url,
            version=__version__,
            transport=self._transport,
            clock=self.clock,
            limits=limits,
        )

    def make_vault(self, new_passphrase: Secret | None = None) -> Vault:
        """Return the vault, making it first where there is none.

        NoPlaceForIdentity when its key has nowhere to live and no passphrase was given.
        """
        try:
            return self.vault
        except NoVault:
            made = Vault.make(self.settings, at=self.clock(), new_passphrase=new_passphrase)
            self._vault = self._signed(made)
            return self._vault

    async def unlock(self, passphrase: Secret | None = None, wait_s: float = READ_WAIT_S) -> Vault:
        """Unlock the vault, if it is not; the event loop goes on meanwhile."""
        vault = self.vault
        if vault.is_locked:
            identity = await in_daemon_thread(vault.key_reader(passphrase, wait_s))
            vault.unlock(identity)
            self.forget_expired()
        return vault

    def unlock_here(self, passphrase: Secret | None = None, wait_s: float = READ_WAIT_S) -> Vault:
        """Unlock the vault, if it is not, and wait for it in this thread."""
        vault = self.vault
        if vault.is_locked:
            vault.unlock(vault.key_reader(passphrase, wait_s)())
            self.forget_expired()
        return vault

    def forget_expired(self) -> None:
        """Destroy what accepted revocations have left, once time has made it worthless."""
        with suppress(VaultError):  # a vault that cannot be written now forgets the next time
            self.vault.forget_expired(self.clock())

    def remember_clock(self) -> None:
        """Store what Close's answers have shown of this machine's clock, when that is news."""
        if self._close is not None and (seen := self._close.clock_skew) is not None:
            with suppress(CloseTuiError):  # without a vault there is nowhere to keep it
                skew.remember(self.vault, seen)

    def record(
        self,
        connection: Connection,
        verb: str,
        outcome: str,
        detail: str = "",
        *,
        http_status: int | None = None,
        reason: str = "",
        incident: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Append to the history, at the present time; ``facts`` is for machines."""
        written = ""
        if facts:
            import json

            written = json.dumps(facts, sort_keys=True)
        self.vault.record(
            Event(
                at=self.clock(),
                connection_id=connection.id,
                connection=connection.name,
                verb=verb,
                outcome=outcome,
                detail=detail,
                http_status=http_status,
                reason=reason,
                incident=incident,
                facts=written,
            )
        )

    def record_failure(
        self,
        connection: Connection,
        verb: str,
        error: CloseTuiError,
        *,
        reason: str = "",
        incident: str = "",
    ) -> None:
        """Append a failure to the history, if the vault still takes it: it is told in any case."""
        with suppress(VaultError):
            self.record(
                connection,
                verb,
                error.outcome,
                str(error),
                http_status=error.http_status,
                reason=reason,
                incident=incident,
            )

    def result(
        self,
        connection: Connection,
        verb: str,
        outcome: str,
        detail: str,
        *,
        advice: str = "",
        http_status: int | None = None,
    ) -> Result:
        """Return what a verb did to a connection, at the present time."""
        return Result(
            id=connection.id,
            name=connection.name,
            verb=verb,
            outcome=outcome,
            detail=detail,
            advice=advice,
            at=self.clock(),
            http_status=http_status,
        )

    def failure(self, connection: Connection, verb: str, error: CloseTuiError) -> Result:
        """Return an error as what happened to one target."""
        failed = self.result(
            connection,
            verb,
            error.outcome,
            str(error),
            advice=error.advice,
            http_status=error.http_status,
        )
        return failed._replace(error=error)


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """Run a blocking call in a thread that never delays the exit, and wait for it."""
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: T | None = None
        problem: BaseException | None = None
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - raised again in the awaiting task
            problem = error
        try:
            loop.call_soon_threadsafe(settle, value, problem)
        except RuntimeError:
            return  # the loop has ended; nobody waits any more

    threading.Thread(target=run, daemon=True, name="close-tui blocking call").start()
    return await future
