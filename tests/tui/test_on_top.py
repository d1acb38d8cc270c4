"""What ends while something lies on it: the help, or the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import latency
from close_tui.tui.screens.leaving import StillAlive
from tests.tui.keys.steps import revoking

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

PLACES = [("f1", "Help"), ("ctrl+p", "CommandPalette")]


async def fill_in(town: Town, screen: Screen) -> None:
    """Begin to add an API key, while Close takes its time."""
    key = town.world.add_api_key(town.ada, town.acme)
    await screen.press("A")
    await screen.on("AddKey")
    await screen.type("#key", key.text)
    await screen.type("#name", "acme-new")
    town.world.faults.add(latency(1.5), "me", times=None)
    await screen.press("ctrl+s")


@pytest.mark.parametrize(("key", "kind"), PLACES)
async def test_a_dialog_that_is_done_waits_for_what_lies_on_it(
    town: Town, key: str, kind: str
) -> None:
    """The key is stored meanwhile; afterwards the dialog is gone, and the row is there."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.opened()
        await fill_in(town, screen)
        await screen.press(key)
        await screen.on(kind)
        await screen.until(lambda: any(c.name == "acme-new" for c in town.vault.connections()))
        await screen.pilot.pause(0.3)

        assert kind == type(screen.app.screen).__name__
        await screen.press("escape")
        await screen.on("MainScreen")
        await screen.until(lambda: screen.lines(["acme-new"]))


async def test_esc_waits_for_what_is_being_stored(town: Town) -> None:
    """It says so; nothing is stored behind a person's back."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.opened()
        await fill_in(town, screen)
        await screen.press("escape")
        await screen.sees("One moment: it is being done.")
        await screen.on("MainScreen")

        assert ["acme-new"] == screen.lines(["acme-new"])


async def test_a_question_that_is_settled_under_the_help_ends_once(still_town: Town) -> None:
    """The verdicts came in the meantime: there is nothing left to ask, nor to answer twice."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        under_way = revoking(still_town, screen)
        answers: list[bool | None] = []
        await screen.app.push_screen(StillAlive(screen.app.verbs, under_way), answers.append)
        await screen.press("question_mark")
        await screen.on("Help")
        type(under_way).at_work = 0  # type: ignore[assignment]
        await screen.pilot.pause(1.2)

        assert [] == answers
        await screen.press("escape")
        await screen.on("MainScreen")
        assert [None] == answers
