"""What is to be authorized again: all that a purge or a long absence took, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import NotFound, WrongUser
from close_tui.leaks import Operator
from close_tui.model import INTENT_GRACE_S, Connection
from close_tui.operations.kill import begin, kill
from close_tui.operations.reconnect import judged, lost
from close_tui.operations.revoke import revoke
from tests.operations.test_authorize import by_paste

if TYPE_CHECKING:
    from tests.operations.conftest import Town


def names(town: Town, **narrow: str) -> list[str]:
    """Return what is lost, by the name that it will have."""
    return [each.name for each in lost(town.desk.vault, town.clock(), **narrow)]


async def purge(town: Town, *targets: Connection) -> str:
    """Revoke in an incident."""
    incident = begin(town.desk, targets, "", Operator("jo", "desk-7"))
    await kill(town.desk, targets, incident, lambda _: None)
    return incident


async def test_what_an_incident_revoked_comes_back_under_its_name(town: Town) -> None:
    """Each with its app, and the incident as the reason; afterwards it is not lost any more."""
    connection = await town.tested("acme")
    incident = await purge(town, connection)

    (found,) = lost(town.desk.vault, town.clock())
    assert ("acme", "reports", f"revoked in {incident}") == (found.name, found.app.name, found.why)
    await by_paste(town, name=found.name, organization_id=connection.organization.id)

    assert [] == names(town)
    assert [("acme", "ok")] == [
        (c.name, c.status(town.clock()))
        for c in town.desk.vault.connections()
        if c.revoked_at is None
    ]


async def test_a_name_that_is_taken_is_not_taken_back(town: Town) -> None:
    """The next best one is made when it is authorized."""
    await purge(town, await town.tested("acme"))
    town.connect("acme", user=town.bob)

    assert [""] == names(town)


async def test_two_that_had_the_same_name_do_not_fight_for_it(town: Town) -> None:
    """The one that was revoked last has it."""
    await purge(town, await town.tested("acme"))
    town.clock.advance(60)
    second = town.connect("acme", user=town.bob)
    await purge(town, second)

    assert {"", "acme"} == set(names(town))
    (kept,) = [each for each in lost(town.desk.vault, town.clock()) if each.name]
    assert second.id == kept.connection.id


async def test_the_same_authorization_is_lost_once(town: Town) -> None:
    """However often it was revoked."""
    await purge(town, town.connect("acme"))
    await purge(town, town.connect("acme-again"))

    assert 1 == len(names(town))


async def test_what_only_a_person_can_bring_on_is_lost_too(town: Town) -> None:
    """A refused refresh token, one that was lost twice, a refused access token, an import."""
    vault, now = town.desk.vault, town.clock()
    for name in ("refused", "lost-once", "lost-twice", "imported", "well"):
        where = town.world.add_organization(name)
        one = town.connect(name, organization=where)
        if name == "refused":
            vault.refuse_refresh(one.id, 1, now)
        for _ in range(name.count("lost") + name.count("twice")):
            vault.begin_refresh(one.id, 1, now)
        if name == "imported":
            vault.database.change(
                "UPDATE connections SET imported_at = ? WHERE id = ?", now, one.id
            )
    town.clock.advance(INTENT_GRACE_S + 1)

    assert ["imported", "lost-twice", "refused"] == names(town)


async def test_what_is_not_to_be_authorized_is_left_out(town: Town) -> None:
    """Revoked for good, still being revoked, an API key, one whose OAuth app is gone."""
    await revoke(town.desk, town.connect("for good").id)
    begin(town.desk, [town.connect("pending")], "", Operator("jo", "desk-7"))
    key, _ = await town.connect_key("key")
    await purge(town, key)
    assert [] == names(town)

    gone = town.connect("gone", user=town.bob)
    await purge(town, gone)
    town.desk.vault.remove(next(c.id for c in town.desk.vault.connections() if c.name == "pending"))
    assert ["gone"] == names(town)
    town.desk.vault.remove_app(town.app.id)

    assert [] == names(town)


async def test_it_can_be_narrowed_down(town: Town) -> None:
    """To an organization by id or name, to an app by any of its names."""
    await purge(town, town.connect("acme"), town.connect("globex", organization=town.globex))

    assert ["acme", "globex"] == names(town)
    assert ["globex"] == names(town, organization=town.globex.id)
    assert ["acme"] == names(town, organization="ACME", app=town.app.client_id)
    with pytest.raises(NotFound):
        names(town, app="nobody")
    with pytest.raises(NotFound):
        names(town, organization="nobody")


async def test_another_user_does_not_bring_a_connection_back(town: Town) -> None:
    """It is said who allowed access, and what became of that; the lost one stays lost."""
    await purge(town, await town.tested("acme"))
    (wanted,) = lost(town.desk.vault, town.clock())
    town.world.signed_in_user = town.bob

    done = judged(town.desk, wanted, await by_paste(town, name="acme"))

    assert ("failed", 1) == (done.outcome, done.exit_code)
    assert isinstance(done.error, WrongUser)
    assert "bob@globex.example has allowed access, and acme is of ada" in done.detail
    assert [""] == names(town)
