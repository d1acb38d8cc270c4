"""A grant for another organization than the one that was meant: revoked at once, unless kept."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import WrongOrganization
from close_tui.model import Result
from close_tui.operations import elsewhere
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.elsewhere import Elsewhere
from close_tui.operations.pending import retry
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults, records
from tests.operations.conftest import line
from tests.operations.test_authorize import by_paste, consent
from tests.operations.test_grant import living

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def by_deciding(
    town: Town,
    chosen: records.Organization,
    decide: elsewhere.Decide,
    *,
    name: str | None = None,
    meant: str | None = None,
) -> Result:
    """Answer the consent screen for one organization where Acme is meant, and decide."""

    async def started(under_way: Authorization) -> None:
        under_way.on_elsewhere = decide
        under_way.paste(await consent(town, under_way.url, chosen))

    return await authorize(
        town.desk, town.app, started, name=name, organization_id=meant or town.acme.id, listen=False
    )


async def keep(_: Elsewhere) -> bool:
    """Say to keep it."""
    return True


async def test_the_wrong_organization_is_revoked_and_not_kept(town: Town) -> None:
    """Whoever picks another one than was meant has authorized nothing; both are named."""
    town.connect()
    before = living(town)

    with pytest.raises(WrongOrganization) as refused:
        await by_paste(town, town.globex, organization_id=town.acme.id)

    assert (
        f"The consent screen was answered for Globex ({town.globex.id}), and "
        f"Acme ({town.acme.id}) was meant." == str(refused.value)
    )
    assert "dead, proved; nothing was kept" in refused.value.advice
    assert ["acme"] == [each.name for each in town.desk.vault.connections()]
    assert before == living(town)


async def test_the_name_of_a_connection_means_its_organization(town: Town) -> None:
    """Authorizing it again for another organization is the same mistake; it stays as it was."""
    acme = await town.tested()

    with pytest.raises(WrongOrganization):
        await by_paste(town, town.globex, name="acme")

    assert [(acme.id, 1)] == [(c.id, c.generation) for c in town.desk.vault.connections()]
    assert town.is_alive(town.token(acme))


async def test_the_history_tells_of_it(town: Town) -> None:
    """Set aside, then proved dead; never anything secret."""
    with pytest.raises(WrongOrganization):
        await by_paste(town, town.globex, organization_id=town.acme.id)

    told = [(e.verb, e.outcome, e.reason) for e in reversed(town.desk.vault.history())][-2:]
    assert [
        ("freeze", "ok", "Another organization was meant."),
        ("revoke", "dead_proved", "Another organization was meant."),
    ] == told


async def test_what_could_not_be_revoked_is_kept_to_try_again(town: Town) -> None:
    """It is said to be alive, stands among what is pending, and the next retry ends it."""
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)

    with pytest.raises(WrongOrganization) as refused:
        await by_paste(town, town.globex, organization_id=town.acme.id)

    (aside,) = town.desk.vault.connections()
    assert "could NOT be revoked" in refused.value.advice
    assert "close-tui revoke --pending" in refused.value.advice
    assert "revoking" == town.status(aside)
    assert [] != living(town)
    town.world.faults.clear()

    assert ["dead_proved"] == [done.outcome for done in await retry(town.desk, lambda _: None)]
    assert [] == living(town)


async def test_what_waits_to_be_revoked_is_in_nobodys_way(town: Town) -> None:
    """The organization that was picked by mistake can be authorized on purpose meanwhile."""
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    with pytest.raises(WrongOrganization):
        await by_paste(town, town.globex, organization_id=town.acme.id)
    town.world.faults.clear()

    done = await by_paste(town, town.globex)
    await retry(town.desk, lambda _: None)

    assert "ok" == town.status(town.shown(done.id))
    assert town.is_alive(town.token(town.shown(done.id)))
    assert 2 == len(living(town))


async def test_a_person_may_keep_it(town: Town) -> None:
    """Then it is a connection like others, named after what it is and not as was asked for."""
    seen: list[Elsewhere] = []

    async def decide(found: Elsewhere) -> bool:
        seen.append(found)
        (aside,) = town.desk.vault.connections()
        assert "revoking" == town.status(aside)
        return True

    done = await by_deciding(town, town.globex, decide, name="acme-new")

    (kept,) = town.desk.vault.connections()
    assert ("authorized", done.id) == (done.outcome, kept.id)
    assert "although another organization was meant" in done.detail
    assert ("reports-globex", "Globex", "ok") == (
        kept.name,
        kept.organization.name,
        town.status(kept),
    )
    assert ("Globex", town.acme.id) == (
        seen[0].connection.organization.name,
        seen[0].meant.id,
    )
    assert town.is_alive(town.token(kept))
    again = await by_paste(town, town.globex)
    assert (kept.id, 2) == (again.id, town.shown(kept.id).generation)


async def test_kept_over_a_live_one_it_renews_that_one(town: Town) -> None:
    """The same app, organization and user are one connection; its old grant is revoked."""
    globex = town.connect("globex", organization=town.globex)
    old = town.token(globex)

    done = await by_deciding(town, town.globex, keep)

    assert [(globex.id, "globex", 2)] == [
        (c.id, c.name, c.generation) for c in town.desk.vault.connections()
    ]
    assert globex.id == done.id
    assert not town.is_alive(old)
    assert town.is_alive(town.token(town.shown(globex.id)))


async def test_revoked_over_a_live_one_it_leaves_that_one_alone(town: Town) -> None:
    """Another grant of the same organization and user is not the one that came."""
    globex = await town.tested("globex")
    before = living(town)

    with pytest.raises(WrongOrganization):
        await by_deciding(town, town.acme, elsewhere.revoke_it, meant=town.globex.id)

    assert before == living(town)
    assert "ok" == town.status(globex)


async def test_without_an_answer_it_is_revoked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to come back for that."""
    monkeypatch.setattr(elsewhere, "DECIDE_S", 0.05)

    async def never(_: Elsewhere) -> bool:
        await asyncio.sleep(3600)
        return True

    with pytest.raises(WrongOrganization):
        await by_deciding(town, town.globex, never)

    assert [] == town.desk.vault.connections()
    assert [] == living(town)


async def test_leaving_while_the_question_is_open_revokes_it(town: Town) -> None:
    """Quitting is no answer: the desk sees to it before it is left."""
    asked = asyncio.Event()
    desk = town.open_desk()

    async def started(under_way: Authorization) -> None:
        async def decide(_: Elsewhere) -> bool:
            asked.set()
            await asyncio.sleep(3600)
            return True

        under_way.on_elsewhere = decide
        under_way.paste(await consent(town, under_way.url, town.globex))

    waiting = asyncio.create_task(
        authorize(desk, town.app, started, organization_id=town.acme.id, listen=False)
    )
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await desk.leave()

    assert [] == town.desk.vault.connections()
    assert [] == living(town)


async def test_another_close_tui_may_revoke_it_while_the_question_is_open(town: Town) -> None:
    """Then keeping it comes too late, and that is said; nothing is stored."""

    async def decide(_: Elsewhere) -> bool:
        (aside,) = town.desk.vault.connections()
        await revoke(town.open_desk(), aside.id)
        return True

    with pytest.raises(Exception, match="has revoked the grant meanwhile") as late:
        await by_deciding(town, town.globex, decide)

    assert "revoked by another close-tui" in getattr(late.value, "advice", "")
    assert [] == living(town)
    assert ["revoked"] == [town.status(c) for c in town.desk.vault.connections()]


async def test_a_retry_leaves_alone_what_a_person_is_asked_about(town: Town) -> None:
    """Another close-tui that tries again what is pending does not answer for them."""

    async def decide(_: Elsewhere) -> bool:
        assert [] == await retry(town.open_desk(), lambda _: None, every=True)
        return True

    done = await by_deciding(town, town.globex, decide)

    assert town.is_alive(town.token(town.shown(done.id)))


async def test_where_nothing_can_be_stored_nobody_is_asked(town: Town) -> None:
    """What is in memory only would be lost with this process: it is revoked at once."""

    async def ask(_: Elsewhere) -> bool:
        raise AssertionError("asked")

    async def started(under_way: Authorization) -> None:
        under_way.on_elsewhere = ask
        under_way.on_code = lambda: town.read_only(town.desk)
        under_way.paste(await consent(town, under_way.url, town.globex))

    with pytest.raises(WrongOrganization, match="read-only") as refused:
        await authorize(town.desk, town.app, started, organization_id=town.acme.id, listen=False)
    town.read_only(town.desk, on=False)

    assert "revoked again and not kept" in refused.value.advice
    assert [] == living(town)


_ASKED = """
from close_tui.operations.authorize import authorize
(app,) = desk.vault.apps()
async def decide(found):
    say(found.connection.id)
    await asyncio.sleep(3600)
async def started(under_way):
    under_way.on_elsewhere = decide
    say(under_way.url)
    back = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    under_way.paste(back)
await authorize(desk, app, started, organization_id="orga_meant", listen=False)
"""


async def test_killed_while_the_question_is_open_it_can_still_be_revoked(town: Town) -> None:
    """The grant was sealed and frozen before anybody was asked; the next retry proves it dead."""
    child = await town.child(_ASKED)
    assert child.stdin is not None
    back = await consent(town, await line(child), town.globex)
    child.stdin.write(f"{back}\n".encode())
    aside = await line(child)
    child.send_signal(signal.SIGKILL)
    await child.wait()

    assert [(aside, "revoking")] == [(c.id, town.status(c)) for c in town.desk.vault.connections()]
    assert 2 == len(living(town))
    assert ["dead_proved"] == [done.outcome for done in await retry(town.desk, lambda _: None)]
    assert [] == living(town)


_STORED = """
from close_tui.operations import authorize as verb
async def hang(*_, **__):
    say("stored")
    await asyncio.sleep(3600)
verb.settled = hang
(app,) = desk.vault.apps()
async def started(under_way):
    say(under_way.url)
    back = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    under_way.paste(back)
await verb.authorize(desk, app, started, name="acme", listen=False)
"""


async def test_killed_before_the_old_grant_is_revoked_it_can_still_be(town: Town) -> None:
    """Authorized again, the old tokens stay sealed apart until Close has revoked them."""
    before = await town.tested()
    old = (town.token(before), town.access_token(before))
    child = await town.child(_STORED)
    assert child.stdin is not None
    back = await consent(town, await line(child), town.acme)
    child.stdin.write(f"{back}\n".encode())
    assert "stored" == await line(child)
    child.send_signal(signal.SIGKILL)
    await child.wait()

    now = town.shown(before.id)
    assert (2, [True, True]) == (now.generation, [town.is_alive(token) for token in old])
    assert ["dead_proved"] == [done.outcome for done in await retry(town.desk, lambda _: None)]
    assert [False, False] == [town.is_alive(token) for token in old]
    assert town.is_alive(town.token(town.shown(before.id)))
