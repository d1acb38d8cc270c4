"""Where the examples of ``--help`` are run: a town whose names are theirs, and a shell in a folder.

The folder holds the files that they name; ``close-tui`` on the PATH is this one.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import termios
import time
import zipfile
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Self

import httpx
import pyrage

from close_tui.cli import main
from close_tui.cli.commands import COMMANDS, Parser
from close_tui.sandbox.records import ApiKey
from tests.cli.conftest import PATIENCE_S, Done, Town

MAKEFILE = 'report:\n\t@test -n "$$CLOSE_ACCESS_TOKEN" && echo made\n'
SCRIPT = "import os\nprint(len(os.environ['CLOSE_ACCESS_TOKEN']) > 0)\n"
PASSPHRASE = "correct horse"
EDITOR = "import sys; open(sys.argv[1], 'a').write('authorize_wait_s = 60\\n')"


def parsers() -> Iterator[tuple[str, ArgumentParser]]:
    """Every command, and every command inside a command, by what is typed."""
    for command in COMMANDS:
        parser = Parser(prog=f"close-tui {command.name}", description=command.sentence)
        module = import_module(f"close_tui.cli.{command.module}")
        getattr(module, f"{command.name}_arguments")(parser)
        yield command.name, parser
        for action in parser._actions:
            if isinstance(action, _SubParsersAction):
                yield from ((f"{command.name} {n}", p) for n, p in action.choices.items())


def lines() -> list[str]:
    """Every line that stands under ``example:`` in a help, once."""
    found = [
        line.strip() for _, parser in parsers() for line in (parser.epilog or "").splitlines()[1:]
    ]
    return list(dict.fromkeys(found))


class Place:
    """A folder with the files that examples name, at a town that has their names."""

    def __init__(self, town: Town, folder: Path, line: str) -> None:
        self.town = town
        self.folder = folder
        self.line = line
        self.world = town.demo.world
        mara, northwind = town.demo.users[0], town.demo.organizations[0]
        self.new_keys: list[ApiKey] = [
            self.world.add_api_key(mara, northwind, f"New {n}") for n in range(4)
        ]
        self.new_app = self.world.add_app("New", "https://localhost:25673/callback")
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "BROWSER": shlex.join([sys.executable, "-c", "", "%s"]),
            "VISUAL": shlex.join([sys.executable, "-c", EDITOR]),
            "TERM": "xterm",
            "COLUMNS": "100",
            "LINES": "30",
            "CLOSE_API_KEY": self.new_keys[0].text,
            "NEW_KEY": self.new_keys[0].text,
        }
        self._furnish()

    def name(self, names: dict[str, str]) -> None:
        """Call connections as the example does; its apps have their names already."""
        for old, new in names.items():
            assert 0 == main(["--quiet", "rename", old, new]), old

    def incident(self) -> str:
        """Return the id of the newest incident."""
        with closing(self.town.vault()) as vault:
            return next(each.incident for each in vault.history() if each.incident)

    def old_key(self) -> ApiKey:
        """Return the API key of Mara's that the vault has, as Close knows it."""
        return self.town.demo.api_keys[0]

    @property
    def typed(self) -> str:
        """The line, with what an example cannot know in the place of what stands for it."""
        text = self.line.replace("oa2client_…", self.new_app.client_id)
        text = text.replace("Acme Inc", self.town.demo.organizations[0].name)
        text = text.replace("age1…", str(pyrage.x25519.Identity.generate().to_public()))
        return text if "inc-" not in text else re.sub(r"inc-[0-9a-f-]+", self.incident(), text)

    def run(self, *, quiet: bool, stdin: str = "") -> Done:
        """Run the line in a shell, off the terminal."""
        done = subprocess.run(
            ["/bin/sh", "-c", self._words(quiet)],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def screen(self, *, quiet: bool) -> Screen:
        """Run the line in a shell on a terminal, which it has for itself."""
        return Screen(self._words(quiet), self.folder, self.environment)

    def _words(self, quiet: bool) -> str:
        return self.typed.replace("close-tui ", "close-tui --quiet ", 1) if quiet else self.typed

    def _furnish(self) -> None:
        one, two, three, _ = (key.text for key in self.new_keys)
        files = {
            "clients.csv": f"name,api_key\nclient-one,{one}\nclient-two,{two}\n",
            ".env": f"CLIENT_CLOSE_API_KEY={one}\n",
            "app.log": f"a line\nkey {self.old_key().text} in it\n",
            "sync.py": SCRIPT,
            "Makefile": MAKEFILE,
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        item = {"overview": {"title": "Client"}, "details": {"password": three}}
        exported = {"accounts": [{"attrs": {}, "vaults": [{"items": [item]}]}]}
        with zipfile.ZipFile(self.folder / "1password.1pux", "w") as written:
            written.writestr("export.attributes", "{}")
            written.writestr("export.data", json.dumps(exported))
        program = self.folder / "bin" / "close-tui"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m close_tui "$@"\n')
        program.chmod(0o755)


class Screen:
    """A shell line on a pseudo-terminal, with all three streams."""

    def __init__(self, line: str, folder: Path, environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        take = "import fcntl, os, sys, termios; os.setsid(); "
        take += "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv('/bin/sh', ['sh', *sys.argv[1:]])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", take, "-c", f"exec {line}"],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment,
        )  # fmt: skip
        os.close(slave)
        self.shown = ""
        self._read_to = 0

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def expect(self, text: str) -> None:
        """Wait until something new is shown that holds a text."""
        deadline = time.monotonic() + PATIENCE_S
        while (begin := self.shown.find(text, self._read_to)) < 0:
            assert time.monotonic() < deadline, f"{text!r} is not in {self.shown!r}"
            if not self._read(0.1):
                assert self.process.poll() is None, f"ended, and {text!r} is not in {self.shown!r}"
        self._read_to = begin + len(text)

    def rest_of_line(self) -> str:
        """Return what stands behind what was expected."""
        begin = self._read_to
        self.expect("\n")
        return self.shown[begin : self._read_to].strip()

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def type_hidden(self, text: str) -> None:
        """Type a line once the terminal does not echo."""
        deadline = time.monotonic() + PATIENCE_S
        while termios.tcgetattr(self._master)[3] & termios.ECHO:
            assert time.monotonic() < deadline, f"the terminal still echoes: {self.shown!r}"
            self._read(0.01)
        self.type(text)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._master, b"\x03")

    def end(self) -> Done:
        """Wait for the end; both streams are on the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still running: {self.shown!r}"
            self._read(0.1)
        while self._read(0):
            pass
        return Done(self.process.returncode, self.shown, "")

    def _read(self, wait_s: float) -> bool:
        if not select.select([self._master], [], [], wait_s)[0]:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # the last process has left the terminal
            return False
        self.shown += chunk.decode("utf-8", "replace")
        return bool(chunk)


def browse(url: str, organization_id: str) -> None:
    """Allow access, as a person in a browser who accepts this machine's certificate."""
    with httpx.Client(verify=False, timeout=30) as browser:
        page = browser.get(url).text
        found = re.search(r'name="consent" value="([^"]+)"', page)
        assert found is not None, page
        form = {"consent": found[1], "organization": organization_id, "decision": "approve"}
        answer = browser.post(url.partition("?")[0], data=form)
        assert 303 == answer.status_code, answer.text
        back = browser.get(answer.headers["location"], follow_redirects=True)
        assert 200 == back.status_code, back.text


def shape(out: str) -> object:
    """Return what stays the same of an output from run to run: keys and types, or first words."""
    try:
        return _shape(json.loads(out))
    except ValueError:
        words = (line.split(" ")[0] for line in io.StringIO(out))
        return ["" if re.search(r"\d", word) else word for word in words]


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return type(value).__name__
