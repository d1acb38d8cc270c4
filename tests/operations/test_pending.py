"""Pending: what could not be killed is frozen and kept, and tried again until it is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import StillNeeded
from close_tui.leaks import Operator, Step
from close_tui.operations.keep import remove
from close_tui.operations.kill import begin, kill
from close_tui.operations.pending import back_off, is_pending, pending, retry
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from tests.operations.test_revoke import sealed

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town

ADA = Operator("ada", "laptop")


def left(town: Town) -> list[str]:
    """Return the names of what is pending."""
    return [each.name for each in pending(town.desk.vault.connections(), town.clock())]


def ignore(_: Step) -> None:
    """Hear a step."""


async def failed(town: Town, *connections: Connection) -> str:
    """Begin to revoke while Close cannot be reached; return the incident."""
    desk = town.cut_off()
    incident = begin(desk, connections, "leaked", ADA)
    await kill(desk, connections, incident, ignore)
    return incident


async def test_what_has_not_begun_or_is_over_is_not_pending(town: Town) -> None:
    """Live ones, and those that are dead; an accepted one is until its token would have died."""
    town.connect("live")
    dead, accepted = (
        town.connect("dead", user=town.bob),
        town.connect("a", organization=town.globex),
    )
    await revoke(town.desk, dead.id)
    town.desk.vault.revoked(accepted.id, town.clock(), proved_dead_at=None)

    assert ["a"] == left(town)
    town.clock.advance(3600)
    assert [] == left(town)


async def test_a_retry_finishes_what_is_pending_in_its_own_incident(town: Town) -> None:
    """Another process, with Close back, continues the record of each."""
    one, two = town.connect("one"), town.connect("two", user=town.bob)
    first, second = await failed(town, one), await failed(town, two)
    assert ["one", "two"] == left(town)
    assert [2, 2] == [sealed(town, one), sealed(town, two)]
    steps: list[str] = []
    ended: list[str] = []

    results = await retry(
        town.open_desk(), lambda step: steps.append(step.step), ended=lambda r: ended.append(r.name)
    )

    assert ["dead_proved"] * 2 == [each.outcome for each in results]
    assert ([], {"one", "two"}, 2) == (left(town), set(ended), steps.count("proving"))
    for connection, incident in ((one, first), (two, second)):
        verdicts = [
            (event.outcome, event.connection_id)
            for event in town.desk.vault.incident_events(incident)
            if event.verb == "revoke"
        ]
        assert [("failed", connection.id), ("dead_proved", connection.id)] == verdicts


async def test_what_can_never_be_proved_is_left_to_time(town: Town) -> None:
    """Close has accepted it, and nothing would come of sending it over and over; asked for, it is.

    What only the way has kept from its proof is tried again.
    """
    hopeless, hopeful = town.connect("hopeless"), town.connect("hopeful", user=town.bob)
    town.clock.advance(1)
    town.world.faults.add(faults.UNAVAILABLE, "me", times=None)
    await revoke(town.desk, hopeless.id)
    town.world.faults.clear()

    def cut(step: str) -> None:
        if step == "proving":
            town.world.faults.add(faults.UNAVAILABLE, "me", times=None)

    await revoke(town.desk, hopeful.id, progress=cut)
    town.world.faults.clear()
    assert ["hopeful", "hopeless"] == left(town)

    tried = {each.name: each.outcome for each in await retry(town.open_desk(), ignore)}
    assert {"hopeful": "dead_proved"} == tried
    tried = {each.name: each.outcome for each in await retry(town.desk, ignore, every=True)}
    assert {"hopeless": "accepted_not_proved"} == tried


async def test_a_retry_without_anything_pending_sends_nothing(town: Town) -> None:
    """It does not even need the key."""
    town.connect()
    desk = town.cut_off()

    assert [] == await retry(desk, ignore)
    assert desk.vault.is_locked


async def test_a_retry_goes_on_past_what_fails_again(town: Town) -> None:
    """What fails stays as it was; the history tells of each try."""
    good, bad = town.connect("good"), town.connect("bad", organization=town.globex)
    await failed(town, good, bad)
    town.world.faults.add(faults.DROPPED, "revoke", times=2)

    results = {each.name: each.outcome for each in await retry(town.open_desk(), ignore)}

    assert "failed" in results.values()
    assert set(left(town)) == {name for name, word in results.items() if word != "dead_proved"}
    town.world.faults.clear()
    assert {"dead_proved"} == {each.outcome for each in await retry(town.open_desk(), ignore)}
    assert [] == left(town)


async def test_a_key_is_looked_at_and_asked_for_once(town: Town) -> None:
    """Each retry looks whether it still answers; that a person must delete it is written once."""
    connection, key = await town.connect_key()
    incident = begin(town.desk, [connection], "leaked", ADA)
    await kill(town.desk, [connection], incident, ignore)

    for _ in range(3):
        assert ["by_hand"] == [each.outcome for each in await retry(town.desk, ignore)]

    assert 1 == town.told(connection).count(("revoke", "by_hand"))
    town.world.delete_api_key(key.id)
    assert ["dead_proved"] == [each.outcome for each in await retry(town.desk, ignore)]
    assert [] == left(town)


async def test_what_could_finish_a_revocation_is_not_forgotten_by_accident(town: Town) -> None:
    """Only who says that it is meant: then it is written down that Close may still accept it."""
    frozen, accepted = town.connect("frozen"), town.connect("accepted", user=town.bob)
    incident = await failed(town, frozen)
    town.desk.vault.revoked(accepted.id, town.clock(), proved_dead_at=None)
    for connection in (frozen, accepted):
        with pytest.raises(StillNeeded):
            remove(town.desk, connection)  # as it was seen before it was frozen
        assert 2 == sealed(town, connection)

    forgotten = [
        remove(town.desk, each, forget_unrevoked=True).detail for each in (frozen, accepted)
    ]

    assert "NOT revoked" in forgotten[0]
    assert "NOT proved" in forgotten[1]
    assert None is town.desk.vault.connection(frozen.id)
    assert "remove" == town.desk.vault.incident_events(incident)[-1].verb


async def test_what_is_dead_is_forgotten_without_a_word(town: Town) -> None:
    """Nothing is left to finish."""
    connection = town.connect()
    await revoke(town.desk, connection.id)

    assert not is_pending(town.shown(connection.id), town.clock())
    assert "Forgotten here." == remove(town.desk, town.shown(connection.id)).detail


def test_retries_back_off() -> None:
    """From five seconds, doubled, to five minutes."""
    assert [5, 10, 20, 40, 80, 160, 300, 300] == [back_off(tries) for tries in range(1, 9)]
    assert [5, 300] == [back_off(0), back_off(100_000)]
