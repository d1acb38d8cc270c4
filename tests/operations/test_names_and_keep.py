"""Names, renaming and removing: what happens on this machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Ambiguous, NameTaken, NotFound, UsageError
from close_tui.operations import names
from close_tui.operations.keep import remove, rename
from close_tui.operations.overview import VaultState, has_changed, history, overview

if TYPE_CHECKING:
    from tests.operations.conftest import Town


@pytest.mark.parametrize("name", ["acme", "Ümlaut GmbH", "株式会社さくら", "a" * 64, "a-b.c_d"])
def test_a_name_may_be_any_visible_line(name: str) -> None:
    """A name is kept as it was typed."""
    assert name == names.checked(name)


@pytest.mark.parametrize(
    "name", ["", " acme", "acme ", "a\nb", "a\x1b[31m", "a\u202eb", "-acme", "a/b", "a" * 65]
)
def test_a_name_that_could_do_harm_is_refused(name: str) -> None:
    """Empty, padded, with control characters, like an option, like a path, or too long."""
    with pytest.raises(UsageError, match="name"):
        names.checked(name)


async def test_a_connection_is_found_by_name_or_id(town: Town) -> None:
    """A live one comes before a revoked one; several revoked ones are ambiguous."""
    vault = town.desk.vault
    first = town.connect("acme")
    vault.revoked(first.id, town.clock(), proved_dead_at=town.clock())
    assert first.id == names.connection(vault, "acme").id
    second = town.connect("acme")

    assert second.id == names.connection(vault, "acme").id
    assert first.id == names.connection(vault, first.id).id
    vault.revoked(second.id, town.clock(), proved_dead_at=town.clock())
    with pytest.raises(Ambiguous):
        names.connection(vault, "acme")
    with pytest.raises(NotFound, match="no connection named 'acm'"):
        names.connection(vault, "acm")


async def test_an_app_is_found_by_name_id_or_client_id(town: Town) -> None:
    """Each of the three leads to the app."""
    for name in (town.app.name, town.app.id, town.app.client_id):
        assert town.app == names.app(town.desk.vault, name)
    with pytest.raises(NotFound):
        names.app(town.desk.vault, "nobody")


async def test_a_connection_gets_another_name(town: Town) -> None:
    """A name that a live connection has is refused, that of a revoked one is free."""
    vault = town.desk.vault
    acme, globex = town.connect("acme"), town.connect("globex", organization=town.globex)
    with pytest.raises(NameTaken):
        rename(town.desk, acme, "globex")
    with pytest.raises(UsageError):
        rename(town.desk, acme, "-x")
    vault.revoked(globex.id, town.clock(), proved_dead_at=town.clock())

    renamed = rename(town.desk, acme, "globex")

    assert ("renamed", "globex") == (renamed.outcome, town.shown(acme.id).name)
    assert [("rename", "renamed")] == town.told(acme)


async def test_removing_forgets_the_secrets_and_says_that_nothing_was_revoked(town: Town) -> None:
    """The sealed secrets are destroyed; fingerprints and history stay; Close still accepts it."""
    acme = town.connect()
    access_token = town.access_token(acme)
    count = "SELECT COUNT(*) FROM {} WHERE owner = ?"

    removed = remove(town.desk, acme)

    database = town.desk.vault.database
    assert "It was NOT revoked" in removed.detail
    assert town.desk.vault.connection(acme.id) is None
    assert [0, 2] == [
        row[0]
        for table in ("secrets", "fingerprints")
        if (row := database.row(count.format(table), acme.id))
    ]
    assert [("remove", "removed")] == town.told(acme)
    assert town.is_alive(access_token)


async def test_what_has_not_changed_is_not_read_again(town: Town) -> None:
    """The next look takes the same connections over, until this process or another changes one."""
    acme, _ = await town.connect_key("acme")
    seen = overview(town.desk)
    again = overview(town.desk, seen)
    town.desk.vault.rename(acme.id, "renamed")
    renamed_here = overview(town.desk, again)
    other = town.open_desk()
    other.vault.rename(acme.id, "elsewhere")
    renamed_there = overview(town.desk, renamed_here)

    assert seen.connections is again.connections
    assert (["renamed"], ["elsewhere"]) == (
        [c.name for c in renamed_here.connections],
        [c.name for c in renamed_there.connections],
    )


async def test_an_overview_needs_no_key_and_no_vault(empty_town: Town) -> None:
    """Without a vault it is empty; with one that is locked everything but secrets is seen."""
    desk = empty_town.desk
    nothing = overview(desk)
    assert ((), (), VaultState.MISSING, "", 0, 0, True, None, *[frozenset()] * 2) == tuple(nothing)
    assert [] == history(desk)
    assert not has_changed(desk, nothing.version)
    await empty_town.connect_key("acme")
    other = empty_town.open_desk()

    seen = overview(other)

    assert (["acme"], VaultState.LOCKED, "file") == (
        [c.name for c in seen.connections],
        seen.vault,
        seen.place,
    )
    assert ["add"] == [event.verb for event in history(other)]
    assert not has_changed(other, seen.version)
    rename(desk, seen.connections[0], "globex")
    assert has_changed(other, seen.version)
