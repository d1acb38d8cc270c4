"""The line that must not be overlooked."""

from __future__ import annotations

from close_tui.tui.widgets.banner import Banner

from .conftest import Shelf


async def test_a_banner_without_words_is_not_there() -> None:
    """It takes a line only while it has something to say."""
    banner = Banner()
    app = Shelf(banner)
    async with app.run_test(size=(60, 5)) as pilot:
        before = banner.display
        banner.show("Not close.com: http://127.0.0.1:8080", "warning")
        await pilot.pause()
        shown = app.lines()[0]
        banner.show("", "warning")
        await pilot.pause()
        after = banner.display

    assert not before
    assert " ! Not close.com: http://127.0.0.1:8080" == shown
    assert not after


async def test_a_banner_is_one_literal_line() -> None:
    """Markup is shown as it is, and what does not fit ends in an ellipsis."""
    banner = Banner()
    app = Shelf(banner)
    async with app.run_test(size=(40, 5)) as pilot:
        banner.show("[@click=app.quit]x[/] [/y] " + "long " * 20, "error")
        await pilot.pause()
        lines = app.lines()

    assert lines[0].startswith(" ✕ [@click=app.quit]x[/] [/y]")
    assert lines[0].endswith("…")
    assert "" == lines[1]
