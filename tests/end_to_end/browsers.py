"""Chromium and Firefox, each with one tab, as one person would use either."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playwright.async_api import BrowserContext, Error, Page, async_playwright

from tests.callback.machines import database
from tests.end_to_end.conftest import CHROMIUM_FLAGS
from tests.end_to_end.marionette import Marionette, Refused

if TYPE_CHECKING:
    from tests.conftest import Need

PATIENCE_S = 60
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls a reference to one
_IN_SHADOW = "FindElementFromShadowRoot"
_WITHIN = '[name="{name}"][value="{value}"]'


class Tab(Protocol):
    """A tab of a browser. Nothing waits for a page to have loaded but :meth:`shows`."""

    async def go(self, url: str) -> None:
        """Type an address."""

    async def choose(self, name: str, value: str) -> None:
        """Click a radio button."""

    async def press(self, name: str, value: str, *, times: int = 1) -> None:
        """Click a button, or double click it."""

    async def proceed(self) -> None:
        """Click through the warning of the certificate, once it is shown."""

    async def back(self) -> None:
        """Press the back button."""

    async def reload(self) -> None:
        """Press reload."""

    async def close(self) -> None:
        """Close the tab."""

    async def address(self) -> str:
        """Return what the address bar shows."""

    async def text(self) -> str:
        """Return the words of the page, or of the warning in its place."""


async def until(found: Callable[[], Awaitable[object]]) -> None:
    """Wait for something to become true of a page, which may be changing meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(Error, Refused):
                if await found():
                    return
            await asyncio.sleep(0.05)


async def shows(tab: Tab, words: str) -> str:
    """Wait until the page has these words; return all of them."""
    seen = ""

    async def look() -> bool:
        nonlocal seen
        seen = await tab.text()
        return words in seen

    try:
        await until(look)
    except TimeoutError:
        raise AssertionError(f"never showed {words!r}: {await tab.address()} {seen!r}") from None
    return seen


class _Chromium:
    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page

    async def go(self, url: str) -> None:
        with suppress(Error):  # the warning is an error to playwright
            await self._page.goto(url, wait_until="commit")

    async def choose(self, name: str, value: str) -> None:
        await self._page.locator(_WITHIN.format(name=name, value=value)).check()

    async def press(self, name: str, value: str, *, times: int = 1) -> None:
        button = self._page.locator(_WITHIN.format(name=name, value=value))
        await button.click(click_count=times, no_wait_after=True)

    async def proceed(self) -> None:
        await self._page.locator("#details-button").click()
        await self._page.locator("#proceed-link").click(no_wait_after=True)

    async def back(self) -> None:
        with suppress(Error):
            await self._page.go_back(wait_until="commit")

    async def reload(self) -> None:
        with suppress(Error):
            await self._page.reload(wait_until="commit")

    async def close(self) -> None:
        closed = self._page
        self._page = await self._context.new_page()
        await closed.close()

    async def address(self) -> str:
        # A warning has an address of its own to the page, and the site's in the bar.
        session = await self._context.new_cdp_session(self._page)
        history = await session.send("Page.getNavigationHistory")
        return str(history["entries"][history["currentIndex"]]["url"])

    async def text(self) -> str:
        return await self._page.inner_text("body", timeout=1000)


class _Firefox:
    def __init__(self, session: Marionette) -> None:
        self._session = session

    async def go(self, url: str) -> None:
        with suppress(Refused):  # the warning is an error to WebDriver
            await self._session.do("WebDriver:Navigate", url=url)

    async def choose(self, name: str, value: str) -> None:
        await self._session.do("WebDriver:ElementClick", id=await self._named(name, value))

    async def press(self, name: str, value: str, *, times: int = 1) -> None:
        button = {_ELEMENT: await self._named(name, value)}
        clicks = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}] * times
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": button}
        mouse = {"type": "pointer", "id": "mouse", "actions": [move, *clicks]}
        await self._session.do("WebDriver:PerformActions", actions=[mouse])

    async def proceed(self) -> None:
        card = await self._found("FindElement", "net-error-card")
        root = next(iter((await self._session.do("WebDriver:GetShadowRoot", id=card)).values()))
        advanced = await self._found(_IN_SHADOW, "#advanced-button", shadowRoot=root)
        await self._session.do("WebDriver:ElementClick", id=advanced)
        proceed = await self._found(_IN_SHADOW, "#exception-button", shadowRoot=root)
        # It can be pressed a second or so after it is shown: people are to read first.
        enabled = "return !arguments[0].disabled"
        await until(lambda: self._script(enabled, {_ELEMENT: proceed}))
        await self._session.do("WebDriver:ElementClick", id=proceed)

    async def back(self) -> None:
        with suppress(Refused):
            await self._session.do("WebDriver:Back")

    async def reload(self) -> None:
        with suppress(Refused):
            await self._session.do("WebDriver:Refresh")

    async def close(self) -> None:
        opened = await self._session.do("WebDriver:NewWindow", type="tab")
        await self._session.do("WebDriver:CloseWindow")
        await self._session.do("WebDriver:SwitchToWindow", handle=opened["handle"])

    async def address(self) -> str:
        return str(await self._session.do("WebDriver:GetCurrentURL"))

    async def text(self) -> str:
        warning = "document.querySelector('net-error-card')?.shadowRoot?.textContent"
        return str(await self._script(f"return {warning} ?? document.body.innerText"))

    async def _script(self, script: str, *arguments: object) -> Any:
        return await self._session.do("WebDriver:ExecuteScript", script=script, args=arguments)

    async def _named(self, name: str, value: str) -> str:
        return await self._found("FindElement", _WITHIN.format(name=name, value=value))

    async def _found(self, command: str, css: str, **within: str) -> str:
        found: dict[str, str] = {}

        async def find() -> bool:
            found.update(
                await self._session.do(
                    f"WebDriver:{command}", using="css selector", value=css, **within
                )
            )
            return True

        await until(find)
        return next(iter(found.values()))


@asynccontextmanager
async def opened(name: str, home: Path, need: Need) -> AsyncIterator[Tab]:
    """Start a browser in a person's home and yield its tab."""
    async with (_chromium if name == "chromium" else _firefox)(home, need) as tab:
        yield tab


def prepare(home: Path) -> None:
    """Make what both browsers make at their first start, for trust to be given before it."""
    database(home / ".pki" / "nssdb")
    database(_profile(home))
    (_profile(home).parent / "profiles.ini").write_text(
        "[Profile0]\nName=default\nPath=abc.default\n"
    )


@asynccontextmanager
async def _chromium(home: Path, need: Need) -> AsyncIterator[Tab]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=need("chromium"),
            args=list(CHROMIUM_FLAGS),
            env={**os.environ, "HOME": str(home)},
        )
        context = await browser.new_context()
        yield _Chromium(context, await context.new_page())
        await browser.close()


@asynccontextmanager
async def _firefox(home: Path, need: Need) -> AsyncIterator[Tab]:
    profile = _profile(home)
    (profile / "user.js").write_text('user_pref("marionette.port", 0);\n')
    command = [need("firefox-esr", "firefox"), "--headless", "--no-remote", "--marionette"]
    browser = subprocess.Popen(
        [*command, "--profile", str(profile)],
        env={**os.environ, "HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        session = await Marionette.connect(profile)
        yield _Firefox(session)
        session.close()
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        await asyncio.to_thread(browser.wait, PATIENCE_S)


def _profile(home: Path) -> Path:
    return home / ".mozilla" / "firefox" / "abc.default"
