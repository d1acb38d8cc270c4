"""What could not be killed: tried again, walked through, and not forgotten by accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import DROPPED

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


def test_pending_revocations_are_finished(cli: Run, town: Town) -> None:
    """8 while something is left, 0 when everything is dead; they were confirmed before."""
    world = town.demo.world
    world.faults.add(DROPPED, "revoke", times=None)
    failed = cli("revoke", "northwind-reports", "--yes", "--json")
    world.faults.clear()

    left = cli("revoke", "--pending", "--json")
    world.delete_api_key(town.demo.api_keys[3].id)
    done = cli("revoke", "--pending", "--json")
    nothing = cli("revoke", "--pending")

    assert (8, "failed") == (failed.code, failed.outcomes["northwind-reports"])
    assert (8, {"meridian-calls": "by_hand", "northwind-reports": "dead_proved"}) == (
        left.code,
        left.outcomes,
    )
    assert (0, {"meridian-calls": "dead_proved"}) == (done.code, done.outcomes)
    assert (0, "", "Nothing is pending.\n") == (nothing.code, nothing.out, nothing.err)


def test_without_anything_pending_json_says_so_too(cli: Run, town: Town) -> None:
    """An empty list of results, and 0."""
    town.demo.world.delete_api_key(town.demo.api_keys[3].id)
    cli("revoke", "--pending")

    done = cli("revoke", "--pending", "--json")

    assert (0, []) == (done.code, done.json["results"])


def test_what_is_pending_is_not_removed_by_accident(cli: Run, town: Town) -> None:
    """8 and the way out; what is meant is done, and it is said that it was not revoked."""
    refused = cli("remove", "meridian-calls", "--yes")
    kept = town.status("meridian-calls")
    forgotten = cli("remove", "meridian-calls", "--yes", "--forget-unrevoked")

    assert (8, "", "revoking") == (refused.code, refused.out, kept)
    assert "--forget-unrevoked" in refused.err
    assert "close-tui revoke --pending" in refused.err
    assert 0 == forgotten.code
    assert "NOT revoked" in forgotten.out


def test_several_keys_are_walked_through_one_after_another(
    town: Town, terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page opens once; the next key is named when the one before is dead; Ctrl-C stops."""
    monkeypatch.setenv("BROWSER", "true %s")
    export, calls = town.demo.api_keys[0], town.demo.api_keys[3]
    screen = terminal("revoke", "northwind-export", "meridian-calls", "--yes", "--json")
    screen.expect(f"Key 1 of 2, northwind-export: delete {export.id} in Close")
    town.demo.world.delete_api_key(export.id)
    screen.expect(f"Key 2 of 2, meridian-calls: delete {calls.id} in Close")
    screen.expect("Ctrl-C leaves it pending")
    screen.interrupt()
    done = screen.end()

    assert 8 == done.code
    assert {"northwind-export": "dead_proved", "meridian-calls": "by_hand"} == done.outcomes
    assert 1 == done.err.count("Open: http")
    assert "revoking" == town.status("meridian-calls")


def test_the_queue_goes_on_with_what_is_pending(
    town: Town, terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal --pending watches the keys that are left."""
    monkeypatch.setenv("BROWSER", "true %s")
    screen = terminal("revoke", "--pending", "--json")
    screen.expect("Key 1 of 1, meridian-calls")
    screen.expect("Watching until Close answers 401")
    town.demo.world.delete_api_key(town.demo.api_keys[3].id)
    done = screen.end()

    assert (0, {"meridian-calls": "dead_proved"}) == (done.code, done.outcomes)


def test_a_vault_that_does_not_open_leaves_them_frozen(
    town: Town, terminal: Callable[..., Terminal]
) -> None:
    """8, and how to finish: the freeze came first, and needs no key."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.rename(town.settings.identity_file.with_suffix(".away"))

    first = terminal("revoke", "northwind-reports", "--yes").end()
    second = terminal("revoke", "--pending").end()

    assert (8, 8, "revoking") == (first.code, second.code, town.status("northwind-reports"))
    for done in (first, second):
        assert "To finish: close-tui revoke --pending" in " ".join(done.err.split())


def test_a_destroyed_vault_revokes_nothing(cli: Run, town: Town) -> None:
    """7, and it is said what may live and who can end it; nothing is promised."""
    cli("revoke", "--all", "--yes")
    vault = town.vault()
    vault.database.change("UPDATE vault SET sealed_mark = ?", b"destroyed 1\n")
    vault.close()

    done = cli("revoke", "meridian-calls", "--yes")
    pending = cli("revoke", "--pending")

    assert (7, 7) == (done.code, pending.code)
    assert f"meridian-calls ({town.demo.api_keys[3].id})" in done.err
    assert "Only Close can end them" in done.err
    assert "kept to try again" not in done.err + pending.err
