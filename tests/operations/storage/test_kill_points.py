"""SIGKILL before and after every durable step: afterwards everything is known, nothing is lost.

Nothing, but for the one window that nobody can close: between the server's rotation and our
commit. There the loss is diagnosed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Operator
from close_tui.model import INTENT_GRACE_S, Connection, Grant, SecretKind, Tokens
from close_tui.operations.grant import keep
from close_tui.operations.kill import begin
from close_tui.operations.pending import pending, retry
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import records
from close_tui.sandbox.policies import Policies, Reuse
from close_tui.secret import Secret
from tests.operations.conftest import line

if TYPE_CHECKING:
    from tests.operations.conftest import Town

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
KILLS = 40 if SOAK else 6
"""How often each of the six tests kills: 240 in all, or a sample."""

ROOT = Path(__file__).parents[3]
TOKEN, COMMIT = "/oauth2/token/", "after transaction"

pytestmark = pytest.mark.timeout(1200)


@dataclass
class Nursery:
    """Children that work at a town's vault and are killed there."""

    town: Town
    process: Process
    numbers: count[int] = field(default_factory=lambda: count(1))

    def connection(self) -> tuple[Connection, records.Organization]:
        """A fresh authorization, of an organization of its own."""
        organization = self.town.world.add_organization(f"Organization {next(self.numbers)}")
        return self.town.connect(organization.name, organization=organization), organization

    async def run(self, verb: str, kill_at: int, **more: object) -> str:
        """Run a verb in a child, to its end or to its end; return what is told of it."""
        told = self.town.settings
        order = {
            "verb": verb,
            "kill_at": kill_at,
            "home": str(told.home),
            "url": told.api_url,
            "identity_file": str(told.identity_file),
            "now": self.town.clock(),
            **more,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(order)}\n".encode())
        return await asyncio.wait_for(line(self.process), 100)

    async def steps(self, verb: str, **more: object) -> list[str]:
        """Run a verb to its end, and return the steps that it takes."""
        steps: list[str] = json.loads(await self.run(verb, 0, **more))
        return steps

    async def kill(self, verb: str, kill_at: int, **more: object) -> None:
        """Run a verb until SIGKILL comes, at that step."""
        assert "SIGKILL" == await self.run(verb, kill_at, **more)

    def living(self, token: str) -> set[str]:
        """Return the refresh tokens that the server accepts, of the same consent as this one."""
        grants = self.town.world.grants
        found = grants.find(token)
        assert found is not None
        return {
            text
            for text, each in grants._tokens.items()
            if each.is_refresh and each.family_id == found.family_id and grants.is_live(text)
        }

    def pair(self, connection: Connection) -> tuple[str, str]:
        """Return the access and the refresh token that are stored."""
        return self.town.access_token(connection), self.town.token(connection)


@pytest.fixture
async def nursery(town: Town) -> AsyncIterator[Nursery]:
    """A nursery at the town's vault."""
    await town.desk.unlock()
    process = await create_subprocess_exec(
        sys.executable, "-m", "tests.operations.storage.nursery",
        stdin=PIPE, stdout=PIPE, cwd=ROOT,
    )  # fmt: skip
    yield Nursery(town, process)
    assert process.stdin is not None
    process.stdin.close()
    await process.communicate()
    assert 0 == process.returncode


def chosen(steps: list[str]) -> list[int]:
    """Return at which steps to kill: spread over all of them, or over and over again."""
    if SOAK:
        return [1 + n % len(steps) for n in range(KILLS)]
    return sorted({1 + round(n * (len(steps) - 1) / (KILLS - 1)) for n in range(KILLS)})


@pytest.mark.parametrize("reuse", [Reuse.FAMILY, Reuse.GRACE])
async def test_a_kill_in_a_refresh_loses_nothing_that_is_not_diagnosed(
    nursery: Nursery, policies: Policies, reuse: Reuse
) -> None:
    """Either the stored pair is good, or the status is ``refresh_unknown`` and says what to do."""
    policies.reuse, policies.grace_s = reuse, 600
    town = nursery.town
    steps = await nursery.steps("refresh", connection=nursery.connection()[0].id)
    answered = steps.index(f"after {TOKEN}") + 1
    committed = steps.index(COMMIT, answered) + 1
    # The window itself is always among them, from its first step to its last.
    for at in (*chosen(steps), answered, committed - 1, committed):
        connection, _ = nursery.connection()
        first = nursery.pair(connection)

        await nursery.kill("refresh", at, connection=connection.id)

        pair, now = nursery.pair(connection), town.shown(connection.id)
        spent = town.world.grants._spent.get(first[1])
        second = spent and (spent.successor.access_token, spent.successor.refresh_token)
        assert pair == (first if now.generation == 1 else second), steps[at - 1]
        lost = not town.is_alive(pair[1])
        assert (answered <= at < committed) == lost, steps[at - 1]
        town.clock.advance(INTENT_GRACE_S + 1)
        status = town.status(connection)
        assert status == "refresh_unknown" if lost else status in ("untested", "refresh_unknown")

        again = await refresh(town.open_desk(), connection.id)
        if lost and reuse is Reuse.FAMILY:
            assert "needs_authorization" == again.outcome
            assert "The answer to an earlier refresh was lost" in again.detail
        else:
            assert "refreshed" == again.outcome, steps[at - 1]
            assert {town.token(connection)} == nursery.living(first[1])


async def test_a_kill_in_a_revocation_leaves_what_is_needed_to_finish_it(nursery: Nursery) -> None:
    """Frozen and sealed until it is dead; the next revocation finishes and proves it."""
    town = nursery.town
    steps = await nursery.steps("revoke", connection=nursery.connection()[0].id)
    frozen = steps.index(COMMIT) + 1
    settled = len(steps) - steps[::-1].index(COMMIT)
    for at in chosen(steps):
        connection, _ = nursery.connection()
        pair = nursery.pair(connection)

        await nursery.kill("revoke", at, connection=connection.id)

        status, place = town.status(connection), steps[at - 1]
        assert status == ("untested" if at < frozen else "revoking" if at < settled else "revoked")
        if status == "revoked":
            assert ("", "") == nursery.pair(connection), place
        else:
            assert pair == nursery.pair(connection), place
            assert "dead_proved" == (await revoke(town.open_desk(), connection.id)).outcome, place
        assert set() == nursery.living(pair[1]), place
        assert not town.is_alive(pair[0])
        assert "already_revoked" == (await refresh(town.open_desk(), connection.id)).outcome


async def test_a_kill_in_an_incident_leaves_what_is_needed_to_finish_it(nursery: Nursery) -> None:
    """All are frozen or none; what is left is pending, and one retry proves every death."""
    town, ids = nursery.town, "connections"
    steps = await nursery.steps("kill", **{ids: [nursery.connection()[0].id for _ in range(3)]})
    frozen = steps.index(COMMIT) + 1
    for at in chosen(steps):
        targets = [nursery.connection()[0] for _ in range(3)]
        pairs = [nursery.pair(each) for each in targets]

        await nursery.kill("kill", at, **{ids: [each.id for each in targets]})

        place, desk = steps[at - 1], town.open_desk()
        left = pending(desk.vault.connections(), town.clock())
        begun = {town.status(each) for each in targets}
        assert begun == {"untested"} if at < frozen else begun <= {"revoking", "revoked"}, place
        assert {town.status(each) == "revoking" for each in left} <= {True}, place
        for each, pair in zip(targets, pairs, strict=True):
            held = ("", "") if town.status(each) == "revoked" else pair
            assert held == nursery.pair(each), place
        incidents = {town.shown(each.id).incident_id for each in targets}
        assert 1 == len(incidents), place
        if at < frozen:
            assert incidents == {None}
            begin(desk, targets, "again", Operator("ada", "laptop"))
            left = targets
        retried = await retry(desk, lambda _: None)
        assert ["dead_proved"] * len(left) == [each.outcome for each in retried], place
        assert not any(town.is_alive(token) for pair in pairs for token in pair), place
        assert [] == pending(desk.vault.connections(), town.clock())


async def test_a_kill_in_an_authorization_leaves_all_of_it_or_nothing(nursery: Nursery) -> None:
    """No connection, or a whole one; authorizing again makes it whole."""
    steps = await nursery.steps("authorize", grant=_grant(nursery, _founded(nursery)))
    for at in chosen(steps):
        organization = _founded(nursery)
        grant = _grant(nursery, organization)

        await nursery.kill("authorize", at, grant=grant)

        found = _found(nursery, organization)
        stored = at > steps.index(COMMIT, steps.index("after add_authorization"))
        assert stored == (found is not None), steps[at - 1]
        if found is not None:
            assert (grant[0], grant[1]) == nursery.pair(found), steps[at - 1]
        await _authorize(nursery, organization)


async def test_a_kill_in_a_renewed_authorization_keeps_the_old_or_has_the_new(
    nursery: Nursery,
) -> None:
    """Never one token of each."""
    first, organization = nursery.connection()
    steps = await nursery.steps("authorize", grant=_grant(nursery, organization))
    for at in chosen(steps):
        connection, organization = nursery.connection()
        old = nursery.pair(connection)
        grant = _grant(nursery, organization)

        await nursery.kill("authorize", at, grant=grant)

        generation = nursery.town.shown(connection.id).generation
        renewed = at > steps.index(COMMIT, steps.index("after replace_tokens"))
        assert (2 if renewed else 1) == generation, steps[at - 1]
        assert (old if generation == 1 else (grant[0], grant[1])) == nursery.pair(connection)
        await _authorize(nursery, organization)
    assert 2 == nursery.town.shown(first.id).generation


def _founded(nursery: Nursery) -> records.Organization:
    return nursery.town.world.add_organization(f"Organization {next(nursery.numbers)}")


def _found(nursery: Nursery, organization: records.Organization) -> Connection | None:
    town = nursery.town
    return town.desk.vault.authorization(town.app.client_id, organization.id, town.ada.id)


def _grant(nursery: Nursery, organization: records.Organization) -> tuple[str, str, str, str]:
    town = nursery.town
    given = town.world.authorize_directly(town.registered, town.ada, organization)
    return given.access_token, given.refresh_token or "", organization.id, town.ada.id


async def _authorize(nursery: Nursery, organization: records.Organization) -> None:
    """Authorize again, in another process: what the kill has left does not stand in the way."""
    desk = nursery.town.open_desk()
    vault = await desk.unlock()
    access_token, refresh_token, *whose = _grant(nursery, organization)
    tokens = Tokens(Secret(access_token), Secret(refresh_token), desk.clock() + 3600)
    app = nursery.town.app
    grant = Grant(tokens, *whose)
    result = await keep(desk, app, vault.client(app), grant, name=None, organization_id=None)
    found = _found(nursery, organization)
    assert found is not None
    assert ("authorized", refresh_token) == (result.outcome, nursery.town.token(found))
    assert nursery.town.desk.vault.secret(found, SecretKind.ACCESS_TOKEN) == Secret(access_token)
