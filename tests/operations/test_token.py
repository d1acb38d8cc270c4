"""Token: the one verb that hands a secret out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import AlreadyRevoked, Frozen, NeedsAuthorization, Unreachable
from close_tui.operations import test as testing
from close_tui.operations.revoke import freeze
from close_tui.operations.token import token
from close_tui.sandbox import faults

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_fresh_token_is_handed_out_without_the_network(town: Town) -> None:
    """Six minutes before its end it is fresh; that it was handed out is history."""
    connection = town.connect()
    town.clock.advance(3600 - 360)

    secret, warning = await token(town.cut_off(), connection.id)

    assert (town.access_token(connection), "") == (secret.reveal(), warning)
    assert [("token", "ok")] == town.told(connection)


async def test_a_key_is_handed_out(town: Town) -> None:
    """An API key does not expire."""
    connection, key = await town.connect_key()

    secret, warning = await token(town.cut_off(), connection.id)

    assert (key.text, "") == (secret.reveal(), warning)


@pytest.mark.parametrize("left", [300, 0, -3600])
async def test_a_token_that_is_due_is_refreshed_first(town: Town, left: int) -> None:
    """With five minutes left or fewer, or expired, the new one is handed out."""
    connection = town.connect()
    old = town.access_token(connection)
    town.clock.advance(3600 - left)

    secret, warning = await token(town.desk, connection.id)

    assert ("", 1) == (warning, town.sent())
    assert old != secret.reveal() == town.access_token(connection)


async def test_a_due_token_is_better_than_none(town: Town) -> None:
    """Where it cannot be refreshed and has not expired, it comes with a warning."""
    connection = town.connect()
    town.clock.advance(3600 - 60)

    secret, warning = await token(town.cut_off(), connection.id)

    assert town.access_token(connection) == secret.reveal()
    assert warning.startswith("The token could not be refreshed and will expire soon.")


async def test_an_expired_token_is_never_handed_out(town: Town) -> None:
    """The trouble of the refresh is what is said."""
    connection = town.connect()
    town.clock.advance(3600)

    with pytest.raises(Unreachable):
        await token(town.cut_off(), connection.id)
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    town.world.kill(town.token(connection))
    for _ in range(2):
        with pytest.raises(Exception, match=r"lost|refused"):
            await token(town.desk, connection.id)
    assert ("token", "ok") not in town.told(connection)


async def test_what_close_refuses_or_nobody_may_use_is_not_handed_out(town: Town) -> None:
    """Rejected, frozen and revoked connections give nothing."""
    rejected = town.connect("rejected")
    town.world.kill(town.access_token(rejected))
    await testing.test(town.desk, rejected.id)
    frozen = town.connect("frozen", user=town.bob)
    freeze(town.desk, frozen, "")
    revoked = town.connect("revoked", organization=town.globex)
    town.desk.vault.revoked(revoked.id, town.clock(), proved_dead_at=None)

    for connection, error in (
        (rejected, NeedsAuthorization),
        (frozen, Frozen),
        (revoked, AlreadyRevoked),
    ):
        with pytest.raises(error):
            await token(town.desk, connection.id)
