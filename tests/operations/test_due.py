"""Due: what is refreshed without being asked, from facts and a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.model import Connection, Intent, Kind, Organization, User
from close_tui.operations.due import SPREAD_S, delay, due, may_be_kept, to_keep

if TYPE_CHECKING:
    from tests.operations.conftest import Town

CALM = Connection(
    "conn_1", "acme", "", Kind.OAUTH, Organization("orga_1", "Acme"), User("user_1", ""), "reports",
    "app_1", None, "", 1000.0, 3, "", True, 0.0,
)  # fmt: skip


def test_a_calm_authorization_may_be_kept() -> None:
    """An authorization with a refresh token, an app, and nothing against it."""
    assert may_be_kept(CALM)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.API_KEY},
        {"auto_refresh": False},
        {"can_refresh": False},
        {"app_id": None},
        {"expires_at": None},
        {"frozen_at": 1.0},
        {"revoked_at": 1.0},
        {"refused_at": 1.0},
        {"intent": Intent(3, 1, 900.0, None)},
        {"intent": Intent(3, 1, 900.0, 901.0)},
        {"imported_at": 1.0},
    ],
)
def test_what_needs_a_person_is_left_alone(changes: dict[str, Any]) -> None:
    """Each of these facts alone is enough."""
    assert not may_be_kept(CALM._replace(**changes))


def test_places_in_the_spread_are_even_and_lasting() -> None:
    """Two hundred ids fill a minute, at most a few in one second; an id keeps its place."""
    ids = [f"conn_{number}" for number in range(200)]

    seconds = Counter(int(delay(each)) for each in ids)

    assert [delay(each) for each in ids] == [delay(each) for each in ids]
    assert all(0 <= delay(each) < SPREAD_S for each in ids)
    assert max(seconds.values()) <= 12
    assert len(seconds) >= 50


def test_the_app_keeps_what_lives_and_lets_what_had_expired_be(town: Town) -> None:
    """In its last five minutes at its place in the spread; expired before the app was opened: no.

    ``--due`` takes both, at once.
    """
    town.connect("expired", organization=town.globex)
    town.clock.advance(3600)
    opened = town.clock()
    living = town.connect("living")
    vault = town.desk.vault
    late = opened + 3300 + delay(living.id)

    assert [] == to_keep(vault, late - 1, opened)
    assert ["living"] == [each.name for each in to_keep(vault, late, opened)]
    assert ["expired"] == [each.name for each in due(vault, opened + 3299)]
    assert ["living", "expired"] == [each.name for each in due(vault, opened + 3300)]
    assert ["living"] == [each.name for each in to_keep(vault, opened + 86400, opened)]


@pytest.mark.parametrize("alone", [True, False])
def test_what_is_switched_off_is_not_due(town: Town, alone: bool) -> None:
    """For one connection, or for all; switched on again it is."""
    connection = town.connect()
    vault, now = town.desk.vault, town.clock() + 3600
    vault.set_auto_refresh(False, connection.id if alone else None)
    off = to_keep(vault, now, 0.0), due(vault, now)
    vault.set_auto_refresh(True, connection.id if alone else None)

    assert ([], []) == off
    assert [connection] == to_keep(vault, now, 0.0) == due(vault, now)
