"""The doctor in the app: lines from the beginning, findings as they come, a report to copy."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from close_tui.operations import doctor
from close_tui.operations.doctor import Check
from close_tui.operations.findings import Finding
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from tests.tui.town import Town

FOUND = (
    Finding("terminal", "ok", "xterm, 120×40"),
    Finding("addresses", "warning", "The addresses are not Close's own.", "Unset them. " * 9),
    Finding("API", "problem", "api.close.com does not answer: [red]no[/] name.", "Look at DNS."),
)


@pytest.mark.parametrize("size", SIZES)
async def test_the_doctor_looks_like_its_golden(
    still_town: Town, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Glyph, word, subject, sentence, and below it what to do; a slow check has its line too."""
    go_on = threading.Event()

    def slow(_: object) -> list[Finding]:
        go_on.wait(60)
        return []

    checks = (Check("what is quick", lambda _: FOUND), Check("what is slow", slow))
    monkeypatch.setattr(doctor, "CHECKS", checks)
    async with still_town.show(size) as screen:
        await screen.press("H")
        await screen.on("Doctor")
        await screen.sees("looking at what is slow", "api.close.com does not answer")
        try:
            await looks_like(screen, "doctor")
        finally:
            go_on.set()


async def test_the_doctor_looks_at_this_machine(town: Town) -> None:
    """The real checks, ended; y copies them without a name of a connection, r looks again."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("H")
        await screen.on("Doctor")
        await screen.until(lambda: "looking" not in screen.text and "database" in screen.text)
        await screen.press("y")
        await screen.sees("Copied, fit for pasting in public")
        copied = screen.app.clipboard
        left = town.settings.home / "notes.txt"  # the folder itself is mended when it is opened
        left.touch()
        left.chmod(0o644)
        await screen.press("r")
        await screen.sees("1 problem.")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert "database" in copied
    assert "SQLite finds no damage." in copied
    assert "acme" not in copied
    assert MARKER not in copied
