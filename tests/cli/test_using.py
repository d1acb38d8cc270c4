"""Using: test, refresh, token."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE, latency, rate_limited

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town
    from tests.conftest import Need

NOWHERE = "http://127.0.0.1:9"


def test_a_test_says_who_answers(cli: Run, town: Town) -> None:
    """User, organization, latency and what is left of the rate limit; an API key has no expiry."""
    words = cli("test", "northwind-export")
    (result,) = cli("test", "northwind-export", "--json").json["results"]

    assert 0 == words.code
    assert "mara@halloran.example at Northwind Dental Group" in words.out
    assert ("northwind-export", "test", "ok", 200, 0) == tuple(
        result[key] for key in ("name", "verb", "outcome", "http_status", "exit_code")
    )
    assert "mara@halloran.example" == result["answer"]["user"]["email"]
    assert 100 == result["answer"]["rate_limit"]["limit"]


def test_the_exit_code_is_the_highest(cli: Run, town: Town) -> None:
    """Each target has its own outcome: 1 rejected, 4 to be authorized again, 0 ok."""
    rejected = cli("test", "northwind-export", "brightwater-zap", "--json")
    several = cli("test", "brightwater-zap", "meridian-reports", "northwind-export", "--json")

    assert (1, {"northwind-export": "ok", "brightwater-zap": "rejected"}) == (
        rejected.code,
        rejected.outcomes,
    )
    assert 4 == several.code
    assert ["rejected", "needs_authorization", "ok"] == list(several.outcomes.values())


def test_all_leaves_out_what_is_revoked_or_frozen(cli: Run, town: Town) -> None:
    """And refreshing leaves out API keys."""
    tested = cli("test", "--all", "--json").outcomes
    refreshed = cli("refresh", "--all", "--json").outcomes

    assert 8 == len(tested)
    assert not {"meridian-calls", "brightwater-importer"} & set(tested)
    assert 6 == len(refreshed)
    assert "northwind-export" not in refreshed


def test_a_filter_chooses_among_all(cli: Run, town: Town) -> None:
    """As in the app: filter, mark all, t. It adds to nothing that is named, and is never empty."""
    tested = cli("test", "--filter", "org:northwind kind:key")
    refreshed = cli("refresh", "--filter", "northwind", "--json").outcomes
    nobody = cli("test", "--filter", "org:nobody")
    wrong = [
        cli("test", "--filter", line, *more)
        for line, more in (("", ()), ("kind:key", ("northwind-export",)), ("colour:red", ()))
    ]
    wrong.append(cli("refresh", "--due", "--filter", "kind:oauth"))

    assert ["northwind-export"] == [line.split()[0] for line in tested.out.splitlines()]
    assert {"northwind-reports", "northwind-importer"} == set(refreshed)
    assert (0, "There is nothing to do.\n") == (nobody.code, nobody.err)
    assert [2, 2, 2, 2] == [each.code for each in wrong]


def test_several_are_counted_and_the_worst_stands_last(cli: Run, town: Town) -> None:
    """Of forty lines nobody sees the two that failed; --quiet keeps the count back."""
    done = cli("test", "northwind-export", "brightwater-zap", "northwind-reports")
    one = cli("test", "northwind-export")
    quiet = cli("--quiet", "test", "northwind-export", "northwind-reports")

    assert "2 ok, 1 rejected" == done.err.splitlines()[-1]
    assert ("", "") == (one.err, quiet.err)


@pytest.mark.parametrize(
    ("fault", "outcome"), [(UNAVAILABLE, "unavailable"), (rate_limited(7), "rate_limited")]
)
def test_trouble_on_the_way_is_6(cli: Run, town: Town, fault: object, outcome: str) -> None:
    """It says nothing about the connection, whose status stays."""
    town.demo.world.faults.add(fault, "me")  # type: ignore[arg-type]
    done = cli("test", "northwind-export", "--json")

    assert (6, {"northwind-export": outcome}) == (done.code, done.outcomes)
    assert "ok" == town.status("northwind-export")


def test_no_network_is_6(cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unreachable, with advice on stderr and the status as before."""
    monkeypatch.setenv("CLOSE_TUI_API_URL", NOWHERE)
    done = cli("test", "northwind-export")

    assert 6 == done.code
    assert "unreachable" in done.out
    assert "Check the network" in done.err
    assert "ok" == town.status("northwind-export")


def test_refreshing_brings_an_expired_one_back(cli: Run, town: Town) -> None:
    """A new generation, an hour long; an API key is skipped."""
    assert "expired" == town.status("sakura-reports")
    done = cli("refresh", "sakura-reports", "northwind-export", "sakura-reports", "--json")

    assert (0, {"sakura-reports": "refreshed", "northwind-export": "skipped"}) == (
        done.code,
        done.outcomes,
    )
    assert "ok" == town.status("sakura-reports")


def test_an_unknown_name_is_5_before_anything_is_sent(cli: Run, town: Town) -> None:
    """One wrong name among good ones: nobody is refreshed."""
    town.demo.world.journal.clear()
    done = cli("refresh", "sakura-reports", "nobody")

    assert (5, "") == (done.code, done.out)
    assert 0 == town.demo.world.journal.count()


@pytest.mark.parametrize("words", [("refresh",), ("test",), ("test", "a", "--all"), ("revoke",)])
def test_names_or_all_but_not_both(cli: Run, town: Town, words: tuple[str, ...]) -> None:
    """Neither is a mistake too: nothing is done by accident."""
    done = cli(*words)

    assert (2, "") == (done.code, done.out)
    assert "--all" in done.err


def test_a_frozen_or_revoked_connection_is_4(cli: Run, town: Town) -> None:
    """It is told for each target in JSON as well."""
    done = cli("test", "meridian-calls", "brightwater-importer", "--json")

    assert 4 == done.code
    assert ["needs_authorization", "already_revoked"] == list(done.outcomes.values())


def test_the_token_and_nothing_else(cli: Run, town: Town) -> None:
    """A key as it is; a fresh access token as it is; one that expires soon is refreshed first."""
    world = town.demo.world
    key, fresh = cli("token", "northwind-export"), cli("token", "northwind-reports")
    before = world.journal.count(route="refresh")
    soon = cli("token", "brightwater-reports")

    assert (0, f"{town.demo.api_keys[0].text}\n", "") == (key.code, key.out, key.err)
    assert "" == fresh.err
    assert world.is_alive(fresh.out.rstrip("\n"))
    assert before + 1 == world.journal.count(route="refresh")
    assert world.is_alive(soon.out.rstrip("\n"))


@pytest.mark.parametrize("name", ["northwind-export", "northwind-reports"])
def test_the_header_for_curl(cli: Run, town: Town, need: Need, name: str) -> None:
    """Basic for a key, Bearer for a token; curl takes it from a pipe, and Close knows who it is."""
    secret, header = cli("token", name).out.strip(), cli("token", name, "--header").out
    basic = base64.b64encode(f"{secret}:".encode()).decode()
    done = subprocess.run(
        [need("curl"), "-sS", "-H", "@-", f"{town.settings.api_url}/api/v1/me/"],
        input=header,
        capture_output=True,
        text=True,
        check=True,
    )

    assert header in (f"Authorization: Basic {basic}\n", f"Authorization: Bearer {secret}\n")
    assert ("Basic" in header) == (name == "northwind-export")
    assert "mara@halloran.example" in done.stdout


def test_a_token_that_cannot_be_refreshed_is_handed_out_with_a_warning(
    cli: Run, town: Town
) -> None:
    """As long as it has not expired; the warning is on stderr."""
    town.demo.world.faults.add(UNAVAILABLE, "refresh")
    done = cli("token", "brightwater-reports")

    assert 0 == done.code
    assert 1 == len(done.out.split())
    assert "could not be refreshed" in done.err


def test_no_token_of_what_must_be_authorized_again(cli: Run, town: Town) -> None:
    """4, and nothing on stdout."""
    done = cli("token", "meridian-reports")

    assert (4, "") == (done.code, done.out)
    assert "close-tui authorize" in done.err


def test_two_commands_at_once_spend_a_refresh_token_once(town: Town) -> None:
    """Two processes, one connection, a Close that kills the family of a token spent twice."""
    world = town.demo.world
    before = world.journal.count(route="refresh")
    world.faults.add(latency(0.5), "refresh", times=None)
    command = [sys.executable, "-m", "close_tui", "token", "sakura-reports"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [each.communicate(timeout=60) for each in both]

    assert [0, 0] == [each.returncode for each in both], outputs
    assert outputs[0] == outputs[1]
    assert world.is_alive(outputs[0][0].strip())
    assert before + 1 == world.journal.count(route="refresh")


def test_a_slow_verb_shows_how_far_it_is(town: Town, terminal: Callable[..., Terminal]) -> None:
    """On the terminal only; stdout has the results and nothing else."""
    town.demo.world.faults.add(latency(1.5), "me")
    screen = terminal("test", "northwind-export", "northwind-reports", "--json")
    screen.expect("test: 1 of 2 …")
    done = screen.end()

    assert (0, {"northwind-export": "ok", "northwind-reports": "ok"}) == (done.code, done.outcomes)


def test_ctrl_c_waits_for_a_refresh_that_was_begun(
    town: Town, terminal: Callable[..., Terminal]
) -> None:
    """The new tokens are stored before the program ends with 3."""
    world = town.demo.world
    world.faults.add(latency(2), "refresh")
    screen = terminal("refresh", "sakura-reports")
    screen.expect("refresh: 0 of 1")
    screen.interrupt()
    done = screen.end()

    assert 3 == done.code
    assert "waiting until its tokens are stored" in done.err
    assert "ok" == town.status("sakura-reports")
