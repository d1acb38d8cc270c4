"""The verbs of this room: what a program is handed, and by which name it asks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from close_tui.errors import AlreadyRevoked, Frozen, NotFound, UsageError
from close_tui.model import Kind
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.operations.token import Handed, hand_out_again, hand_out_named
from close_tui.secret import Secret

_TO: Final = "a Python program"
_ENDED: Final = (AlreadyRevoked, Frozen, NotFound)


async def handed_key(desk: Desk, name: str) -> Secret:
    """Hand out an API key; UsageError where the connection is an authorization."""
    found = names.connection(desk.vault, name, exact=True)
    if found.kind is not Kind.API_KEY:
        raise UsageError(
            f"{found.name} is an OAuth authorization and has no API key.",
            advice="close_tui.auth(name) works for both, with httpx.",
        )
    return (await hand_out_named(desk, name, _TO)).secret


class Holding:
    """What a program was handed last under one name. Only the desk's thread looks into it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last: Handed | None = None
        self._flight: tuple[Desk, asyncio.Task[Handed]] | None = None

    async def now(self, desk: Desk) -> Handed:
        """Hand out what a request is to carry now. Calls at the same time share what comes of it.

        Nothing is opened, and nothing written into the history, as long as that is the same.
        """
        if self._flight is None or self._flight[0] is not desk:
            self._flight = desk, asyncio.create_task(self._look(desk))
        return await asyncio.shield(self._flight[1])

    async def instead_of(self, refused: Handed, desk: Desk) -> Handed:
        """Hand out another access token for one that Close answered with 401.

        It is refreshed once, however many ask: who comes later adopts the new one. Raises what
        the refresh says.
        """
        seen = refused.connection
        renewed = await refresh(desk, seen.id, seen.generation)
        if renewed.error is not None and not isinstance(renewed.error, _ENDED):
            raise renewed.error
        return await self.now(desk)

    async def _look(self, desk: Desk) -> Handed:
        try:
            self._last = await self._found(desk)
            return self._last
        finally:
            self._flight = None

    async def _found(self, desk: Desk) -> Handed:
        """Look the name up at first, and again once its connection has ended.

        Then it may be another's: whoever replaces a connection that leaked need not end the
        programs that use it.
        """
        if self._last is not None:
            with suppress(*_ENDED):
                return await hand_out_again(desk, self._last, _TO)
        return await hand_out_named(desk, self._name, _TO)
