"""Every place is in the palette, and its key in the help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.tui.screens.help import keys_of

if TYPE_CHECKING:
    from tests.tui.town import Town


async def test_every_place_is_in_the_palette_and_in_the_help(still_town: Town) -> None:
    """Also those that the footer has no room for."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        offered = {each.title for each in screen.app.get_system_commands(screen.app.screen)}
        keys = {key for key, _ in keys_of(screen.app.screen)}

        assert {"Rename", "Import keys", "Apps", "Vault", "Doctor", "Settings"} <= offered
        assert {"n", "i", "O", "W", "H", ","} <= keys


async def test_a_place_has_its_own_help(still_town: Town) -> None:
    """A question mark lists what can be done there."""
    async with still_town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("Change its redirect URI, PKCE or client secret.")


async def test_the_detail_on_its_own_has_help_for_what_its_footer_leaves_out(
    still_town: Town,
) -> None:
    """Where the terminal has no room for the pane beside the list."""
    still_town.key("acme-export")
    async with still_town.show((80, 24)) as screen:
        await screen.press("enter")
        await screen.on("DetailScreen")
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("n Give it another name.", "D Forget it here. Does not revoke.")
