"""Hostile names in every place: shown as they read, nothing acted on, nothing moved."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import pytest

from close_tui.model import Grant, Organization, Tokens
from close_tui.operations.reconnect import Lost
from close_tui.secret import Secret
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.screens.close_incident import CloseIncident
from close_tui.tui.screens.reconnect import GoOn
from close_tui.tui.widgets.incident_list import IncidentList
from tests.tui.hostile import (
    SEEN,
    WORST,
    columns_of,
    connection_of,
    live_among,
    trouble,
    write_into_the_file,
)

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from tests.tui.town import Screen, Town

Walk = Callable[["Town", "Screen"], Awaitable[None]]
SIZES: Final = ((120, 40), (80, 24), (60, 15))


def by(kind: str, *keys: str, then: tuple[str, ...] = ()) -> Walk:
    """Go from the main screen to another, by keys; then press more."""

    async def walk(town: Town, screen: Screen) -> None:
        await screen.press(*keys)
        await screen.on(kind)
        await screen.press(*then)

    return walk


async def main(town: Town, screen: Screen) -> None:
    """Every row, with its status at the same place."""
    await screen.sees(SEEN[:4])


async def palette(town: Town, screen: Screen) -> None:
    """Connections and organizations found by what is hostile in them."""
    await screen.press("ctrl+p", *"[@cl")
    await screen.sees(f"→ {SEEN}")


async def filtered(town: Town, screen: Screen) -> None:
    """A filter that is hostile itself."""
    await screen.press("slash", *"[@click", "enter")


async def filter_refused(town: Town, screen: Screen) -> None:
    """A filter that is not understood."""
    await screen.press("slash", *"expires<[/x]", "enter")


async def bulk(town: Town, screen: Screen) -> None:
    """The summary, and each answer."""
    await screen.press("g", "asterisk", "t")
    await screen.sees("Tested ")
    assert [] == list(trouble(screen))
    await screen.press("L")
    await screen.on("Results")


async def add_key_answer(town: Town, screen: Screen) -> None:
    """Whose a new key is."""
    made = town.world.add_api_key(town.ada, town.acme)
    await screen.press("A")
    await screen.on("AddKey")
    await screen.type("#key", made.text)
    await screen.sees("Nothing is stored yet.")


async def add_app(town: Town, screen: Screen) -> None:
    """Fields that hold what was pasted."""
    await screen.press("o")
    await screen.on("AddApp")
    await screen.type("#name", WORST)
    await screen.press("ctrl+s")
    await screen.sees("✕")


async def plan(town: Town, screen: Screen) -> None:
    """What would be revoked."""
    screen.board.jump(connection_of(town, "oauth").id)
    await screen.pilot.pause()
    await screen.press("X")
    await screen.on("Revoke")


async def verdict(town: Town, screen: Screen) -> None:
    """How it went."""
    await plan(town, screen)
    screen["#revoke"].focus()
    await screen.press("enter")
    await screen.on("Revoking")
    await screen.pilot.pause(0.5)


async def queue(town: Town, screen: Screen) -> None:
    """A key to delete by hand."""
    screen.board.jump(connection_of(town, "api_key").id)
    await screen.pilot.pause()
    await screen.press("X")
    await screen.on("Revoke")
    screen["#revoke"].focus()
    await screen.press("enter")
    await screen.on("Revoking")
    await screen.sees("Delete")


async def removal(town: Town, screen: Screen) -> None:
    """The banner that counts down."""
    await screen.press("D")
    await screen.on("Remove")
    assert [] == list(trouble(screen))
    await screen.press("tab", "enter")
    await screen.sees("U keeps it")
    assert [] == list(trouble(screen))
    await screen.press("U")


async def rename(town: Town, screen: Screen) -> None:
    """The old name in the field, a refused new one."""
    await screen.press("n")
    await screen.on("Rename")
    await screen.type("#new-name", WORST)
    await screen.press("ctrl+s")
    await screen.sees("✕")


async def imported(town: Town, screen: Screen) -> None:
    """A file whose name and whose lines are hostile."""
    key = town.world.add_api_key(town.ada, town.acme).text
    file = town.settings.home.parent / "[@click=app.bell][bold] \u202e\x1b]0;PWNED\x07.csv"
    name = WORST.replace("\r", "").replace("\n", "")
    file.write_text(f'name,api_key\n"{name}",{key}\n"{name}",none\n', encoding="utf-8")
    await screen.press("i")
    await screen.on("ImportFrom")
    field = screen["#path"]
    field.value = str(file)  # type: ignore[attr-defined]
    await screen.press("enter")
    await screen.on("Importing")
    await screen.sees("Nothing is stored yet")
    assert [] == list(trouble(screen))
    await screen.press("enter")
    await screen.sees("The file was not changed")


async def change_app(town: Town, screen: Screen) -> None:
    """The list of apps, then one of them."""
    await screen.press("O")
    await screen.on("Apps")
    await screen.sees(SEEN)
    assert [] == list(trouble(screen))
    await screen.press("e")
    await screen.on("ChangeApp")


async def remove_app(town: Town, screen: Screen) -> None:
    """What would go with it."""
    await screen.press("O")
    await screen.on("Apps")
    await screen.press("D")
    await screen.pilot.pause(0.3)


async def incident(town: Town, screen: Screen) -> None:
    """The reason, who it was, and every target."""
    await screen.press("I")
    await screen.on("Incidents")
    await screen.sees("1")
    assert [] == list(trouble(screen))
    await screen.press("enter")
    await screen.on("OneIncident")
    assert [] == list(trouble(screen))
    listed = screen.app.screen_stack[1].query_one(IncidentList)
    assert listed.highlighted is not None
    screen.app.push_screen(CloseIncident(screen.app.verbs, listed.highlighted))
    await screen.on("CloseIncident")


async def leaving(town: Town, screen: Screen) -> None:
    """What is waited for."""

    def begun(desk: Desk) -> None:
        waiting = asyncio.get_running_loop().create_future()
        desk.flights["conn_grant"] = waiting  # type: ignore[assignment]

    await screen.app.verbs.ask(begun)
    await screen.press("q")
    await screen.on("Leaving")
    for width, height in SIZES:
        await screen.pilot.resize_terminal(width, height)
        await screen.pilot.pause()
        assert [] == list(trouble(screen))
    await screen.press("escape")
    await screen.app.verbs.ask(lambda desk: desk.flights.clear())  # the end would wait for it


async def elsewhere(town: Town, screen: Screen) -> None:
    """The question that names two organizations."""
    from close_tui.operations.elsewhere import Elsewhere
    from close_tui.tui.screens.elsewhere import KeepElsewhere

    aside = connection_of(town, "oauth")
    tokens = Tokens(Secret("access"), Secret("refresh"), 0.0, "")
    meant = Organization(town.acme.id, aside.organization.name)
    found = Elsewhere(aside, Grant(tokens, town.globex.id, town.ada.id), meant)
    screen.app.push_screen(KeepElsewhere(screen.app.verbs, found))
    await screen.on("KeepElsewhere")


async def pending(town: Town, screen: Screen) -> None:
    """Frozen ones are named in red."""
    town.vault.freeze(connection_of(town, "oauth").id, town.clock())
    await screen.sees("frozen")


async def authorize(town: Town, screen: Screen) -> None:
    """Which organization to pick."""
    screen.board.jump(connection_of(town, "oauth").id)
    await screen.pilot.pause()
    await screen.press("a")
    await screen.on("Choose")
    await screen.sees(SEEN)
    assert [] == list(trouble(screen))
    await screen.press("enter")
    # A name that no verb would have taken is refused again; it must be given another first.
    await screen.until(lambda: " left" in screen.text or "at most 64" in screen.text)


async def reconnect(town: Town, screen: Screen) -> None:
    """What was lost."""
    one = connection_of(town, "oauth")
    town.vault.refuse_refresh(one.id, one.generation, town.clock())
    await screen.sees("ost" if screen.app.size.width < 70 else "uthori")
    await screen.pilot.pause(1.2)
    await screen.press("C")
    await screen.on("Reconnect")
    assert [] == list(trouble(screen))
    screen.app.push_screen(GoOn(screen.app.verbs, Lost(one, town.app, WORST, WORST), 2))
    await screen.on("GoOn")


async def rotate(town: Town, screen: Screen) -> None:
    """A key that is replaced."""
    screen.board.jump(connection_of(town, "api_key").id)
    await screen.pilot.pause()
    await screen.press("R")
    await screen.on("RotateKey")


async def handed_out(town: Town, screen: Screen) -> None:
    """The question before a secret is copied."""
    screen.board.jump(connection_of(town, "api_key").id)
    await screen.pilot.pause()
    await screen.press("Y")
    await screen.on("Reveal")
    assert [] == list(trouble(screen))
    await screen.press("escape")
    await screen.until(lambda: screen.app.screen is screen.board)
    await screen.press("y")
    await screen.pilot.pause(0.4)


PLACES: Final[dict[str, Walk]] = {
    "main": main,
    "detail": by("DetailScreen", "enter"),
    "help": by("Help", "question_mark"),
    "palette": palette,
    "filter": filtered,
    "filter, refused": filter_refused,
    "test": by("Results", "t"),
    "bulk": bulk,
    "add key": add_key_answer,
    "add app": add_app,
    "authorize": authorize,
    "elsewhere": elsewhere,
    "plan": plan,
    "verdict": verdict,
    "key queue": queue,
    "pending": pending,
    "removal": removal,
    "rename": rename,
    "hand out": handed_out,
    "import": imported,
    "change app": change_app,
    "remove app": remove_app,
    "incident": incident,
    "leaving": leaving,
    "rotate": rotate,
    "reconnect": reconnect,
    "leak": by("Leak", "exclamation_mark"),
    "certificate": by("Certificate", "T"),
    "doctor": by("Doctor", "H"),
    "settings": by("ShowSettings", "comma"),
    "vault": by("ShowVault", "W"),
}
"""How each place is come to from the main screen."""

WIDE: Final = frozenset({"detail"})
"""What is a screen of its own only where there is no room beside the list."""


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a name has made the app do."""
    rung: list[str] = []
    monkeypatch.setattr(CloseTuiApp, "action_bell", lambda _: rung.append("bell"))
    return rung


SOAK: Final = os.environ.get("CLOSE_TUI_SOAK") == "1"
WAYS: Final = [
    (place, source)
    for number, place in enumerate(PLACES)
    for source in ("file", "verbs")
    if SOAK or source == "file" or number % 5 == 0
]
"""In each place names written into the file uncleaned; in every fifth those of the verbs, too."""


@pytest.mark.parametrize(("place", "source"), WAYS)
async def test_a_hostile_name_is_only_text(
    town: Town, bells: list[str], place: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No control, no link, no style, no crash; every line has as many cells as the terminal."""
    await live_among(town)
    if source == "file":
        write_into_the_file(town)
    monkeypatch.setenv("GLOBEX_KEY", WORST.replace("\0", ""))
    size = (80, 24) if place in WIDE else (120, 40)
    async with town.show(size) as screen:
        await screen.opened()
        await PLACES[place](town, screen)
        await screen.pilot.pause(0.3)
        found = list(trouble(screen))
        picture = screen.app.export_screenshot()
        assert SEEN[:2] in screen.board.seen.connections[0].name
        for width, height in SIZES:
            await screen.pilot.resize_terminal(width, height)
            await screen.pilot.pause()
            found += trouble(screen)

    assert [] == found
    assert [] == bells
    assert "\x1b" not in picture + screen.app.clipboard


@pytest.mark.parametrize("size", SIZES)
async def test_the_status_stays_in_its_column(town: Town, size: tuple[int, int]) -> None:
    """However wide, long or combining the name before it is."""
    await live_among(town)
    write_into_the_file(town)
    async with town.show(size) as screen:
        await screen.sees("untested")

        assert 1 == len(columns_of(screen, "untested"))
