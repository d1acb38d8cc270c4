"""A sandbox with a demo vault, and ways to call the command line: in-process, apart, on a pty."""

from __future__ import annotations

import codecs
import io
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from close_tui.cli import main
from close_tui.cli.demo_vault import DemoClock, build
from close_tui.sandbox.seed import Demo, demo_world
from close_tui.sandbox.server import running
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

PATIENCE_S = 60

_CONTROLLING = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "close_tui", *sys.argv[1:]])
"""


@dataclass
class Done:
    """What a call of the command line ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout says in JSON: one line."""
        assert 1 == self.out.count("\n"), self.out
        assert self.out.isascii()
        return json.loads(self.out)

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each target."""
        return {each["name"]: each["outcome"] for each in self.json["results"]}


class Run(Protocol):
    """Calls the command line; see :func:`cli` and :func:`apart`."""

    def __call__(self, *argv: str, stdin: str = "") -> Done:
        """Call it with these words, and with this on standard input."""


@dataclass
class Town:
    """The demo's vault on its sandbox, and the environment that points there."""

    settings: Settings
    demo: Demo
    clock: DemoClock

    def vault(self) -> Vault:
        """Open the vault for a look; the caller closes it."""
        return Vault.open(self.settings)

    def status(self, name: str) -> str:
        """Return a connection's status now."""
        vault = self.vault()
        try:
            found = next(each for each in vault.connections() if each.name == name)
            return found.status(self.clock()).value
        finally:
            vault.close()

    def secrets(self) -> list[str]:
        """Return every secret that the sandbox has ever made for us."""
        world = self.demo.world
        return [
            *world.api_keys,
            *(app.client_secret for app in world.apps.values()),
            *world.grants._tokens,
        ]


@pytest.fixture(autouse=True)
def process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What ``main`` does to its process is undone."""
    for owner, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    umask = os.umask(0o077)
    yield
    os.umask(umask)


def point(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Point the environment at a home and a sandbox."""
    monkeypatch.setenv("CLOSE_TUI_HOME", str(settings.home))
    monkeypatch.setenv("CLOSE_TUI_API_URL", settings.api_url)
    monkeypatch.setenv("CLOSE_TUI_APP_URL", settings.app_url)
    if settings.identity_file:
        monkeypatch.setenv("CLOSE_TUI_IDENTITY_FILE", str(settings.identity_file))


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The demo: ten connections in nine statuses, and the present time."""
    clock = DemoClock()
    demo = demo_world(clock=clock, marker="CANARY")
    home = tmp_path / "town"
    home.mkdir(mode=0o700)
    with running(demo.world) as url:
        settings = build(home, url, demo, clock)
        point(monkeypatch, settings)
        yield Town(settings, demo, clock)


@pytest.fixture
def empty_town(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """A sandbox, and a home without a vault."""
    clock = DemoClock()
    demo = demo_world(clock=clock, marker="CANARY")
    with running(demo.world) as url:
        there = Settings(settings.home, url, url, settings.identity_file)
        point(monkeypatch, there)
        yield Town(there, demo, clock)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process, off the terminal."""

    def run(*argv: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(argv)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture
def apart() -> Run:
    """Call the command line as a process of its own, off the terminal."""

    def run(*argv: str, stdin: str = "") -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "close_tui", *argv],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


class Terminal:
    """A call of the command line on a pseudo-terminal; stdout is a pipe, so that it is seen apart.

    Its controlling terminal has stdin and stderr, and echoes what is typed as terminals do.
    """

    def __init__(self, *argv: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CONTROLLING, *argv],
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(slave)
        self.screen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def expect(self, text: str) -> str:
        """Wait until the terminal shows a text; returns everything that it has shown."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} is not in {self.screen!r}"
            if not self._read(0.1) and self.process.poll() is not None:
                self._read(0)
                assert text in self.screen, f"ended, and {text!r} is not in {self.screen!r}"
        return self.screen

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    def type_hidden(self, text: str) -> None:
        """Type a line once the terminal does not echo any more."""
        deadline = time.monotonic() + PATIENCE_S
        while termios.tcgetattr(self._master)[3] & termios.ECHO:
            assert time.monotonic() < deadline, "the terminal still echoes"
            time.sleep(0.01)
        self.type(text)

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size."""
        termios.tcsetwinsize(self._master, (lines, columns))

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._master, b"\x03")

    def end(self) -> Done:
        """Wait for the end."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still running: {self.screen!r}"
            self._read(0.1)
        while self._read(0):
            pass
        return Done(self.process.returncode, self.process.stdout.read(), self.screen)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        os.close(self._master)

    def _read(self, wait_s: float) -> bool:
        if not select.select([self._master], [], [], wait_s)[0]:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when the last process has left the terminal
            return False
        self.screen += self._decoder.decode(chunk)
        return bool(chunk)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Call the command line on a terminal."""
    opened: list[Terminal] = []

    def start(*argv: str) -> Terminal:
        opened.append(Terminal(*argv))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def consented() -> Consented:
    """Answer the consent page as a person in a browser would."""

    def answer(url: str, organization_id: str, decision: str = "approve") -> str:
        with httpx.Client() as browser:
            page = browser.get(url)
            assert 200 == page.status_code, page.text
            found = re.search(r'name="consent" value="([^"]+)"', page.text)
            assert found is not None
            form = {"consent": found[1], "organization": organization_id, "decision": decision}
            answer = browser.post(url.partition("?")[0], data=form)
        assert 303 == answer.status_code, answer.text
        return str(answer.headers["location"])

    return answer


class Consented(Protocol):
    """Answers a consent page; returns where it leads back to."""

    def __call__(self, url: str, organization_id: str, decision: str = "approve") -> str:
        """Open the page, choose the organization, press the button."""


class Call:
    """A call of the command line that is still running, off the terminal."""

    def __init__(self, *argv: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "close_tui", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.err = ""

    def said(self, start: str) -> str:
        """Wait for a line on stderr that begins so; returns the rest of it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.err += line
            if line.startswith(start):
                return line[len(start) :].strip()
        pytest.fail(f"no line began with {start!r}: {self.err}")

    def end(self, stdin: str = "") -> Done:
        """Send this on standard input, and wait for the end."""
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # Not communicate(), which loses what `said` has read ahead.
        with suppress(BrokenPipeError):
            process.stdin.write(stdin)
            process.stdin.close()
        self.err += process.stderr.read()
        return Done(process.wait(PATIENCE_S), process.stdout.read(), self.err)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def started() -> Iterator[Callable[..., Call]]:
    """Begin calls of the command line."""
    begun: list[Call] = []

    def start(*argv: str) -> Call:
        begun.append(Call(*argv))
        return begun[-1]

    yield start
    for each in begun:
        each.close()


@pytest.fixture
def redirect_uri() -> str:
    """A redirect URI at a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"https://127.0.0.1:{taken.getsockname()[1]}/callback"


@pytest.fixture
def app(cli: Run, town: Town, redirect_uri: str) -> str:
    """An OAuth app that Close and the vault know, its redirect URI at a free port."""
    known = town.demo.world.add_app("Elsewhere", redirect_uri)
    words = ("--client-id", known.client_id, "--redirect-uri", redirect_uri)
    assert 0 == cli("add", "app", "elsewhere", *words, stdin=known.client_secret).code
    return "elsewhere"


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser whose owner has clicked the certificate's warning away."""
    with httpx.Client(verify=False, follow_redirects=True, timeout=30) as client:
        yield client
