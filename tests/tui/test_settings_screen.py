"""The settings in the app: value, origin, twin, mistakes; and the way to an editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from close_tui.settings import SETTINGS, Settings, Told
from close_tui.tui.screens import settings as screen_of_settings
from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from tests.tui.town import Town


@pytest.mark.parametrize("size", SIZES)
async def test_the_settings_look_like_their_golden(
    still_town: Town, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with value, origin and twin; a mistake in the file is named."""
    settings = Settings(Path("/home/ada/close"), api_url="https://api.example", authorize_wait_s=60)
    origins = dict.fromkeys((each.name for each in SETTINGS), "default")
    origins |= {"home": "environment", "api_url": "environment", "authorize_wait_s": "file"}
    file = Path("/home/ada/close/settings.toml")
    problems = (f"{file}, line 3: [colour] is no setting.",)
    told = Told(settings, file, origins, problems)
    monkeypatch.setattr(screen_of_settings, "read_now", lambda: told)
    async with still_town.show(size) as screen:
        screen.app.verbs.settings = settings._replace(redirect_uri="https://localhost:1/callback")
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.sees("authorize_wait_s")

        await looks_like(screen, "settings")


async def test_the_path_is_copied(
    still_town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Y copies where the file is."""
    monkeypatch.setenv("CLOSE_TUI_HOME", str(tmp_path))
    async with still_town.show() as screen:
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.press("y")
        await screen.sees("The path: sent to the terminal's clipboard")

        assert str(tmp_path / "settings.toml") == screen.app.clipboard


async def test_without_a_terminal_to_leave_the_command_is_named(
    still_town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file is made, and the command that edits it is said."""
    monkeypatch.setenv("CLOSE_TUI_HOME", str(tmp_path))
    monkeypatch.setenv("VISUAL", "false")
    async with still_town.show() as screen:
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.press("e")
        await screen.sees("This terminal cannot be left to")

    assert (tmp_path / "settings.toml").exists()


async def test_an_editor_gets_the_screen_and_its_mistakes_are_named(
    still_town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it wrote is read again; one that fails gives the screen back and is named."""
    monkeypatch.setenv("CLOSE_TUI_HOME", str(tmp_path))
    monkeypatch.setenv("VISUAL", "sh -c 'echo colour = 1 >> \"$0\"'")
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    came_back: list[object] = []
    monkeypatch.setattr(
        HeadlessDriver, "resume_application_mode", lambda self: came_back.append(self)
    )
    async with still_town.show() as screen:
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.press("e")
        await screen.sees("1 problem in the file.", "colour")
        monkeypatch.setenv("VISUAL", "false")
        await screen.press("e")
        await screen.sees("'false' ended with 1.")

    assert 2 == len(came_back)
