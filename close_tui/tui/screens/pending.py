"""The board that does not forget what is frozen and not proved dead: it tries again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.operations.overview import VaultState
from close_tui.operations.pending import back_off, pending
from close_tui.operations.plan import is_settled
from close_tui.tui.screens.freshness import KeepsFresh
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.left_alive import left_words
from close_tui.tui.screens.under_way import UnderWay
from close_tui.tui.widgets.seconds import each_second

LOOK_S: Final = 1.0
"""Seconds between two looks at whether it is time to try again."""


class RetriesPending(KeepsFresh):
    """Shows a red banner with a count, and retries with back-off while the vault is open.

    Never opens a browser by itself, says nothing but when one has died, and stays out of the way
    of a revocation that a person has begun.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "retry_pending", "Pending", show=False, id="main.retry_pending",
                tooltip="Try again what is frozen and not proved dead."),
    ]  # fmt: skip

    _looked_in: tuple[Connection, ...] = ()
    _frozen: Sequence[Connection] = ()

    back_off: Callable[[int], float] = staticmethod(back_off)
    """Seconds to wait after so many tries in a row."""

    under_way: UnderWay | None = None
    """The revocation that a person began last."""

    async def on_mount(self) -> None:
        """Begin to look; textual calls the others' own as well."""
        self._is_followed = False
        self._is_left = False
        self._is_retrying = False
        self._known: frozenset[str] = frozenset()
        self._tries = 1
        self._try_at = 0.0
        each_second(self, self._consider, LOOK_S)

    def pending(self) -> list[Connection]:
        """Return what is frozen and not proved dead."""
        if self._looked_in is not self.seen.connections:
            # Once a look, because this is asked at every press of a key and every second.
            self._looked_in = self.seen.connections
            self._frozen = [one for one in self._looked_in if one.frozen_at is not None]
        return pending(self._frozen, self.verbs.clock())

    def can_revoke(self, connection: Connection) -> bool:
        """Tell whether anything is left to revoke."""
        return not is_settled(connection, self.verbs.clock())

    # By itself

    def _consider(self) -> None:
        """Follow what is at work; try again once it is time to, if nobody else does."""
        now = asyncio.get_running_loop().time()
        known = self.seen.old_grants.union(one.id for one in self.pending())
        if known != self._known:
            self._known, self._tries = known, 1
            self._try_at = now + self.back_off(self._tries)
        works = self.under_way is not None and not self.under_way.is_done
        is_free = not (works or self._is_followed or self._is_retrying)
        if works or self._is_followed:
            self.look()
        elif self._is_left:
            self._tell_end()
        self._is_left = works and not self._is_followed
        if known and is_free and now >= self._try_at and self.seen.vault is VaultState.OPEN:
            self._is_retrying = True
            self._retry()

    @work(group="pending")
    async def _retry(self) -> None:
        from close_tui.leaks import DEAD

        results: list[Result] = []
        try:
            results = await self.verbs.run(_retried)
        except CloseTuiError:
            pass  # the banner stays, and says enough
        finally:
            self._tries += 1
            self._try_at = asyncio.get_running_loop().time() + self.back_off(self._tries)
            self._is_retrying = False
        for result in results:
            if result.outcome in DEAD:
                self.notify(f"{result.name}: {result.detail}", title="Dead", markup=False)
        self.look()

    # Because a person wants it

    @work(group="revoke")
    async def action_retry_pending(self) -> None:
        """Go on with what is pending, as part of the incident that it belongs to."""
        if found := await self._pending_now():
            under_way = UnderWay(self.verbs, found, continues=True)
            under_way.start()
            await self.follow(under_way)
        if self.seen.old_grants and await open_vault(self.app, self.verbs):
            from close_tui.leaks import DEAD

            for result in await self.verbs.run(_old_grants_retried):
                is_dead = result.outcome in DEAD
                self.notify(
                    f"{result.name}: {result.detail} {result.advice}".rstrip(),
                    title="Old grant",
                    severity="information" if is_dead else "warning",
                    markup=False,
                )
            self.look()

    @work(group="end")
    async def _tell_end(self) -> None:
        """Say what came of a revocation that nobody watched to its end, and show it."""
        from close_tui.leaks import DEAD
        from close_tui.tui.widgets.kill_words import verdict_look

        self.look()
        if self.under_way is None:
            return
        try:
            results = await self.under_way.results()
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)
            return
        counts = Counter(verdict_look(each.outcome).counted for each in results)
        told = " · ".join(f"{word} {count}" for word, count in counts.most_common())
        is_all_dead = all(each.outcome in DEAD for each in results)
        self.notify(
            f"{told}. I shows the record.",
            title="Revoked" if is_all_dead else "Not all is dead",
            severity="information" if is_all_dead else "warning",
            markup=False,
        )

    async def _pending_now(self) -> list[Connection]:
        """Return what is pending by the vault, which may have been looked at a while ago."""
        try:
            return await self.verbs.ask(_pending)
        except CloseTuiError:
            return self.pending()

    async def follow(self, under_way: UnderWay) -> None:
        """Show a revocation at work, until the person has seen enough. To be called in a worker."""
        from close_tui.tui.screens.revoking import Revoking

        self.under_way, self._is_followed = under_way, True
        revoking = Revoking(self.verbs, under_way)
        try:
            await self.app.push_screen_wait(revoking)
        finally:
            self._is_followed = False
            self._known = frozenset()  # what was watched until now is looked at again soon
        self.connection_list.clear_marks()
        self.look()
        if revoking.is_to_go_on:
            self.action_retry_pending()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer to try again where something is pending."""
        if action == "retry_pending":
            is_over = self.seen.vault is VaultState.DESTROYED
            return not is_over and bool(self.pending() or self.seen.old_grants)
        return super().check_action(action, parameters)

    # What is said above the list

    def show_all(self) -> None:
        """Show what was seen, and what is not dead yet."""
        super().show_all()
        if self.seen.vault is VaultState.DESTROYED:
            words = left_words(self.seen.connections, self.verbs.clock())
        else:
            words = pending_words(self.pending(), len(self.seen.old_grants))
        self.say("pending", words, "error")


def pending_words(found: list[Connection], old_grants: int = 0) -> str:
    """Say how many are frozen and not proved dead, and how many older grants live still."""
    parts = []
    if found:
        keys = sum(one.kind is Kind.API_KEY for one in found)
        verb = "connection is" if len(found) == 1 else "connections are"
        by_hand = f" ({keys} by hand)" if keys else ""
        parts.append(f"{len(found)} {verb} frozen and not proved dead{by_hand}")
    if old_grants:
        parts.append(f"{old_grants} old grant{'' if old_grants == 1 else 's'} still alive")
    them = "it" if len(found) + old_grants == 1 else "them"
    return f"{', '.join(parts)}: P tries {them} again" if parts else ""


def _pending(desk: Desk) -> list[Connection]:
    return pending(desk.vault.connections(), desk.clock())


async def _old_grants_retried(desk: Desk) -> list[Result]:
    from close_tui.operations.old_grant import retry_old_grants

    await desk.unlock()
    return await retry_old_grants(desk, lambda _: None)


async def _retried(desk: Desk) -> list[Result]:
    from close_tui.operations.pending import retry

    return await retry(desk, lambda _: None)
