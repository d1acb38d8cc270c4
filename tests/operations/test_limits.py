"""What a revocation does not claim: newer tokens elsewhere, and a vault that can do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import InUse, VaultDestroyed
from close_tui.model import SecretKind
from close_tui.operations.add import add_app, remove_app
from close_tui.operations.destroy import destroy
from close_tui.operations.kill import begin
from close_tui.operations.pending import retry
from close_tui.operations.plan import NEWER, RENEWED, plan
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.secret import Secret
from tests.operations.test_kill import ADA, facts, ignore

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town

DOUBTS = {
    "refused": "UPDATE connections SET refused_at = 1 WHERE id = ?",
    "imported": "UPDATE connections SET imported_at = 1 WHERE id = ?",
    "lost": "INSERT INTO intents (connection_id, generation, attempts, started_at, lost_at)"
    " VALUES (?, 1, 1, 1, 1)",
}


def doubt(town: Town, connection: Connection, why: str) -> Connection:
    """Let newer tokens of a connection be possible elsewhere."""
    town.desk.vault.database.change(DOUBTS[why], connection.id)
    return town.shown(connection.id)


async def test_a_thief_who_was_first_is_not_seen(town: Town) -> None:
    """Whoever spent the refresh token before us lives on: the verdict claims what was here."""
    connection = town.connect()
    stolen = town.world.spend(town.token(connection, SecretKind.REFRESH_TOKEN))

    result = await revoke(town.desk, connection.id)

    assert ("dead_proved", True) == (result.outcome, town.is_alive(stolen.access_token))
    assert "every access token that was stored here gets 401 now" in result.detail
    assert "remove the app's access in Close" in RENEWED


@pytest.mark.parametrize("why", DOUBTS)
async def test_where_newer_tokens_may_live_the_step_is_named(town: Town, why: str) -> None:
    """Before, as the verdict, for machines, and still when nothing more can be sent."""
    connection = doubt(town, town.connect(), why)
    (planned,) = plan(town.desk, [connection])

    result = await revoke(town.desk, connection.id)
    written = facts(town.history(connection)[0])
    town.clock.advance(4000)
    (settled,) = plan(town.desk, [town.shown(connection.id)])
    again = await revoke(town.desk, connection.id)

    assert ("not_provable", "accepted_not_proved", NEWER) == (
        planned.word,
        result.outcome,
        result.advice,
    )
    assert why == written["why"]
    assert ("settled", planned.why_not) == (settled.word, settled.why_not)
    assert "as far as possible" in again.detail
    assert NEWER == again.advice


async def test_what_is_proved_says_no_reason(town: Town) -> None:
    """And what merely expired needs nothing but time."""
    proved, expired = town.connect("proved"), town.connect("expired", user=town.bob)
    town.desk.vault.database.change(
        "UPDATE connections SET expires_at = 1 WHERE id = ?", expired.id
    )

    first, second = await revoke(town.desk, proved.id), await revoke(town.desk, expired.id)

    assert ("", "") == (first.advice, second.advice)
    assert {"seconds"} == set(facts(town.history(proved)[0]))
    assert "expired" == facts(town.history(expired)[0])["why"]


async def test_a_destroyed_vault_opens_no_incident(town: Town) -> None:
    """Nothing can be revoked any more: what may live is named, and who can end it."""
    town.connect("acme")
    await town.connect_key("script")
    connections = town.desk.vault.connections()
    begin(town.desk, connections, "", ADA)
    await destroy(town.desk)
    before = len(town.desk.vault.incident_events())

    with pytest.raises(VaultDestroyed, match=r"acme.*script \(api_") as caught:
        begin(town.desk, connections, "", ADA)
    with pytest.raises(VaultDestroyed):
        await retry(town.desk, ignore)
    alone = await revoke(town.desk, connections[0].id)

    assert before == len(town.desk.vault.incident_events())
    assert "API Keys" in caught.value.advice
    assert isinstance(alone.error, VaultDestroyed)
    assert "kept" not in f"{alone.detail} {alone.advice}"


async def test_an_app_is_kept_while_a_proof_is_open(town: Town) -> None:
    """Close has accepted, the proof failed on the way, and trying again needs the app."""
    connection = town.connect()

    def cut(step: str) -> None:
        if step == "proving":
            town.world.faults.add(faults.UNAVAILABLE, "me", times=None)

    await revoke(town.desk, connection.id, progress=cut)
    with pytest.raises(InUse, match="The revocation of acme is not done") as caught:
        remove_app(town.desk, town.app)
    assert "revoke --pending" in caught.value.advice
    town.world.faults.clear()
    await revoke(town.desk, connection.id)

    assert "removed" == remove_app(town.desk, town.app).outcome


async def test_an_app_that_is_added_again_can_revoke_again(town: Town) -> None:
    """Its connections belong to it by its client id, and those of no other do."""
    connection = town.connect()
    town.desk.vault.remove_app(town.app.id)
    failed = await revoke(town.desk, connection.id)
    registered = town.registered

    other = await add_app(town.desk, "other", "oa2client_other", Secret("x"))
    again = await add_app(
        town.desk, "again", registered.client_id, Secret(registered.client_secret)
    )

    assert "Add the app again" in failed.advice
    assert again.id == town.shown(connection.id).app_id != other.id
    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_without_an_answer_it_may_be_alive(town: Town) -> None:
    """Nobody knows what became of the request: nothing more than that is said."""
    connection = town.connect()

    failed = await revoke(town.cut_off(), connection.id)

    assert "failed" == failed.outcome
    assert failed.detail.endswith("It may be alive.")


async def test_what_cannot_be_revoked_here_names_the_next_step(town: Town) -> None:
    """The app can be removed in Close: that ends everything that hangs on it."""
    connection = town.connect()
    town.desk.vault.remove_app(town.app.id)

    (planned,) = plan(town.desk, [town.shown(connection.id)])
    failed = await revoke(town.desk, connection.id)

    for said in (planned.why_not, failed.advice):
        assert "Settings → Developer → OAuth Apps." in said
