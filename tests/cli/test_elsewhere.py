"""The right organization, and the one port of two attempts, from the command line."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Consented, Run, Terminal, Town


def port_of(uri: str) -> int:
    """Return the port of a redirect URI."""
    return int(uri.split(":")[2].partition("/")[0])


def revoked(town: Town) -> int:
    """Return how many tokens Close has revoked."""
    return town.demo.world.journal.count(route="revoke", outcome="revoked")


def test_on_a_terminal_a_person_is_asked_and_no_is_the_answer(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    consented: Consented,
) -> None:
    """Enter revokes: both organizations are named, and nothing is kept."""
    before = revoked(town)
    meant, chosen = town.demo.organizations[:2]
    screen = terminal("authorize", app, "--no-browser", "--organization", meant.id)
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    screen.type(consented(url, chosen.id))
    screen.expect("Otherwise it is revoked at once. [y/N]")
    screen.type("")
    done = screen.end()

    assert (1, "") == (done.code, done.out)
    assert chosen.id in done.err
    assert f"({meant.id}) was meant" in done.err
    assert "nothing was kept" in done.err
    assert before + 2 == revoked(town)


def test_on_a_terminal_yes_keeps_it(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    consented: Consented,
) -> None:
    """It is called after what it is, not by the name that was asked for."""
    meant, chosen = town.demo.organizations[:2]
    words = ("--no-browser", "--organization", meant.id, "--name", "wanted", "--json")
    screen = terminal("authorize", app, *words)
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    screen.type(consented(url, chosen.id))
    screen.expect("[y/N]")
    screen.type("yes")
    done = screen.end()

    assert (0, {"elsewhere-brightwater-freight-sons": "authorized"}) == (done.code, done.outcomes)
    assert "ok" == town.status("elsewhere-brightwater-freight-sons")


def test_ctrl_c_at_the_question_revokes_it(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    consented: Consented,
) -> None:
    """Whoever leaves has not said to keep it."""
    before = revoked(town)
    meant, chosen = town.demo.organizations[:2]
    screen = terminal("authorize", app, "--no-browser", "--organization", meant.id)
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    screen.type(consented(url, chosen.id))
    screen.expect("[y/N]")
    screen.interrupt()
    done = screen.end()

    assert 3 == done.code
    assert before + 2 == revoked(town)


def test_off_the_terminal_only_the_flag_keeps_it(
    town: Town,
    app: str,
    started: Callable[..., Call],
    consented: Consented,
) -> None:
    """Nobody is asked; ``--keep-other`` says it beforehand."""
    meant, chosen = town.demo.organizations[:2]
    words = ("--paste", "--organization", meant.id, "--keep-other", "--json")
    call = started("authorize", app, *words)
    done = call.end(consented(call.said("Open: "), chosen.id))

    assert (0, ["authorized"]) == (done.code, list(done.outcomes.values()))
    assert "was meant" in done.err


def test_of_two_at_once_the_second_says_so_and_fails_off_the_terminal(
    town: Town,
    app: str,
    started: Callable[..., Call],
    consented: Consented,
    browser: httpx.Client,
) -> None:
    """It names the process that waits; the first is not disturbed."""
    first = started("authorize", app, "--no-browser", "--json")
    url = first.said("Open: ")
    second = started("authorize", app, "--no-browser").end()
    browser.get(consented(url, town.demo.organizations[0].id))

    assert (1, "") == (second.code, second.out)
    assert f"Another close-tui (process {first.process.pid}) is waiting" in second.err
    assert "--redirect-uri" in second.err
    assert "--paste" in second.err
    assert 0 == first.end().code


def test_of_two_at_once_the_second_takes_a_paste_on_a_terminal(
    town: Town,
    app: str,
    started: Callable[..., Call],
    terminal: Callable[..., Terminal],
    consented: Consented,
    browser: httpx.Client,
) -> None:
    """Its wait goes on; both end as they should, in either order."""
    first = started("authorize", app, "--no-browser", "--json")
    first_url = first.said("Open: ")
    second = terminal("authorize", app, "--no-browser", "--json")
    second.expect("Ctrl-C cancels.")
    assert f"Another close-tui (process {first.process.pid}) is waiting" in second.screen
    url = second.screen.partition("Open: ")[2].split()[0]
    second.type(consented(url, town.demo.organizations[1].id))
    done = second.end()
    browser.get(consented(first_url, town.demo.organizations[0].id))

    assert (0, ["authorized"]) == (done.code, list(done.outcomes.values()))
    assert 0 == first.end().code


def test_a_killed_attempt_leaves_the_port_free(
    app: str,
    redirect_uri: str,
    started: Callable[..., Call],
) -> None:
    """The next one listens again."""
    first = started("authorize", app, "--no-browser")
    first.said("Open: ")
    first.process.kill()
    first.process.wait()
    second = started("authorize", app, "--no-browser", "--timeout", "0.2").end()

    assert 3 == second.code
    with socket.create_server(("127.0.0.1", port_of(redirect_uri))):
        pass


def test_adding_or_changing_an_app_warns_of_a_busy_port(cli: Run, town: Town) -> None:
    """It is stored all the same: what listens now may be gone by then."""
    known = town.demo.world.add_app("Busy", "https://127.0.0.1:1/callback")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"https://127.0.0.1:{taken.getsockname()[1]}/callback"
        words = ("--client-id", known.client_id, "--redirect-uri", uri)
        added = cli("add", "app", "busy", *words, stdin=known.client_secret)
        changed = cli("set", "app", "busy", "--redirect-uri", uri)
        other = cli("set", "app", "busy", "--no-pkce")
    free = cli("set", "app", "busy", "--redirect-uri", uri)

    assert [0, 0, 0, 0] == [done.code for done in (added, changed, other, free)]
    for done in (added, changed):
        assert f"(process {os.getpid()}) listens on port" in done.err
        assert "must be free when you authorize" in done.err
    for done in (other, free):
        assert "listens" not in done.err
