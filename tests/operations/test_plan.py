"""Plan: what a revocation would come to, said before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import NotFound, UsageError
from close_tui.model import Connection, Intent
from close_tui.operations import plan as planning
from close_tui.operations.add import set_app
from close_tui.operations.plan import is_settled, plan, select, word
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from close_tui.sandbox import faults
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_plan_needs_no_key_and_sends_nothing(town: Town) -> None:
    """What will be sent, and that death can be proved; the vault is locked, Close not asked."""
    connection = town.connect()
    desk = town.cut_off()
    before = town.desk.vault.version_of_others()

    (planned,) = plan(desk, [connection])

    assert desk.vault.is_locked
    assert ("revoke", True, "provable") == (planned.way, planned.provable, planned.word)
    assert ("refresh_token", "access_token") == planned.sends
    assert ((), "", ()) == (planned.missing, planned.why_not, planned.also)
    assert before == town.desk.vault.version_of_others()


async def test_what_else_hangs_on_the_same_app_is_named(town: Town) -> None:
    """The other live connections of the app; an API key hangs on none."""
    acme, globex = town.connect("acme"), town.connect("globex", organization=town.globex)
    gone = town.connect("gone", user=town.bob)
    key, _ = await town.connect_key()
    town.desk.vault.revoked(gone.id, town.clock(), proved_dead_at=town.clock())

    planned = plan(town.desk, [acme, key])

    assert [(globex.name,), ()] == [each.also for each in planned]
    assert ("by_hand", ()) == (planned[1].word, planned[1].sends)


async def test_without_an_app_or_its_secret_nothing_can_be_revoked(town: Town) -> None:
    """Each is said to be missing, and the revocation says the same and sends nothing."""
    database = town.desk.vault.database
    connection = town.connect()
    database.change("DELETE FROM secrets WHERE owner = ?", town.app.id)
    (secretless,) = plan(town.desk, [connection])
    refused = await revoke(town.desk, connection.id)
    town.desk.vault.remove_app(town.app.id)
    (appless,) = plan(town.desk, [town.shown(connection.id)])

    assert ("impossible", ("client_secret",), ()) == (
        secretless.word,
        secretless.missing,
        secretless.sends,
    )
    assert ("impossible", ("app",)) == (appless.word, appless.missing)
    assert "not stored" in secretless.why_not
    assert "was removed" in appless.why_not
    assert ("failed", 0) == (refused.outcome, town.sent("revoke"))
    assert "not stored" in refused.detail


async def test_a_connection_without_a_refresh_token_says_so(town: Town) -> None:
    """Its access token alone is sent, and proves the death."""
    town.world.policies.omit_refresh_token = True
    connection = town.connect()

    (planned,) = plan(town.desk, [connection])

    assert ("provable", ("access_token",), ("refresh_token",)) == (
        planned.word,
        planned.sends,
        planned.missing,
    )
    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_an_expired_token_proves_nothing(town: Town) -> None:
    """Close revokes it, and the plan says beforehand what the verdict will be."""
    connection = town.connect()
    town.clock.advance(3600)

    (planned,) = plan(town.desk, [connection])

    assert ("not_provable", planning.EXPIRED) == (planned.word, planned.why_not)
    assert "accepted_not_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_after_a_lost_or_refused_refresh_newer_tokens_may_exist(town: Town) -> None:
    """Said before, and said by the verdict; a refresh that is under way is no reason."""
    lost, refused = town.connect("lost"), town.connect("refused", user=town.bob)
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, lost.id)
    town.world.kill_family(town.token(refused))
    await refresh(town.desk, refused.id)
    under_way = town.connect("under-way", organization=town.globex)
    under_way = under_way._replace(intent=Intent(1, 1, town.clock(), None))

    targets = [town.shown(lost.id), town.shown(refused.id), under_way]
    why = [each.why_not for each in plan(town.desk, targets)]

    assert [planning.LOST, planning.REFUSED, ""] == why
    for connection in (lost, refused):
        assert "accepted_not_proved" == (await revoke(town.desk, connection.id)).outcome


async def test_what_was_imported_may_live_on_elsewhere(town: Town) -> None:
    """The machine that it came from may hold newer tokens: no verdict says dead."""
    connection = town.connect()
    town.desk.vault.database.change("UPDATE connections SET imported_at = ?", town.clock())

    (planned,) = plan(town.desk, [town.shown(connection.id)])
    result = await revoke(town.desk, connection.id)

    assert planning.IMPORTED == planned.why_not
    assert "accepted_not_proved" == result.outcome
    assert "may hold newer tokens" in result.detail


async def test_what_close_refuses_already_cannot_be_proved_dead(town: Town) -> None:
    """A 401 before the revocation: the next one would say nothing new."""
    connection = await town.tested()
    town.clock.advance(1)
    town.world.kill_family(town.token(connection))
    await call_me(town.desk, connection.id)
    now = town.shown(connection.id)

    assert planning.DEAD_BEFORE == planning.why_not(now, town.clock())
    result = await revoke(town.desk, connection.id)
    assert "accepted_not_proved" == result.outcome
    assert "refused already before" in result.detail


async def test_one_that_was_accepted_is_settled_once_its_token_has_expired(town: Town) -> None:
    """Until then it can be tried again; an API key, and one proved dead, are settled at once."""
    connection = town.connect()
    key, _ = await town.connect_key()
    for each in (connection, key):
        town.desk.vault.revoked(each.id, town.clock(), proved_dead_at=None)

    def words() -> list[str]:
        shown = [town.shown(connection.id), town.shown(key.id)]
        return [word(each, town.clock(), {town.app.id}) for each in shown]

    assert ["not_provable", "settled"] == words()
    assert not is_settled(town.shown(connection.id), town.clock())
    town.clock.advance(3600)
    assert ["settled", "settled"] == words()


def names(found: list[Connection]) -> list[str]:
    """Return their names."""
    return [each.name for each in found]


async def test_connections_are_selected_in_one_way(town: Town) -> None:
    """By names, organization, app, user, or all of them; what is revoked only by its name."""
    town.connect("acme-ada")
    town.connect("acme-bob", user=town.bob)
    town.connect("globex-bob", user=town.bob, organization=town.globex)
    await town.connect_key("key")
    gone = town.connect("gone", organization=town.globex)
    town.desk.vault.revoked(gone.id, town.clock(), proved_dead_at=town.clock())
    store = town.desk.vault

    assert ["key", "gone"] == names(select(store, names=["key", gone.id, "key"]))
    for organization in ("Globex", "gloBEX", town.globex.id):
        assert ["globex-bob"] == names(select(store, organization=organization))
    for app in ("reports", town.app.id, town.app.client_id):
        assert ["acme-ada", "acme-bob", "globex-bob"] == names(select(store, app=app))
    for user in ("bob@globex.example", town.bob.id, "BOB@globex.example"):
        assert ["acme-bob", "globex-bob"] == names(select(store, user=user))
    assert ["acme-ada", "acme-bob", "key", "globex-bob"] == names(select(store, every=True))


async def test_a_selection_that_means_nothing_or_two_things_is_refused(town: Town) -> None:
    """Nothing is chosen by accident: narrowing by two is not possible, neither is an empty one."""
    town.connect()
    store = town.desk.vault

    with pytest.raises(UsageError):
        select(store)
    with pytest.raises(UsageError):
        select(store, names=["acme"], every=True)
    with pytest.raises(UsageError):
        select(store, organization="Acme", user="ada@acme.example")
    with pytest.raises(NotFound):
        select(store, organization="nobody")
    with pytest.raises(NotFound):
        select(store, app="nobody")
    with pytest.raises(NotFound):
        select(store, user="nobody")
    with pytest.raises(NotFound):
        select(store, names=["acme", "nobody"])


async def test_a_wrong_client_secret_is_stored_all_the_same(town: Town) -> None:
    """Only Close can tell that it is wrong: the plan says what there is to send."""
    connection = town.connect()
    await set_app(town.desk, town.app, client_secret=Secret("wrong"))

    assert "provable" == plan(town.desk, [connection])[0].word
