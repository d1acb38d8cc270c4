"""A vault that was destroyed: the app shows what was, and says so when a secret is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.model import Event
from close_tui.vault.destroying import destroy
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


def end(town: Town) -> None:
    """Destroy the vault, as another process would."""
    other = Vault.open(town.settings)
    for each in other.connections():
        other.freeze(each.id, town.clock())
    destroy(other, Event(town.clock(), None, "", "destroy", "ok"))
    other.close()


async def refused(screen: Screen) -> None:
    """A verb that needs a secret is refused in words, and the list stays."""
    await screen.press("a")
    await screen.sees("This vault was destroyed", "move its folder away")
    await screen.press("escape")
    await screen.sees("acme", "vault destroyed")


async def test_the_app_starts_on_it(still_town: Town) -> None:
    """The list is there; nothing offers to unlock it."""
    still_town.grant("acme")
    end(still_town)
    async with still_town.show() as screen:
        await screen.sees("acme", "revoking", "vault destroyed")
        assert "u Unlock" not in screen.text
        await refused(screen)


async def test_an_app_that_runs_meanwhile_forgets_the_key(still_town: Town) -> None:
    """It held the key; it goes on showing what was."""
    still_town.grant("acme")
    async with still_town.show() as screen:
        await screen.press("u")
        await screen.sees("vault open")
        end(still_town)
        await screen.sees("vault destroyed")
        await refused(screen)


async def test_it_says_how_many_may_live_and_offers_no_other_try(still_town: Town) -> None:
    """On a small terminal too, and in an app that was open meanwhile."""
    still_town.grant("acme")
    still_town.grant("globex", still_town.globex)
    async with still_town.show((80, 24)) as screen:
        await screen.press("u")
        await screen.opened()
        end(still_town)
        await screen.sees("2 may live on: only Close can end them", "vault destroyed")
        await screen.press("P")

        assert "tries" not in screen.text
        assert screen.app.screen is screen.board
