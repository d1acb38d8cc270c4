"""Opening the browser without being held by it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from close_tui.callback.surroundings import Place, Surroundings, look
from close_tui.callback.text_browsers import is_text_only
from close_tui.errors import UsageError
from close_tui.settings import is_loopback

ANSWER_S: Final = 10.0
"""Seconds that are waited for the system to say whether a browser was opened."""

# A text browser cannot show itself without a terminal, and reports success all the same. What
# BROWSER holds here are the others only.
_CHILD: Final = """
import os, sys, webbrowser
text_only = type(webbrowser.get()) is webbrowser.GenericBrowser and not os.environ.get("BROWSER")
sys.exit(text_only or not webbrowser.open(sys.stdin.readline().strip()))
"""


def open_apart(url: str) -> bool:
    """Open a URL with :func:`webbrowser.open` in a child of its own session.

    Browsers write to the terminal that they are started from, text browsers take it over, and
    some end with it. The URL goes in by standard input.
    """
    if not sys.executable:
        return False
    child = subprocess.run(  # noqa: S603 - our own interpreter, a constant program
        [sys.executable, "-I", "-c", _CHILD],
        env=_graphical(os.environ),
        input=url.encode("ascii"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    return child.returncode == 0


def opener_here(surroundings: Surroundings) -> Callable[[str], bool]:
    """Return what opens a browser here: in WSL that of Windows, unless ``BROWSER`` names one."""
    if surroundings.place is not Place.WSL or surroundings.browser:
        return open_apart
    from close_tui.callback.windows_browser import open_in_windows

    return lambda url: open_in_windows(url) or open_apart(url)


def _graphical(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment whose ``BROWSER`` names no text browser: also xdg-open reads it."""
    env = dict(environment)
    named = [each for each in env.pop("BROWSER", "").split(os.pathsep) if each.strip()]
    if left := [each for each in named if not is_text_only(each, env.get("PATH"))]:
        env["BROWSER"] = os.pathsep.join(left)
    return env


def check_url(url: str) -> None:
    """Refuse a URL that is neither https nor http on this machine itself."""
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
    except ValueError:
        host = user = None
    secure = bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )
    if not secure or user is not None or not (url.isascii() and url.isprintable()) or " " in url:
        raise UsageError("The address of the consent screen is not one that may be opened.")


async def open_in_browser(
    url: str,
    *,
    opener: Callable[[str], bool] | None = None,
    insists: bool = False,
    seconds: float = ANSWER_S,
) -> bool:
    """Open a URL and tell whether a browser took it.

    The opener runs in a daemon thread, so that a browser which hangs blocks neither the wait nor
    the end of the program. One that has not come back after ``seconds`` is still running, which
    counts as open: False is said only when it is known that nothing was opened. Without an opener
    it is the one that fits the place; where none would be seen none is opened, unless somebody
    ``insists``.
    """
    check_url(url)
    if opener is None:
        here = look()
        if not (here.opens or insists):
            return False
        opener = opener_here(here)
    opens = opener
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[bool] = loop.create_future()

    def report(result: bool) -> None:
        if not opened.done():
            opened.set_result(result)

    def run() -> None:
        try:
            result = bool(opens(url))
        except Exception:  # noqa: BLE001 - whatever it is, no browser was opened
            result = False
        try:
            loop.call_soon_threadsafe(report, result)
        except RuntimeError:  # the loop has ended, and nobody waits for the answer
            return

    threading.Thread(target=run, name="browser opener", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await opened
    except TimeoutError:
        return True
