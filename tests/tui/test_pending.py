"""What is frozen and not proved dead: said in red, tried again, and not to be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.model import Status, Tokens
from close_tui.sandbox.faults import UNAVAILABLE, latency
from close_tui.secret import Secret
from close_tui.tui.screens import pending, removing
from close_tui.tui.screens.pending import RetriesPending, pending_words
from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from tests.tui.town import Town


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for minutes."""
    monkeypatch.setattr(pending, "LOOK_S", 0.02)
    monkeypatch.setattr(RetriesPending, "back_off", staticmethod(lambda tries: 0.05 * tries))


@pytest.mark.parametrize("size", SIZES)
async def test_the_banner_looks_like_its_golden(still_town: Town, size: tuple[int, int]) -> None:
    """A count in red above the list, for as long as something is frozen and not proved dead."""
    still_town.grant("acme-reports")
    still_town.key("acme-export")
    still_town.grant("globex-reports", still_town.globex)
    for name in ("acme-reports", "acme-export"):
        still_town.vault.freeze(f"conn_{name}", still_town.clock() - 60)
    still_town.hide_identity()
    async with still_town.show(size) as screen:
        await screen.sees("2 connections are frozen and not proved dead")

        await looks_like(screen, "pending")


async def test_nothing_pending_says_nothing(still_town: Town) -> None:
    """No banner, and no key for it."""
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        await screen.sees("acme-reports")
        await screen.press("P")

        assert "frozen" not in screen.text
        assert screen.app.screen is screen.board
        assert "" == pending_words([])


@pytest.mark.usefixtures("quick")
async def test_it_is_tried_again_by_itself_until_close_answers(town: Town) -> None:
    """Two 503 later it is dead, one toast says so, and the banner is gone."""
    town.grant("acme-reports")
    town.vault.freeze("conn_acme-reports", town.clock())
    town.world.faults.add(UNAVAILABLE, "revoke", times=4)
    async with town.show() as screen:
        await screen.sees("1 connection is frozen and not proved dead: P tries it again")
        await screen.sees("Dead", "acme-reports: Dead, proved at 2027-01-15T08:00:00Z")
        await screen.until(lambda: "frozen and not proved dead" not in screen.text)

    assert Status.REVOKED is town.named("acme-reports").status(town.clock())
    assert 0 == town.world.faults.waiting
    assert [] == town.opened_urls


@pytest.mark.usefixtures("quick")
async def test_a_key_is_only_looked_at(town: Town) -> None:
    """No browser opens by itself; once the key is deleted, it is seen to be dead."""
    key = town.key("acme-export")
    town.vault.freeze("conn_acme-export", town.clock())
    async with town.show() as screen:
        await screen.sees("1 connection is frozen and not proved dead (1 by hand)")
        await screen.until(lambda: town.world.journal.count(route="me", status=200))
        town.world.delete_api_key(key.id)
        await screen.sees("acme-export: Dead, proved")

    assert [] == town.opened_urls


@pytest.mark.usefixtures("quick")
async def test_nothing_is_tried_while_the_vault_is_locked(town: Town) -> None:
    """The banner is there, and Close is not asked."""
    town.grant("acme-reports")
    town.vault.freeze("conn_acme-reports", town.clock())
    town.hide_identity()
    async with town.show() as screen:
        await screen.sees("1 connection is frozen and not proved dead", "vault locked")
        await screen.pilot.pause(0.5)

    assert 0 == town.world.journal.count()


async def test_p_goes_on_with_all_of_it_at_once(town: Town) -> None:
    """Without a question: it was confirmed when it was frozen; the incident is the same."""
    from close_tui.leaks import Operator
    from close_tui.operations.desk import Desk
    from close_tui.operations.kill import begin

    connections = [town.grant("acme-reports"), town.grant("globex-reports", town.globex)]
    async with Desk(town.settings, clock=town.clock) as desk:
        incident = begin(desk, connections, "leaked in a ticket", Operator("ada", "desk"))
    async with town.show() as screen:
        await screen.sees("2 connections are frozen and not proved dead: P tries them again")
        await screen.press("P")
        await screen.on("Revoking")
        await screen.sees("All dead, proved.")

    assert {incident} == {event.incident for event in town.vault.history() if event.incident}


async def test_what_ends_after_its_dialog_was_closed_is_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdicts come as a toast, and the list is as they are; nothing waits for the back-off."""
    monkeypatch.setattr(pending, "LOOK_S", 0.02)
    town.grant("acme-reports")
    town.world.faults.add(latency(3), "revoke", times=1)
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.press("escape")
        await screen.sees("dead 1. I shows the record.", "■ revoked")


async def test_an_older_grant_that_lives_is_counted_and_ended(town: Town) -> None:
    """It belongs to a live connection, which stays alive."""
    one = town.grant("acme-reports")
    given = town.world.authorize_directly(town.oauth_app, town.ada, town.acme)
    assert given.refresh_token is not None
    newer = Tokens(
        Secret(given.access_token), Secret(given.refresh_token), town.clock() + 3600, one.scope
    )
    town.vault.replace_tokens(one.id, 1, newer, town.clock(), new_grant=True)
    async with town.show() as screen:
        await screen.sees("1 old grant still alive: P tries it again")
        await screen.press("P")
        await screen.sees("Old grant", "Its old grant is dead, proved at")
        await screen.until(lambda: "old grant still alive" not in screen.text)

    assert town.named("acme-reports").frozen_at is None
    assert "1 connection is frozen and not proved dead, 2 old grants still alive: P tries them" in (
        pending_words([one], 2)
    )


async def test_what_is_pending_is_not_removed(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog says why, and how to do it all the same; the other one is removed."""
    monkeypatch.setattr(removing, "UNDO_S", 0.1)
    still_town.grant("acme-reports")
    still_town.grant("globex-reports", still_town.globex)
    still_town.vault.freeze("conn_acme-reports", still_town.clock())
    async with still_town.show() as screen:
        await screen.press("g", "space", "space", "D")
        await screen.on("Remove")
        await screen.sees(
            "globex-reports, Globex",
            "acme-reports: frozen, and not proved dead.",
            "close-tui remove acme-reports --forget-unrevoked",
        )
        screen["#remove"].focus()
        await screen.press("enter")
        await screen.until(lambda: len(still_town.vault.connections()) == 1)

    assert Status.REVOKING is still_town.named("acme-reports").status(still_town.clock())


async def test_nothing_but_pending_leaves_only_a_way_out(still_town: Town) -> None:
    """There is no button to forget it with."""
    still_town.grant("acme-reports")
    still_town.vault.freeze("conn_acme-reports", still_town.clock())
    async with still_town.show() as screen:
        await screen.press("D")
        await screen.on("Remove")
        await screen.sees("frozen, and not proved dead.")

        assert not screen.app.screen.query("#remove")
