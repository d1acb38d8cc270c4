"""Destroy: after real revocations, with other processes at work, and with Close out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Busy, PlaceContradicted, VaultBusy, VaultDestroyed
from close_tui.leaks import Operator
from close_tui.model import Grant, Intent, SecretKind, Tokens
from close_tui.operations import vault_check
from close_tui.operations.destroy import destroy, left_at_close, still_alive, to_revoke
from close_tui.operations.grant import keep
from close_tui.operations.incident import incident
from close_tui.operations.incident_text import left_to_do
from close_tui.operations.kill import begin, kill
from close_tui.operations.overview import VaultState, overview
from close_tui.operations.refresh import refresh
from close_tui.operations.test import test as call_me
from close_tui.secret import Secret
from close_tui.vault.alone import exclusively
from tests.operations.conftest import QUICK, line
from tests.operations.test_refresh_processes import started, tell

if TYPE_CHECKING:
    from close_tui.model import Result
    from close_tui.operations.desk import Desk
    from close_tui.operations.destroy import Destroyed
    from tests.operations.conftest import Town

ADA = Operator("ada", "laptop")

USE_WHEN_TOLD = """
say("ready")
for word in sys.stdin:
    try:
        result = await refresh(desk, word.strip())
        say(result.outcome, desk.vault.is_locked, type(result.error).__name__)
    except Exception as error:
        say("raised", type(error).__name__)
"""

REFRESH_SLOWLY = """
store = Vault.replace_tokens
def slowly(self, *args, **more):
    say("answered")
    time.sleep(0.7)
    done = store(self, *args, **more)
    say("stored", done)
    return done
Vault.replace_tokens = slowly
await refresh(desk, sys.stdin.readline().strip())
"""


async def ended(desk: Desk) -> tuple[str, list[Result], Destroyed]:
    """Revoke everything, then destroy the vault, as the command does."""
    targets = to_revoke(desk)
    opened = begin(desk, targets, "laptop stolen", ADA)
    verdicts = await kill(desk, targets, opened, lambda _: None)
    return opened, verdicts, await destroy(desk, opened)


async def test_everything_is_dead_at_close_and_here(town: Town) -> None:
    """The tokens, the rows, and the incident that tells of it."""
    acme, globex = town.connect("acme"), town.connect("globex", organization=town.globex)
    tokens = [town.token(each, kind) for each in (acme, globex)
              for kind in (SecretKind.ACCESS_TOKEN, SecretKind.REFRESH_TOKEN)]  # fmt: skip
    opened, verdicts, done = await ended(town.desk)

    assert ["dead_proved"] * 2 == [each.outcome for each in verdicts]
    assert not any(town.is_alive(token) for token in tokens)
    assert done.key_is_gone
    found = incident(town.desk, opened)
    assert ("destroy", False) == (found.events[-1].verb, found.is_open)
    with pytest.raises(VaultDestroyed):
        await town.desk.unlock()


async def test_what_could_not_be_revoked_is_named_in_the_history(town: Town) -> None:
    """Close is out of reach, and an API key is there: all frozen, all still alive."""
    acme = town.connect("acme")
    await town.connect_key("export")
    desk = town.cut_off(pauses=QUICK._replace(rate_limit=0.1))
    opened, verdicts, done = await ended(desk)

    assert {"acme", "export"} == {each.name for each in still_alive(verdicts)}
    assert done.key_is_gone
    assert "Not revoked: acme, export." in town.desk.vault.history()[0].detail
    assert "revoking" == town.status(acme)
    assert incident(desk, opened).is_open


async def test_done_again_it_finishes_and_changes_nothing_more(town: Town) -> None:
    """The time is that of the first; there is nothing to revoke any more."""
    town.connect()
    _, _, first = await ended(town.desk)
    town.clock.advance(60)
    events = len(town.desk.vault.history())
    again = await destroy(town.open_desk())

    assert (first.at, True, events) == (
        again.at, again.key_is_gone, len(town.desk.vault.history())
    )  # fmt: skip


async def test_a_running_process_forgets_the_key(town: Town) -> None:
    """It held it; it can use nothing, and does not crash."""
    acme = town.connect()
    async with started(town, USE_WHEN_TOLD) as child:
        assert "ready" == await line(child)
        await ended(town.desk)
        tell(child, acme.id)

        assert "raised" not in (said := await line(child))
        assert "True" in said
    assert 0 == town.sent("refresh")


async def test_a_refresh_in_flight_in_another_process_brings_nothing_back(town: Town) -> None:
    """Its new tokens are stored first, then killed, then the vault goes."""
    acme = town.connect()
    async with started(town, REFRESH_SLOWLY) as child:
        tell(child, acme.id)
        assert "answered" == await line(child)
        _, verdicts, done = await ended(town.desk)

        assert "stored True" == await line(child)
    assert ["dead_proved"] == [each.outcome for each in verdicts]
    assert done.key_is_gone
    assert 0 == len([t for t in town.world.grants._tokens if town.is_alive(t)])


async def test_a_refresh_that_does_not_end_keeps_the_vault(town: Town) -> None:
    """Until it must have ended: nothing is destroyed, and it can be done again."""
    acme = town.connect()
    town.desk.vault.begin_refresh(acme.id, 1, town.clock())
    town.desk.vault.freeze(acme.id, town.clock())
    desk = town.open_desk(pauses=QUICK._replace(lock=0.1))
    with pytest.raises(Busy):
        await destroy(desk)
    alive = desk.vault.destroyed_at is None
    town.clock.advance(60)

    assert alive
    assert (await destroy(desk)).key_is_gone


async def test_a_connection_that_was_added_meanwhile_is_not_lost(town: Town) -> None:
    """Nothing is destroyed; doing it again revokes it as well."""
    town.connect("acme")
    targets = to_revoke(town.desk)
    opened = begin(town.desk, targets, "", ADA)
    newcomer = town.connect("newcomer", user=town.bob)
    await kill(town.desk, targets, opened, lambda _: None)
    with pytest.raises(VaultBusy, match="newcomer"):
        await destroy(town.desk, opened)

    assert "ok" == (await call_me(town.desk, newcomer.id)).outcome
    assert ["newcomer"] == [each.name for each in to_revoke(town.desk)]


async def test_an_authorization_under_way_is_given_back(town: Town) -> None:
    """Its tokens come when nothing can seal them any more: they are revoked at Close."""
    app, registered = town.app, town.registered
    await town.desk.unlock()
    client = town.desk.vault.client(app)
    given = town.world.authorize_directly(registered, town.ada, town.acme)
    assert given.refresh_token is not None
    tokens = Tokens(
        Secret(given.access_token), Secret(given.refresh_token), town.clock() + given.expires_in
    )
    await destroy(town.open_desk())
    with pytest.raises(VaultDestroyed) as refused:
        await keep(
            town.desk, app, client, Grant(tokens, town.acme.id, town.ada.id),
            name=None, organization_id=None,
        )  # fmt: skip

    assert "revoked again" in refused.value.advice
    assert not town.is_alive(given.access_token)
    assert not town.is_alive(given.refresh_token)
    assert [] == town.desk.vault.connections()


async def test_tokens_that_were_never_saved_are_given_back(town: Town) -> None:
    """Another process holds them in memory, because the disk was full; it gives them back."""
    acme = town.connect()
    other = town.open_desk()
    await other.unlock()
    town.read_only(other)
    store = other.vault.begin_refresh
    other.vault.begin_refresh = lambda *_: Intent(1, 1, town.clock(), None)  # type: ignore[method-assign]
    other.vault.check_writable = lambda: None  # type: ignore[method-assign]
    await refresh(other, acme.id)
    late = other.unsaved[acme.id].grant.tokens
    town.read_only(other, on=False)
    other.vault.begin_refresh = store  # type: ignore[method-assign]
    town.desk.vault.freeze(acme.id, town.clock())
    await destroy(town.desk)
    before = town.is_alive(late.access_token.reveal())
    rescued = await other.leave()

    assert (True, []) == (before, [each for each in rescued if each.error is None])
    assert "revoked at Close" in rescued[0].detail
    assert not town.is_alive(late.access_token.reveal())


async def test_it_waits_for_nobody_who_changes_the_key(town: Town) -> None:
    """The one who changes it would seal to a key that is not deleted."""
    with (
        exclusively(town.settings.home, 0, "tests"),
        pytest.raises(VaultBusy, match="changing the vault's key"),
    ):
        await destroy(town.desk)


async def test_a_place_that_is_contradicted_stops_it_before_anything_is_frozen(town: Town) -> None:
    """The key would stay where it is."""
    acme = town.connect()
    passphrase = town.settings.home / "passphrase.txt"
    told = town.settings._replace(identity_file=None, passphrase_file=passphrase)
    with pytest.raises(PlaceContradicted):
        to_revoke(town.open_desk(settings=told))

    assert "untested" == town.status(acme)


async def test_what_looks_at_it_afterwards_finds_its_way(town: Town) -> None:
    """Overview and check say what is; a refresh fails in words."""
    acme = town.connect()
    await ended(town.desk)
    desk = town.open_desk()
    findings, usable = vault_check.without_key(desk)

    assert usable
    assert {"ok", "warning"} >= {each.level for each in findings}
    assert VaultState.DESTROYED is overview(desk).vault
    assert isinstance((await refresh(desk, acme.id)).error, VaultDestroyed)
    with pytest.raises(VaultDestroyed):
        desk.vault.look_again()


async def test_what_is_left_at_close_can_be_read_at_any_time(town: Town) -> None:
    """From the vault, destroyed or not: what lives, what was not proved, and the apps."""
    dead, unproved = town.connect("dead"), town.connect("unproved", organization=town.globex)
    imported = town.connect("imported", user=town.bob)
    key, _ = await town.connect_key("export")
    vault, now = town.desk.vault, town.clock()
    vault.database.change("UPDATE connections SET imported_at = 1.0 WHERE id = ?", imported.id)
    vault.revoked(dead.id, now, proved_dead_at=now)
    for each in (unproved, imported):
        vault.revoked(each.id, now, proved_dead_at=None)
    vault.freeze(key.id, now)
    await destroy(town.desk)
    first = left_at_close(town.desk)
    town.clock.advance(7200)
    later = left_at_close(town.desk)

    assert ["export"] == [each.name for each in first.alive]
    assert {"unproved", "imported"} == {each.name for each in first.unproved}
    assert ["reports"] == [each.name for each in first.apps]
    assert (first.alive, ["imported"]) == (later.alive, [each.name for each in later.unproved])


async def test_older_incidents_do_not_advise_what_is_impossible_now(town: Town) -> None:
    """Their tokens are gone: only Close can end what they left."""
    acme = town.connect("acme")
    first = begin(town.desk, [acme], "", ADA)
    desk = town.cut_off(pauses=QUICK._replace(rate_limit=0.1))
    await kill(desk, [acme], first, lambda _: None)
    before = left_to_do(incident(town.desk, first).targets[0])
    await destroy(town.desk)

    after = left_to_do(incident(town.desk, first).targets[0])
    assert "revoke --pending" in before
    assert "revoke --pending" not in after
    assert "Settings → Developer → OAuth Apps" in after
