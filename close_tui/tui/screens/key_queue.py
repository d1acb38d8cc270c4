"""API keys that a person deletes in Close, one after the other, while we watch each of them die."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.tui.screens.rounds import failed

if TYPE_CHECKING:
    from textual.app import App

    from close_tui.tui.verbs import Verbs

WATCH_S: Final = 1800.0
"""How long an API key is watched: a person has to find it in Close's settings."""


class KeyQueue:
    """Walks through the keys: copies the ID of one, watches it until Close refuses it, goes on.

    Args:
        app: whose terminal takes the ID.
        verbs: to open the page and to watch.
        say: shows what is to be done now.
        settle: takes the verdict on a key.

    """

    def __init__(
        self,
        app: App[None],
        verbs: Verbs,
        say: Callable[[str], None],
        settle: Callable[[Result], None],
    ) -> None:
        self._app = app
        self._verbs = verbs
        self._say = say
        self._settle = settle
        self.page = ""
        self._is_open = False

    async def walk(self, key: Connection, number: int, of: int) -> None:
        """Lead a person through one key, until it is dead or the watch ends or is cancelled."""
        if not self.page:
            await self.open_page()
        self.copy(key)
        first = f"Key {number} of {of}: delete" if of > 1 else "Delete this API key by hand:"
        where = key.organization.name or key.organization.id
        page = f"{'The page is open:' if self._is_open else 'Open'} {self.page}"
        self._say(
            f"{first} {key.key_id} in {where}.\n"
            "Its ID is copied (sent to the terminal's clipboard).\n"
            f"{page}\n"
            "Watching until Close refuses it.  s skip · y copy again · o open again"
        )
        try:
            self._settle(await self._verbs.run_while_waited_for(_watched, key.id))
        except CloseTuiError as error:
            self._settle(failed(key, "revoke", error, self._verbs.clock()))

    def copy(self, key: Connection) -> None:
        """Send the ID, which is no secret, to the terminal's clipboard."""
        self._app.copy_to_clipboard(key.key_id or "")

    async def open_page(self) -> bool:
        """Open Close's page of API keys; tell whether a browser took it."""
        self.page, self._is_open = await self._verbs.run(_settings_opened, self._verbs.opener)
        return self._is_open


async def _watched(desk: Desk, connection_id: str) -> Result:
    from close_tui.operations.revoke_key import watch

    return await watch(desk, connection_id, WATCH_S)


async def _settings_opened(desk: Desk, opener: Callable[[str], bool] | None) -> tuple[str, bool]:
    from close_tui.operations.revoke_key import open_settings

    return await open_settings(desk, opener)
