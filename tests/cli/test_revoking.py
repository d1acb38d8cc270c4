"""Revoking: asked first, a verdict for each target, 8 for what is not proved dead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


def test_without_a_terminal_yes_must_be_said(cli: Run, town: Town) -> None:
    """2, and nothing is frozen."""
    done = cli("revoke", "northwind-reports")

    assert (2, "") == (done.code, done.out)
    assert "--yes" in done.err
    assert "ok" == town.status("northwind-reports")


def test_death_is_proved(cli: Run, town: Town) -> None:
    """The outcome, the reason in the history, and the token refused at Close."""
    token = cli("token", "northwind-reports").out.strip()
    done = cli("revoke", "northwind-reports", "--yes", "--reason", "left", "--json")

    assert (0, {"northwind-reports": "dead_proved"}) == (done.code, done.outcomes)
    assert not town.demo.world.is_alive(token)
    assert "revoked" == town.status("northwind-reports")
    assert "left" == cli("history", "northwind-reports", "--json").json["events"][0]["reason"]


def test_what_was_accepted_and_not_proved_is_8(cli: Run, town: Town) -> None:
    """The access token had expired, so that its refusal says nothing."""
    done = cli("revoke", "sakura-reports", "--yes", "--json")

    assert (8, {"sakura-reports": "accepted_not_proved"}) == (done.code, done.outcomes)


def test_a_failed_revocation_is_8_and_stays_frozen(cli: Run, town: Town) -> None:
    """It can be finished later, with the same command."""
    town.demo.world.faults.add(UNAVAILABLE, "revoke")
    failed = cli("revoke", "northwind-reports", "--yes", "--json")
    between = town.status("northwind-reports")
    finished = cli("revoke", "northwind-reports", "--yes", "--json")

    assert (8, {"northwind-reports": "failed"}) == (failed.code, failed.outcomes)
    assert "revoking" == between
    assert (0, "revoked") == (finished.code, town.status("northwind-reports"))


def test_all_of_them_past_every_error(cli: Run, town: Town) -> None:
    """Nine targets, a verdict for each, and the highest exit code; the revoked one is left out."""
    done = cli("revoke", "--all", "--yes", "--json")

    assert 8 == done.code
    assert 9 == len(done.outcomes)
    assert {"dead_proved", "accepted_not_proved", "by_hand", "already_revoked"} == set(
        done.outcomes.values()
    )


def test_already_revoked_is_4(cli: Run, town: Town) -> None:
    """And needs no confirmation: nothing is done."""
    done = cli("revoke", "brightwater-importer", "--json")

    assert (4, {"brightwater-importer": "already_revoked"}) == (done.code, done.outcomes)


def test_an_api_key_off_the_terminal_is_by_hand_and_8(cli: Run, town: Town) -> None:
    """Close has no call for it; the advice names the page and the key's id."""
    done = cli("revoke", "northwind-export", "--yes")

    assert 8 == done.code
    assert "by hand" in done.out
    assert "/settings/developer/api-keys/" in done.err
    assert "revoking" == town.status("northwind-export")


def test_a_locked_vault_still_freezes(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key nothing can be killed, but nothing refreshes it any more either: 8."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.rename(town.settings.identity_file.with_suffix(".away"))
    done = cli("revoke", "northwind-reports", "--yes", "--json")

    assert (8, {"northwind-reports": "failed"}) == (done.code, done.outcomes)
    assert "revoking" == town.status("northwind-reports")


def test_a_locked_vault_freezes_what_was_confirmed_on_a_terminal(
    town: Town, terminal: Callable[..., Terminal]
) -> None:
    """Frozen before the key is asked for, which is not there; the person is told."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.rename(town.settings.identity_file.with_suffix(".away"))
    screen = terminal("revoke", "northwind-reports")
    screen.expect("[y/N]")
    screen.type("y")
    done = screen.end()

    assert 8 == done.code
    assert "What was begun stays frozen. To finish: close-tui revoke --pending" in done.err
    assert "revoking" == town.status("northwind-reports")


@pytest.mark.parametrize("answer", ["", "n", "northwind-reports"])
def test_the_answer_is_no_unless_it_is_yes(
    town: Town, terminal: Callable[..., Terminal], answer: str
) -> None:
    """The question names the organization; 3, and nothing was done."""
    screen = terminal("revoke", "northwind-reports")
    screen.expect("Revoke it, for Northwind Dental Group? There is no way back. [y/N]")
    screen.type(answer)
    done = screen.end()

    assert (3, "") == (done.code, done.out)
    assert "ok" == town.status("northwind-reports")


def test_yes_revokes_and_shows_the_steps(town: Town, terminal: Callable[..., Terminal]) -> None:
    """The steps are on stderr, the verdict on stdout."""
    screen = terminal("revoke", "northwind-reports", "--json")
    screen.expect("[y/N]")
    screen.type("y")
    done = screen.end()

    assert (0, {"northwind-reports": "dead_proved"}) == (done.code, done.outcomes)
    assert "northwind-reports: frozen" in done.err
    assert "must be refused now" in done.err


def test_several_are_confirmed_by_their_number(
    town: Town, terminal: Callable[..., Terminal]
) -> None:
    """``y`` is not enough."""
    names = ("northwind-reports", "brightwater-reports", "sakura-reports")
    refused = terminal("revoke", *names)
    refused.expect("Type 3 to revoke these 3 connections of 3 organizations:")
    refused.type("y")
    no = refused.end()
    agreed = terminal("revoke", *names, "--json")
    agreed.expect("Type 3")
    agreed.type("3")
    yes = agreed.end()

    assert (3, 8) == (no.code, yes.code)
    assert 3 == len(yes.outcomes)


def test_an_api_key_is_watched_until_it_is_dead(
    town: Town,
    terminal: Callable[..., Terminal],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page opens; as soon as Close answers 401, its death is proved."""
    monkeypatch.setenv("BROWSER", "true %s")
    screen = terminal("revoke", "northwind-export", "--yes", "--json")
    screen.expect("Watching until Close answers 401")
    seen = town.demo.world.journal.count(route="me")
    while town.demo.world.journal.count(route="me") == seen:
        screen._read(0.05)
    town.demo.world.delete_api_key(town.demo.api_keys[0].id)
    done = screen.end()

    assert (0, {"northwind-export": "dead_proved"}) == (done.code, done.outcomes)
    assert "Open: http://127.0.0.1" in done.err


def test_ctrl_c_leaves_an_api_key_pending(
    town: Town, terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not seen to die is by hand, and 8."""
    monkeypatch.setenv("BROWSER", "true %s")
    screen = terminal("revoke", "northwind-export", "--yes", "--json")
    screen.expect("Watching until Close answers 401")
    screen.interrupt()
    done = screen.end()

    assert (8, {"northwind-export": "by_hand"}) == (done.code, done.outcomes)
    assert "revoking" == town.status("northwind-export")
