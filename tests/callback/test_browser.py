from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from close_tui.callback.browser import open_apart, open_in_browser
from close_tui.errors import UsageError

URL = "https://app.close.com/oauth2/authorize/?client_id=oa2client_1&state=s"


@pytest.mark.parametrize("answer", [True, False])
async def test_the_system_says_whether_a_browser_was_opened(answer: bool) -> None:
    """The opener gets the URL as it is, and its result is passed on."""
    opened: list[str] = []

    def opener(url: str) -> bool:
        opened.append(url)
        return answer

    assert answer == await open_in_browser(URL, opener=opener)
    assert [URL] == opened


async def test_an_opener_that_fails_opened_nothing() -> None:
    """Whatever it raises, the wait goes on without a browser."""

    def opener(url: str) -> bool:
        raise OSError(url)

    assert not await open_in_browser(URL, opener=opener)


async def test_a_browser_that_keeps_running_holds_nothing_up() -> None:
    """The thread is a daemon, and one that does not come back counts as open."""
    closed = threading.Event()
    daemons: list[bool] = []

    def opener(url: str) -> bool:
        daemons.append(threading.current_thread().daemon)
        return closed.wait(60)

    assert await open_in_browser(URL, opener=opener, seconds=0.05)
    closed.set()
    assert [True] == daemons


async def test_http_is_opened_on_this_machine_only() -> None:
    """The sandbox speaks plain http on loopback."""
    assert await open_in_browser("http://127.0.0.1:8000/oauth2/", opener=lambda url: True)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.close.com/oauth2/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://user@app.close.com/",
        "https://app.close.com/ --flag",
        "https://[::1/",
        "-h",
        "",
    ],
)
async def test_other_addresses_are_never_opened(url: str) -> None:
    """Scheme and host are looked at before anything is started."""
    with pytest.raises(UsageError):
        await open_in_browser(url, opener=lambda url: pytest.fail("opened"))


async def test_the_browser_of_the_environment_gets_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """``BROWSER`` is honoured; the browser neither writes to our terminal nor ends with it."""
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport os, sys; print('noise'); print('noise', file=sys.stderr)\n"
        f"open({str(seen)!r}, 'w').write(f'{{sys.argv[1]}} {{os.getsid(0)}}')\n"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")

    assert await asyncio.wait_for(open_in_browser(URL, opener=open_apart, seconds=60), 60)
    url, session = seen.read_text().split()
    assert URL == url
    assert os.getsid(0) != int(session)
    assert ("", "") == capfd.readouterr()


async def test_a_browser_that_is_not_there_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a missing program nor a machine without a screen is taken for success."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", str(tmp_path / "missing"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert not await open_in_browser(URL, seconds=60)


@pytest.mark.parametrize("name", ["lynx", "w3m", "links", "www-browser"])
async def test_a_text_browser_is_never_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither because it is the only one there is, nor because BROWSER names it."""
    seen = tmp_path / "seen"
    browser = tmp_path / name
    browser.write_text(f'#!/bin/sh\n: > "{seen}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    for wish in ("", name, f"{browser} %s", f"{name}:{browser}"):
        monkeypatch.setenv("BROWSER", wish)

        assert not await open_in_browser(URL, opener=open_apart, seconds=60)
    assert not seen.exists()


async def test_of_several_browsers_the_text_ones_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next that BROWSER names is opened; it sees no text browser in its environment."""
    seen = tmp_path / "seen"
    for name in ("lynx", "mine"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $1 $BROWSER" >> "{seen}"\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("BROWSER", f"lynx:{tmp_path}/mine %s")

    assert await open_in_browser(URL, opener=open_apart, seconds=60)
    assert [f"mine {URL} {tmp_path}/mine %s"] == seen.read_text().splitlines()


async def test_over_ssh_a_browser_is_opened_only_when_somebody_insists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would appear on a screen that nobody sits at."""
    seen = tmp_path / "seen"
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$1" > "{seen}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 52144 203.0.113.5 22")
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    monkeypatch.delenv("BROWSER", raising=False)

    assert not await open_in_browser(URL, seconds=60)
    assert not seen.exists()
    assert await open_in_browser(URL, insists=True, seconds=60)
    async with asyncio.timeout(60):
        while not (
            seen.exists() and seen.read_text()
        ):  # such a browser is started and not waited for
            await asyncio.sleep(0.01)
    assert [URL] == seen.read_text().splitlines()
