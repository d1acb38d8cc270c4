"""Screens that have no test of their own for how they look, to the letter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from textual.screen import ModalScreen

from close_tui.errors import NoPlaceForIdentity, VaultLocked
from close_tui.tui.screens import vault as screen_of_the_vault
from close_tui.tui.screens.leaving import Unsaved
from close_tui.tui.screens.passphrase import NewPassphrase
from close_tui.tui.screens.unlock import Unlock
from tests.tui.golden import SIZES, looks_like
from tests.tui.test_incidents import OPERATOR
from tests.tui.test_rotating import purge

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

Walk = Callable[["Town", "Screen"], Awaitable[None]]


def by(kind: str, *keys: str, sees: str = "") -> Walk:
    """Press keys until a screen of a class is on top."""

    async def walk(town: Town, screen: Screen) -> None:
        await screen.press(*keys)
        if kind:
            await screen.on(kind)
        await screen.sees(sees)

    return walk


def through(first: str, key: str, kind: str) -> Walk:
    """Go to a place, wait for what it tells, and on to a dialog of it."""
    places = {"O": ("Apps", "reporting"), "W": ("ShowVault", "live"), "I": ("Incidents", "pending")}

    async def walk(town: Town, screen: Screen) -> None:
        place, words = places[first]
        await screen.press(first)
        await screen.on(place)
        await screen.sees(words)
        await screen.press(key)
        await screen.on(kind)

    return walk


def asked(kind: str) -> Walk:
    """Show a question that comes by itself."""

    async def walk(town: Town, screen: Screen) -> None:
        verbs = screen.app.verbs
        no_keyring = NoPlaceForIdentity("No keyring was found.")
        dialogs: dict[str, ModalScreen[bool | None]] = {
            "Unlock": Unlock(verbs, VaultLocked("It is locked."), by_passphrase=True),
            "NewPassphrase": NewPassphrase(verbs, no_keyring),
            "Unsaved": Unsaved(verbs, 1),
        }
        screen.app.push_screen(dialogs[kind])
        await screen.on(kind)

    return walk


PLACES: Final[dict[str, Walk]] = {
    "detail": by("", "enter", sees="acme-export"),
    "help": by("Help", "question_mark"),
    "filter-refused": by("", "slash", *"status:x", sees="✕ No status is 'x'."),
    "palette": by("", "ctrl+p", *"acme", sees="→ acme-reports"),
    "choose": by("Choose", "j", "a", sees="Again"),
    "remove": by("Remove", "D"),
    "rotate": by("RotateKey", "R"),
    "import-from": by("ImportFrom", "i"),
    "reconnect": by("Reconnect", "C"),
    "change-app": through("O", "e", "ChangeApp"),
    "export": through("W", "e", "ExportVault"),
    "move-key": through("W", "m", "MoveKey"),
    "rekey": through("W", "K", "Rekey"),
    "close-incident": through("I", "c", "CloseIncident"),
    "unlock": asked("Unlock"),
    "new-passphrase": asked("NewPassphrase"),
    "unsaved": asked("Unsaved"),
}


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
async def test_a_screen_looks_like_its_golden(
    still_town: Town, size: tuple[int, int], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An incident, a key that waits in it, a lost authorization, and one that is well."""
    town = still_town
    real = screen_of_the_vault._facts
    file = Path("/home/ada/close/vault.db")
    monkeypatch.setattr(
        screen_of_the_vault,
        "_facts",
        lambda desk: real(desk)._replace(file=file, size=124_000, place_detail="/home/ada/key.txt"),
    )
    uri = "https://localhost:25673/callback"
    town.app = town.app._replace(redirect_uri=uri)
    town.vault.set_app(town.app, None, town.clock())
    town.key("acme-export")
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    if place in ("close-incident", "reconnect"):
        from close_tui.operations.desk import Desk
        from close_tui.operations.kill import begin

        purge(town, town.named("globex-reports"))
        async with Desk(town.settings, clock=town.clock) as desk:
            begin(desk, [town.named("acme-reports")], "leaked in a ticket", OPERATOR)
    async with town.show(size) as screen:
        await screen.opened()
        await screen.sees("acme-export")
        screen.board.jump("conn_acme-reports" if place == "choose" else "conn_acme-export")
        await screen.pilot.pause()
        await PLACES[place](town, screen)

        await looks_like(screen, place)


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_the_answers_look_like_their_goldens(town: Town, size: tuple[int, int]) -> None:
    """One test, then the line that sums up several, one of them refused."""
    town.key("acme-export")
    town.world.delete_api_key(town.key("acme-old").id)
    async with town.show(size) as screen:
        await screen.opened()
        screen.board.jump("conn_acme-export")
        await screen.pilot.pause()
        await screen.press("t")
        await screen.on("Results")
        await screen.sees("Ada Byron")
        await looks_like(screen, "test")
        await screen.press("escape", "g", "asterisk", "t")
        await screen.sees("Tested 2")
        await looks_like(screen, "bulk")


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_vault_looks_like_its_golden(
    still_town: Town, size: tuple[int, int]
) -> None:
    """Both ways to begin, in sight."""
    empty = still_town.settings._replace(home=still_town.settings.home / "empty")
    async with still_town.show(size, settings=empty) as screen:
        await screen.sees("Create New API Key")

        await looks_like(screen, "welcome")
