"""Reconnecting: one browser visit after another, past every error, until all are back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Consented, Run, Terminal, Town

PURGED = ["northwind-reports", "brightwater-reports"]
LOST = "meridian-reports"
"""Its refresh token was refused before."""


@pytest.fixture
def purged(cli: Run, town: Town) -> Town:
    """Two authorizations are revoked in an incident; one was lost before."""
    cli("revoke", *PURGED, "--yes")
    cli("remove", "brightwater-importer", "--yes")  # the demo has lost it in an incident of its own
    return town


def _status(cli: Run, name: str) -> str:
    """Return the status of the live connection of this name, before a revoked one."""
    return str(cli("show", name, "--json").json["connection"]["status"])


def _opened(screen: Terminal, number: int) -> str:
    """Wait for the next authorization and return its address."""
    shown = ""
    while shown.count("be pasted here") < number:
        screen._read(0.1)
        shown = screen.expect(f"\r\n{number} of ")
    return shown.split("Open: ")[number].split()[0]


def test_a_dry_run_lists_what_is_lost(cli: Run, purged: Town) -> None:
    """By app and organization, with the reason of each; nothing is opened."""
    done = cli("reconnect", "--dry-run", "--json")

    assert 0 == done.code
    assert ["brightwater-reports", LOST, "northwind-reports"] == [
        each["name"] for each in done.json["connections"]
    ]
    first, second, _ = done.json["connections"]
    assert first["why"].startswith("revoked in inc-")
    assert "Close refused its refresh token" == second["why"]
    assert "reports" == first["app"]
    assert LOST in cli("reconnect", "--dry-run").out


def test_it_can_be_narrowed_down(cli: Run, purged: Town) -> None:
    """To an organization or an app; nothing that is not there."""
    where = purged.demo.organizations[0]
    narrow = cli("reconnect", "--dry-run", "--json", "--organization", where.id)

    assert ["northwind-reports"] == [each["name"] for each in narrow.json["connections"]]
    assert [] == cli("reconnect", "--dry-run", "--json", "--app", "importer").json["connections"]
    assert "Nothing needs to be" in cli("reconnect", "--app", "importer").err
    assert 5 == cli("reconnect", "--app", "nobody").code
    assert 5 == cli("reconnect", "--organization", "nobody").code


def test_without_a_terminal_they_are_listed_and_it_is_2(cli: Run, purged: Town) -> None:
    """Nobody is there to allow anything."""
    done = cli("reconnect")

    assert (2, "") == (done.code, done.out)
    assert all(name in done.err for name in (*PURGED, LOST))


def test_all_are_walked_through_past_a_decline(
    cli: Run, purged: Town, terminal: Callable[..., Terminal], consented: Consented
) -> None:
    """One is declined, one answered for the wrong organization, the third is back."""
    northwind, brightwater = purged.demo.organizations[:2]
    screen = terminal("reconnect", "--paste", "--no-browser")
    screen.type(consented(_opened(screen, 1), brightwater.id, "decline"))
    screen.type(consented(_opened(screen, 2), brightwater.id))
    screen.expect("The wrong organization was authorized")
    screen.type(consented(_opened(screen, 3), northwind.id))
    done = screen.end()

    assert 3 == done.code, done.err
    assert "1 of 3 authorized again." in done.err
    assert "ok" == _status(cli, "northwind-reports")
    left = cli("reconnect", "--dry-run", "--json").json["connections"]
    assert ["brightwater-reports", LOST] == [each["name"] for each in left]


def test_ctrl_c_stops_and_says_how_to_go_on(
    cli: Run, purged: Town, terminal: Callable[..., Terminal], consented: Consented
) -> None:
    """What was authorized before stays; 3."""
    brightwater = purged.demo.organizations[1]
    screen = terminal("reconnect", "--paste", "--no-browser")
    screen.type(consented(_opened(screen, 1), brightwater.id))
    _opened(screen, 2)
    screen.interrupt()
    done = screen.end()

    assert 3 == done.code
    assert "1 of 3 authorized again." in done.err
    assert "To go on: close-tui reconnect" in done.err
    assert "ok" == _status(cli, "brightwater-reports")
