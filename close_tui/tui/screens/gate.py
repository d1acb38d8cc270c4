"""The way to the secrets: before a verb that needs them, the vault is made and unlocked."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from textual.app import App

from close_tui.errors import CloseTuiError, NoPlaceForIdentity, VaultLocked
from close_tui.operations.desk import Desk
from close_tui.tui.verbs import Verbs

QUIET_S: Final = 0.7
"""A keyring that answers within this time is not worth a word."""


async def open_vault(app: App[Any], verbs: Verbs, *, make: bool = False) -> bool:
    """Make sure that secrets can be used; False when the person gave up, or it cannot be.

    ``make``: make the vault where there is none. To be called in a worker.
    """
    from close_tui.tui.screens.message import Message

    try:
        await _patiently(app, verbs, make)
    except NoPlaceForIdentity as error:
        from close_tui.tui.screens.passphrase import NewPassphrase

        return await app.push_screen_wait(NewPassphrase(verbs, error)) is True
    except VaultLocked as error:
        from close_tui.tui.screens.unlock import Unlock

        by_passphrase = await verbs.ask(_by_passphrase)
        dialog = Unlock(verbs, error, by_passphrase=by_passphrase, make=make)
        return await app.push_screen_wait(dialog) is True
    except CloseTuiError as error:
        await app.push_screen_wait(Message(verbs, error))
        return False
    return True


async def opened(desk: Desk, make: bool) -> None:
    """Make the vault if asked to, then unlock it; nothing where it is open already."""
    if make:
        desk.make_vault()
    await desk.unlock()


async def _patiently(app: App[Any], verbs: Verbs, make: bool) -> None:
    opening = asyncio.ensure_future(verbs.run(opened, make))
    done, _ = await asyncio.wait({opening}, timeout=QUIET_S)
    if not done:
        app.notify("The vault's key is being fetched from the keyring …", markup=False)
    await opening


def _by_passphrase(desk: Desk) -> bool:
    try:
        return desk.vault.place_kind == "passphrase"
    except CloseTuiError:
        return False
