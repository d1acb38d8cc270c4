"""The record of bad nights, in the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Operator
from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin, kill
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from tests.tui.town import Town

OPERATOR = Operator("ada", "desk")


async def bad_night(town: Town) -> str:
    """Revoke one, and freeze one that stays pending; return the newer incident's id."""
    reports, key = town.grant("acme-reports"), town.key("acme-export")
    async with Desk(town.settings, clock=town.clock) as desk:
        first = begin(desk, [reports], "Seen in a screen recording", OPERATOR)
        town.clock.advance(1.5)
        await kill(desk, [reports], first, lambda _: None)
        town.clock.advance(3600)
        return begin(desk, [town.named(key.name)], "leaked in a ticket", OPERATOR)


@pytest.mark.parametrize("size", SIZES)
async def test_the_incidents_look_like_their_golden(town: Town, size: tuple[int, int]) -> None:
    """Newest first: when, which, what became of it, how long it took, why."""
    await bad_night(town)
    async with town.show(size) as screen:
        await screen.press("I")
        await screen.on("Incidents")
        await screen.sees("pending 1", "dead 1")

        await looks_like(screen, "incidents")


async def test_one_incident_is_read_and_copied_as_markdown(town: Town) -> None:
    """What is copied is what is shown, with the targets, and without a secret."""
    incident = await bad_night(town)
    async with town.show() as screen:
        await screen.press("I")
        await screen.on("Incidents")
        await screen.sees("dead 1")
        await screen.press("enter")
        await screen.on("OneIncident")
        await screen.sees(f"# Incident `{incident}`", "`leaked in a ticket`", "`ada` on `desk`")
        await screen.press("y")
        await screen.sees("Copied as Markdown")
        copied = screen.app.clipboard
        await screen.press("escape")
        await screen.on("Incidents")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert copied.startswith(f"# Incident `{incident}`")
    assert "`acme-export`" in copied
    assert MARKER not in copied


async def test_the_list_copies_what_is_highlighted(town: Town) -> None:
    """J goes to the older one, y copies it."""
    await bad_night(town)
    async with town.show() as screen:
        await screen.press("I")
        await screen.on("Incidents")
        await screen.sees("dead 1")
        await screen.press("j", "y")
        await screen.sees("Copied as Markdown")

        assert "Seen in a screen recording" in screen.app.clipboard


async def test_no_incident_says_so(still_town: Town) -> None:
    """An empty list explains itself."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        await screen.press("I")
        await screen.on("Incidents")
        await screen.sees("Nothing was ever revoked here.")
        await screen.press("enter", "y", "q")

        assert screen.app.screen is screen.board


async def test_an_incident_is_closed_with_a_sentence(town: Town) -> None:
    """Only an open one; without a sentence nothing is closed; the verdicts stay."""
    incident = await bad_night(town)
    async with town.show() as screen:
        await screen.press("I")
        await screen.on("Incidents")
        await screen.sees("pending 1", "dead 1")
        await screen.press("c")
        await screen.on("CloseIncident")
        await screen.sees("Not proved dead: acme-export.", "every verdict stays as it is")
        await screen.press("enter")
        await screen.sees("✕ Say what was done about what is left.")
        await screen.type("#why", "deleted by hand in Close")
        await screen.press("ctrl+s")
        await screen.sees(f"{incident} is closed.")
        await screen.on("Incidents")
        await screen.press("c")
        await screen.pilot.pause()

        assert "Incidents" == type(screen.app.screen).__name__
    [closing] = [each for each in town.vault.incident_events(incident) if each.outcome == "closed"]
    assert "deleted by hand in Close" == closing.reason
