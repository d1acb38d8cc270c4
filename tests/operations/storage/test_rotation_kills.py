"""SIGKILL at every step of a rotation: one connection has the name, and it is never none or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.secret import Secret
from tests.operations.storage.test_kill_points import COMMIT, Nursery, nursery

if TYPE_CHECKING:
    from close_tui.model import Connection

__all__ = ["nursery"]

pytestmark = pytest.mark.timeout(1200)


async def test_a_kill_in_a_rotation_comes_before_it_or_after_it(nursery: Nursery) -> None:
    """Before: the old key under its name, well. After: the new one, and the old one frozen."""
    town = nursery.town
    first, _ = await town.connect_key("first")
    steps = await nursery.steps("rotate", connection=first.id, key=_new_key(nursery))
    # The last transaction is the rotation; what went before has only looked.
    settled = len(steps) - steps[::-1].index(COMMIT)
    for at in range(1, len(steps) + 1):
        name = f"key-{at}"
        connection, old = await town.connect_key(name)
        key = _new_key(nursery)

        await nursery.kill("rotate", at, connection=connection.id, key=key)

        (named,) = _live(nursery, name)
        given = (await _token(nursery, name)).reveal()
        if at < settled:
            assert (connection.id, old.text) == (named.id, given), steps[at - 1]
            assert "ok" == town.status(named)
            assert [] == _live(nursery, f"{name}-old")
        else:
            (frozen,) = _live(nursery, f"{name}-old")
            assert (connection.id, key) == (frozen.id, given), steps[at - 1]
            assert ("ok", "revoking") == (town.status(named), town.status(frozen))
            assert frozen.incident_id


def _new_key(nursery: Nursery) -> str:
    return nursery.town.world.add_api_key(nursery.town.ada, nursery.town.acme).text


def _live(nursery: Nursery, name: str) -> list[Connection]:
    everything = nursery.town.desk.vault.connections()
    return [c for c in everything if c.name == name and c.revoked_at is None]


async def _token(nursery: Nursery, name: str) -> Secret:
    from close_tui.operations.token import hand_out_named

    return (await hand_out_named(nursery.town.open_desk(), name)).secret
