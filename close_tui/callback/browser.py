"""Opening the browser without being held by it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from close_tui.errors import UsageError
from close_tui.settings import is_loopback

ANSWER_S: Final = 10.0
"""Seconds that are waited for the system to say whether a browser was opened."""

# A text browser cannot show itself without a terminal, and reports success all the same.
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
        input=url.encode("ascii"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    return child.returncode == 0


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
    url: str, *, opener: Callable[[str], bool] = open_apart, seconds: float = ANSWER_S
) -> bool:
    """Open a URL and tell whether a browser took it.

    The opener runs in a daemon thread, so that a browser which hangs blocks neither the wait nor
    the end of the program. One that has not come back after ``seconds`` is still running, which
    counts as open: False is said only when it is known that nothing was opened.
    """
    check_url(url)
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[bool] = loop.create_future()

    def report(result: bool) -> None:
        if not opened.done():
            opened.set_result(result)

    def run() -> None:
        try:
            result = bool(opener(url))
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
