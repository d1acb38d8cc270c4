"""Importing keys: tested, named, stored once, and nothing of it when it is a dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import UsageError
from close_tui.operations.add import add_key
from close_tui.operations.foreign.candidates import IN_A_COMMENT, NO_KEY, Candidate
from close_tui.operations.import_keys import Imported, import_keys, mended
from close_tui.sandbox import faults
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.operations.conftest import Town

GONE = "api_0000000000000000000000.0000000000000000000000"


def key_of(town: Town, organization: str = "acme") -> Secret:
    """Return a new API key that Close accepts."""
    return Secret(town.world.add_api_key(town.ada, getattr(town, organization)).text)


def told(done: list[Imported]) -> list[tuple[str, str]]:
    """Return name and outcome of each."""
    return [(each.result.name, each.result.outcome) for each in done]


def names_of(town: Town) -> list[str]:
    """Return the names of the live connections."""
    return sorted(each.name for each in town.desk.vault.connections() if each.revoked_at is None)


async def test_keys_are_tested_named_and_stored_in_order(town: Town) -> None:
    """By the name that they have, else that of their organization, with numbers where taken."""
    town.connect("acme")
    found = [
        Candidate(key_of(town), "", 1),
        Candidate(key_of(town), "acme", 2),
        Candidate(key_of(town, "globex"), "Globex/EU", 3),
        Candidate(key_of(town, "globex"), "--", 4),
    ]

    done = await import_keys(town.desk, found)

    names = ["acme-2", "acme-3", "Globex-EU", "globex"]
    assert [(name, "added") for name in names] == told(done)
    assert all(each.is_stored for each in done)
    assert sorted(["acme", *names]) == names_of(town)
    assert {"ok"} == {town.status(town.shown(each.result.id)) for each in done}
    assert [("add", "added")] == town.told(town.shown(done[0].result.id))


async def test_each_key_is_stored_once(town: Town) -> None:
    """Also when it is there twice, under two names; Close is asked about it once, or not at all."""
    key, other = key_of(town), key_of(town)
    await add_key(town.desk, "old", other)
    before = town.sent("me")
    found = [
        Candidate(key, "one", 1, source="a.env"),
        Candidate(key, "two", 2, source="a.env"),
        Candidate(other, "three", 3),
        Candidate(key, "", 4, why_not=IN_A_COMMENT),
    ]

    done = await import_keys(town.desk, found)

    assert [
        ("one", "added"),
        ("one", "skipped"),
        ("old", "skipped"),
        ("line 4", "skipped"),
    ] == told(done)
    assert "The same key as in a.env, line 1." == done[1].result.detail
    assert all(each.is_stored for each in done)
    assert 1 == town.sent("me") - before
    assert [0, 0, 0, 0] == [each.result.exit_code for each in done]


async def test_a_revoked_connection_does_not_keep_its_key_out(town: Town) -> None:
    """Whether the key is dead, Close says."""
    connection, key = await town.connect_key("acme")
    town.desk.vault.revoked(connection.id, town.clock(), proved_dead_at=town.clock())

    assert [("acme", "added")] == told(await import_keys(town.desk, [Candidate(Secret(key.text))]))


async def test_it_goes_on_past_every_error(town: Town) -> None:
    """Each has its own outcome; only what Close accepted is stored."""
    town.world.faults.add(faults.UNAVAILABLE, "me")
    found = [
        Candidate(key_of(town), "first"),
        Candidate(None, "second", why_not=NO_KEY),
        Candidate(Secret(GONE), "third"),
        Candidate(key_of(town), "fourth"),
    ]

    done = await import_keys(town.desk, found)

    outcomes = [each.result.outcome for each in done]
    assert ["failed", "rejected"] == outcomes[1:3]
    assert ["added", "unavailable"] == sorted([outcomes[0], outcomes[3]])
    assert [0, 1, 1, 6] == sorted(each.result.exit_code for each in done)
    assert [each.result.outcome == "added" for each in done] == [each.is_stored for each in done]
    assert 1 == len(names_of(town))


async def test_it_waits_when_close_asks_to_slow_down(town: Town) -> None:
    """Once or twice, but not for ever."""
    town.world.faults.add(faults.rate_limited(0.05), "me")
    patient = await import_keys(town.desk, [Candidate(key_of(town), "one")])
    town.world.faults.add(faults.rate_limited(3000), "me")
    endless = await import_keys(town.desk, [Candidate(key_of(town), "two")])

    assert [("one", "added"), ("two", "rate_limited")] == told([*patient, *endless])


async def test_a_dry_run_tests_and_stores_nothing(empty_town: Town) -> None:
    """It needs no vault and makes none; offline it asks nobody."""
    town = empty_town
    found = [Candidate(key_of(town)), Candidate(key_of(town)), Candidate(Secret(GONE), "gone")]

    dry = await import_keys(town.desk, found, dry_run=True)
    asked = town.sent("me")
    offline = await import_keys(town.desk, found, dry_run=True, offline=True)

    assert [("acme", "added"), ("acme-2", "added"), ("gone", "rejected")] == told(dry)
    assert "Acme, as ada@acme.example." == dry[0].result.detail
    assert [("close", "added"), ("close-2", "added"), ("gone", "added")] == told(offline)
    assert not any(each.is_stored for each in [*dry, *offline])
    assert asked == town.sent("me")
    assert not town.settings.home.exists()
    with pytest.raises(UsageError):
        await import_keys(town.desk, found, offline=True)


async def test_a_dry_run_does_what_the_real_one_will(town: Town) -> None:
    """The same names and outcomes, while the vault is locked."""
    found = [Candidate(key_of(town), "reports"), Candidate(key_of(town), "reports")]
    locked = town.open_desk()

    dry = await import_keys(locked, found, dry_run=True)

    assert locked.vault.is_locked
    assert told(dry) == told(await import_keys(town.desk, found))


@pytest.mark.parametrize(
    ("foreign", "name"),
    [
        ("Acme Inc", "Acme Inc"),
        ("Acme/EU", "Acme-EU"),
        ("--x", "x"),
        ("a\x1b[31m\nb", "a[31m b"),
        ("/ / -", ""),
        ("", ""),
        ("株式会社", "株式会社"),
        ("x" * 100, "x" * 63 + "…"),
    ],
)
def test_a_foreign_name_is_mended(foreign: str, name: str) -> None:
    """Into one that a vault takes, as near to it as can be."""
    assert name == mended(foreign)
