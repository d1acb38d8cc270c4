"""The stage of the stories: what there is, how a verb is played on it, and how that is judged."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Result, SecretKind
from close_tui.operations.add import add_app
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from close_tui.sandbox import records
from close_tui.sandbox.policies import Policies, Reuse
from close_tui.sandbox.server import serve
from close_tui.sandbox.state import World
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.sealing import Identity
from close_tui.vault.vault import Vault
from tests.conftest import NOW, Clock
from tests.operations.storage.seat import Crash, Seat

if TYPE_CHECKING:
    from collections.abc import Coroutine


def outcome(result: Result | BaseException) -> str:
    """Return the outcome of a verb, also of one that raised."""
    if isinstance(result, (Result, CloseTuiError)):
        return result.outcome
    return "crashed"


class Stage(RuleBasedStateMachine):
    """The vault, the server and the processes, before anything happens."""

    reuse: ClassVar[Reuse]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.now, self.server_now = Clock(NOW), Clock(NOW)
        self.policies = Policies(reuse=self.reuse, rate_limit=1_000_000)
        self.world = World(clock=self.server_now, random=random.Random(7), policies=self.policies)
        self.acme = self.world.add_organization("Acme")
        self.ada = self.world.add_user("ada@acme.example", "Ada Byron", [self.acme])
        self.registered = self.world.add_app("Reports", "https://localhost:25673/callback")
        self.serving = serve(self.world)
        self.pairs: set[tuple[str, str]] = set()
        self.unspent: set[str] = set()
        self.unknown: set[str] = set()
        self.ended: dict[str, int] = {}
        self.current = ""
        self.proved: set[str] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let both the processes and the server go on until something is done."""
        return self.runner.run(work)

    # Setting up and tearing down

    @initialize()
    def found(self) -> None:
        """Make the vault, the server and the two processes."""
        home = Path(self.folder.name)
        url = self.run(self.serving.__aenter__())
        identity = home / "identity.txt"
        identity.touch(mode=0o600)
        identity.write_text(f"{Identity.generate().secret.reveal()}\n", encoding="ascii")
        self.identity = identity
        settings = Settings(home / "home", url, url, identity)
        Vault.make(settings, at=NOW).close()
        self.seats = {name: Seat(settings, self.now, self._hear) for name in "AB"}
        for seat in self.seats.values():
            seat.sit_down()
        self.vault = Vault.open(settings)
        self.vault.unlock()
        desk, registered = self.seats["A"].desk, self.registered
        secret = Secret(registered.client_secret)
        self.run(add_app(desk, "reports", registered.client_id, secret,
                         redirect_uri=registered.redirect_uri))  # fmt: skip
        self.begin()

    def begin(self) -> None:
        """Do what every story begins with."""

    def teardown(self) -> None:
        """End everything, gently."""
        for seat in getattr(self, "seats", {}).values():
            seat.vanish()
        self.run(self.serving.__aexit__(None, None, None))
        self.runner.close()
        if hasattr(self, "vault"):
            self.vault.close()
        self.folder.cleanup()

    def _hear(self, access_token: str, refresh_token: str | None) -> None:
        """A pair was delivered to a living process."""
        if refresh_token is None:
            refresh_token = self.stored()[1]
        self.pairs.add((access_token, refresh_token))
        self.delivered.append((access_token, refresh_token))

    def living(self) -> list[Seat]:
        """Return the processes."""
        return list(getattr(self, "seats", {}).values())

    def stored(self) -> tuple[str, str]:
        """Return the pair that is stored for the current connection."""
        shown = self.shown()
        if shown is None:
            return "", ""
        kinds = (SecretKind.ACCESS_TOKEN, SecretKind.REFRESH_TOKEN)
        found = [self.vault.secret(shown, kind) for kind in kinds]
        return found[0].reveal() if found[0] else "", found[1].reveal() if found[1] else ""

    def shown(self) -> Connection | None:
        """Read the current connection again."""
        return self.vault.connection(self.current)

    def has_ended(self) -> bool:
        """Tell whether the current connection was revoked or removed."""
        shown = self.shown()
        return shown is None or shown.revoked_at is not None

    def act(self, *names: str, verb: Any = refresh) -> list[Result | BaseException]:
        """Let processes run a verb at the same instant; return what each has come to."""
        before, spent = self.shown(), self.stored()[1]
        self.delivered: list[tuple[str, str]] = []

        async def act() -> list[Any]:
            seats = [self.seats[name] for name in names]
            for seat in seats:
                seat.connect()
            ended = await asyncio.gather(
                *(verb(seat.desk, self.current) for seat in seats), return_exceptions=True
            )
            for seat in seats:
                await seat.disconnect()
            return ended

        results: list[Result | BaseException] = self.run(act())
        for name, result in zip(names, results, strict=True):
            self._look_after(self.seats[name], result, spent, verb)
        self.weigh(before, results, strict=verb is not call_me and verb is not revoke)
        kept = any(seat.is_full and self.current in seat.desk.unsaved for seat in self.living())
        if self.delivered and not any(isinstance(each, Crash) for each in results):
            assert self.delivered[-1] == self.stored() or kept or self.has_ended()
        for name in names:
            self.seats[name].go_on()
        return results

    def _look_after(
        self, seat: Seat, result: Result | BaseException, spent: str, verb: object
    ) -> None:
        """Note what a process does not know, and start it again when it has crashed."""
        if isinstance(result, Exception) and not isinstance(result, CloseTuiError):
            raise result
        if seat.crashed or outcome(result) == "refresh_unknown" or seat.desk.unsaved:
            self.unknown.add(records.fingerprint(spent))
        if seat.crashed:
            seat.vanish()
            seat.sit_down()
        elif not seat.is_full and verb is not call_me and self.shown() is not None:
            # A living process whose vault can be written has nothing left in memory only.
            assert self.current not in seat.desk.unsaved

    def weigh(self, before: Connection | None, results: list[Any], *, strict: bool) -> None:
        """Hold what has become of the generation against what was said.

        ``strict``: for verbs that say so when they move it.
        """
        after = self.shown()
        if before is None or after is None:
            return
        moved = after.generation - before.generation
        said = [outcome(each) for each in results].count("refreshed")
        crashed = any(isinstance(each, Crash) for each in results)
        most = said + crashed if strict else 1
        assert said <= moved <= most, (said, moved, results)
