"""Renaming in the app: the error stands beside the name, and the cursor follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from tests.tui.town import Town


@pytest.mark.parametrize("size", SIZES)
async def test_renaming_looks_like_its_golden(still_town: Town, size: tuple[int, int]) -> None:
    """It names the connection and its organization, and says what it does to scripts."""
    still_town.grant("acme-reports")
    async with still_town.show(size) as screen:
        await screen.press("n")
        await screen.on("Rename")

        await looks_like(screen, "rename")


async def test_a_connection_gets_another_name(still_town: Town) -> None:
    """The list goes to it under its new name."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        await screen.press("n")
        await screen.on("Rename")
        await screen.press("end", "-", "e", "u", "enter")
        await screen.sees("Renamed", "acme-reports is now acme-reports-eu.")

    assert ["acme-reports-eu"] == [each.name for each in still_town.vault.connections()]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("acme-export", "✕ There is a connection named acme-export"),
        ("a/b", "✕ A name does not begin with a dash and has no slash."),
        ("", "✕ It needs a name."),
    ],
)
async def test_what_is_wrong_with_a_name_stands_beside_it(
    still_town: Town, typed: str, words: str
) -> None:
    """Nothing is renamed, and the dialog stays."""
    still_town.grant("acme-reports")
    still_town.key("acme-export")
    async with still_town.show() as screen:
        await screen.press("j" if _first(screen) != "acme-reports" else "g", "n")
        await screen.on("Rename")
        await screen.type("#new-name", typed)
        if not typed:
            await screen.press("backspace")
        await screen.press("ctrl+s")
        await screen.sees(words)
        await screen.press("escape")

    assert {"acme-reports", "acme-export"} == {c.name for c in still_town.vault.connections()}


def _first(screen: object) -> str:
    highlighted = screen.board.connection_list.highlighted  # type: ignore[attr-defined]
    return highlighted.name if highlighted else ""


async def test_the_detail_renames_where_it_is_a_screen_of_its_own(still_town: Town) -> None:
    """N on the detail asks for the name of what it shows."""
    still_town.grant("acme-reports")
    async with still_town.show((80, 24)) as screen:
        await screen.press("enter")
        await screen.on("DetailScreen")
        await screen.press("n")
        await screen.on("Rename")
        await screen.sees("acme-reports, Acme GmbH")


async def test_nothing_to_rename_offers_nothing(still_town: Town) -> None:
    """In an empty list n does nothing."""
    async with still_town.show() as screen:
        await screen.press("n")

        assert screen.app.screen is screen.board
