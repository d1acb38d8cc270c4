"""Kill: one incident, frozen at once, a verdict for each target, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import VaultNotWritable
from close_tui.leaks import Operator, Step
from close_tui.model import Connection, Event, Result
from close_tui.operations.add import add_app
from close_tui.operations.kill import begin, kill, who
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.secret import Secret
from tests.operations.conftest import MARKER, Meddling

if TYPE_CHECKING:
    from pathlib import Path

    from close_tui.operations.desk import Desk
    from tests.operations.conftest import Town

ADA = Operator("ada", "laptop")


def connect(town: Town, count: int) -> list[Connection]:
    """Store so many authorizations, of an organization each."""
    return [
        town.connect(f"c{number}", organization=town.world.add_organization(f"Org {number}"))
        for number in range(count)
    ]


def facts(event: Event) -> dict[str, object]:
    """Return what an event tells machines."""
    found: dict[str, object] = json.loads(event.facts)
    return found


def ignore(_: Step) -> None:
    """Hear a step."""


async def killed(town: Town, desk: Desk, targets: list[Connection]) -> dict[str, Result]:
    """Open an incident and return the verdict of each target by its name."""
    incident = begin(desk, targets, "leaked", ADA)
    results = await kill(desk, targets, incident, ignore)
    assert [target.id for target in targets] == [result.id for result in results]
    return {result.name: result for result in results}


async def test_an_incident_freezes_all_of_its_targets_at_once(town: Town) -> None:
    """Without key and network; who, why and what stand in the history, and nothing refreshes."""
    connections = connect(town, 3)
    desk = town.cut_off()

    incident = begin(desk, connections, "laptop lost", ADA, token=lambda: "7f3a")

    assert desk.vault.is_locked
    assert "inc-20270115-7f3a" == incident
    opened, *frozen = desk.vault.incident_events(incident)
    assert ("incident", "opened", "laptop lost", None) == (
        opened.verb,
        opened.outcome,
        opened.reason,
        opened.connection_id,
    )
    assert {"operator": "ada", "host": "laptop", "targets": 3} == facts(opened)
    assert [("freeze", "ok", each.id) for each in connections] == [
        (event.verb, event.outcome, event.connection_id) for event in frozen
    ]
    now = town.shown(connections[0].id)
    assert (incident, town.clock()) == (now.incident_id, now.frozen_at)
    assert {
        "organization": "Org 0",
        "organization_id": now.organization.id,
        "user": "ada@acme.example",
        "kind": "oauth",
        "app": "reports",
        "key_id": None,
        "fingerprint": now.fingerprint,
        "generation": 1,
    } == facts(frozen[0])
    assert "needs_authorization" == (await refresh(town.desk, now.id)).outcome


async def test_two_incidents_of_a_day_never_have_the_same_id(town: Town) -> None:
    """A number that is taken is drawn again."""
    one, two = connect(town, 2)
    drawn: Iterator[str] = iter(["7f3a", "7f3a", "0001"])

    ids = [begin(town.desk, [each], "", ADA, token=lambda: next(drawn)) for each in (one, two)]

    assert ["inc-20270115-7f3a", "inc-20270115-0001"] == ids


async def test_what_was_frozen_before_joins_and_keeps_its_time(town: Town) -> None:
    """It belongs to the new incident too; where nothing is left to revoke none is opened."""
    pending, dead, gone = connect(town, 3)
    first = begin(town.desk, [pending], "", ADA)
    await revoke(town.desk, dead.id)
    town.desk.vault.remove(gone.id)
    town.clock.advance(60)

    second = begin(town.desk, [pending, dead, gone], "", ADA)

    now = town.shown(pending.id)
    assert (second, town.clock() - 60) == (now.incident_id, now.frozen_at)
    opened, frozen = town.desk.vault.incident_events(second)
    assert 1 == facts(opened)["targets"]
    assert ("2027-01-15T08:00:00Z", first) == (
        facts(frozen)["frozen_before"],
        facts(frozen)["incident_before"],
    )
    assert "" == begin(town.desk, [dead, gone], "", ADA)


async def test_all_are_frozen_or_none(town: Town) -> None:
    """A vault that takes no more in the middle leaves nothing half-done."""
    connections = connect(town, 3)
    drawn: list[str] = []

    def full() -> str:
        town.desk.vault.database.change(
            "CREATE TEMP TRIGGER full BEFORE UPDATE ON connections WHEN new.name = 'c2'"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        drawn.append("7f3a")
        return drawn[-1]

    with pytest.raises(Exception, match="full"):
        begin(town.desk, connections, "", ADA, token=full)

    assert ["7f3a"] == drawn
    assert ["untested"] * 3 == [town.status(each) for each in connections]
    assert [] == town.desk.vault.incident_events()
    town.read_only(town.desk)
    with pytest.raises(VaultNotWritable):
        begin(town.desk, connections, "", ADA)


async def test_every_target_gets_its_own_verdict(town: Town) -> None:
    """Past a server that is down, a token that has expired, a key, and one that was removed."""
    other = town.world.add_app("Other", "https://localhost:1/callback")
    secret = Secret(other.client_secret)
    await add_app(
        town.desk, "other", other.client_id, secret, redirect_uri="https://localhost:1/callback"
    )
    proved, expired, gone = town.connect("proved"), town.connect("expired", user=town.bob), None
    town.registered, first = other, town.registered
    apps = {each.name: each for each in town.desk.vault.apps()}
    failing = town.connect("failing", organization=town.globex, app=apps["other"])
    town.registered = first
    gone = town.connect("gone", organization=town.globex)
    before = town.connect("before", organization=town.globex, user=town.bob)
    by_hand, _ = await town.connect_key("key")
    dead_key, key = await town.connect_key("dead-key")
    town.clock.advance(1)
    town.world.delete_api_key(key.id)
    town.desk.vault.database.change(
        "UPDATE connections SET expires_at = 1 WHERE id = ?", expired.id
    )
    await revoke(town.desk, before.id)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None, client_id=other.client_id)
    targets = [proved, expired, failing, gone, before, by_hand, dead_key]
    incident = begin(town.desk, targets, "leaked", ADA)
    town.desk.vault.remove(gone.id)
    steps: list[tuple[str, str]] = []
    ended: list[str] = []

    results = await kill(
        town.desk,
        targets,
        incident,
        lambda step: steps.append((step.connection_id, step.step)),
        ended=lambda result: ended.append(result.name),
    )

    assert {
        "proved": ("dead_proved", 0),
        "expired": ("accepted_not_proved", 8),
        "failing": ("failed", 8),
        "gone": ("failed", 8),
        "before": ("already_revoked", 4),
        "key": ("by_hand", 8),
        "dead-key": ("already_revoked", 4),
    } == {each.name: (each.outcome, each.exit_code) for each in results}
    assert "removed" in results[3].detail
    assert ["frozen", "refresh_token_revoked", "access_token_revoked", "proving"] == [
        step for connection_id, step in steps if connection_id == proved.id
    ]
    assert {"frozen"} == {step for _, step in steps[: len(targets) - 1]}
    assert {target.name for target in targets} == set(ended)


async def test_at_most_so_many_are_under_way(town: Town) -> None:
    """More are frozen, and wait for their turn."""
    under_way, most = 0, 0

    class Counting(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.005)
            answer = await super().handle_async_request(request)
            under_way -= 1
            return answer

    connections = connect(town, 9)
    for each in connections:
        await refresh(town.desk, each.id)
    desk = town.open_desk(transport=Counting())
    incident = begin(desk, connections, "", ADA)

    results = await kill(desk, connections, incident, ignore, at_once=3)

    assert ["dead_proved"] * 9 == [each.outcome for each in results]
    assert 3 == most


async def test_a_mistake_of_ours_costs_one_target(town: Town) -> None:
    """Its verdict names the class and nothing else: a message may hold a secret."""
    one, two, three = connect(town, 3)
    hit: list[str] = []

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/revoke/" and not hit:
            hit.append(request.url.path)
            raise RuntimeError(MARKER)
        return answer

    results = await killed(town, town.open_desk(transport=Meddling(after)), [one, two, three])

    outcomes = sorted(each.outcome for each in results.values())
    assert ["dead_proved", "dead_proved", "failed"] == outcomes
    (failed,) = [each for each in results.values() if each.outcome == "failed"]
    assert ("Something unexpected went wrong (RuntimeError).", 8) == (
        failed.detail,
        failed.exit_code,
    )
    assert MARKER not in repr(failed)
    assert failed.error is not None
    assert failed.error.__cause__ is None
    assert failed.error.__context__ is None
    assert ["revoking"] == [town.status(e) for e in (one, two, three) if e.id == failed.id]


async def test_the_key_is_asked_for_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that is locked prompts once, and not for each of the targets."""
    connections = connect(town, 4)
    identity: Path | None = town.settings.identity_file
    assert identity is not None
    identity.rename(identity.with_suffix(".away"))
    desk = town.open_desk()
    unlock, asked = desk.unlock, []

    async def counted() -> object:
        asked.append(1)
        return await unlock()

    monkeypatch.setattr(desk, "unlock", counted)

    results = await killed(town, desk, connections)

    assert [1] == asked
    assert {("failed", 8)} == {(each.outcome, each.exit_code) for each in results.values()}
    assert {"revoking"} == {town.status(each) for each in connections}


def test_the_operator_is_the_account_and_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cleaned, since both come from outside; unknown where the system does not say."""
    monkeypatch.setenv("LOGNAME", "ada\x1b[31m")
    monkeypatch.setattr("socket.gethostname", lambda: "")

    operator = who()

    assert Operator("ada[31m", "unknown") == operator
