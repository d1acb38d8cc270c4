"""The demo: a vault in every state, and a sandbox that leaves nothing behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.cli import demo, main
from close_tui.cli.demo_vault import DemoClock, build
from close_tui.model import Status
from close_tui.sandbox.seed import demo_world
from close_tui.sandbox.server import running
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.cli.conftest import Terminal, Town
    from tests.conftest import Clock


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """``demo --serve`` as a process of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "close_tui", "demo", "--serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_every_status_is_there(town: Town) -> None:
    """Ten connections of four organizations, two of them ok; one expires in about a minute."""
    vault = town.vault()
    connections, now = vault.connections(), town.clock()
    vault.close()

    counted = Counter(each.status(now) for each in connections)
    assert set(Status) == set(counted)
    assert (10, 2) == (sum(counted.values()), counted[Status.OK])
    assert 4 == len({each.organization.id for each in connections})
    (soon,) = [each for each in connections if each.status(now) is Status.EXPIRING]
    assert soon.expires_at is not None
    assert 30 < soon.expires_at - now <= 70


def test_a_clock_that_stands_still_gives_the_same_times(tmp_path: Path, clock: Clock) -> None:
    """So that pictures of the demo can be compared."""
    seen = []
    for home in (tmp_path / "one", tmp_path / "two"):
        home.mkdir(mode=0o700)
        demo_clock = DemoClock(clock)
        demo = demo_world(clock=demo_clock)
        with running(demo.world) as url:
            vault = Vault.open(build(home, url, demo, demo_clock))
        seen.append(
            [(c.name, round(c.expires_at or 0), c.status(clock())) for c in vault.connections()]
        )
        vault.close()

    assert seen[0] == seen[1]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serving_prints_what_to_export_and_cleans_up(
    serving: subprocess.Popen[str], tmp_path: Path, end: signal.Signals
) -> None:
    """With those variables, another process adds the key that is shown; then nothing is left."""
    assert serving.stdout is not None
    lines = [serving.stdout.readline().strip() for _ in range(7)]
    exported = dict(re.findall(r"^export (\w+)=(\S+)$", "\n".join(lines), re.MULTILINE))
    (key,) = re.findall(r"^# an API key: (\S+)$", "\n".join(lines), re.MULTILINE)
    added = subprocess.run(
        [sys.executable, "-m", "close_tui", "add", "key", "acme", "--json"],
        input=key,
        text=True,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **exported},
    )
    serving.send_signal(end)

    assert 0 == serving.wait(60)
    assert 0 == added.returncode, added.stderr
    assert any("client id oa2client_" in line for line in lines)
    assert not list(tmp_path.glob("close-tui-demo-*"))


def test_the_demo_needs_a_terminal_before_it_begins(
    town: Town, terminal: Callable[..., Terminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stdout is a pipe here: 2, and its home is gone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = terminal("demo").end()

    assert (2, "") == (done.code, done.out)
    assert not list(tmp_path.glob("close-tui-demo-*"))


def test_the_demo_has_the_colours_and_keys_of_its_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else of their settings: its vault, addresses and key are its own."""
    shown: list[Settings] = []

    def open_app(_: object, settings: Settings) -> int:
        shown.append(settings)
        return 0

    monkeypatch.setenv("CLOSE_TUI_THEME", "nord")
    monkeypatch.setenv("CLOSE_TUI_KEYS", "main.test=f5")
    monkeypatch.setenv("CLOSE_TUI_API_URL", "https://api.example.com")
    monkeypatch.setattr(demo, "open_app", open_app)

    assert 0 == main(["demo"])
    assert [("nord", (("main.test", "f5"),))] == [(each.theme, each.keys) for each in shown]
    assert shown[0].api_url.startswith("http://127.0.0.1:")
