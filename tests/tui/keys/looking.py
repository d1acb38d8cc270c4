"""Walks through what is only looked at: the list, and every place beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyrage import x25519

from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin
from close_tui.secret import Secret
from close_tui.tui.screens.leaving import StillAlive
from tests.tui.keys.steps import (
    also,
    asked,
    cursor_keys,
    escape,
    in_town,
    on_screen,
    page_keys,
    paper_keys,
    revoking,
    scroll_keys,
    sees,
    typed,
)
from tests.tui.keys.table import (
    Press,
    Tour,
    Walk,
    copies,
    ends,
    focuses,
    goes_to,
    grows,
    is_now,
    reads,
    tells,
)
from tests.tui.test_incidents import OPERATOR

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

NARROW: Final = (60, 15)
"""Where every page is longer than the screen."""

# The list


async def rows(town: Town) -> None:
    """Store thirty connections of four organizations."""
    for number in range(27):
        town.key(f"acme-{number:02}")
    for name in ("Globex", "Initech", "Umbrella"):
        where = town.world.add_organization(name)
        town.grant(f"{name.lower()}-reports", where)


def marks(_: Town, screen: Screen) -> int:
    """Return how many connections are marked."""
    return len(screen.board.connection_list.marked)


HIDDEN: Final = tells("1 marked, none in view")

THE_LIST: Final[Walk] = (
    *cursor_keys("ConnectionList"),
    Press("ConnectionList", "shift+down", is_now(marks, 2)),
    Press("ConnectionList", "shift+up", is_now(marks, 1)),
    Press("ConnectionList", "J", is_now(marks, 2)),
    Press("ConnectionList", "K", is_now(marks, 1)),
    Press("MainScreen", "escape", is_now(marks, 0)),
    Press("ConnectionList", "V", is_now(marks, 1)),
    Press("ConnectionList", "j", is_now(marks, 2)),
    Press("ConnectionList", "asterisk", is_now(marks, 30)),
    Press("ConnectionList", "asterisk", is_now(marks, 0)),
    Press("ConnectionList", "space", is_now(marks, 1)),
    Press("MainScreen", "slash", focuses("#filter")),
    also(*"globex"),
    Press("FilterInput", "enter", focuses("ConnectionList")),
    Press("MainScreen", "r", HIDDEN, "main.say_hidden"),
    Press("MainScreen", "t", HIDDEN, "main.say_hidden"),
    Press("MainScreen", "X", HIDDEN, "main.say_hidden"),
    Press("MainScreen", "f", HIDDEN, "main.say_hidden_fresh"),
    Press("MainScreen", "D", HIDDEN, "main.say_hidden_remove"),
    Press("MainScreen", "escape", is_now(lambda _, s: s.board.view.words, "")),
    Press("MainScreen", "escape", is_now(marks, 0)),
    also("slash", "g"),
    Press("FilterInput", "down", focuses("ConnectionList")),
    also("slash"),
    Press("FilterInput", "escape", is_now(lambda _, s: s.board.view.words, "")),
    Press("MainScreen", "s", reads("by name")),
    Press("MainScreen", "v", is_now(lambda _, s: s.board.view.needs_first, False)),
    Press("ConnectionList", "enter", focuses("Detail")),
    on_screen(lambda screen: screen.board.organization_list.focus()),
    *cursor_keys("OrganizationList"),
    Press("OrganizationList", "enter", focuses("ConnectionList")),
    Press("MainScreen", "question_mark", goes_to("Help")),
    Press("Help", "escape", goes_to("MainScreen")),
    also("question_mark", on="Help"),
    Press("Help", "q", goes_to("MainScreen")),
    also("question_mark", on="Help"),
    Press("Help", "question_mark", goes_to("MainScreen")),
    also("question_mark", on="Help"),
    Press("Help", "f1", goes_to("MainScreen")),
    asked(lambda screen, town: StillAlive(screen.app.verbs, revoking(town, screen))),
    Press("StillAlive", "escape", goes_to("MainScreen")),
    Press("CloseTuiApp", "q", ends),
)


# An empty vault


async def nothing(town: Town) -> None:
    """Leave the vault without an app, too."""
    town.vault.remove_app(town.app.id)


def read_to(_: Town, screen: Screen) -> float:
    """Return how far is read of what an empty vault teaches."""
    return screen["#welcome"].scroll_y


WELCOME: Final[Walk] = (
    Press("Welcome", "j", grows(read_to)),
    Press("Welcome", "k", grows(read_to, -1)),
    Press("Welcome", "down", grows(read_to)),
    Press("Welcome", "up", grows(read_to, -1)),
)


# Places


async def three_of_each(town: Town) -> None:
    """Store three incidents and three OAuth apps."""
    town.grant("acme-reports")
    for number in (2, 3):
        app = town.app._replace(id=f"app_{number}", name=f"app-{number}", client_id=f"oa2_{number}")
        town.vault.add_app(app, Secret("secret"), town.clock())
    async with Desk(town.settings, clock=town.clock) as desk:
        for number in (1, 2, 3):
            town.key(f"acme-{number}")
            begin(desk, [town.named(f"acme-{number}")], "leaked in a ticket, " * 8, OPERATOR)
            town.clock.advance(60)


def across(_: Town, screen: Screen) -> float:
    """Return how far a record is scrolled to the right."""
    return screen["#incident"].scroll_x


def apps(town: Town, _: Screen) -> list[str]:
    """Return the names of the OAuth apps in the vault."""
    return [app.name for app in town.vault.apps()]


OPEN_APPS: Final = Press("MainScreen", "O", goes_to("Apps"))
OPEN_INCIDENTS: Final = Press("MainScreen", "I", goes_to("Incidents"))
OPEN_VAULT: Final = Press("MainScreen", "W", goes_to("ShowVault"))
OPEN_DOCTOR: Final = Press("MainScreen", "H", goes_to("Doctor"))
OPEN_RECORD: Final = Press("IncidentList", "enter", goes_to("OneIncident"))


def backup(town: Town) -> Path:
    """Return where the vault is exported to."""
    return town.settings.home.parent / "backup.age"


def other_key(town: Town) -> Path:
    """Return where the vault's key is moved to."""
    return town.settings.home.parent / "other.key"


def problems(_: Town, screen: Screen) -> int:
    """Return how many problems the doctor counts."""
    counted = re.search(r"(\d+) problem", screen.words)
    return int(counted[1]) if counted else 0


def harm(town: Town) -> None:
    """Put something into the vault's folder that the doctor finds wrong."""
    left = town.settings.home / "notes.txt"
    left.touch()
    left.chmod(0o644)


PLACES: Final[Walk] = (
    # The incidents, and one of them
    OPEN_INCIDENTS,
    sees("pending"),
    *cursor_keys("IncidentList"),
    Press("Incidents", "y", copies("# Incident")),
    Press("Incidents", "question_mark", goes_to("Help")),
    also("escape", on="Incidents"),
    Press("Incidents", "c", goes_to("CloseIncident")),
    escape("CloseIncident", "Incidents"),
    also("c", on="CloseIncident"),
    typed("#why", lambda _: "deleted by hand"),
    Press("CloseIncident", "ctrl+s", tells("is closed. The verdicts stay.")),
    OPEN_RECORD,
    sees("# Incident"),
    *scroll_keys("OneIncident", "#incident"),
    *paper_keys("#incident"),
    Press("OneIncident", "l", grows(across)),
    Press("OneIncident", "h", grows(across, -1)),
    Press("OneIncident", "right", grows(across)),
    Press("OneIncident", "left", grows(across, -1)),
    Press("OneIncident", "y", copies("# Incident")),
    Press("OneIncident", "question_mark", goes_to("Help")),
    also("escape", on="OneIncident"),
    Press("OneIncident", "escape", goes_to("Incidents")),
    OPEN_RECORD,
    Press("OneIncident", "enter", goes_to("Incidents")),
    OPEN_RECORD,
    Press("OneIncident", "q", goes_to("Incidents")),
    Press("Incidents", "q", goes_to("MainScreen")),
    OPEN_INCIDENTS,
    escape("Incidents"),
    # The OAuth apps
    OPEN_APPS,
    sees("app-3"),
    *cursor_keys("AppList"),
    Press("Apps", "question_mark", goes_to("Help")),
    also("escape", on="Apps"),
    Press("AppList", "enter", goes_to("ChangeApp")),
    escape("ChangeApp", "Apps"),
    Press("Apps", "e", goes_to("ChangeApp")),
    typed("#secret", lambda _: "S" * 48),
    Press("ChangeApp", "ctrl+s", tells("Changed")),
    Press("Apps", "D", goes_to("RemoveApp")),
    escape("RemoveApp", "Apps"),
    Press("Apps", "o", goes_to("AddApp")),
    Press("AddApp", "ctrl+y", copies("https://localhost")),
    escape("AddApp", "Apps"),
    Press("Apps", "a", goes_to("Authorize")),
    also("escape"),
    also("O", on="Apps"),
    Press("Apps", "q", goes_to("MainScreen")),
    OPEN_APPS,
    escape("Apps"),
    Press("MainScreen", "o", goes_to("AddApp")),
    typed("#name", lambda _: "billing"),
    typed("#client", lambda town: f"{town.oauth_app.client_id}x"),
    typed("#secret", lambda _: "S" * 48),
    Press("AddApp", "ctrl+s", is_now(lambda t, s: "billing" in apps(t, s), True)),
    also(),
    # The doctor
    *page_keys("Doctor", "y Copy", OPEN_DOCTOR),
    OPEN_DOCTOR,
    sees("y Copy"),
    Press("Doctor", "y", tells("Copied, fit for pasting in public")),
    in_town(harm),
    Press("Doctor", "r", grows(problems)),
    also("escape"),
    # The vault
    *page_keys("ShowVault", "live", OPEN_VAULT),
    OPEN_VAULT,
    sees("4 live"),
    in_town(lambda town: town.key("acme-9")),
    Press("ShowVault", "r", reads("5 live")),
    Press("ShowVault", "y", copies("close-tui vault destroy")),
    Press("ShowVault", "e", goes_to("ExportVault")),
    escape("ExportVault", "ShowVault"),
    also("e", on="ExportVault"),
    typed("#path", lambda town: str(backup(town))),
    typed("#recipients", lambda _: str(x25519.Identity.generate().to_public())),
    Press("ExportVault", "ctrl+s", is_now(lambda town, _: backup(town).exists(), True)),
    also(on="ShowVault"),
    Press("ShowVault", "K", goes_to("Rekey")),
    escape("Rekey", "ShowVault"),
    also("K", on="Rekey"),
    Press("Rekey", "ctrl+s", tells("Every secret is sealed to a new key")),
    Press("ShowVault", "m", goes_to("MoveKey")),
    escape("MoveKey", "ShowVault"),
    also("m", on="MoveKey"),
    typed("#path", lambda town: str(other_key(town))),
    Press("MoveKey", "ctrl+s", is_now(lambda town, _: other_key(town).exists(), True)),
    also(on="ShowVault"),
    also("escape"),
    # Settings, certificate
    *page_keys("ShowSettings", "File", Press("MainScreen", "comma", goes_to("ShowSettings"))),
    also("comma", on="ShowSettings"),
    Press("ShowSettings", "y", copies("settings.toml")),
    Press("ShowSettings", "i", grows(lambda _, s: s["#page"].max_scroll_y)),
    Press("ShowSettings", "e", tells("This terminal cannot be left to an editor.")),
    also("escape"),
    Press("MainScreen", "T", goes_to("Certificate")),
    escape("Certificate"),
    also("T", on="Certificate"),
    Press("CloseTuiApp", "ctrl+q", ends),
)

LOOKING: Final = {
    "the list": Tour(THE_LIST, rows),
    "places": Tour(PLACES, three_of_each, NARROW),
    "an empty vault": Tour(WELCOME, nothing, (60, 15), opens=False),
}
"""Without Close."""
