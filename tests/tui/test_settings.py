"""What the settings say holds in the app too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from tests.tui.town import Town

REDIRECT_URI = "https://localhost:31337/back"


async def test_the_redirect_uri_of_the_settings_is_shown(still_town: Town) -> None:
    """Where an empty vault teaches, and in the dialog for a new OAuth app."""
    empty = still_town.settings.home / "empty"
    settings = still_town.settings._replace(home=empty, redirect_uri=REDIRECT_URI)
    async with still_town.show(settings=settings) as screen:
        await screen.sees("As redirect URL enter exactly", REDIRECT_URI)
        await screen.press("o")
        await screen.on("AddApp")

        assert REDIRECT_URI == screen.app.screen.query_one("#redirect", Input).value


async def test_the_wait_for_the_browser_is_that_of_the_settings(town: Town) -> None:
    """The countdown begins there."""
    settings = town.settings._replace(authorize_wait_s=42.0)
    async with town.show(settings=settings) as screen:
        await screen.press("a")
        await screen.on("Authorize")
        await screen.sees("Waiting for the browser, 42s left")
