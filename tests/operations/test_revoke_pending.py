"""Revoke: what could not be killed stays frozen and sealed, to be tried again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultNotWritable
from close_tui.operations.add import set_app
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies
from close_tui.secret import Secret
from tests.operations.test_revoke import sealed

if TYPE_CHECKING:
    from tests.operations.conftest import Town

PENDING = "It stays frozen, and its tokens are kept to try again."


async def test_a_proof_that_failed_on_the_way_can_be_made_later(town: Town) -> None:
    """Accepted without proof, it can be revoked again while the access token would live."""
    connection = town.connect()

    def cut(step: str) -> None:
        if step == "proving":
            town.world.faults.add(faults.UNAVAILABLE, "me", times=None)

    first = await revoke(town.desk, connection.id, progress=cut)
    assert ("accepted_not_proved", 8) == (first.outcome, first.exit_code)
    assert "could not be asked" in first.detail
    assert 2 == sealed(town, connection)

    town.world.faults.clear()
    second = await revoke(town.desk, connection.id)
    assert ("dead_proved", 0) == (second.outcome, sealed(town, connection))


async def test_an_accepted_revocation_that_does_not_act_is_no_success(
    town: Town, policies: Policies
) -> None:
    """The token still answers: not dead, frozen, kept, and killed by the next one."""
    connection = town.connect()
    policies.revoke_acts = False

    result = await revoke(town.desk, connection.id)

    assert ("failed", 8) == (result.outcome, result.exit_code)
    assert "still answers" in result.detail
    assert ("revoking", 2) == (town.status(connection), sealed(town, connection))
    policies.revoke_acts = True
    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


@pytest.mark.parametrize(
    "fault", [faults.UNAVAILABLE, faults.DROPPED, faults.ANSWER_LOST, faults.rate_limited(60)]
)
@pytest.mark.parametrize("kills_access", [True, False])
async def test_a_revocation_that_failed_stays_pending_until_it_is_repeated(
    town: Town, policies: Policies, fault: faults.Fault, kills_access: bool
) -> None:
    """It stays frozen with its tokens, exit code 8, and the second time it is proved.

    Also where the first half has killed the access token already: it had answered before.
    """
    policies.revoke_kills_access = kills_access
    connection = town.connect()

    def fail(step: str) -> None:
        if step == "refresh_token_revoked":
            town.world.faults.add(fault, "revoke")

    failed = await revoke(town.desk, connection.id, progress=fail)

    assert ("failed", 8, PENDING) == (failed.outcome, failed.exit_code, failed.advice[:54])
    assert ("revoking", 2) == (town.status(connection), sealed(town, connection))
    assert ("revoke", "failed") == town.told(connection)[-1]
    assert "needs_authorization" == (await refresh(town.desk, connection.id)).outcome

    again = await revoke(town.open_desk(), connection.id)
    assert ("dead_proved", 0) == (again.outcome, again.exit_code)


async def test_the_access_token_is_revoked_also_where_the_refresh_token_is_not(town: Town) -> None:
    """The first error is what is said, and half of the harm is undone."""
    connection = town.connect()
    access_token = town.access_token(connection)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=1)

    failed = await revoke(town.desk, connection.id)

    assert ("failed", 8, False) == (failed.outcome, failed.exit_code, town.is_alive(access_token))


async def test_a_short_rate_limit_is_waited_for(town: Town) -> None:
    """Before the proof as well as for the revocation: nothing is lost by asking twice."""
    connection = town.connect()
    town.world.faults.add(faults.rate_limited(0.01), "me")
    town.world.faults.add(faults.rate_limited(0.01), "revoke", times=1)

    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_a_wrong_client_secret_is_named(town: Town) -> None:
    """Revoking needs the app's secret: once it is right, the revocation succeeds."""
    connection = town.connect()
    await set_app(town.desk, town.app, client_secret=Secret("wrong"))

    failed = await revoke(town.desk, connection.id)

    assert 8 == failed.exit_code
    assert "set app NAME --secret" in failed.advice
    assert failed.advice.endswith(PENDING)
    await set_app(town.desk, town.app, client_secret=Secret(town.registered.client_secret))
    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_without_its_app_a_connection_is_frozen_at_least(town: Town) -> None:
    """What is missing is said, and nothing is destroyed."""
    connection = town.connect()
    town.desk.vault.remove_app(town.app.id)

    failed = await revoke(town.desk, connection.id)

    assert ("failed", 8) == (failed.outcome, failed.exit_code)
    assert "needs its secret" in failed.detail
    assert ("revoking", 2) == (town.status(connection), sealed(town, connection))


async def test_freezing_needs_neither_key_nor_network(town: Town) -> None:
    """With a locked vault, or offline, nothing refreshes it from now on."""
    locked, offline = town.connect("locked"), town.connect("offline", user=town.bob)
    (town.settings.identity_file or Path()).rename(town.settings.home.parent / "away")

    first = await revoke(town.open_desk(), locked.id)
    (town.settings.home.parent / "away").rename(town.settings.identity_file or Path())
    second = await revoke(town.cut_off(), offline.id)

    for connection, result in ((locked, first), (offline, second)):
        assert ("failed", 8, "revoking") == (
            result.outcome,
            result.exit_code,
            town.status(connection),
        )
        assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_a_vault_that_cannot_be_written_freezes_nothing(town: Town) -> None:
    """That is said as the target's own result, and nothing is sent."""
    connection = town.connect()
    town.read_only(town.desk)

    result = await revoke(town.desk, connection.id)

    town.read_only(town.desk, on=False)
    assert isinstance(result.error, VaultNotWritable)
    assert (8, 0, "untested") == (result.exit_code, town.sent("revoke"), town.status(connection))
