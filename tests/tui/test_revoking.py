"""Revoking from the app: named, counted, begun on Cancel, seen to the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from close_tui.leaks import Operator, Step
from close_tui.model import App, Connection, Status
from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin
from close_tui.sandbox import records
from close_tui.sandbox.faults import UNAVAILABLE, latency
from close_tui.sandbox.journal import Entry, Journal
from close_tui.secret import Secret
from close_tui.tui.widgets.target_list import TargetList
from close_tui.vault import in_keyring
from close_tui.vault.vault import Vault
from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


PASSPHRASE = "correct horse battery"


def of_another_app(town: Town, name: str, **changes: Any) -> tuple[str, Connection]:
    """Store an authorization through an OAuth app of its own; return that app's client id."""
    made = town.world.add_app(name, town.app.redirect_uri)
    before, town.oauth_app = town.oauth_app, made
    app, usual = App(f"app_{name}", name, made.client_id, town.app.redirect_uri), town.app
    town.vault.add_app(app, Secret(made.client_secret), town.clock())
    town.app = app
    try:
        return made.client_id, town.grant(f"{name}-reports", **changes)
    finally:
        town.oauth_app, town.app = before, usual


async def confirm(screen: Screen, count: int = 1) -> None:
    """Confirm the plan that is on the screen."""
    await screen.on("Revoke")
    if count > 1:
        await screen.type("#count", str(count))
    screen["#revoke"].focus()
    await screen.press("enter")
    await screen.on("Revoking")


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_the_plan_looks_like_its_golden(still_town: Town, size: tuple[int, int]) -> None:
    """The worst first: impossible, not provable, by hand, provable; and what is not touched."""
    town = still_town
    town.grant("acme-reports")
    town.grant("acme-ended", by=town.bob, lasts=-60)
    town.key("acme-export")
    _, orphan = of_another_app(town, "importer")
    town.vault.remove_app("app_importer")
    town.grant("globex-reports", town.globex)
    async with town.show(size) as screen:
        await screen.opened()
        await screen.press("slash", *"gmbh", "enter")
        await screen.press("g", "space", "space", "space", "space")
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("1 impossible", "Not touched")

        await looks_like(screen, "plan")
    assert orphan.app == "importer"


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_progress_and_verdicts_look_like_their_goldens(
    town: Town, size: tuple[int, int]
) -> None:
    """In the middle one still waits for Close; at the end each verdict has its words."""
    town.grant("acme-reports")
    town.grant("acme-lost", by=town.bob)
    town.vault.refuse_refresh("conn_acme-lost", 1, town.clock())
    down, _ = of_another_app(town, "billing")
    slow, _ = of_another_app(town, "crawler", organization=town.globex)
    key = town.key("globex-export", town.globex)
    town.world.faults.add(UNAVAILABLE, "revoke", times=None, client_id=down)
    town.world.faults.add(latency(60), "revoke", client_id=slow)
    async with town.show(size) as screen:
        await screen.opened()
        await screen.press("g", *["space"] * 5, "X")
        await confirm(screen, 5)
        await screen.sees("dead 1 · not proved 1 · working 1 · by hand 1 · failed 1")
        await screen.sees("4 connections are frozen")

        await looks_like(screen, "progress")
    town.world.delete_api_key(key.id)


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_the_verdicts_at_the_end_look_like_their_golden(
    town: Town, size: tuple[int, int]
) -> None:
    """All five, the first that is not dead explained, what is left to do, and the record's id."""
    town.grant("acme-reports")
    town.grant("acme-lost", by=town.bob)
    town.vault.refuse_refresh("conn_acme-lost", 1, town.clock())
    down, _ = of_another_app(town, "billing")
    town.world.faults.add(UNAVAILABLE, "revoke", times=None, client_id=down)
    town.key("globex-export", town.globex)
    town.world.delete_api_key(town.key("globex-zap", town.globex).id)
    async with town.show(size) as screen:
        await screen.opened()
        await screen.press("g", *["space"] * 5, "X")
        await confirm(screen, 5)
        await screen.sees("Watching until Close refuses it")
        await screen.press("s")
        await screen.sees("Record: inc-", "2 stay frozen", "3 connections are frozen")

        await looks_like(screen, "verdicts")


async def test_closing_it_lets_it_go_on(town: Town) -> None:
    """The verdicts come all the same, and the list shows them."""
    town.grant("acme-reports")
    town.world.faults.add(latency(0.5), "revoke")
    async with town.show() as screen:
        await screen.press("X")
        await confirm(screen)
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.until(lambda: town.named("acme-reports").proved_dead_at)


async def test_keys_are_deleted_one_after_the_other_and_may_be_skipped(town: Town) -> None:
    """Each ID is copied when its turn comes; the page opens once; what is skipped stays pending."""
    keys = [town.key("acme-export"), town.key("globex-export", town.globex)]
    async with town.show() as screen:
        await screen.press("g", "space", "space", "X")
        await confirm(screen, 2)
        await screen.sees(f"Key 1 of 2: delete {keys[0].id} in Acme GmbH.")
        first = screen.app.clipboard
        await screen.press("s")
        await screen.sees(f"Key 2 of 2: delete {keys[1].id} in Globex.")
        second = screen.app.clipboard
        town.world.delete_api_key(keys[1].id)
        await screen.sees("dead 1 · by hand 1", "1 stays frozen")

    assert [keys[0].id, keys[1].id] == [first, second]
    assert 1 == len(town.opened_urls)
    assert Status.REVOKING is town.named("acme-export").status(town.clock())


async def test_a_locked_vault_is_asked_for_after_everything_is_frozen(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The passphrase comes second, and then the revocation goes on by itself."""
    monkeypatch.setattr(in_keyring, "_BY_PLATFORM", {"linux": ()})
    behind = town.settings._replace(home=town.settings.home.with_name("b"), identity_file=None)
    town.vault = Vault.make(behind, at=town.clock(), new_passphrase=Secret(PASSPHRASE))
    made = town.oauth_app
    town.vault.add_app(town.app, Secret(made.client_secret), town.clock())
    town.grant("acme-reports")
    async with town.show(settings=behind) as screen:
        await screen.press("X")
        await screen.sees("The vault is locked: u unlocks it now.")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Unlock")
        frozen = town.named("acme-reports").status(town.clock())
        await screen.type("#passphrase", PASSPHRASE)
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("All dead, proved.")
    town.vault.close()

    assert Status.REVOKING is frozen


@pytest.mark.usefixtures("open_at_once")
async def test_the_first_request_follows_the_key_at_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the confirming key and the first revocation lies less than one screen's painting."""
    for number in range(20):
        town.grant(f"acme-{number}", by=_member(town, number))
    revoked: list[float] = []
    append = Journal.append

    def note(journal: Journal, entry: Entry) -> None:
        revoked.extend([time.perf_counter()] * (entry.route == "revoke"))
        append(journal, entry)

    monkeypatch.setattr(Journal, "append", note)
    async with town.show() as screen:
        await screen.opened()
        began = time.perf_counter()
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("Refresh and access token revoked, and proved dead.")
        painted = time.perf_counter() - began
        screen["#revoke"].focus()
        await screen.pilot.pause(0.3)
        began = time.perf_counter()
        await screen.press("enter")
        await screen.until(lambda: revoked)

    assert revoked[0] - began < painted


async def test_only_the_line_that_changed_is_drawn_anew(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step of one of fifty targets costs one line."""
    town = still_town
    targets = [town.grant(f"acme-{n}", by=_member(town, n), tested=False) for n in range(50)]
    async with town.show() as screen:
        shown = TargetList(targets, clock=town.clock)
        await screen.app.screen.mount(shown)
        await screen.pilot.pause()
        drawn: list[int] = []
        monkeypatch.setattr(shown, "repaint_row", drawn.append)
        shown.take_step(Step(targets[7].id, "proving", town.clock()))

        assert [7] == drawn


async def test_the_dialog_names_what_dies_and_starts_on_cancel(town: Town) -> None:
    """Enter without thinking revokes nothing."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("acme-reports Acme GmbH, ada@acme.example, OAuth, reporting")
        await screen.sees("Refresh and access token revoked, and proved dead.")
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
        await screen.sees("✓ acme-reports", "dead, proved 08:00:00Z", "All dead, proved.")
        await screen.sees("Record: inc-20270115-")
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
        await screen.sees("Revoke 2 connections", "2 will be revoked and proved.")
        await screen.sees("acme-reports Acme GmbH", "globex-reports Globex")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.sees("✕ 2 connections would be revoked: type 2.")
        await screen.type("#count", "2")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("All dead, proved.")

    assert {Status.REVOKED} == {c.status(town.clock()) for c in town.vault.connections()}


async def test_the_count_can_be_typed_from_where_the_cursor_is(town: Town) -> None:
    """Count, enter, reason, enter: then only the button is left; a wrong count is said at once."""
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    async with town.show() as screen:
        await screen.press("g", "space", "space", "X")
        await screen.on("Revoke")
        await screen.press("3", "enter")
        await screen.sees("✕ 2 connections would be revoked: type 2.")
        assert screen.app.focused is screen["#count"]
        await screen.press("2", "enter", "enter")
        assert screen.app.focused is screen["#revoke"]
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees("All dead, proved.")


async def test_on_an_organization_all_of_it_is_meant(town: Town) -> None:
    """With the cursor among the organizations X does not mean whichever comes first in the list."""
    town.grant("acme-reports")
    town.grant("acme-bobs", by=town.bob)
    town.grant("globex-reports", town.globex)
    async with town.show() as screen:
        screen.board.organization_list.focus()
        await screen.press("down", "X")
        await screen.on("Revoke")
        await screen.sees("Revoke 2 connections", "acme-bobs Acme GmbH", "acme-reports Acme GmbH")
        await confirm(screen, 2)
        await screen.sees("All dead, proved.")

    assert Status.OK is town.named("globex-reports").status(town.clock())


async def test_marks_come_before_the_organization(still_town: Town) -> None:
    """What was marked is what was meant, wherever the cursor is."""
    still_town.grant("acme-reports")
    still_town.grant("acme-bobs", by=still_town.bob)
    async with still_town.show() as screen:
        await screen.press("g", "space")
        screen.board.organization_list.focus()
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("Revoke acme-bobs")


async def test_a_count_of_two_digits_can_be_typed_from_cancel(still_town: Town) -> None:
    """The second digit stands after the first, however fast they come."""
    for number in range(12):
        still_town.grant(f"acme-{number}", by=_member(still_town, number), tested=False)
    async with still_town.show() as screen:
        await screen.press("asterisk", "X")
        await screen.on("Revoke")
        await screen.press("1", "2")
        typed = screen["#count"]
        assert isinstance(typed, Input)
        await screen.press("enter", "enter")

        assert "12" == typed.value
        assert screen.app.focused is screen["#revoke"]


async def test_a_reason_without_the_count_does_not_lead_to_the_button(town: Town) -> None:
    """The count is asked for beside its field, and nothing is cancelled by the next enter."""
    town.grant("acme-reports")
    town.grant("globex-reports", town.globex)
    async with town.show() as screen:
        await screen.press("g", "space", "space", "X")
        await screen.on("Revoke")
        await screen.type("#reason", "leaked in a ticket")
        await screen.press("enter", "enter")
        await screen.sees("✕ 2 connections would be revoked: type 2.")

        assert screen.app.focused is screen["#count"]


async def test_an_api_key_is_watched_until_it_is_deleted(town: Town) -> None:
    """The settings page opens, the key ID is shown, and the 401 is the verdict."""
    key = town.key("acme-export")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees(f"By hand: delete {key.id} in Close.")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees(f"Delete this API key by hand: {key.id} in Acme GmbH.", "is copied")
        await screen.until(lambda: town.opened_urls)
        town.world.delete_api_key(key.id)
        await screen.sees("All dead, proved.")

        assert key.id == screen.app.clipboard

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
        await screen.sees("Watching until Close refuses it")
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
        await screen.sees("✕ acme-reports", "failed, still alive (HTTP 503)", "It stays frozen")
        await screen.sees("0 of 1 are proved to be dead. 1 stays frozen: P tries it again.")

    assert Status.REVOKING is town.named("acme-reports").status(town.clock())


async def test_what_is_left_is_tried_again_where_its_failure_is_told(town: Town) -> None:
    """P in the dialog: no way back to the list; what comes of it names the same record."""
    town.grant("acme-reports")
    town.world.faults.add(UNAVAILABLE, "revoke", times=2)
    async with town.show() as screen:
        await screen.press("X")
        await confirm(screen)
        await screen.sees("1 stays frozen: P tries it again.")
        await screen.press("P")
        await screen.sees("All dead, proved. Record: inc-20270115-")

    assert Status.REVOKED is town.named("acme-reports").status(town.clock())
    assert 1 == len({event.incident for event in town.vault.history() if event.incident})


async def test_the_record_is_copied_where_the_verdict_stands(town: Town) -> None:
    """Two keys from the proof to the post-mortem: y, and the paste."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("X")
        await confirm(screen)
        await screen.press("y")
        await screen.sees("All dead, proved.", "y copies it.")
        await screen.press("y")
        await screen.sees("copied as Markdown")

        assert screen.app.clipboard.startswith("# Incident `inc-20270115-")
        assert "dead, proved" in screen.app.clipboard


async def test_what_was_frozen_before_is_timed_from_then(town: Town) -> None:
    """P says how long it took as the record says it: since the freeze, not since the key."""
    town.key("acme-export")
    connection = town.named("acme-export")
    async with Desk(town.settings, clock=town.clock) as desk:
        begin(desk, [connection], "leaked", Operator("ada", "desk"))
    town.clock.advance(120)
    town.world.delete_api_key(connection.key_id or "")
    async with town.show() as screen:
        await screen.opened()
        await screen.press("P")
        await screen.on("Revoking")
        await screen.sees("already revoked, 2 min 00 s", "Record: inc-20270115-")


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
        await screen.on("Revoking")
        await screen.sees("failed, still alive", "cannot be read", "1 stays frozen")
        frozen = town.named("acme-reports").status(town.clock())
        await screen.press("enter")
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


def _member(town: Town, number: int) -> records.User:
    organizations = [town.acme, town.globex]
    return town.world.add_user(f"u{number}@acme.example", f"User {number}", organizations)
