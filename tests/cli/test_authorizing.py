"""Authorizing: in the browser, by pasting, and all the ways in which it does not end well."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Consented, Run, Terminal, Town

CODE = "?code=abc&state=def"


def test_no_browser_prints_the_address_and_waits(
    town: Town,
    app: str,
    started: Callable[..., Call],
    consented: Consented,
    browser: httpx.Client,
) -> None:
    """The redirect comes over https; stdout holds the result and nothing else."""
    call = started("authorize", app, "--no-browser", "--json")
    url = call.said("Open: ")
    answer = browser.get(consented(url, town.demo.organizations[2].id))
    done = call.end()

    assert 200 == answer.status_code
    assert (0, {"elsewhere-meridian-solar": "authorized"}) == (done.code, done.outcomes)
    assert "ok" == town.status("elsewhere-meridian-solar")
    assert "SHA-256" in done.err
    assert "Waiting for the answer, 5m 00s left" in done.err


def test_the_redirect_can_be_sent_on_standard_input(
    town: Town, app: str, started: Callable[..., Call], consented: Consented
) -> None:
    """With ``--paste`` nothing listens; a name can be given, and the organization that is meant."""
    sakura = town.demo.organizations[3].id
    words = ("--paste", "--name", "kobe", "--organization", sakura, "--json")
    call = started("authorize", app, *words)
    done = call.end(f"\n{consented(call.said('Open: '), sakura)}\n")

    assert (0, {"kobe": "authorized"}) == (done.code, done.outcomes)
    assert "ok" == town.status("kobe")


def test_the_wrong_organization_is_1_and_given_back(
    town: Town, app: str, started: Callable[..., Call], consented: Consented
) -> None:
    """Its tokens are revoked again, and nothing is stored."""
    meant, chosen = town.demo.organizations[:2]
    call = started("authorize", app, "--paste", "--name", "x", "--organization", meant.id)
    done = call.end(consented(call.said("Open: "), chosen.id))

    assert (1, "") == (done.code, done.out)
    assert "The wrong organization was authorized" in done.err
    assert town.demo.world.journal.count(route="revoke", outcome="revoked") >= 2


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("", "Standard input ended"),
        ("https://evil.example/callback" + CODE, "another place"),
        (CODE, "The state belongs to another attempt"),
    ],
)
def test_a_wrong_paste_is_2(cli: Run, app: str, pasted: str, says: str) -> None:
    """The reason is said, and no part of what was pasted."""
    done = cli("authorize", app, "--paste", stdin=pasted)

    assert (2, "") == (done.code, done.out)
    assert says in done.err
    assert "evil" not in done.err


def test_declining_is_3(
    town: Town,
    app: str,
    started: Callable[..., Call],
    consented: Consented,
    browser: httpx.Client,
) -> None:
    """The consent screen said no."""
    call = started("authorize", app, "--no-browser")
    browser.get(consented(call.said("Open: "), town.demo.organizations[0].id, "decline"))
    done = call.end()

    assert (3, "") == (done.code, done.out)
    assert "declined" in done.err


def test_an_unproven_decline_ends_nothing(
    town: Town,
    app: str,
    redirect_uri: str,
    started: Callable[..., Call],
    consented: Consented,
    browser: httpx.Client,
) -> None:
    """Anybody could have sent it: it is told, and the true answer still counts."""
    call = started("authorize", app, "--no-browser", "--json")
    url = call.said("Open: ")
    browser.get(f"{redirect_uri}?error=access_denied")
    call.said("The browser reports that access was declined, without proof")
    browser.get(consented(url, town.demo.organizations[0].id))
    done = call.end()

    assert 0 == done.code, done.err


def test_nobody_answering_in_time_is_3(cli: Run, app: str) -> None:
    """``--timeout`` is in seconds."""
    done = cli("authorize", app, "--no-browser", "--timeout", "0.2")

    assert (3, "") == (done.code, done.out)
    assert "Nobody answered within" in done.err


def test_off_the_terminal_no_browser_is_opened(cli: Run, app: str) -> None:
    """Without ``--no-browser`` or ``--paste``: 2, and both are explained."""
    done = cli("authorize", app)

    assert (2, "") == (done.code, done.out)
    assert "--no-browser" in done.err
    assert "--paste" in done.err


def test_a_busy_port_off_the_terminal_is_1(cli: Run, app: str, redirect_uri: str) -> None:
    """No other port is tried: Close would not redirect there."""
    port = int(redirect_uri.split(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        done = cli("authorize", app, "--no-browser")

    assert (1, "") == (done.code, done.out)
    assert "port is in use" in done.err


def test_a_redirect_elsewhere_can_only_be_pasted(cli: Run, town: Town) -> None:
    """Nothing can listen there, so waiting without a terminal would be in vain: 2."""
    uri = "https://tunnel.example/callback"
    known = town.demo.world.add_app("Tunnel", uri)
    words = ("--client-id", known.client_id, "--redirect-uri", uri)
    assert 0 == cli("add", "app", "tunnel", *words, stdin=known.client_secret).code
    done = cli("authorize", "tunnel", "--no-browser")

    assert 2 == done.code
    assert "--paste" in done.err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon", "1e9"])
def test_a_timeout_is_a_sensible_number(cli: Run, town: Town, seconds: str) -> None:
    """Everything else is a mistake in the call."""
    assert 2 == cli("authorize", "reports", "--paste", f"--timeout={seconds}").code


def test_an_organization_is_named_by_its_id(cli: Run, town: Town) -> None:
    """A name is refused before anybody consents to something that would be given back."""
    done = cli("authorize", "reports", "--paste", "--organization", "Meridian Solar")

    assert 2 == done.code
    assert "orga_" in done.err


def test_on_a_terminal_the_browser_opens_and_pasting_works_at_the_same_time(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    consented: Consented,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong paste is explained and the wait goes on; the browser was given the same address."""
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {opened}.new; mv {opened}.new {opened}\n')
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    screen = terminal("authorize", app, "--json")
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    screen.type("https://evil.example/")
    screen.expect("another place")
    screen.type(consented(url, town.demo.organizations[1].id))
    done = screen.end()

    assert (0, ["authorized"]) == (done.code, list(done.outcomes.values()))
    assert url == opened.read_text().strip()
    assert "can also be pasted here" in done.err


def test_ctrl_c_ends_the_wait_with_3(
    town: Town, app: str, terminal: Callable[..., Terminal]
) -> None:
    """Also while the thread that waits for a paste is still reading."""
    screen = terminal("authorize", app, "--no-browser")
    screen.expect("Ctrl-C cancels.")
    screen.interrupt()
    done = screen.end()

    assert (3, "") == (done.code, done.out)
    assert "Traceback" not in done.err
    assert "Fatal" not in done.err


def test_a_pasted_decline_is_a_decline(
    started: Callable[..., Call], app: str, redirect_uri: str
) -> None:
    """Close's own sample of one has no ``state``: off the terminal it is exit code 3, once."""
    call = started("authorize", app, "--paste")
    call.said("Open: ")
    done = call.end(f"{redirect_uri}?error=access_denied\n")

    assert 3 == done.code
    assert 1 == done.err.count("access was declined")
    assert "Ctrl-C" not in done.err.partition("Open: ")[2].replace("left. Ctrl-C cancels.", "")


def test_a_piped_refusal_is_told_once(started: Callable[..., Call], app: str) -> None:
    """Where the input has ended, the last refusal is the error."""
    call = started("authorize", app, "--paste")
    call.said("Open: ")
    done = call.end("garbage\n")

    assert 2 == done.code
    lines = [line for line in done.err.splitlines() if line.startswith("close-tui: ")]
    assert len(lines) == len(set(lines))
