"""The app itself: crashes, the palette, help, hostile names, and what is imported when."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.binding import Binding

from close_tui import tui
from close_tui.model import Organization
from close_tui.sandbox import records
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.tui.town import Town

CRASH = """
import sys
from pathlib import Path
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.tui.app import CloseTuiApp

class Crashing(CloseTuiApp):
    def action_crash(self):
        secret = Secret("SEALED-CANARY")
        text = "PLAIN-CANARY"
        raise {error}

    def action_crash_in_a_worker(self):
        async def work():
            text = "PLAIN-CANARY"
            raise {error}
        self.run_worker(work(), group="crash")

async def press(pilot):
    await pilot.pause(0.2)
    pilot.app.call_later(pilot.app.action_{action})
    await pilot.pause(2)

app = Crashing(Settings(home=Path(sys.argv[1]) / "home"))
app.run(headless=True, size=(80, 24), auto_pilot=press)
app.verbs.stop()
sys.exit(app.return_code)
"""


async def test_without_animations_everything_is_where_it_goes(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TEXTUAL_ANIMATIONS=none: what scrolls is there with the key, and nothing is under way."""
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    for number in range(60):
        still_town.key(f"acme-{number:02}")
    async with still_town.show() as screen:
        for key in ("G", "question_mark", "G", "escape", "ctrl+p", "escape", "exclamation_mark"):
            await screen.press(key)

            assert not screen.app.animator._animations
        assert "none" == screen.app.animation_level
        assert 59 == screen.board.connection_list.cursor_row


@pytest.mark.parametrize("action", ["crash", "crash_in_a_worker"])
@pytest.mark.parametrize("error", ["ValueError(text)", "KeyError(text)", "1 / 0 or ValueError"])
def test_a_crash_shows_places_and_no_values(
    python: Python, tmp_path: Path, action: str, error: str
) -> None:
    """Neither a secret nor any other local variable, nor an error's own words, are printed."""
    (tmp_path / "crashing.py").write_text(CRASH.format(action=action, error=error))
    run = "import sys; sys.path.insert(0, sys.argv[1]); import crashing"
    done = python(run, tmp_path, COLUMNS="200")
    printed = done.stdout + done.stderr

    assert 1 == done.returncode
    assert "close-tui has stopped on a bug of its own" in printed
    assert "CANARY" not in printed
    assert "in action_crash" in printed or "in work" in printed


async def test_the_palette_offers_what_is_possible_and_no_screenshot(still_town: Town) -> None:
    """The same verbs as the keys, nothing that would keep what is on the screen."""
    still_town.key("acme-export")
    async with still_town.show() as screen:
        titles = [c.title for c in screen.app.get_system_commands(screen.app.screen)]
    commands = set(titles)

    assert len(commands) == len(titles)
    assert {
        "Add key",
        "Add app",
        "Authorize",
        "Test",
        "Revoke",
        "Remove",
        "Help",
        "Quit",
    } <= commands
    assert "Refresh tokens" not in commands
    assert "Screenshot" not in commands


async def test_a_command_of_the_palette_runs(still_town: Town) -> None:
    """ctrl+p, a few letters, enter."""
    still_town.key("acme-export")
    async with still_town.show() as screen:
        await screen.press("ctrl+p", *"Remove")
        await screen.sees("Does not revoke.")
        await screen.press("enter")
        await screen.on("Remove")


async def test_help_lists_the_keys_for_this_place(still_town: Town) -> None:
    """Those that are possible now, and only those."""
    still_town.key("acme-export")
    async with still_town.show() as screen:
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("X Revoke this, the marked ones or the organization", "j ↓ Next row")

        assert "Renew the tokens" not in screen.words


def test_every_key_has_an_id_and_says_what_it_does() -> None:
    """Ids for keymaps, sentences for help and palette, on every screen and widget."""
    bindings: list[Binding] = []
    for found in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        module = importlib.import_module(found.name)
        for thing in vars(module).values():
            if isinstance(thing, type) and thing.__module__ == found.name:
                bindings += vars(thing).get("BINDINGS", [])

    assert len(bindings) > 30
    assert [] == [binding for binding in bindings if not (binding.id and binding.tooltip)]


HOSTILE = (
    "[@click=app.quit]Acme[/]",
    "Acme [/x] [bold red",
    "株式会社さくら 🌸 [bold]Kōbe[/]",
    "x" * 200,
)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_literally_everywhere(town: Town, name: str) -> None:
    """Markup from elsewhere is text, in lists, dialogs, toasts and results."""
    town.acme = town.world.add_organization(name)
    town.grant("[@click=app.bell]it[/x]", by=_member(town), app=name)
    shown = name[:8]
    async with town.show() as screen:
        await screen.sees("[@click=app.b")
        for key, kind in (("X", "Revoke"), ("D", "Remove"), ("a", "Choose")):
            await screen.press(key)
            await screen.on(kind)
            await screen.sees(shown)
            await screen.press("escape")
            await screen.until(lambda: screen.app.screen is screen.board)
        await screen.press("t")
        await screen.on("Results")
        await screen.sees("[@click=app.bell]it[/x]", shown)
        await screen.press("enter")
        await screen.press("r")
        await screen.sees("Refreshed", "[@click=app.bell]it[/x]")

        assert screen.app.is_running


def _member(town: Town) -> records.User:
    return town.world.add_user("eve@[b]acme.example", "[/] Eve", [town.acme])


def test_the_app_starts_without_what_only_verbs_need(python: Python) -> None:
    """The network, the keyring and cryptography are imported at first use."""
    done = python(
        "import sys, close_tui.tui.app\n"
        "heavy = {'httpx', 'keyring', 'cryptography', 'h11', 'filelock', 'pyrage', 'starlette'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    assert "[]" == done.stdout.strip()


def test_secrets_of_the_model_do_not_show_themselves() -> None:
    """What a worker's description or a message would quote is a mask."""
    assert "abc" not in repr((Secret("abc"), Organization("orga_1", "Acme")))
