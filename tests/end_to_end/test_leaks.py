"""A whole life of credentials, crash included, leaves no secret where it does not belong."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.end_to_end.stage import MARKER, Stage, consent_url

if TYPE_CHECKING:
    from tests.conftest import Need

CRASH = """
import sys
from close_tui.cli import main
from close_tui.operations import test
async def crash(desk, connection_id):
    vault = await desk.unlock()
    from close_tui.operations.test import credential
    secret = credential(vault, vault.connection(connection_id))
    plain = secret.token.reveal()
    raise KeyError(plain)
test.test = crash
sys.exit(main(["test", "reporting-acme-eu"]))
"""


def test_a_whole_life_leaves_no_secret_in_files_or_words(stage: Stage) -> None:
    """Add, authorize, refresh, test, crash, revoke: not in HOME, not on stdout, not on stderr."""
    said = list(_life(stage))
    crash = subprocess.run(
        [sys.executable, "-c", CRASH],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=stage.environment,
    )
    revoked = stage.run("revoke", "--all", "--yes", "--reason", "leaked")
    said += [crash.stdout, crash.stderr, revoked.stdout, revoked.stderr]
    said += [stage.run("history").stdout, stage.run("list").stdout]

    assert 1 == crash.returncode, crash.stderr
    assert "KeyError" in crash.stderr
    assert 8 == revoked.returncode
    assert "" == "".join(text for text in said if MARKER in text)
    assert [] == _files_with(stage, MARKER.encode())


def test_the_app_in_a_real_terminal_shows_no_secret(stage: Stage, need: Need) -> None:
    """Every byte that tmux is sent while connections are tested, renewed and revoked."""
    for text in _life(stage):
        assert MARKER not in text
    tmux = [need("tmux"), "-L", f"close-tui-{stage.home.parent.name}"]
    raw = stage.home.parent / "terminal.raw"
    command = str(Path(sys.executable).with_name("close-tui"))
    subprocess.run(
        [*tmux, "-f", "/dev/null", "new", "-d", "-x", "120", "-y", "40", command],
        check=True,
        env=stage.environment,
    )
    try:
        subprocess.run([*tmux, "pipe-pane", f"cat >> {raw}"], check=True)
        _shows(tmux, "reporting-acme-eu", "ok")
        _press(tmux, "j")
        _press(tmux, "r")
        _shows(tmux, "efreshed")
        _press(tmux, "t")
        _shows(tmux, "jo@example.com")
        _press(tmux, "Escape", "X")
        _shows(tmux, "Revoke reporting-acme-eu")
        _press(tmux, "Escape", "q")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)

    assert raw.stat().st_size > 0
    assert MARKER.encode() not in raw.read_bytes()


def _life(stage: Stage) -> Iterator[str]:
    """Add a key and an app, authorize, refresh and test; yield everything that is said."""
    added = stage.run("add", "key", "acme-key", stdin=f"{stage.key.text}\n")
    yield added.stdout + added.stderr
    stage.add_app()
    child = stage.start("authorize", "reporting", "--no-browser")
    _approve(consent_url(child), stage)
    stdout, stderr = child.communicate(timeout=60)
    assert child.returncode == 0, stderr
    yield stdout + stderr
    for command in (("refresh", "--all"), ("test", "--all", "--json"), ("show", "acme-key")):
        done = stage.run(*command)
        assert done.returncode == 0, done.stderr
        yield done.stdout + done.stderr


def _approve(url: str, stage: Stage) -> None:
    """Answer the consent page as a browser would, certificate unseen."""
    with httpx.Client(verify=False, timeout=30) as browser:
        page = browser.get(url).text
        consent = re.search(r'name="consent" value="([^"]+)"', page)
        assert consent is not None
        answer = {
            "consent": consent[1],
            "organization": stage.acme.id,
            "decision": "approve",
        }
        sent_back = browser.post(f"{stage.url}/oauth2/authorize/", data=answer)
        assert browser.get(sent_back.headers["location"]).status_code == 303


def _files_with(stage: Stage, marker: bytes) -> list[Path]:
    """Return the files under both homes that hold a marker, plain or as base64."""
    encoded = [base64.b64encode(b" " * pad + marker)[4:12] for pad in range(3)]
    found = []
    for folder in (stage.home, Path(stage.environment["HOME"])):
        for path in folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            if marker in content or any(part in content for part in encoded):
                found.append(path)
    return found


def _press(tmux: list[str], *keys: str) -> None:
    for key in keys:
        subprocess.run([*tmux, "send-keys", key], check=True)
        time.sleep(0.3)


def _shows(tmux: list[str], *words: str) -> None:
    """Wait until the terminal shows all of these words."""
    screen = ""
    for _ in range(300):
        done = subprocess.run(
            [*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True
        )
        screen = done.stdout
        if all(word in screen for word in words):
            return
        time.sleep(0.1)
    pytest.fail(f"the terminal never showed {words}:\n{screen}")
