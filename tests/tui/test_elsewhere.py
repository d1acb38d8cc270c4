"""The right organization, from the app: what sets it, and the question when another was picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.model import Grant, Organization, Tokens
from close_tui.secret import Secret
from tests.tui.golden import SIZES, looks_like
from tests.tui.test_authorizing import agrees

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


async def ask(town: Town, screen: Screen) -> None:
    """Authorize again, and pick the other organization in the browser."""
    agrees(town, town.globex)
    await screen.press("a")
    await screen.on("Choose")
    await screen.press("enter")
    await screen.on("KeepElsewhere")
    await screen.sees("You chose Globex", "Expected Acme GmbH")


async def test_enter_revokes_it(town: Town) -> None:
    """The safe answer has the focus: the grant is dead, nothing is kept, and that is said."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await ask(town, screen)
        await screen.press("enter")
        await screen.on("Message")
        await screen.sees("The wrong organization was authorized", "dead, proved; nothing was kept")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert [("acme-reports", 1)] == [(c.name, c.generation) for c in town.vault.connections()]
    assert 2 == len([text for text in town.world.grants._tokens if town.world.is_alive(text)])


async def test_escape_revokes_it_too(town: Town) -> None:
    """No answer keeps anything."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await ask(town, screen)
        await screen.press("escape")
        await screen.on("Message")
        await screen.sees("nothing was kept")

    assert ["acme-reports"] == [c.name for c in town.vault.connections()]


async def test_it_is_kept_when_a_person_says_so(town: Town) -> None:
    """It becomes a connection of its own, and the one that was meant stays as it was."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await ask(town, screen)
        await screen.press("tab", "enter")
        await screen.sees("Authorized", "although another organization was meant")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert {"acme-reports": "Acme GmbH", "reporting-globex": "Globex"} == {
        c.name: c.organization.name for c in town.vault.connections()
    }
    assert "ok" == town.named("reporting-globex").status(town.clock())


async def test_quitting_at_the_question_revokes_it(town: Town) -> None:
    """Whoever leaves has not said to keep it."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await ask(town, screen)
        await screen.press("ctrl+q")

    assert ["acme-reports"] == [c.name for c in town.vault.connections()]
    assert 2 == len([text for text in town.world.grants._tokens if town.world.is_alive(text)])


async def test_from_an_organization_a_new_connection_is_meant_for_it(town: Town) -> None:
    """In the list of organizations, ``a`` says which one; another one is asked about."""
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    town.vault.remove("conn_acme-reports")
    town.key("acme-key")
    agrees(town, town.globex)
    async with town.show() as screen:
        screen.board.organization_list.focus()
        await screen.press("j")
        await screen.until(lambda: town.acme.id == screen.board.organization_list.highlighted)
        await screen.press("a")
        await screen.on("KeepElsewhere")
        await screen.sees("You chose Globex", "Expected Acme GmbH")
        await screen.press("escape")
        await screen.on("Message")


async def test_the_wait_names_the_organization_of_the_row(town: Town) -> None:
    """From all organizations, any will do."""
    town.key("acme-key")
    async with town.show() as screen:
        screen.board.organization_list.focus()
        await screen.press("a")
        await screen.on("Authorize")
        await screen.sees("pick the organization there")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.press("j", "a")
        await screen.on("Authorize")
        await screen.sees("pick Acme GmbH there", "unless you say so")


@pytest.mark.parametrize("size", SIZES)
async def test_the_question_looks_like_its_golden(still_town: Town, size: tuple[int, int]) -> None:
    """Both organizations, what each answer does, and the safe one first."""
    from close_tui.operations.elsewhere import Elsewhere
    from close_tui.tui.screens.elsewhere import KeepElsewhere

    aside = still_town.grant("globex-reports", still_town.globex)
    meant = Organization(still_town.acme.id, "Acme [/b] GmbH")
    tokens = Tokens(Secret("access"), Secret("refresh"), 0.0, "")
    found = Elsewhere(aside, Grant(tokens, still_town.globex.id, still_town.ada.id), meant)
    async with still_town.show(size) as screen:
        screen.app.push_screen(KeepElsewhere(screen.app.verbs, found))
        await screen.on("KeepElsewhere")
        await looks_like(screen, "elsewhere")

        assert screen.app.focused is screen["#revoke"]
