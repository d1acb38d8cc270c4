"""The certificate, in the app."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.callback import trust_record
from close_tui.callback.certificate import ensure, look
from tests.callback.machines import database, listing
from tests.callback.test_own_certificate import bring

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.tui.town import Screen, Town


@pytest.fixture
def folder(need: Need) -> Path:
    """The database of this user's Chromium."""
    need("certutil")
    return database(Path(os.environ["HOME"]) / ".pki" / "nssdb")


async def opened(screen: Screen) -> None:
    """Look at the certificate."""
    await screen.press("T")
    await screen.on("Certificate")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_it_is_trusted_and_untrusted(town: Town, folder: Path, size: tuple[int, int]) -> None:
    """The command is shown before it is run, its outcome afterwards; it starts on Close."""
    before = listing(folder)
    ensure(town.settings.home, clock=town.clock)
    async with town.show(size) as screen:
        await opened(screen)
        await screen.sees("SHA-256", "Chromium will warn", "Trust runs these commands", "-A -t P,,")
        untouched = listing(folder)
        await screen.press("tab", "enter")
        await screen.sees("Chromium: Trusted from now on.", "Chromium trusts it since")
        held = listing(folder)
        await screen.press("tab", "enter")
        await screen.sees("Chromium: Not trusted any more.", "Chromium will warn")

    assert before == untouched == listing(folder)
    assert "close-tui" in held
    assert [] == trust_record.read(town.settings.home)


async def test_it_is_made_and_renewed(town: Town, folder: Path) -> None:
    """Where there is none yet, one can be made; the next is another."""
    async with town.show() as screen:
        await opened(screen)
        await screen.sees("None yet", "Make one")
        await screen.press("tab", "enter")
        await screen.sees("SHA-256", "It was made anew")
        first = look(town.settings.home)
        # Textual lets a button rest for a moment between two presses.
        await screen.until(lambda: not screen.app.screen.query_one("#renew").has_class("-active"))
        await screen.press("enter")
        await screen.until(lambda: look(town.settings.home) != first)
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)


async def test_what_went_wrong_is_told(
    town: Town, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without certutil the package is named."""
    ensure(town.settings.home, clock=town.clock)
    monkeypatch.setenv("PATH", str(tmp_path))
    async with town.show() as screen:
        await opened(screen)
        await screen.sees("Trust runs these commands")
        await screen.press("tab", "enter")
        await screen.sees("certutil is not installed.", "libnss3-tools")


async def test_a_damaged_certificate_can_be_replaced(town: Town, folder: Path) -> None:
    """It says what is wrong, and offers a new one."""
    path = ensure(town.settings.home, clock=town.clock).path
    path.write_text("[@click=app.bell]rubbish[/]")
    async with town.show() as screen:
        await opened(screen)
        await screen.sees("is damaged", "Make one")


async def test_ones_own_has_no_buttons_but_close(town: Town, tmp_path: Path) -> None:
    """What close-tui cannot do with it is not offered."""
    own = bring(tmp_path / "own", "localhost")
    town.settings = town.settings._replace(certificate_file=own.file, certificate_key_file=own.key)
    async with town.show() as screen:
        await opened(screen)
        await screen.sees("It is your own")
        words = screen.words

    assert "Renew" not in words
    assert "Untrust" not in words
