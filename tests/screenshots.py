"""The pictures of the README, made from the demo: ``make screenshots``.

The clock stands still and the sandbox's random numbers are seeded, so that a picture changes
only when the app does (but for the ids and the ``state`` that are fresh each time).
"""

from __future__ import annotations

import asyncio
import html
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from playwright.async_api import async_playwright
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from close_tui.cli.demo_vault import DemoClock, fill
from close_tui.sandbox.seed import Demo, demo_world
from close_tui.sandbox.server import serve
from close_tui.settings import DEFAULT_REDIRECT_URI, Settings
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.widgets.paste_box import PasteBox
from tests.tui.town import free_port

NOW: Final = 1_800_000_000.0
FOLDER: Final = Path(__file__).parent.parent / "screenshots"
_WEB_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_PORT: Final = "25673"
_TEXT: Final = re.compile(r"<text [^>]*>([^<]*)</text>")
_SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_FRESH: Final = re.compile(
    r"(orga|user|api|conn|oa2client)_\w+|inc-\d{8}-\w+|[0-9A-F]{2}(:[0-9A-F]{2})+|[0-9a-f]{16,}"
    r"|\d+ ms|\d+%2F|[?&=][\w%.&=-]{20,}|[\w-]{40,}"
)
"""What is another each time: ids, fingerprints, latencies, ``state`` and PKCE challenge."""


class Picture(NamedTuple):
    """One picture: its name, its terminal, and how to get there."""

    name: str
    size: tuple[int, int]
    keys: Sequence[str] = ()
    theme: str = "textual-dark"
    is_empty: bool = False
    expected: str = ""
    leak: Callable[[Demo], str] | None = None


def _log(demo: Demo) -> str:
    """Return a log in which two of the demo's keys leaked, and one that is not the demo's."""
    first, second = demo.api_keys[0].text, demo.api_keys[1].text
    stranger = f"api_{'7' * 22}.{'z' * 22}"
    return f"GET /lead/ 200\nCLOSE_API_KEY={first}\nzap: {second}\nold: {stranger}\n"


_MARKED: Final = ("g", *["space"] * 8, "X")
_CONFIRMED: Final = ("8", "enter", *"leaked", "enter", "enter")


PICTURES: Final = (
    Picture("main", (120, 34), ("j", "j", "j", "j", "j", "j"), expected="northwind"),
    Picture("narrow", (80, 24), expected="northwind"),
    Picture("light", (120, 34), ("j", "j", "j", "j"), theme="textual-light", expected="northwind"),
    Picture("authorize", (120, 34), ("a", "enter"), expected="SHA-256"),
    Picture("test", (120, 34), (*"jjjjjj", "t"), expected="Close answers"),
    Picture("revoke", (120, 34), (*"jjjjjjj", "X"), expected="Revoke"),
    Picture("find", (120, 34), ("exclamation_mark",), expected="Revoke 2", leak=_log),
    Picture("plan", (120, 40), _MARKED, expected="cannot be proved"),
    Picture("progress", (120, 34), (*_MARKED, *_CONFIRMED), expected="Key 1 of 2"),
    Picture("help", (120, 34), ("question_mark",), expected="Keys"),
    Picture("empty", (120, 34), is_empty=True, expected="API key"),
)


async def take(picture: Picture, home: Path) -> str:
    """Return one picture as SVG, without fonts from elsewhere."""
    clock = DemoClock(lambda: NOW)
    # Whatever else runs on this machine may have the port that is shown.
    redirect_uri = DEFAULT_REDIRECT_URI.replace(_PORT, str(port := free_port()))
    demo = demo_world(clock=clock, random=random.Random(4), redirect_uri=redirect_uri)
    async with serve(demo.world) as url:
        settings = Settings(
            home, url, url, identity_file=home / "identity.txt", redirect_uri=redirect_uri
        )
        if not picture.is_empty:
            await fill(settings, demo, clock)
        app = CloseTuiApp(settings, clock=clock, opener=lambda _: True)
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await _until(pilot, "Quit")
            if not picture.is_empty:  # it opens the vault, and renews what is about to expire
                await _until(pilot, "locked", is_there=False)
                await _settled(pilot)
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause(0.1)
            if picture.leak is not None:
                pilot.app.screen.query_one(PasteBox).post_message(Paste(picture.leak(demo)))
            await _until(pilot, picture.expected)
            for box in app.screen.query(Input):
                box.cursor_blink = False
            await _settled(pilot)
            svg = app.export_screenshot(title="close-tui").replace(url, "http://127.0.0.1:8025")
            app.exit()
        app.verbs.stop()
    return _WEB_FONT.sub(
        "", svg.replace(f":{port}/", f":{_PORT}/").replace(f"{port}%2F", f"{_PORT}%2F")
    )


def words(svg: str) -> str:
    """Return what can be read in a picture, without what is another each time."""
    shown = html.unescape("\n".join(_TEXT.findall(svg))).replace("\xa0", " ")
    # How long a scroll bar is depends on where the number of a process breaks a line.
    return re.sub(r"[\s▁▂▃▄▅▆▇]+", " ", _FRESH.sub("…", shown))


async def draw(names: Sequence[str]) -> None:
    """Draw the pictures as PNG, for places that show no SVG, where there is a Chromium."""
    if (chromium := shutil.which("chromium")) is None:
        print("No Chromium: the PNG pictures stay as they are.")
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        for name in names:
            path = FOLDER / f"{name}.svg"
            size = _SIZE.search(path.read_text(encoding="utf-8"))
            assert size is not None
            width, height = (round(float(part)) for part in size.groups())
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(path.as_uri())
            await page.screenshot(path=path.with_suffix(".png"), omit_background=True)
            path.with_suffix(".png").chmod(0o644)
            await page.close()
        await browser.close()


async def _until(pilot: Pilot[None], words: str, *, is_there: bool = True) -> None:
    """Wait until the screen says something, or no more."""
    for _ in range(400):
        await pilot.pause(0.02)
        shown = pilot.app.export_screenshot().replace("&#160;", " ")
        if is_there == (words in shown):
            return
    raise AssertionError(f"the screen never said {words!r}, or always")


async def _settled(pilot: Pilot[None]) -> None:
    """Wait until the screen has stayed the same for half a second."""
    before, same = "", 0
    for _ in range(100):
        await pilot.pause(0.1)
        now = words(pilot.app.export_screenshot())
        same = same + 1 if now == before else 0
        if same == 5:
            return
        before = now


def main() -> None:
    """Make all pictures anew."""
    os.umask(0o077)
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            svg = asyncio.run(take(picture, Path(folder) / "home"))
        path = FOLDER / f"{picture.name}.svg"
        path.write_text(svg, encoding="utf-8")
        path.chmod(0o644)
        print(path.relative_to(FOLDER.parent))
    asyncio.run(draw([picture.name for picture in PICTURES]))


if __name__ == "__main__":
    main()
