"""Importing keys in the app: what would happen, then what happened, then the plain text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


def clients(town: Town, folder: Path) -> Path:
    """Write a CSV: a new key, one that is stored already, one that Close refuses, no key."""
    new = town.world.add_api_key(town.ada, town.globex).text
    stored = town.key("acme-export").text
    dead = town.world.add_api_key(town.ada, town.globex)
    town.world.delete_api_key(dead.id)
    lines = ["name,api_key", f"globex,{new}", f"old,{stored}", f"gone,{dead.text}", "typo,none"]
    file = folder / "clients.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


async def look(screen: Screen, path: str) -> None:
    """Ask for a file."""
    await screen.press("i")
    await screen.on("ImportFrom")
    await screen.type("#path", path)
    await screen.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_the_dry_run_looks_like_its_golden(
    town: Town, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added, left out and refused stand apart, and nothing is stored by looking."""
    file = clients(town, tmp_path)
    monkeypatch.chdir(tmp_path)
    async with town.show(size) as screen:
        await look(screen, file.name)
        await screen.on("Importing")
        await screen.sees("Nothing is stored yet. Press enter to add them.")

        await looks_like(screen, "import")
    assert ["acme-export"] == [each.name for each in town.vault.connections()]


async def test_what_close_accepts_is_stored(town: Town, tmp_path: Path) -> None:
    """Each line has its outcome; the file is as before, and how to be rid of it is said."""
    file = clients(town, tmp_path)
    before = file.read_bytes()
    async with town.show() as screen:
        await look(screen, f"'{file}'")
        await screen.on("Importing")
        await screen.sees("1 to be added", "1 refused", "1 left out", "1 failed")
        await screen.press("enter")
        await screen.sees("1 added", "The file was not changed", "still holds keys in plain text")
        assert MARKER not in screen.text
        await screen.press("enter", "escape")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.sees("globex")
        listed = screen.board.connection_list
        await screen.until(lambda: listed.highlighted and listed.highlighted.name == "globex")

    assert {"acme-export", "globex"} == {each.name for each in town.vault.connections()}
    assert before == file.read_bytes()


async def test_the_environment_is_looked_through_too(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick is enough; the variable is named afterwards."""
    monkeypatch.setenv("GLOBEX_KEY", town.world.add_api_key(town.ada, town.globex).text)
    async with town.show() as screen:
        await screen.press("i")
        await screen.on("ImportFrom")
        await screen.press("tab", "space", "ctrl+s")
        await screen.on("Importing")
        await screen.sees("1 to be added")
        await screen.press("ctrl+s")
        await screen.sees("1 added", "GLOBEX_KEY")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "✕ It cannot be read"),
        (b"nothing here\n", "✕ No Close API key was found."),
        (b"age-encryption.org/v1\n", "✕ It is sealed with age"),
    ],
)
async def test_what_cannot_be_imported_is_said_beside_the_file(
    still_town: Town, tmp_path: Path, content: bytes | None, words: str
) -> None:
    """The dialog stays."""
    file = tmp_path / "some [red]file"
    if content is not None:
        file.write_bytes(content)
    async with still_town.show() as screen:
        await look(screen, str(file))
        await screen.sees(words)

        assert "ImportFrom" == type(screen.app.screen).__name__


async def test_nothing_named_is_nothing_looked_at(still_town: Town) -> None:
    """It says what is missing."""
    async with still_town.show() as screen:
        await look(screen, " ")
        await screen.sees("✕ Name a file, or tick the environment.")
