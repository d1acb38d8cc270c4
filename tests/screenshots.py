"""The pictures of the README, made from the demo: ``make screenshots``.

The clock stands still and the sandbox's random numbers are seeded, so that a picture changes
only when the app does (but for the ids and the ``state`` that are fresh each time).
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from close_tui.cli.demo_vault import DemoClock, fill
from close_tui.sandbox.seed import Demo, demo_world
from close_tui.sandbox.server import serve
from close_tui.settings import Settings
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.widgets.paste_box import PasteBox

NOW: Final = 1_800_000_000.0
FOLDER: Final = Path(__file__).parent.parent / "screenshots"
_WEB_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")


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
    demo = demo_world(clock=clock, random=random.Random(4))
    async with serve(demo.world) as url:
        settings = Settings(home, url, url, identity_file=home / "identity.txt")
        if not picture.is_empty:
            await fill(settings, demo, clock)
        app = CloseTuiApp(settings, clock=clock, opener=lambda _: True)
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await _until(pilot, "Quit")
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause(0.1)
            if picture.leak is not None:
                pilot.app.screen.query_one(PasteBox).post_message(Paste(picture.leak(demo)))
            await _until(pilot, picture.expected)
            for box in app.screen.query(Input):
                box.cursor_blink = False
            await pilot.pause(0.3)
            svg = app.export_screenshot(title="close-tui").replace(url, "http://127.0.0.1:8025")
            app.exit()
        app.verbs.stop()
    return _WEB_FONT.sub("", svg)


async def _until(pilot: Pilot[None], words: str) -> None:
    """Wait until the screen says something."""
    for _ in range(400):
        await pilot.pause(0.02)
        shown = pilot.app.export_screenshot().replace("&#160;", " ")
        if words in shown:
            return
    raise AssertionError(f"the screen never said {words!r}")


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


if __name__ == "__main__":
    main()
