"""Rotating an API key: the name changes hands at one instant, and the old key goes to be killed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from close_tui.errors import (
    AlreadyRevoked,
    AlreadyStored,
    CloseTuiError,
    NotFound,
    Refused,
    UsageError,
    VaultNotWritable,
    WrongOrganization,
    WrongUser,
)
from close_tui.leaks import Operator
from close_tui.model import Connection
from close_tui.operations.incident import incident as incident_of
from close_tui.operations.revoke import revoke
from close_tui.operations.rotate import Rotated, rotate_key
from close_tui.operations.token import hand_out_named
from close_tui.sandbox import records
from close_tui.secret import Secret
from tests.operations.conftest import line

if TYPE_CHECKING:
    from tests.operations.conftest import Town

OPERATOR = Operator("jo", "desk-7")


class Keys(NamedTuple):
    """A connection with its key, and another key of the same user in the same organization."""

    connection: Connection
    old: records.ApiKey
    new: records.ApiKey


@pytest.fixture
async def keys(town: Town) -> Keys:
    """The key ``acme``, and its successor to be."""
    connection, old = await town.connect_key("acme")
    return Keys(connection, old, town.world.add_api_key(town.ada, town.acme))


async def rotate(town: Town, keys: Keys, key: str = "", **how: object) -> Rotated:
    """Rotate ``acme``."""
    given = Secret(key or keys.new.text)
    return await rotate_key(town.desk, keys.connection, given, OPERATOR, **how)  # type: ignore[arg-type]


def named(town: Town) -> dict[str, str]:
    """Return which key goes by which name, among the live."""
    return {c.name: c.key_id or "" for c in town.desk.vault.connections() if c.revoked_at is None}


async def test_the_new_key_takes_over_the_name(town: Town, keys: Keys) -> None:
    """The old one has another name, is frozen, and waits to be killed in its own incident."""
    done = await rotate(town, keys, reason="in a public repository")
    new = town.shown(done.result.id)

    assert ("added", "acme", 0) == (done.result.outcome, done.result.name, done.result.exit_code)
    assert {"acme": keys.new.id, "acme-old": keys.old.id} == named(town)
    assert ("ok", "revoking") == (town.status(new), town.status(done.old))
    assert (done.incident, "acme-old") == (done.old.incident_id, done.old.name)
    assert (town.acme.id, town.ada.id) == (new.organization.id, new.user.id)
    record = incident_of(town.desk, done.incident)
    assert ("in a public repository", OPERATOR) == (record.reason, record.operator)
    assert [keys.old.id] == [target.key_id for target in record.targets]
    assert keys.new.text == (await hand_out_named(town.desk, "acme")).secret.reveal()


async def test_the_old_key_is_killed_by_hand_and_proved_dead(town: Town, keys: Keys) -> None:
    """The usual way of a key, with the verdict in the incident of the rotation."""
    done = await rotate(town, keys)

    assert "by_hand" == (await revoke(town.desk, done.old.id)).outcome
    town.world.delete_api_key(keys.old.id)
    assert "dead_proved" == (await revoke(town.desk, done.old.id)).outcome
    assert not incident_of(town.desk, done.incident).is_open
    assert "ok" == town.status(town.shown(done.result.id))


async def test_names_of_old_keys_are_numbered(town: Town, keys: Keys) -> None:
    """However often it is rotated."""
    first = await rotate(town, keys)
    again = Keys(town.shown(first.result.id), keys.new, town.world.add_api_key(town.ada, town.acme))
    await rotate(town, again)

    assert ["acme", "acme-old", "acme-old-2"] == sorted(named(town))


async def test_the_description_is_kept(town: Town, keys: Keys) -> None:
    """It belongs to what the key is used for."""
    town.desk.vault.database.change("UPDATE connections SET description = 'Nightly export'")
    done = await rotate(town, keys)

    assert "Nightly export" == town.shown(done.result.id).description


async def test_a_key_of_another_organization_is_refused(town: Town, keys: Keys) -> None:
    """Scripts that ask by name would write into the wrong organization."""
    elsewhere = town.world.add_api_key(town.ada, town.globex)

    await _refused(town, keys, elsewhere.text, WrongOrganization, "for Globex, and Acme is meant")


async def test_a_key_of_another_user_is_taken_only_when_that_is_meant(
    town: Town, keys: Keys
) -> None:
    """A key may do what its user may."""
    other = town.world.add_api_key(town.bob, town.acme)

    await _refused(town, keys, other.text, WrongUser, "bob@globex.example")
    done = await rotate(town, keys, other.text, other_user=True)

    assert town.bob.id == town.shown(done.result.id).user.id


async def test_the_key_that_is_stored_already_is_refused(town: Town, keys: Keys) -> None:
    """Its own, or another connection's."""
    second, key = await town.connect_key("globex")
    assert second.name == "globex"

    await _refused(town, keys, keys.old.text, AlreadyStored, "the key that acme has already")
    await _refused(town, keys, key.text, AlreadyStored, "as globex")


async def test_a_key_that_close_refuses_changes_nothing(town: Town, keys: Keys) -> None:
    """It is tested before anything is stored."""
    town.world.delete_api_key(keys.new.id)

    await _refused(town, keys, keys.new.text, Refused, "Close refuses the new key")
    await _refused(town, keys, "nonsense", UsageError, "does not look like a Close API key")


async def test_what_is_no_live_key_cannot_be_rotated(town: Town, keys: Keys) -> None:
    """An authorization is authorized anew; the name of a revoked key is free; one may be gone."""
    authorization = town.connect("reports")
    with pytest.raises(UsageError, match="reports is an authorization"):
        await rotate(town, keys._replace(connection=authorization))

    town.desk.vault.revoked(keys.connection.id, town.clock(), proved_dead_at=None)
    with pytest.raises(AlreadyRevoked, match="acme was revoked"):
        await rotate(town, keys)
    town.desk.vault.remove(keys.connection.id)
    with pytest.raises(NotFound, match="removed meanwhile"):
        await rotate(town, keys)


async def test_a_key_that_is_frozen_already_can_be_rotated(town: Town, keys: Keys) -> None:
    """In a bad night the killing may begin before there is another key."""
    await revoke(town.desk, keys.connection.id)

    done = await rotate(town, keys)

    assert {"acme": keys.new.id, "acme-old": keys.old.id} == named(town)
    assert done.incident == done.old.incident_id


async def test_a_vault_that_cannot_be_written_keeps_the_old_key(town: Town, keys: Keys) -> None:
    """All of it or nothing."""
    await town.desk.unlock()
    town.read_only(town.desk)
    with pytest.raises(VaultNotWritable):
        await rotate(town, keys)
    town.read_only(town.desk, on=False)

    assert {"acme": keys.old.id} == named(town)
    assert "ok" == town.status(keys.connection)


async def test_who_asks_for_the_name_meanwhile_notices_nothing(town: Town, keys: Keys) -> None:
    """Another process asks without a pause: the old key, then the new one, never an error."""
    child = await town.child(
        """
        from close_tui.operations.token import hand_out_named
        say("ready")
        seen, asked = [], 0
        while asked < 20 or seen[-1:] == seen[:1]:
            try:
                handed = (await hand_out_named(desk, "acme")).secret.sha256.hex()
            except Exception as error:
                handed = type(error).__name__
            asked += 1
            if seen[-1:] != [handed]:
                seen.append(handed)
        say(*seen)
        """.replace("\n        ", "\n")
    )
    assert "ready" == await line(child)
    await asyncio.sleep(0.1)

    await rotate(town, keys)
    seen = (await asyncio.wait_for(line(child), 60)).split()
    await child.wait()

    wanted = [Secret(key.text).sha256.hex() for key in (keys.old, keys.new)]
    assert wanted == seen


async def test_the_name_may_change_hands_between_looking_and_asking(
    town: Town, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has just looked up the old connection is given what goes by its name now."""
    from close_tui.operations import names

    look = names.connection
    await rotate(town, keys)
    stale = [town.shown(keys.connection.id)._replace(name="acme")]
    monkeypatch.setattr(
        names, "connection", lambda *a, **k: stale.pop() if stale else look(*a, **k)
    )

    handed = await hand_out_named(town.desk, "acme")

    assert keys.new.text == handed.secret.reveal()


async def test_no_key_is_in_the_history(town: Town, keys: Keys) -> None:
    """Only the IDs, which are safe to share."""
    await rotate(town, keys)
    written = json.dumps(town.desk.vault.history())

    assert keys.new.id in written
    assert keys.new.text.partition(".")[2] not in written
    assert keys.old.text.partition(".")[2] not in written


async def _refused(
    town: Town, keys: Keys, key: str, error: type[CloseTuiError], words: str
) -> None:
    """Rotate, be refused, and find everything as it was."""
    before, events = named(town), town.desk.vault.history()
    with pytest.raises(error, match=words):
        await rotate(town, keys, key)

    assert before == named(town)
    assert events == town.desk.vault.history()
