"""Revoking an API key: a person deletes it, and its death is watched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import AlreadyRevoked, NotFound
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.revoke_key import open_settings, watch
from close_tui.sandbox import faults

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_key_has_to_be_deleted_by_hand(town: Town) -> None:
    """It is frozen, exit code 8, and the advice names the page and the key."""
    connection, key = await town.connect_key("acme")

    result = await revoke(town.desk, connection.id, reason="leaked")

    assert ("by_hand", 8, "revoking") == (
        result.outcome,
        result.exit_code,
        town.status(connection),
    )
    assert f"{town.settings.app_url}/settings/developer/api-keys/" in result.advice
    assert key.id in result.detail
    assert key.text not in repr(result)
    newest = town.history(connection)[0]
    assert ("revoke", "by_hand", "leaked") == (newest.verb, newest.outcome, newest.reason)


async def test_a_key_that_dies_while_it_is_watched_is_proved_dead(town: Town) -> None:
    """It answered after the freeze and gets 401 now; trouble on the way decides nothing."""
    connection, key = await town.connect_key()
    await revoke(town.desk, connection.id)
    watching = asyncio.create_task(watch(town.desk, connection.id, 60))
    town.world.faults.add(faults.UNAVAILABLE, "me", times=2)
    await asyncio.sleep(0.1)
    assert not watching.done()

    town.world.delete_api_key(key.id)
    result = await watching

    after = town.shown(connection.id)
    assert ("dead_proved", 0, 401) == (result.outcome, result.exit_code, result.http_status)
    assert ("revoked", town.clock()) == (town.status(connection), after.proved_dead_at)
    rows = town.desk.vault.database.rows("SELECT 1 FROM secrets WHERE owner = ?", connection.id)
    assert [] == rows
    assert ("revoke", "dead_proved") == town.told(connection)[-1]


async def test_a_verdict_carries_the_moment_that_is_written_down(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing takes time; the screen and the record name one moment all the same."""

    def passing() -> float:
        town.clock.advance(0.6)
        return town.clock()

    connection, key = await town.connect_key()
    grant = town.connect("globex")
    await revoke(town.desk, connection.id)
    town.world.delete_api_key(key.id)
    monkeypatch.setattr(town.desk, "clock", passing)
    results = [await watch(town.desk, connection.id, 60), await revoke(town.desk, grant.id)]

    assert [town.shown(each.id).proved_dead_at for each in results] == [r.at for r in results]
    assert ["dead_proved"] * 2 == [each.outcome for each in results]


async def test_a_key_that_answered_once_after_the_freeze_is_proved_by_the_next_look(
    town: Town,
) -> None:
    """Revoking again after it was deleted is enough, in any process."""
    connection, key = await town.connect_key()
    await revoke(town.desk, connection.id)
    town.world.delete_api_key(key.id)

    again = await revoke(town.open_desk(), connection.id, reason="leaked")

    assert "dead_proved" == again.outcome
    assert "leaked" == town.history(connection)[0].reason


async def test_a_key_that_was_deleted_before_is_already_revoked(town: Town) -> None:
    """It never answered after the freeze, so its death is none of ours."""
    connection, key = await town.connect_key()
    town.clock.advance(10)
    town.world.delete_api_key(key.id)

    result = await revoke(town.desk, connection.id)

    assert ("already_revoked", 0) == (result.outcome, (result.error and 1) or 0)
    assert "revoked" == town.status(connection)


async def test_an_unreachable_close_kills_no_key(town: Town) -> None:
    """Nobody answered: it is still to be deleted by hand, and the watch ends in time."""
    connection, _ = await town.connect_key()
    desk = town.cut_off()

    assert "by_hand" == (await revoke(desk, connection.id)).outcome
    assert "by_hand" == (await watch(desk, connection.id, 0.2)).outcome
    assert "revoking" == town.status(connection)
    assert "skipped" == (await refresh(desk, connection.id)).outcome


async def test_watching_what_is_gone_says_so(town: Town) -> None:
    """Another process has seen it die, or removed it."""
    connection, _ = await town.connect_key()
    town.desk.vault.revoked(connection.id, town.clock(), proved_dead_at=town.clock())

    with pytest.raises(AlreadyRevoked):
        await watch(town.desk, connection.id, 5)
    with pytest.raises(NotFound):
        await watch(town.desk, "conn_none", 5)


async def test_the_settings_page_is_opened(town: Town) -> None:
    """The address is returned too, and whether a browser took it."""
    opened: list[str] = []

    def opener(url: str) -> bool:
        opened.append(url)
        return False

    page, taken = await open_settings(town.desk, opener)

    assert ([page], False) == (opened, taken)
    assert page.endswith("/settings/developer/api-keys/")


async def test_an_answer_from_before_the_freeze_proves_nothing(town: Town) -> None:
    """The key may have been deleted before: only an answer since then makes a 401 a death."""
    connection, key = await town.connect_key()
    town.clock.advance(10)
    await revoke(town.cut_off(), connection.id)
    town.world.delete_api_key(key.id)

    assert "already_revoked" == (await revoke(town.desk, connection.id)).outcome
