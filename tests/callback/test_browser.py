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
