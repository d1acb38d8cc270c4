"""Refresh: the new pair is stored first, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import NotFound, VaultBusy, VaultNotWritable, WrongOrganization
from close_tui.operations.desk import Desk
from close_tui.operations.keep import remove
from close_tui.operations.refresh import refresh
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies
from close_tui.vault import locks
from tests.operations.conftest import Meddling

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_nothing_is_sent_when_the_answer_could_not_be_stored(town: Town) -> None:
    """A vault that cannot be written stops the refresh before the token is spent."""
    connection = town.connect()
    await town.desk.unlock()
    town.read_only(town.desk)

    result = await refresh(town.desk, connection.id)

    town.read_only(town.desk, on=False)
    assert ("failed", 7, 0) == (result.outcome, result.exit_code, town.sent())
    assert isinstance(result.error, VaultNotWritable)


async def test_a_commit_that_fails_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that is busy for a moment costs nothing."""
    connection = town.connect()
    real, failures = town.desk.vault.replace_tokens, [VaultBusy(), VaultNotWritable()]

    def reluctant(*arguments: object) -> bool:
        if failures:
            raise failures.pop()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(town.desk.vault, "replace_tokens", reluctant)

    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome
    assert (2, {}) == (town.shown(connection.id).generation, town.desk.unsaved)


async def test_tokens_that_cannot_be_saved_are_kept_until_they_can(town: Town) -> None:
    """It is said loudly, and the next refresh saves them without sending anything."""
    connection = town.connect()
    desk = _unwritable_after_the_answer(town)

    failed = await refresh(desk, connection.id)

    assert ("failed", 7) == (failed.outcome, failed.exit_code)
    assert failed.detail.startswith("The new tokens were received and cannot be saved")
    assert "Keep close-tui open" in failed.advice
    assert [connection.id] == list(desk.unsaved)
    assert 1 == town.shown(connection.id).generation

    town.read_only(desk, on=False)
    saved = await refresh(desk, connection.id)
    assert ("refreshed", 1, {}) == (saved.outcome, town.sent(), desk.unsaved)
    assert town.is_alive(town.token(connection))


async def test_unsaved_tokens_of_a_removed_connection_are_let_go(town: Town) -> None:
    """The connection is gone; that is what is said."""
    connection = town.connect()
    desk = _unwritable_after_the_answer(town)
    await refresh(desk, connection.id)
    remove(town.desk, connection)
    town.read_only(desk, on=False)

    with pytest.raises(NotFound):
        await refresh(desk, connection.id)


async def test_a_connection_that_is_removed_meanwhile_is_not_called_renewed(town: Town) -> None:
    """The answer comes too late: there is nothing to store it in."""
    connection = town.connect()
    town.world.faults.add(faults.late_answer(0.3), "refresh")
    flight = asyncio.create_task(refresh(town.desk, connection.id))
    await _until(lambda: town.shown(connection.id).intent is not None)
    remove(town.open_desk(), connection)

    result = await flight

    assert isinstance(result.error, NotFound)
    assert {} == town.desk.unsaved


async def test_cancelling_a_caller_does_not_cancel_the_flight(town: Town) -> None:
    """Leaving waits until the tokens are stored."""
    connection = town.connect()
    town.world.faults.add(faults.late_answer(0.3), "refresh")
    desk = town.open_desk()
    caller = asyncio.create_task(refresh(desk, connection.id))
    await _until(lambda: town.shown(connection.id).intent is not None)

    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await desk.leave()

    assert 2 == town.shown(connection.id).generation
    assert town.is_alive(town.token(connection))


async def test_nothing_is_begun_any_more_while_leaving(town: Town) -> None:
    """A refresh that still waits for its turn when close-tui is closed sends nothing."""
    connection = town.connect()
    desk = town.open_desk()
    async with locks.held(town.settings.home, connection.id, 10):
        waiting = asyncio.create_task(refresh(desk, connection.id))
        await _until(lambda: bool(desk.flights))
        leaving = asyncio.create_task(desk.leave())
        await asyncio.sleep(0.05)
    await leaving

    assert (3, 0) == ((await waiting).exit_code, town.sent())
    assert None is town.shown(connection.id).intent


async def test_tokens_of_another_organization_are_stored_and_frozen(
    town: Town, policies: Policies
) -> None:
    """They have replaced the old ones at Close: they are needed to revoke, and used for nothing."""
    connection = town.connect()
    policies.answer_organization_id = town.globex.id

    result = await refresh(town.desk, connection.id)

    assert isinstance(result.error, WrongOrganization)
    assert ("failed", 1) == (result.outcome, result.exit_code)
    assert (2, "revoking") == (town.shown(connection.id).generation, town.status(connection))
    assert town.is_alive(town.token(connection))
    assert [("refresh", "refreshed"), ("refresh", "failed")] == town.told(connection)


def _unwritable_after_the_answer(town: Town) -> Desk:
    """Return a desk whose vault refuses every write from the moment the new tokens arrive."""

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        town.read_only(desk)
        return answer

    desk = town.open_desk(transport=Meddling(after))
    return desk


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)
