"""A bad night from the leaked text to the post-mortem: fifty connections, and most that goes wrong.

Ten organizations, 100 ms to Close, one connection behind a server error, one behind a network that
drops everything, one that died before, one that was revoked long ago, three API keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from close_tui.close.credential import Basic
from close_tui.model import App, Connection, Kind, Organization, Tokens, User
from close_tui.operations.add import add_app, store_key
from close_tui.operations.desk import Desk
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from close_tui.secret import Secret
from close_tui.settings import Settings
from tests.cli.conftest import point

if TYPE_CHECKING:
    from tests.cli.conftest import Run

MARKER = "CANARY"
REVOKE, ME = "POST /oauth2/revoke/", "GET /api/v1/me/"
URI = "https://localhost:25673/callback"


class Night(NamedTuple):
    """A world with fifty connections, what leaked of them, and the ids of the API keys."""

    world: World
    names: list[str]
    leaked: dict[str, str]
    key_ids: list[str]


def connection(number: int, name: str, user: Any, organization: Any, app: App) -> Connection:
    """Return an authorization that is to be stored."""
    return Connection(
        id=f"conn_{number:016x}",
        name=name,
        description="",
        kind=Kind.OAUTH,
        organization=Organization(organization.id, organization.name),
        user=User(user.id, user.email),
        app=app.name,
        app_id=app.id,
        key_id=None,
        scope="",
        expires_at=None,
        generation=1,
        fingerprint="",
        can_refresh=True,
        created_at=0.0,
    )


async def fill(settings: Settings, world: World) -> Night:
    """Store 47 authorizations, one of them revoked at once and one dead at Close, and 3 keys."""
    organizations = [world.add_organization(f"Org {n}") for n in range(10)]
    users = [world.add_user(f"u{n}@halloran.example", f"U {n}", organizations) for n in range(6)]
    registered = world.add_app("Reports", URI)
    leaked: dict[str, str] = {}
    async with Desk(settings) as desk:
        secret = Secret(registered.client_secret)
        await add_app(desk, "reports", registered.client_id, secret, redirect_uri=URI)
        (app,) = desk.vault.apps()
        # The last two organizations have one connection each, for the faults that name them.
        places = [(user, org) for user in users for org in organizations[:8]][:45]
        places += [(users[0], organizations[8]), (users[0], organizations[9])]
        special = {43: "gone", 44: "revoked-before", 45: "failing", 46: "unreachable"}
        for number, (user, organization) in enumerate(places):
            granted = world.authorize_directly(registered, user, organization)
            name = special.get(number, f"acme-{number}")
            refresh_token = granted.refresh_token or ""
            expires_at = desk.clock() + granted.expires_in
            stored = connection(number, name, user, organization, app)._replace(
                expires_at=expires_at
            )
            tokens = Tokens(Secret(granted.access_token), Secret(refresh_token), expires_at, "")
            desk.vault.add_authorization(stored, app.client_id, tokens)
            leaked[name] = refresh_token
            if name == "revoked-before":
                assert "dead_proved" == (await revoke(desk, stored.id)).outcome
            if name == "gone":
                world.kill_family(refresh_token)
        key_ids = []
        for number in range(3):
            key = world.add_api_key(users[number], organizations[number])
            answer = await desk.close.me(Basic(Secret(key.text)))
            store_key(desk, f"key-{number}", Secret(key.text), answer)
            leaked[f"key-{number}"] = key.text
            key_ids.append(key.id)
        names = [each.name for each in desk.vault.connections()]
    world.faults.add(faults.latency(0.1), times=None)
    world.faults.add(faults.UNAVAILABLE, "revoke", times=None, organization_id=organizations[8].id)
    world.faults.add(faults.DROPPED, times=None, organization_id=organizations[9].id)
    return Night(world, names, leaked, key_ids)


@pytest.fixture
def night(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """The vault and the world, an hour before anybody sleeps."""
    world = World(policies=Policies(rate_limit=1_000_000), marker=MARKER)
    with running(world) as url:
        here = Settings(settings.home, url, url, settings.identity_file)
        point(monkeypatch, here)
        yield asyncio.run(fill(here, world))


def expected() -> dict[str, str]:
    """Return the verdict that each target must get, while the keys are not deleted."""
    return {f"acme-{number}": "dead_proved" for number in range(43)} | {
        "gone": "accepted_not_proved",
        "revoked-before": "already_revoked",
        "failing": "failed",
        "unreachable": "failed",
        "key-0": "by_hand",
        "key-1": "by_hand",
        "key-2": "by_hand",
    }


def test_from_the_leak_to_the_post_mortem(cli: Run, night: Night) -> None:
    """Found on stdin, killed with proof, the keys seen to die, and a true record of it all."""
    said = []
    text = "\n".join(f"2026-11-22 debug token={each} end" for each in night.leaked.values())
    found = cli("find", "--json", stdin=text)
    said.append(found)
    named = [each["name"] for each in found.json["found"]]

    killed = cli("revoke", *named, "--yes", "--reason", "log in a public bucket", "--json")
    said.append(killed)
    for key_id in night.key_ids[:2]:
        night.world.delete_api_key(key_id)
    again = cli("revoke", "--pending", "--json")
    said.append(again)

    assert sorted(night.names) == sorted(named)
    assert 50 == len(named)
    assert (8, expected()) == (killed.code, killed.outcomes)
    of = {each["name"]: each for each in killed.json["results"]}
    assert "refused already before" in of["gone"]["detail"]
    assert "503" in of["failing"]["detail"]
    assert "may be alive" in of["unreachable"]["detail"]
    assert {"failing": "failed", "unreachable": "failed", "gone": "accepted_not_proved"} | {
        "key-0": "dead_proved",
        "key-1": "dead_proved",
        "key-2": "by_hand",
    } == again.outcomes
    assert 8 == again.code
    living = [name for name, secret in night.leaked.items() if night.world.is_alive(secret)]
    assert ["failing", "key-2", "unreachable"] == sorted(living)

    incident = killed.json["incident"]
    told = cli("incident", "export", incident, "--format", "json")
    written = cli("incident", "export", incident, "--format", "markdown")
    said += [told, written]
    targets = {each["connection"]: each for each in told.json["incident"]["targets"]}
    final = expected() | {"key-0": "dead_proved", "key-1": "dead_proved"}
    del final["revoked-before"]
    assert final == {name: each["verdict"] for name, each in targets.items()}
    assert told.json["incident"]["is_open"]
    assert [(REVOKE, 200), (REVOKE, 200)] == [
        (each["request"], each["http_status"])
        for each in targets["acme-7"]["sent"]
        if each["request"] == REVOKE
    ]
    assert {None} == {each["http_status"] for each in targets["unreachable"]["sent"]}
    assert {503} == {
        each["http_status"] for each in targets["failing"]["sent"] if each["request"] == REVOKE
    }
    assert "45 dead, proved" in written.out
    rows = {line.split("`")[1]: line for line in written.out.splitlines() if "| `" in line}
    assert "failed, still alive" in rows["failing"]
    assert "to be deleted by hand" in rows["key-2"]
    assert "accepted, not proved" in rows["gone"]
    assert "log in a public bucket" in written.out
    assert not [each for each in said if MARKER in each.out + each.err]
