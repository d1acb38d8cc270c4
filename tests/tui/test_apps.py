"""The OAuth apps in the app: looked at, added, changed, removed, authorized with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Checkbox

from close_tui.model import SecretKind
from close_tui.secret import Secret
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER, free_port

if TYPE_CHECKING:
    from tests.tui.town import Town

URI = "https://localhost:25673/callback"


@pytest.mark.parametrize("size", SIZES)
async def test_the_apps_look_like_their_golden(still_town: Town, size: tuple[int, int]) -> None:
    """Name, client id, redirect URI, PKCE, secret, connections; the chosen one in full."""
    vault, now = still_town.vault, still_town.clock()
    app = still_town.app
    vault.remove_app(app.id)
    vault.add_app(app._replace(redirect_uri=URI, client_id="oa2client_1"), Secret(MARKER), now)
    other = app._replace(id="app_2", name="no-secret", client_id="oa2client_2", pkce=False)
    vault.add_app(other._replace(redirect_uri=URI), None, now)
    async with still_town.show(size) as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("no-secret")

        await looks_like(screen, "apps")


@pytest.mark.parametrize("size", SIZES)
async def test_no_app_teaches_how_to_get_one(still_town: Town, size: tuple[int, int]) -> None:
    """Where in Close, which redirect URL, which key."""
    still_town.vault.remove_app(still_town.app.id)
    async with still_town.show(size) as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("There is no OAuth app here yet.", "press o")

        await looks_like(screen, "apps-none")


async def test_an_app_is_changed(still_town: Town) -> None:
    """Redirect URI, PKCE and a new client secret; the vault holds them."""
    wanted = f"https://localhost:{free_port()}/other"
    async with still_town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("e")
        await screen.on("ChangeApp")
        await screen.press("ctrl+a")
        await screen.press("delete")
        await screen.press("home", "ctrl+k")
        await screen.type("#redirect", wanted)
        await screen.type("#secret", f"new{MARKER}secret")
        screen.app.screen.query_one(Checkbox).value = False
        await screen.press("ctrl+s")
        await screen.sees("Changed", "PKCE off, a new client secret.")

        assert MARKER not in screen.text
    [app] = still_town.vault.apps()
    assert (wanted, False) == (app.redirect_uri, app.pkce)
    assert Secret(f"new{MARKER}secret") == still_town.vault.secret(app, SecretKind.CLIENT_SECRET)


async def test_a_plain_http_redirect_uri_is_refused_beside_its_field(still_town: Town) -> None:
    """As the command refuses it; nothing is changed."""
    async with still_town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("enter")
        await screen.on("ChangeApp")
        await screen.press("home", "ctrl+k")
        await screen.type("#redirect", "http://localhost:1/x")
        await screen.press("ctrl+s")
        await screen.sees("✕")

        assert "ChangeApp" == type(screen.app.screen).__name__
        assert "redirect" == screen.app.focused.id if screen.app.focused else None
    assert [still_town.app.redirect_uri] == [each.redirect_uri for each in still_town.vault.apps()]


async def test_an_app_that_nothing_needs_is_removed(still_town: Town) -> None:
    """After a question that starts on Cancel; the empty state comes up."""
    async with still_town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("D")
        await screen.on("RemoveApp")
        await screen.press("enter")
        await screen.on("Apps")
        assert [] != still_town.vault.apps()
        await screen.press("D")
        await screen.on("RemoveApp")
        await screen.press("tab", "enter")
        await screen.sees("In Close it still exists.", "There is no OAuth app here yet.")

    assert [] == still_town.vault.apps()


async def test_an_app_that_is_needed_is_not_removed(still_town: Town) -> None:
    """The dialog says what needs it, and has no button for it."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("D")
        await screen.on("RemoveApp")
        await screen.sees("One connection needs it to be refreshed and revoked.")
        await screen.press("enter")
        await screen.on("Apps")

    assert 1 == len(still_town.vault.apps())


async def test_an_app_is_added_and_authorized_with_from_here(town: Town) -> None:
    """O opens the same dialog as on the main screen; a goes on to the browser."""
    async with town.show() as screen:
        await screen.press("O")
        await screen.on("Apps")
        await screen.sees("reporting")
        await screen.press("o")
        await screen.on("AddApp")
        await screen.press("escape")
        await screen.on("Apps")
        await screen.press("a")
        await screen.on("Authorize")
        await screen.press("escape")
