"""Authorizing wherever people are: through a tunnel, over SSH, headless, with a QR code."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import zxingcpp

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Consented, Run, Terminal, Town

PUBLIC = "https://acme.ngrok.app/callback"
OVER_SSH = {"SSH_CONNECTION": "198.51.100.7 52144 203.0.113.5 22", "LOGNAME": "ada"}


@pytest.fixture
def near() -> str:
    """The near end of a tunnel, at a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


def add(cli: Run, town: Town, *words: str) -> int:
    """Add an app whose redirect URI is on another host."""
    known = town.demo.world.add_app("Tunnel", PUBLIC)
    call = ("add", "app", "tunnel", "--client-id", known.client_id, "--redirect-uri", PUBLIC)
    return cli(*call, *words, stdin=known.client_secret).code


@pytest.mark.parametrize("stored", [True, False])
def test_a_tunnel_brings_the_answer(
    stored: bool,
    town: Town,
    cli: Run,
    near: str,
    started: Callable[..., Call],
    consented: Consented,
) -> None:
    """Off the terminal too, stored with the app or said this once."""
    listen = ("--listen", f"http://{near}")
    assert 0 == add(cli, town, *(listen if stored else ()))
    call = started("authorize", "tunnel", "--no-browser", "--json", *(() if stored else listen))
    url = call.said("Open: ")
    call.said(f"Listening on http://{near}")
    query = consented(url, town.demo.organizations[2].id).partition("?")[2]
    reply = httpx.get(
        f"http://{near}/callback?{query}", headers={"Host": "acme.ngrok.app"}, timeout=60
    )
    done = call.end()

    assert (303, f"{PUBLIC}/done") == (reply.status_code, reply.headers["location"])
    assert (0, ["authorized"]) == (done.code, list(done.outcomes.values()))
    assert "SHA-256" not in done.err
    assert "Exchanging the code …\nAsking Close who it is …\n" in done.err


def test_a_tunnel_is_stored_shown_and_ended(cli: Run, town: Town) -> None:
    """``apps`` shows both ends; ``--no-listen`` and a local redirect URI end it."""

    def listens() -> object:
        return next(
            a["listen"] for a in cli("apps", "--json").json["apps"] if a["name"] == "tunnel"
        )

    assert 0 == add(cli, town)
    assert listens() is None
    assert 0 == cli("set", "app", "tunnel", "--listen", "http://127.0.0.1:8400").code
    assert "http://127.0.0.1:8400" == listens()
    assert f"{PUBLIC} → http://127.0.0.1:8400" in cli("apps").out
    assert 0 == cli("set", "app", "tunnel", "--no-listen").code
    assert listens() is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "app", "x", "--client-id", "oa2client_1", "--listen", "http://127.0.0.1:8400"),
         "this machine itself"),
        (("set", "app", "reports", "--listen", "http://127.0.0.1:8400"), "this machine itself"),
        (("authorize", "reports", "--paste", "--listen", "http://0.0.0.0:1"),
         "this machine itself"),
        (("set", "app", "reports", "--listen", "x", "--no-listen"), "not allowed with"),
        (("set", "app", "reports"), "--listen URL"),
        (("authorize", "reports", "--browser", "--no-browser"), "not allowed with"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_together_is_2(
    words: tuple[str, ...], says: str, cli: Run, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain http only behind another host, and only on loopback."""
    try:
        done = cli(*words, stdin="s3cret")
        code, err = done.code, done.err
    except SystemExit as error:
        code, err = int(str(error.code)), capsys.readouterr().err

    assert 2 == code
    assert says in err


def test_over_ssh_the_way_back_is_shown_and_no_browser_opens(
    town: Town,
    app: str,
    redirect_uri: str,
    terminal: Callable[..., Terminal],
    consented: Consented,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command fits the redirect URI's port; pasting works meanwhile."""
    seen = browser_on_path(tmp_path, monkeypatch)
    screen = terminal("authorize", app, "--json")
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    port = redirect_uri.split(":")[2].partition("/")[0]
    screen.type(consented(url, town.demo.organizations[1].id))
    done = screen.end()

    assert 0 == done.code
    assert "You are here over SSH: no browser is opened on this machine." in done.err
    assert f"\r\nssh -L {port}:127.0.0.1:{port} ada@203.0.113.5\r\n" in done.err
    assert not seen.exists()


def test_with_browser_one_opens_over_ssh_too(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For those whose surroundings are not what they look like."""
    seen = browser_on_path(tmp_path, monkeypatch)
    screen = terminal("authorize", app, "--browser")
    screen.expect("Ctrl-C cancels.")
    url = screen.screen.partition("Open: ")[2].split()[0]
    while not (seen.exists() and seen.read_text()):
        screen._read(0.05)
    screen.interrupt()
    done = screen.end()

    assert 3 == done.code
    assert url == seen.read_text().strip()


def browser_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be somewhere over SSH with X forwarding, and a browser that writes down what it is given."""
    seen = tmp_path / "seen"
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "xdg-open").write_text(f'#!/bin/sh\necho "$1" > "{seen}"\n')
    (programs / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    monkeypatch.delenv("BROWSER", raising=False)
    for name, value in OVER_SSH.items():
        monkeypatch.setenv(name, value)
    return seen


@pytest.mark.parametrize("wish", ["lynx", "w3m %s", "links:elinks"])
def test_a_text_browser_does_not_take_the_terminal(
    wish: str,
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even one that BROWSER names, on a terminal that it could take."""
    seen = tmp_path / "seen"
    for name in ("lynx", "w3m", "links", "elinks", "www-browser"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\n: > "{seen}"\necho TAKEN > /dev/tty\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", wish)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", *OVER_SSH):
        monkeypatch.delenv(name, raising=False)
    screen = terminal("authorize", app, "--browser")
    screen.expect("No browser could be opened: open the address yourself.")
    screen.interrupt()
    done = screen.end()

    assert 3 == done.code
    assert "TAKEN" not in done.err
    assert not seen.exists()


def test_a_qr_code_on_the_terminal_is_the_address(
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
) -> None:
    """Black on white by the terminal's own colours; a decoder reads it from the lines."""
    screen = terminal("authorize", app, "--no-browser", "--qr")
    screen.resize(100, 60)
    screen.expect("Ctrl-C cancels.")
    screen.interrupt()
    done = screen.end()
    url = done.err.partition("Open: ")[2].split()[0]
    lines = re.findall(r"\x1b\[30;107m(.*?)\x1b\[0m\r\n", done.err)
    halves = {"█": (0, 0), "▀": (0, 255), "▄": (255, 0), " ": (255, 255)}
    rows = [
        bytes(halves[cell][half] for cell in line for _ in range(3))
        for line in lines
        for half in (0, 1)
        for _ in range(3)
    ]
    picture = memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0])))

    assert [url] == [
        found.text
        for found in zxingcpp.read_barcodes(picture, binarizer=zxingcpp.Binarizer.FixedThreshold)
    ]


def test_without_room_a_qr_code_says_what_it_needs(
    cli: Run,
    town: Town,
    app: str,
    terminal: Callable[..., Terminal],
) -> None:
    """A part of one would be of no use; off the terminal there is none."""
    screen = terminal("authorize", app, "--no-browser", "--qr")
    screen.resize(80, 24)
    screen.expect("this one has 80 and 24.")
    screen.interrupt()
    screen.end()
    done = cli("authorize", app, "--no-browser", "--qr", "--timeout", "0.2")

    assert "A QR code is shown on a terminal only." in done.err
    assert "█" not in done.err
