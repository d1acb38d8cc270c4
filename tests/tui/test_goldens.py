"""Screens that have no test of their own for how they look, to the letter."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from textual.screen import ModalScreen
from textual.screen import Screen as TextualScreen

from close_tui.callback.certificate import Certificate
from close_tui.callback.trust import Standing
from close_tui.callback.trust_stores import Store
from close_tui.errors import NoPlaceForIdentity, VaultLocked
from close_tui.operations import incident
from close_tui.operations.certificate import State
from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin
from close_tui.operations.reconnect import Lost
from close_tui.secret import Secret
from close_tui.tui.screens import certificate as screen_of_the_certificate
from close_tui.tui.screens import removing as screen_of_removals
from close_tui.tui.screens import vault as screen_of_the_vault
from close_tui.tui.screens.bulk import RunsRounds
from close_tui.tui.screens.leaving import StillAlive, Unsaved
from close_tui.tui.screens.message import Message
from close_tui.tui.screens.passphrase import NewPassphrase
from close_tui.tui.screens.pending import RetriesPending
from close_tui.tui.screens.reconnect import GoOn
from close_tui.tui.screens.unlock import Unlock
from tests.conftest import NOW
from tests.tui.golden import FOLDER, SHOWS, SIZES, looks_like
from tests.tui.keys.steps import revoking
from tests.tui.keys.table import ours, send
from tests.tui.test_incidents import OPERATOR
from tests.tui.test_rotating import purge
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

Walk = Callable[["Town", "Screen"], Awaitable[None]]


def by(kind: str, *keys: str, sees: str = "") -> Walk:
    """Press keys until a screen of a class is on top."""

    async def walk(town: Town, screen: Screen) -> None:
        if kind:
            await send(screen, *keys)
            await screen.on(kind)
        else:  # what is typed is not to be quicker than its field
            await screen.press(*keys)
        await screen.sees(sees)

    return walk


def through(first: str, *keys: str, sees: str = "") -> Walk:
    """Go to a place, wait for what it tells, on by keys to a dialog of it; its class is last."""
    places = {"O": ("Apps", "reporting"), "W": ("ShowVault", "live"), "I": ("Incidents", "pending")}

    async def walk(town: Town, screen: Screen) -> None:
        place, words = places[first]
        await screen.press(first)
        await screen.on(place)
        await screen.sees(words)
        await send(screen, *keys[:-1])
        await screen.on(keys[-1])
        await screen.sees(sees)

    return walk


def asked(make: Callable[[Town, Screen], ModalScreen[Any]]) -> Walk:
    """Show a question that comes by itself."""

    async def walk(town: Town, screen: Screen) -> None:
        dialog = make(town, screen)
        screen.app.push_screen(dialog)
        await screen.on(type(dialog).__name__)

    return walk


async def removing(_: Town, screen: Screen) -> None:
    """Confirm a removal, which is counted down above the list."""
    await screen.press("D")
    await screen.on("Remove")
    await screen.press("tab", "enter")
    await screen.sees("U keeps it", "U Undo")


async def revoke_uncounted(_: Town, screen: Screen) -> None:
    """Confirm a revocation of several without their count."""
    await screen.press("asterisk", "X")
    await screen.on("Revoke")
    await screen.sees("This cannot be undone.")
    screen["#revoke"].focus()
    await screen.press("enter")
    await screen.sees("✕ 3 connections would be revoked")


async def leaving(_: Town, screen: Screen) -> None:
    """Leave while Close has not answered yet."""

    def begun(desk: Desk) -> None:
        waiting = asyncio.get_running_loop().create_future()
        desk.flights["conn_acme-reports"] = waiting  # type: ignore[assignment]

    await screen.app.verbs.ask(begun)
    await screen.press("q")
    await screen.on("Leaving")


CALM: Final[dict[str, Walk]] = {
    "detail": by("", "enter", sees="acme-export"),
    "help": by("Help", "question_mark"),
    "filter-refused": by("", "slash", *"status:x", sees="✕ No status is 'x'."),
    "palette": by("", "ctrl+p", *"acme", sees="→ acme-reports"),
    "choose": by("Choose", "j", "j", "a", sees="Again"),
    "remove": by("Remove", "D"),
    "rotate": by("RotateKey", "R"),
    "copy": by("Copy", "y"),
    "certificate": by("Certificate", "T", sees="Trust runs these commands"),
    "import-from": by("ImportFrom", "i"),
    "change-app": through("O", "e", "ChangeApp"),
    "remove-app-needed": through("O", "D", "RemoveApp"),
    "export": through("W", "e", "ExportVault"),
    "move-key": through("W", "m", "MoveKey"),
    "rekey": through("W", "K", "Rekey"),
    "unlock": asked(
        lambda _, s: Unlock(s.app.verbs, VaultLocked("It is locked."), by_passphrase=True)
    ),
    "new-passphrase": asked(
        lambda _, s: NewPassphrase(s.app.verbs, NoPlaceForIdentity("No keyring was found."))
    ),
    "unsaved": asked(lambda _, s: Unsaved(s.app.verbs, 1)),
    "still-alive": asked(lambda t, s: StillAlive(s.app.verbs, revoking(t, s))),
    "message": asked(
        lambda _, s: Message(s.app.verbs, VaultLocked("The key to the vault cannot be read."))
    ),
    "go-on": asked(
        lambda t, s: GoOn(s.app.verbs, Lost(t.named("acme-reports"), t.app, "", "refused"), 2)
    ),
    "plan-refused": revoke_uncounted,
    "leaving": leaving,
    "removing": removing,
}
AFTER_A_BAD_NIGHT: Final[dict[str, Walk]] = {
    "close-incident": through("I", "c", "CloseIncident"),
    "incident": through("I", "enter", "OneIncident", sees="# Incident"),
    "reconnect": by("Reconnect", "C"),
    "remove-frozen": by("Remove", "g", "D"),
}

WITH_MORE: Final[dict[str, Walk]] = {
    "expired": by("", "G", sees="expired"),
    "remove-app": through("O", "g", "D", "RemoveApp"),
}


@pytest.fixture
def fixed(still_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town in which paths, ports, certificates and times are always the same."""
    town = still_town
    facts, words = screen_of_the_vault._facts, screen_of_removals.removal_words
    file = Path("/home/ada/close/vault.db")
    monkeypatch.setattr(
        screen_of_the_vault,
        "_facts",
        lambda desk: facts(desk)._replace(
            file=file, size=124_000, place_detail="/home/ada/key.txt"
        ),
    )
    monkeypatch.setattr(
        screen_of_removals,
        "removal_words",
        lambda left, now: words(left, left[-1].due - 8 if left else now),
    )
    monkeypatch.setattr(RetriesPending, "back_off", staticmethod(lambda tries: 1e9))
    monkeypatch.setattr(screen_of_the_certificate, "_seen", certificate_seen)
    monkeypatch.setattr(incident, "hash_of_last", lambda desk, found: "0123456789abcdef" * 4)
    town.app = town.app._replace(redirect_uri="https://localhost:25673/callback")
    town.vault.set_app(town.app, None, town.clock())
    town.key("acme-export")
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    return town


async def certificate_seen(_: Desk) -> screen_of_the_certificate._Seen:
    """Return a certificate that one browser trusts, one did, and one does not."""
    sha = ":".join(f"{number:02X}" for number in range(32))
    path = Path("/home/ada/close/certificate.pem")
    found = Certificate(path, "", sha, NOW - 86_400, NOW + 90 * 86_400)
    standings = tuple(
        Standing(Store(name.lower(), "nss", name, f"/home/ada/{name}"), trusts, since, old)
        for name, trusts, since, old in (
            ("Chromium", True, NOW - 3600, False),
            ("Firefox", False, NOW - 7200, True),
            ("Chrome", False, None, False),
        )
    )
    command = "certutil -d sql:/home/ada/.pki/nssdb -A -t P,, -n close-tui -i certificate.pem"
    return screen_of_the_certificate._Seen(State(found, None, standings, None), [command])


async def home(screen: Screen) -> None:
    """Close what is open, as a person does, until only the list is there."""
    for _ in range(6):
        await send(screen, "escape")
        if screen.app.screen is screen.board:
            break
    await send(screen, "escape", "escape")
    screen.app.clear_notifications()


async def all_look_like_their_goldens(places: dict[str, Walk], town: Town, screen: Screen) -> None:
    """Go to one place after the other, always from the list."""
    await screen.opened()
    for name, walk in places.items():
        screen.board.jump("conn_acme-export")
        await screen.pilot.pause()
        await walk(town, screen)
        await looks_like(screen, name)
        await home(screen)


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_looks_like_its_golden(fixed: Town, size: tuple[int, int]) -> None:
    """A key and two authorizations, all well."""
    async with fixed.show(size) as screen:
        await all_look_like_their_goldens(CALM, fixed, screen)
        await screen.app.verbs.ask(lambda desk: desk.flights.clear())


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_screens_of_a_bad_night_look_like_their_goldens(
    fixed: Town, size: tuple[int, int]
) -> None:
    """An incident, a connection that waits in it, and a lost authorization."""
    purge(fixed, fixed.named("globex-reports"))
    async with Desk(fixed.settings, clock=fixed.clock) as desk:
        begin(desk, [fixed.named("acme-reports")], "leaked in a ticket", OPERATOR)
    async with fixed.show(size) as screen:
        await all_look_like_their_goldens(AFTER_A_BAD_NIGHT, fixed, screen)


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_rarer_states_look_like_their_goldens(fixed: Town, size: tuple[int, int]) -> None:
    """An authorization that has expired, and an OAuth app that nothing needs."""
    billing = fixed.app._replace(id="app_2", name="billing", client_id="oa2client_billing")
    fixed.vault.add_app(billing, Secret(MARKER), fixed.clock())
    fixed.grant("globex-zap", fixed.globex, by=fixed.bob, lasts=-7200)
    fixed.vault.set_auto_refresh(False)
    async with fixed.show(size) as screen:
        await all_look_like_their_goldens(WITH_MORE, fixed, screen)


def test_every_screen_has_a_golden() -> None:
    """In both sizes, and no golden is of nothing."""
    screens = {each.__name__ for each in ours() if issubclass(each, TextualScreen)}
    shown = {each for kinds in SHOWS.values() for each in kinds.split(" or ")}
    wanted = {f"{name}-{width}x{height}.txt" for name in SHOWS for width, height in SIZES}

    assert screens == shown - {"CommandPalette"}
    assert wanted | {"wait-desk-60x15.txt"} == {file.name for file in FOLDER.iterdir()}


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_the_answers_look_like_their_goldens(town: Town, size: tuple[int, int]) -> None:
    """One test, the line that sums up several, one of them refused, and each of them."""
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
        board = screen.board
        assert isinstance(board, RunsRounds)
        for number, result in enumerate(board._results):
            # Another number of digits may break the line at another word.
            words = re.sub(r"\d+ ms", "9 ms", result.detail)
            board._results[number] = result._replace(detail=words)
        await screen.press("L")
        await screen.on("Results")
        await looks_like(screen, "results")


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_vault_looks_like_its_golden(
    still_town: Town, size: tuple[int, int]
) -> None:
    """Both ways to begin, in sight."""
    empty = still_town.settings._replace(home=still_town.settings.home / "empty")
    async with still_town.show(size, settings=empty) as screen:
        await screen.sees("Create New API Key")

        await looks_like(screen, "welcome")
