"""The board that replaces credentials: a key by another key, an authorization by a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from close_tui.model import App, Connection, Kind
from close_tui.operations.desk import Desk
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.pending import RetriesPending
from close_tui.tui.screens.under_way import UnderWay

if TYPE_CHECKING:
    from close_tui.operations.reconnect import Lost


class Rotates(RetriesPending):
    """Rotates the connection under the cursor; walks through all that must be authorized again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "rotate", "Rotate", show=False, id="main.rotate",
                tooltip="Replace this key or authorization, then kill the old one."),
        Binding("C", "reconnect", "Reconnect", show=False, id="main.reconnect",
                tooltip="Authorize again, one after another, all that was lost."),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        match action:
            case "rotate":
                one = self.connection_list.highlighted
                return one is not None and (_is_live_key(one) or self._app_of(one) is not None)
            case "reconnect":
                return bool(self.seen.apps and self.seen.connections)
        return super().check_action(action, parameters)

    def _app_of(self, one: Connection) -> App | None:
        """Return the OAuth app through which a live authorization can be given anew."""
        if one.frozen_at is not None or one.revoked_at is not None:
            return None
        return next((app for app in self.seen.apps if app.id == one.app_id), None)

    @work(group="rotate")
    async def action_rotate(self) -> None:
        """Put another credential in the place of the one under the cursor."""
        one = self.connection_list.highlighted
        if one is None or not await open_vault(self.app, self.verbs):
            return
        if _is_live_key(one):
            await self._rotate_key(one)
        elif app := self._app_of(one):
            await self._authorize_anew(one, app)
        self.look()

    async def _rotate_key(self, one: Connection) -> None:
        from close_tui.tui.screens.rotate import RotateKey

        rotated = await self.app.push_screen_wait(RotateKey(self.verbs, one))
        if rotated is None:
            return
        self.notify(rotated.result.detail, title=f"{one.name} has the new key", markup=False)
        self.look(rotated.result.id)
        under_way = UnderWay(self.verbs, [rotated.old], continues=True)
        under_way.incident = rotated.incident
        under_way.start()
        await self.follow(under_way)

    async def _authorize_anew(self, one: Connection, app: App) -> None:
        from close_tui.operations.reconnect import another_user
        from close_tui.tui.screens.authorize import Authorize
        from close_tui.tui.screens.choose import Choice
        from close_tui.tui.screens.message import Message

        choice = Choice(app, one, rotates=True)
        done = await self.app.push_screen_wait(Authorize(self.verbs, choice))
        if done is None:
            return
        now = await self.verbs.ask(_stored, done.id)
        if now is not None and now.id != one.id:
            done = await self.verbs.ask(another_user, one, now)
        if done.error is not None:
            await self.app.push_screen_wait(Message(self.verbs, done.error))
        else:
            self.notify(f"{done.name}: {done.detail}", title="Authorized anew", markup=False)

    @work(group="reconnect")
    async def action_reconnect(self) -> None:
        """Authorize again, one after another, all that only a person brings back."""
        from close_tui.tui.screens.reconnect import Reconnect

        found = await self.verbs.ask(_lost)
        if not found:
            self.notify("Nothing needs to be authorized again.", markup=False)
            return
        begins = await self.app.push_screen_wait(Reconnect(self.verbs, found))
        if not begins or not await open_vault(self.app, self.verbs):
            return
        again = await self._walk(found)
        words = f"{again} of {len(found)} authorized again."
        self.notify(words, severity="information" if again == len(found) else "warning")
        self.look()

    async def _walk(self, found: list[Lost]) -> int:
        """Lead through the authorizations; return how many are back."""
        from close_tui.operations.reconnect import judged
        from close_tui.tui.screens.authorize import Authorize
        from close_tui.tui.screens.choose import Choice
        from close_tui.tui.screens.message import Message
        from close_tui.tui.screens.reconnect import GoOn

        again = 0
        for number, each in enumerate(found, 1):
            choice = Choice(each.app, each.connection, keeps_name=bool(each.name))
            done = await self.app.push_screen_wait(Authorize(self.verbs, choice))
            if done is not None:
                done = await self.verbs.ask(judged, each, done)
                if done.error is not None:
                    await self.app.push_screen_wait(Message(self.verbs, done.error))
            if done is not None and done.error is None:
                again += 1
                continue
            left = len(found) - number
            if left and not await self.app.push_screen_wait(GoOn(self.verbs, each, left)):
                break
        return again


def _is_live_key(one: Connection) -> bool:
    return one.kind is Kind.API_KEY and one.revoked_at is None


def _stored(desk: Desk, connection_id: str) -> Connection | None:
    return desk.vault.connection(connection_id)


def _lost(desk: Desk) -> list[Lost]:
    from close_tui.operations.reconnect import lost

    return lost(desk.vault, desk.clock())
