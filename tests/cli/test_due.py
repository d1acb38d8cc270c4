"""Refresh --due, for timers; and what is said of a wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.sandbox.faults import rate_limited

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town

DUE = {"brightwater-reports", "sakura-reports"}
"""In the demo one connection is in its last minutes and one has expired; the rest needs nothing."""


def test_what_is_due_is_refreshed_and_then_nothing_is(cli: Run, town: Town) -> None:
    """The second call has nothing to do, and says nothing."""
    first = cli("refresh", "--due", "--json")
    second = cli("refresh", "--due")
    third = cli("refresh", "--due", "--json")

    assert 0 == first.code
    assert dict.fromkeys(DUE, "refreshed") == first.outcomes
    assert (0, "", "") == (second.code, second.out, second.err)
    assert (0, {}) == (third.code, third.outcomes)
    assert {"ok"} == {town.status(name) for name in DUE} - {"untested"}


def test_nothing_due_needs_no_key(cli: Run, town: Town) -> None:
    """A timer does not wake the keyring for nothing; with something due a lost key is 7."""
    identity = town.settings.identity_file
    assert identity is not None
    cli("set", "vault", "--no-auto-refresh")
    identity.rename(identity.with_suffix(".away"))
    nothing = cli("refresh", "--due")
    cli("set", "vault", "--auto-refresh")
    something = cli("refresh", "--due")

    assert (0, "", "") == (nothing.code, nothing.out, nothing.err)
    assert (7, "") == (something.code, something.out)


def test_what_is_switched_off_is_not_due(cli: Run, town: Town) -> None:
    """Named it is refreshed all the same."""
    cli("set", "connection", "sakura-reports", "--no-auto-refresh")

    assert DUE - {"sakura-reports"} == set(cli("refresh", "--due", "--json").outcomes)
    assert {"sakura-reports": "refreshed"} == cli("refresh", "sakura-reports", "--json").outcomes


def test_a_limit_that_lasts_ends_the_call(cli: Run, town: Town) -> None:
    """The timer comes again; 6 says that nothing is known to be wrong."""
    town.demo.world.faults.add(rate_limited(600), "refresh", times=None)

    done = cli("refresh", "--due", "--json")

    assert (6, dict.fromkeys(DUE, "rate_limited")) == (done.code, done.outcomes)
    assert 1 == town.demo.world.journal.count(route="refresh", status=429)


def test_due_goes_with_nothing_else(cli: Run, town: Town) -> None:
    """A name or --all beside it is a mistake."""
    assert 2 == cli("refresh", "--due", "--all").code == cli("refresh", "--due", "x").code


def test_a_wrong_clock_is_said(cli: Run, town: Town) -> None:
    """By list on stderr, by show among the facts, in JSON as a number; until it is right again."""
    town.demo.world.policies.clock_ahead_s = 200
    cli("test", "northwind-export")
    listed, shown = cli("list"), cli("show", "northwind-export")
    answer, in_json = cli("list", "--json"), cli("show", "northwind-export", "--json").json
    town.demo.world.policies.clock_ahead_s = 0
    cli("test", "northwind-export")
    right = cli("list")

    assert "This machine's clock is 3m " in listed.err
    assert 1 == listed.err.count("\n")
    assert "behind Close's." in shown.out
    assert "" == answer.err == right.err
    assert -205 < answer.json["vault"]["clock_skew"]["seconds"] < -195
    assert answer.json["vault"] == in_json["vault"]
