"""What a person may do in the browser while an authorization waits, in Chromium and in Firefox.

Each scenario is described once. Without CLOSE_TUI_SOAK each runs in one way, the rest is `make
soak`'s.
"""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from close_tui.operations.certificate_words import CHROMIUM_SAYS, FIREFOX_SAYS
from tests.end_to_end.browsers import Tab, opened, prepare, shows
from tests.end_to_end.stage import Stage, consent_url

if TYPE_CHECKING:
    from tests.conftest import Need

pytestmark = pytest.mark.real

AUTHORIZE = ("authorize", "reporting", "--no-browser")
SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
AUTHORIZED = "reporting-globex is authorized"
WARNINGS = {
    "chromium": "Your connection is not private",
    "firefox": "Be careful. Something doesn’t look right.",
}
WE_SAY = {"chromium": CHROMIUM_SAYS, "firefox": FIREFOX_SAYS}
NOBODY = {"chromium": "refused to connect", "firefox": "nable to connect"}


@dataclass
class Person:
    """Somebody who authorizes, in one browser, which trusts the certificate or warns of it."""

    stage: Stage
    tab: Tab
    browser: str
    trusts: bool

    async def begin(self) -> subprocess.Popen[str]:
        """Start an authorization and open its consent page."""
        child = self.stage.start(*AUTHORIZE)
        await self.ask(await asyncio.to_thread(consent_url, child))
        return child

    async def ask(self, url: str) -> None:
        """Open a consent page, and choose an organization."""
        await self.tab.go(url)
        await self.tab.choose("organization", self.stage.globex.id)

    async def answer(self, decision: str, *, times: int = 1) -> None:
        """Press a button of the consent page, and click through the warning if there is one."""
        await self.tab.press("decision", decision, times=times)
        if not self.trusts:
            await shows(self.tab, WARNINGS[self.browser])
            await self.tab.proceed()


class Terminal:
    """The command at a terminal, which a person looks at and types into."""

    def __init__(self, stage: Stage) -> None:
        self._ours, theirs = pty.openpty()
        self._child = subprocess.Popen(
            [str(Path(sys.executable).with_name("close-tui")), *AUTHORIZE],
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env=stage.environment,
        )
        os.close(theirs)

    def consent_url(self) -> str:
        """Return the address on the ``Open:`` line, and leave unread what comes after it."""
        shown = b""
        while not (found := re.search(rb"Open: (\S+)\s*\n", shown)):
            shown += os.read(self._ours, 4096)
        return found[1].decode()

    def waits(self) -> bool:
        """Tell whether the command goes on."""
        return self._child.poll() is None

    def type(self, line: str) -> None:
        """Type, or paste, a line."""
        os.write(self._ours, f"{line}\n".encode())

    def ended(self) -> int:
        """Wait for the end, and return the exit code."""
        return self._child.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        os.close(self._ours)


def ways(*everyday: str) -> pytest.MarkDecorator:
    """Run in both browsers, trusted and not; without CLOSE_TUI_SOAK in these ways only."""
    every = [f"{browser}-{how}" for browser in WARNINGS for how in ("trusted", "untrusted")]
    return pytest.mark.parametrize("way", every if SOAK else everyday)


@pytest.fixture
async def person(way: str, stage: Stage, need: Need) -> AsyncIterator[Person]:
    """A person with that browser, to whom it comes fresh."""
    need("certutil")
    browser, how = way.split("-")
    home = Path(stage.environment["HOME"])
    prepare(home)
    stage.add_app()
    if how == "trusted":
        (given,) = stage.json("certificate", "trust", "--yes", "--browser", browser)["results"]
        assert "added" == given["outcome"]
    async with opened(browser, home, need) as tab:
        yield Person(stage, tab, browser, how == "trusted")


async def _ended(child: subprocess.Popen[str], code: int = 0) -> None:
    _, stderr = await asyncio.to_thread(child.communicate, None, 60)
    assert code == child.returncode, stderr


def _one_connection(stage: Stage) -> None:
    """Show that exactly one is stored, that it works, and that one grant lives at the server."""
    (found,) = stage.json("list")["connections"]
    assert ("reporting-globex", "ok") == (found["name"], found["status"])
    assert stage.world.is_alive(stage.run("token", "reporting-globex").stdout.strip())
    living = [each for each in stage.world.grants._tokens if stage.world.is_alive(each)]
    assert 2 == len(living)  # an access token and a refresh token


@ways("firefox-untrusted", "chromium-untrusted")
async def test_approving_stores_one_connection(person: Person) -> None:
    """The last page says so, once it is true; without trust it takes the click on the warning."""
    child = await person.begin()
    await person.answer("approve")
    await shows(person.tab, AUTHORIZED)
    await _ended(child)

    assert WARNINGS[person.browser] in WE_SAY[person.browser]
    _one_connection(person.stage)


@ways("firefox-trusted")
async def test_declining_stores_nothing(person: Person) -> None:
    """The command ends with exit code 3, and the browser is told."""
    child = await person.begin()
    await person.answer("decline")
    await shows(person.tab, "declined")
    await _ended(child, 3)

    assert [] == person.stage.json("list")["connections"]


@ways("firefox-trusted", "chromium-trusted")
async def test_a_double_click_on_approve_is_one_approval(person: Person) -> None:
    """Whichever of the two answers the browser follows, one connection is stored.

    Measured: Firefox sends the form twice and follows the second answer, Chromium sends it once.
    """
    child = await person.begin()
    await person.answer("approve", times=2)
    await shows(person.tab, AUTHORIZED)
    await _ended(child)

    _one_connection(person.stage)


@ways("firefox-trusted", "chromium-untrusted")
async def test_a_reloaded_last_page_is_the_same_page(person: Person) -> None:
    """While it is served it comes again; afterwards nothing listens, and nothing is broken."""
    child = await person.begin()
    await person.answer("approve")
    first = await shows(person.tab, AUTHORIZED)
    await person.tab.reload()
    second = await shows(person.tab, AUTHORIZED)
    await _ended(child)
    await person.tab.reload()

    assert first == second
    _one_connection(person.stage)


@ways("chromium-trusted")
async def test_the_back_button_after_success_changes_nothing(person: Person) -> None:
    """Back on the consent page, approving once more leads where nobody listens any more."""
    child = await person.begin()
    await person.answer("approve")
    await shows(person.tab, AUTHORIZED)
    await _ended(child)
    await person.tab.back()
    await shows(person.tab, "asks for access")
    await person.tab.choose("organization", person.stage.acme.id)
    await person.tab.press("decision", "approve")
    await shows(person.tab, NOBODY[person.browser])

    _one_connection(person.stage)


@ways("firefox-untrusted")
async def test_a_tab_that_is_closed_ends_nothing(person: Person) -> None:
    """A page that was closed is opened again; what stood in a warning's address bar is pasted."""
    with Terminal(person.stage) as terminal:
        url = await asyncio.to_thread(terminal.consent_url)
        await person.ask(url)
        await person.tab.close()
        assert terminal.waits()
        await person.ask(url)
        await person.tab.press("decision", "approve")
        if person.trusts:
            await shows(person.tab, AUTHORIZED)
        else:
            await shows(person.tab, WARNINGS[person.browser])
            address = await person.tab.address()
            await person.tab.close()
            assert terminal.waits()
            terminal.type(address)
        assert 0 == await asyncio.to_thread(terminal.ended)

    _one_connection(person.stage)
