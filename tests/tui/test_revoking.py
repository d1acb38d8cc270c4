"""Revoking from the app: named, counted, begun on Cancel, seen to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.model import Status
from close_tui.sandbox.faults import UNAVAILABLE

if TYPE_CHECKING:
    from tests.tui.town import Town


async def test_the_dialog_names_what_dies_and_starts_on_cancel(town: Town) -> None:
    """Enter without thinking revokes nothing."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("In Acme GmbH:", "acme-reports (OAuth, reporting, ada@acme.example)")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert Status.OK is town.named("acme-reports").status(town.clock())


async def test_a_revocation_is_seen_to_prove_death(town: Town) -> None:
    """Its verdict, the reason in the history, and the tombstone in the list."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        await screen.type("#reason", "leaked in a ticket")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("✓ acme-reports", "Dead, proved at", "All dead, proved.")
        await screen.press("enter")
        await screen.sees("■ revoked")

    assert town.named("acme-reports").proved_dead_at is not None
    assert "leaked in a ticket" in [event.reason for event in town.vault.history()]


async def test_many_at_once_ask_for_their_count(town: Town) -> None:
    """The wrong count is refused beside the field; the right one revokes them all."""
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    async with town.show() as screen:
        await screen.press("g", "space", "space", "X")
        await screen.on("Revoke")
        await screen.sees("Revoke 2 connections", "In Acme GmbH, Globex:")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.sees("✕ 2 connections would be revoked: type 2.")
        await screen.type("#count", "2")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("All dead, proved.")

    assert {Status.REVOKED} == {c.status(town.clock()) for c in town.vault.connections()}


async def test_an_api_key_is_watched_until_it_is_deleted(town: Town) -> None:
    """The settings page opens, the key ID is shown, and the 401 is the verdict."""
    key = town.key("acme-export")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("by hand")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees(key.id, "watching until Close refuses it")
        await screen.until(lambda: town.opened_urls)
        town.world.delete_api_key(key.id)
        await screen.sees("All dead, proved.")

    assert [f"{town.settings.app_url}/settings/developer/api-keys/"] == town.opened_urls
    assert Status.REVOKED is town.named("acme-export").status(town.clock())


async def test_closing_the_watch_leaves_the_key_pending(town: Town) -> None:
    """Nothing is called dead that still lives, and nobody polls any more."""
    town.key("acme-export")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.sees("watching until Close refuses it")
        await screen.press("escape")
        await screen.sees("□ revoking")

    assert Status.REVOKING is town.named("acme-export").status(town.clock())


async def test_what_could_not_be_revoked_stays_pending_with_the_reason(town: Town) -> None:
    """A Close that is down: failed in words, frozen, to be tried again."""
    town.grant("acme-reports")
    town.world.faults.add(UNAVAILABLE, "revoke", times=None)
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("✕ acme-reports", "It stays frozen", "0 of 1 are proved to be dead.")

    assert Status.REVOKING is town.named("acme-reports").status(town.clock())


async def test_what_was_confirmed_is_frozen_even_if_the_vault_stays_locked(town: Town) -> None:
    """Freezing needs no key, and comes before the question for it."""
    town.grant("acme-reports")
    town.hide_identity()
    async with town.show() as screen:
        await screen.sees("vault locked")
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.until(lambda: type(screen.app.screen).__name__ in ("Unlock", "Message"))
        frozen = town.named("acme-reports").status(town.clock())
        await screen.press("escape")
        await screen.sees("□ revoking")

    assert Status.REVOKING is frozen


async def test_revoking_twice_says_when_it_was(town: Town) -> None:
    """X on a tombstone opens nothing."""
    town.grant("acme-reports")
    town.vault.freeze("conn_acme-reports", town.clock())
    town.vault.revoked("conn_acme-reports", town.clock(), proved_dead_at=town.clock())
    async with town.show() as screen:
        await screen.press("X")
        await screen.sees("acme-reports was revoked at 2027-01-15T08:00:00Z")

        assert screen.app.screen is screen.board
