"""Walks through what changes something: the verbs, their dialogs, and every question."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from close_tui.callback.surroundings import Place, Surroundings
from close_tui.errors import NoPlaceForIdentity, VaultLocked
from close_tui.model import Grant, Organization, Tokens
from close_tui.operations.desk import Desk
from close_tui.operations.elsewhere import Elsewhere
from close_tui.secret import Secret
from close_tui.tui.screens.elsewhere import KeepElsewhere
from close_tui.tui.screens.leaving import Unsaved
from close_tui.tui.screens.message import Message
from close_tui.tui.screens.passphrase import NewPassphrase
from close_tui.tui.screens.unlock import Unlock
from tests.tui.keys.steps import (
    also,
    asked,
    cursor_keys,
    escape,
    in_town,
    jump,
    on_screen,
    scroll_keys,
    sees,
    typed,
)
from tests.tui.keys.table import (
    Aside,
    Press,
    Tour,
    Walk,
    copies,
    focuses,
    goes_to,
    grows,
    is_now,
    reads,
    tells,
)

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

SSH: Final = Surroundings(Place.SSH, user="ada", host="203.0.113.5", name="build-7")
NARROW: Final = (60, 15)
"""Where the detail is a screen of its own, and longer than the screen."""


def opened(town: Town, _: Screen) -> int:
    """Return how often a browser was opened."""
    return len(town.opened_urls)


def another_key(town: Town) -> str:
    """Return an API key that Close has and the vault has not."""
    return town.world.add_api_key(town.ada, town.acme).text


def stored_key(town: Town) -> str:
    """Return the newest API key that both Close and the vault have."""
    return next(iter(town.world.api_keys.values())).text


def button(selector: str) -> Aside:
    """Go to a button."""
    return on_screen(lambda screen: screen[selector].focus())


# The verbs, one connection at a time


async def all_kinds(town: Town) -> None:
    """Store keys, authorizations, two that are lost, and one that is dead."""
    town.key("acme-1")
    town.key("acme-2")
    town.grant("acme-reports")
    for name, where in (("acme-lost", town.acme), ("globex-lost", town.globex)):
        lost = town.grant(name, where, by=town.bob)
        town.vault.refuse_refresh(lost.id, lost.generation, town.clock())
    town.grant("globex-dead", town.globex)
    town.vault.freeze("conn_globex-dead", town.clock())
    town.vault.revoked("conn_globex-dead", town.clock(), proved_dead_at=town.clock())


def sideways(place: str, first: str, second: str) -> Walk:
    """Go from one button to the other and back."""
    return (
        Press(place, "right", focuses(second)),
        Press(place, "left", focuses(first)),
    )


def csv(town: Town, number: int) -> str:
    """Write a key and sixty lines that hold none; return the file."""
    file = town.settings.home.parent / f"clients-{number}.csv"
    rows = [f"imported-{number},{another_key(town)}", *["typo,none"] * 60]
    file.write_text("\n".join(["name,api_key", *rows]) + "\n", encoding="utf-8")
    return str(file)


def importing(number: int) -> Walk:
    """Go on to what an import would bring."""
    return (
        also("i", on="ImportFrom"),
        typed("#path", lambda town: csv(town, number)),
        Press("ImportFrom", "ctrl+s", goes_to("Importing")),
        sees("Nothing is stored yet"),
    )


VERBS: Final[Walk] = (
    jump("acme-1"),
    Press("MainScreen", "t", goes_to("Results"), "main.test"),
    escape("Results"),
    jump("acme-reports"),
    Press("MainScreen", "r", tells("Refreshed"), "main.refresh"),
    Press("MainScreen", "f", tells("acme-reports: automatic refresh is"), "main.auto_refresh"),
    Press("MainScreen", "F", tells("for all connections.")),
    Press("MainScreen", "n", goes_to("Rename")),
    escape("Rename"),
    also("n", on="Rename"),
    typed("#new-name", lambda _: "acme-renamed"),
    Press("Rename", "ctrl+s", tells("Renamed")),
    Press("MainScreen", "y", goes_to("Copy"), "main.copy"),
    *sideways("Copy", "#cancel", "#do"),
    escape("Copy"),
    Press("MainScreen", "Y", goes_to("Reveal")),
    *sideways("Reveal", "#cancel", "#do"),
    escape("Reveal"),
    jump("globex-dead"),
    Press("MainScreen", "X", tells("globex-dead was revoked at"), "main.say_revoked"),
    Press("MainScreen", "D", goes_to("Remove"), "main.remove"),
    escape("Remove"),
    also("D", on="Remove"),
    also("tab", "enter"),
    Press("MainScreen", "U", tells("globex-dead: kept, nothing was removed.")),
    jump("acme-1"),
    also("space", "j", "space", "t"),
    sees("Tested 2"),
    Press("MainScreen", "L", goes_to("Results")),
    also("escape"),
    also("escape"),
    Press("MainScreen", "A", goes_to("AddKey")),
    escape("AddKey"),
    also("A", on="AddKey"),
    typed("#key", another_key),
    sees("Nothing is stored yet."),
    Press("AddKey", "ctrl+s", tells("API key added")),
    jump("acme-1"),
    Press("MainScreen", "R", goes_to("RotateKey")),
    escape("RotateKey"),
    also("R", on="RotateKey"),
    typed("#key", another_key),
    Press("RotateKey", "ctrl+s", goes_to("Revoking")),
    also("escape"),
    Press("MainScreen", "i", goes_to("ImportFrom")),
    escape("ImportFrom"),
    *importing(1),
    *scroll_keys("Importing", "#page"),
    Press("Importing", "question_mark", goes_to("Help")),
    also("escape", on="Importing"),
    Press("Importing", "enter", reads("It is in the vault now.")),
    Press("Importing", "escape", goes_to("MainScreen")),
    *importing(2),
    Press("Importing", "ctrl+s", reads("It is in the vault now.")),
    Press("Importing", "q", goes_to("MainScreen")),
    Press("MainScreen", "exclamation_mark", goes_to("Leak")),
    escape("Leak"),
    also("exclamation_mark", on="Leak"),
    typed("#leaked", stored_key),
    sees("1 secret of this vault"),
    Press("Leak", "n", focuses("PasteBox")),
    typed("#leaked", stored_key),
    sees("1 secret of this vault"),
    Press("Leak", "X", goes_to("Revoke")),
    *sideways("Revoke", "#cancel", "#revoke"),
    escape("Revoke"),
    also("escape"),
    Press("MainScreen", "C", goes_to("Reconnect")),
    escape("Reconnect"),
    also("C", on="Reconnect"),
    also("enter", on="Authorize"),
    sees(" left"),
    Press("Authorize", "escape", goes_to("GoOn")),
    escape("GoOn"),
)


# A revocation at work


async def three_keys(town: Town) -> None:
    """Store three API keys."""
    for number in (1, 2, 3):
        town.key(f"acme-{number}")


REVOKING: Final[Walk] = (
    also("g", "asterisk"),
    Press("MainScreen", "X", goes_to("Revoke"), "main.revoke"),
    typed("#count", lambda _: "3"),
    button("#revoke"),
    also("enter", on="Revoking"),
    sees("Key 1 of 3"),
    also("g", on="Revoking"),
    *cursor_keys("TargetList"),
    Press("Revoking", "y", copies("api_"), "revoking.copy"),
    Press("Revoking", "o", grows(opened)),
    Press("Revoking", "s", reads("Key 2 of 3")),
    Press("Revoking", "escape", goes_to("MainScreen")),
    sees("3 connections are frozen"),
    Press("MainScreen", "P", goes_to("Revoking")),
    sees("Key 1 of 3"),
    also("s", on="Revoking"),
    sees("Key 2 of 3"),
    also("s", on="Revoking"),
    sees("Key 3 of 3"),
    also("s", on="Revoking"),
    sees("y copies it"),
    Press("Revoking", "y", copies("# Incident"), "revoking.copy_record"),
    Press("Revoking", "P", reads("Key 1 of 3")),
)


# The detail where it is a screen of its own


async def one_grant(town: Town) -> None:
    """Store one authorization."""
    town.grant("acme-reports")


def from_detail(key: str, kind: str) -> Walk:
    """Call a verb from the detail; give it up where it asks something."""
    return (
        also("enter", on="DetailScreen"),
        Press("DetailScreen", key, goes_to(kind)),
        also("escape"),
    )


DETAIL: Final[Walk] = (
    Press("ConnectionList", "enter", goes_to("DetailScreen")),
    *scroll_keys("DetailScreen", "Detail", by="Detail"),
    Press("DetailScreen", "question_mark", goes_to("Help")),
    also("escape", on="DetailScreen"),
    escape("DetailScreen"),
    also("enter", on="DetailScreen"),
    Press("DetailScreen", "enter", goes_to("MainScreen")),
    also("enter", on="DetailScreen"),
    Press("DetailScreen", "q", goes_to("MainScreen")),
    *from_detail("a", "Choose"),
    *from_detail("r", "Results"),
    *from_detail("t", "Results"),
    *from_detail("X", "Revoke"),
    *from_detail("n", "Rename"),
    *from_detail("y", "Copy"),
    *from_detail("Y", "Reveal"),
    *from_detail("D", "Remove"),
    *from_detail("A", "AddKey"),
    also("n", on="Rename"),
    Press("Rename", "f1", goes_to("Help")),
    also("escape", on="Rename"),
    escape("Rename"),
    also("D", on="Remove"),
    Press("Remove", "question_mark", goes_to("Help")),
    also("escape", on="Remove"),
    escape("Remove"),
)


# The wait for the browser


async def over_ssh(town: Town) -> None:
    """Store one authorization, on a machine that is reached over SSH."""
    await one_grant(town)
    town.surroundings = SSH


AUTHORIZING: Final[Walk] = (
    Press("MainScreen", "a", goes_to("Choose")),
    escape("Choose"),
    also("a", on="Choose"),
    also("enter", on="Authorize"),
    sees(" left", "ssh -L"),
    Press("Authorize", "y", copies("client_id=")),
    Press("Authorize", "ctrl+y", copies("client_id=")),
    Press("Authorize", "l", copies("ssh ")),
    Press("Authorize", "ctrl+l", copies("ssh ")),
    Press("Authorize", "ctrl+b", grows(opened)),
    Press("Authorize", "r", goes_to("QrCode")),
    Press("QrCode", "r", goes_to("Authorize")),
    Press("Authorize", "ctrl+r", goes_to("QrCode")),
    Press("QrCode", "ctrl+r", goes_to("Authorize")),
    also("r", on="QrCode"),
    escape("QrCode", "Authorize"),
    escape("Authorize"),
)


# Questions that come by themselves


def elsewhere(screen: Screen, town: Town) -> KeepElsewhere:
    """Ask about a grant for another organization."""
    aside = town.named("acme-reports")
    grant = Grant(Tokens(Secret("access"), Secret("refresh"), 0.0, ""), town.globex.id, town.ada.id)
    meant = Organization(town.acme.id, town.acme.name)
    return KeepElsewhere(screen.app.verbs, Elsewhere(aside, grant, meant))


async def refresh_under_way(_: Town, screen: Screen) -> None:
    """Let the app believe that Close has not answered yet."""

    def begun(desk: Desk) -> None:
        waiting = asyncio.get_running_loop().create_future()
        desk.flights["conn_acme-reports"] = waiting  # type: ignore[assignment]

    await screen.app.verbs.ask(begun)


async def answer_came(_: Town, screen: Screen) -> None:
    """End what :func:`refresh_under_way` has begun."""
    await screen.app.verbs.ask(lambda desk: desk.flights.clear())


QUESTIONS: Final[Walk] = (
    asked(lambda s, _: Unlock(s.app.verbs, VaultLocked("Locked."), by_passphrase=True)),
    escape("Unlock"),
    asked(lambda s, _: NewPassphrase(s.app.verbs, NoPlaceForIdentity("No keyring."))),
    escape("NewPassphrase"),
    asked(lambda s, _: Message(s.app.verbs, VaultLocked("Locked."))),
    escape("Message"),
    asked(elsewhere),
    escape("KeepElsewhere"),
    asked(lambda s, _: Unsaved(s.app.verbs, 1)),
    escape("Unsaved"),
    refresh_under_way,
    also("q", on="Leaving"),
    escape("Leaving"),
    answer_came,
)


# A vault that is locked, and one that is not there


async def locked(town: Town) -> None:
    """Store one authorization, and take the vault's key away."""
    await one_grant(town)
    town.hide_identity()


async def nothing(town: Town) -> None:
    """Begin with no vault at all."""
    town.settings = town.settings._replace(home=town.settings.home / "empty")


BACK: Final = in_town(lambda town: town.bring_identity_back())

UNLOCKING: Final[dict[str, Walk]] = {
    "locked": (BACK, Press("MainScreen", "u", tells("The vault is open."))),
    "locked plan": (
        also("X", on="Revoke"),
        sees("u unlocks it now"),
        BACK,
        Press("Revoke", "u", is_now(lambda _, screen: screen["#locked"].display, False)),
    ),
    "locked, its screen": (
        also("W", on="ShowVault"),
        sees("locked: press u to unlock"),
        BACK,
        Press("ShowVault", "u", reads("open and belong where they are")),
    ),
}

WELCOME: Final[Walk] = (
    sees("Create New API Key"),
    Press("MainScreen", "y", copies("https://localhost"), "main.copy_redirect"),
)


DOING: Final = {
    "verbs": Tour(VERBS, all_kinds, needs_close=True),
    "revoking": Tour(REVOKING, three_keys, needs_close=True),
    "detail": Tour(DETAIL, one_grant, NARROW),
    "authorizing": Tour(AUTHORIZING, over_ssh),
    "questions": Tour(QUESTIONS, one_grant),
    **{name: Tour(walk, locked, opens=False) for name, walk in UNLOCKING.items()},
    "welcome": Tour(WELCOME, nothing, opens=False),
}
"""The verbs, with Close where it must answer."""
