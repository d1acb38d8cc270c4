"""Showing and copying a secret, on purpose and for a while."""

from __future__ import annotations

import asyncio
import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button

from close_tui.operations import clipboard
from close_tui.operations.clipboard import Clipboard
from close_tui.secret import Secret
from close_tui.tui.screens import reveal
from close_tui.tui.widgets.revealed import Revealed
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER, Screen, Town


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the terminal beside the screen; the system has no clipboard."""
    monkeypatch.setattr("close_tui.tui.clipboard.system_clipboard", lambda: None)
    monkeypatch.delenv("TMUX", raising=False)
    found: list[str] = []
    monkeypatch.setattr(
        "close_tui.tui.app.CloseTuiApp._send", lambda _, sequence: found.append(sequence)
    )
    return found


def flat(screen: Screen) -> str:
    """The screen without its line breaks and frames: a long secret goes over several lines."""
    return "".join(screen.text.replace("│", "").split())


async def revealed(screen: Screen) -> None:
    """Ask for the secret and agree."""
    await screen.press("Y")
    await screen.on("Reveal")
    await screen.press("tab", "enter")
    await screen.until(lambda: screen.app.screen.query_one(Revealed).is_revealed)
    await screen.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_the_question_looks_like_its_golden(still_town: Town, size: tuple[int, int]) -> None:
    """What will be shown, to whom, how long, and that it starts on Cancel."""
    still_town.grant("acme")
    async with still_town.show(size) as screen:
        await screen.opened()
        await screen.press("Y")
        await screen.on("Reveal")

        assert "cancel" == (screen.app.focused and screen.app.focused.id)
        await looks_like(screen, "reveal")


async def test_a_key_is_shown_for_twenty_seconds(still_town: Town) -> None:
    """Only after the second key; the seconds are counted down; then it is masked by itself."""
    key = still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("Y")
        await screen.on("Reveal")
        before = flat(screen)
        await screen.press("tab", "enter")
        await screen.sees("Hidden again in 20 s.")
        during = flat(screen)
        still_town.clock.advance(12.5)
        await screen.sees("Hidden again in 8 s.")
        still_town.clock.advance(8)
        await screen.sees("Hidden again.")

        assert MARKER not in before
        assert key.text in during
        assert MARKER not in flat(screen)


async def test_a_clock_that_stands_still_does_not_keep_it_shown(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer of its own masks it as well."""
    monkeypatch.setattr(reveal, "SHOWN_S", 1.0)
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await revealed(screen)
        await asyncio.sleep(1.0)
        await screen.sees("Hidden again.")

        assert MARKER not in flat(screen)


async def test_an_access_token_is_refreshed_first_when_it_is_due(town: Town) -> None:
    """It says so; what is shown is the new one, and neither refresh token nor client secret."""
    seen = town.grant("acme", lasts=100)
    town.vault.set_auto_refresh(False, seen.id)  # the app would be quicker than the keys
    async with town.show() as screen:
        await screen.opened()
        await screen.press("Y")
        await screen.on("Reveal")
        await screen.sees("It is refreshed first. Refresh token and client secret stay")
        await screen.press("tab", "enter")
        await screen.until(lambda: MARKER in flat(screen))
        shown = flat(screen)

    now = town.named("acme")
    assert seen.generation + 1 == now.generation
    for kind, expected in (("access_token", True), ("refresh_token", False)):
        held = town.vault.secret(now, kind)  # type: ignore[arg-type]
        assert held is not None
        assert expected is (held.reveal() in shown)
    assert town.oauth_app.client_secret not in shown


async def test_what_was_shown_and_copied_stands_in_the_history(
    still_town: Town, sent: list[str]
) -> None:
    """Each under a verb of its own, whoever asks."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await revealed(screen)
        await screen.press("escape")
        await screen.press("y")
        await screen.on("Copy")
        await screen.press("tab", "enter")
        await screen.until(lambda: sent)

    told = [(each.verb, each.detail) for each in still_town.vault.history()[:2]]
    assert [
        ("copy", "Handed out to the clipboard."),
        ("reveal", "Handed out to the screen of the app."),
    ] == told


async def leave(screen: Screen) -> None:
    """Close the dialog."""
    await screen.press("escape")


async def lose_focus(screen: Screen) -> None:
    """Go to another window."""
    screen.app.app_focus = False


async def put_something_on_top(screen: Screen) -> None:
    """Open the palette."""
    await screen.press("ctrl+p")


async def be_suspended(screen: Screen) -> None:
    """Give the terminal back to the shell for a while."""
    screen.app.app_suspend_signal.publish(screen.app)


@pytest.mark.parametrize("leaving", [leave, lose_focus, put_something_on_top, be_suspended])
async def test_it_is_masked_at_once_when_it_is_not_looked_at(
    still_town: Town, leaving: Any
) -> None:
    """And stays masked when somebody comes back."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await revealed(screen)
        shown = screen.app.screen.query_one(Revealed)
        await leaving(screen)
        await screen.pilot.pause()

        assert not shown.is_revealed
        await screen.until(lambda: MARKER not in flat(screen))
        screen.app.app_focus = True
        await screen.pilot.pause()
        assert MARKER not in flat(screen)


async def test_nothing_is_shown_when_the_app_is_not_in_front_by_then(still_town: Town) -> None:
    """The answer may come when somebody else looks."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("Y")
        await screen.on("Reveal")
        screen.app.app_focus = False
        await screen.pilot.pause()
        screen.app.screen.query_one("#do", Button).press()
        await screen.sees("It was not shown, because close-tui is not in front.")

        assert MARKER not in flat(screen)


async def test_no_picture_holds_it(still_town: Town, tmp_path: Path) -> None:
    """A picture masks it first, and the screen stays masked."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await revealed(screen)
        saved = screen.app.save_screenshot("shot.svg", str(tmp_path))
        picture = Path(saved).read_text(encoding="utf-8")

        assert "••••" in picture
        assert MARKER not in "".join(picture.split())
        assert MARKER not in flat(screen)


async def test_it_is_not_offered_for_what_is_frozen_or_revoked(still_town: Town) -> None:
    """Its secret is for revoking only."""
    one = still_town.grant("acme")
    still_town.vault.freeze(one.id, still_town.clock())
    async with still_town.show() as screen:
        await screen.opened()
        for key in ("y", "Y"):
            await screen.press(key)
            await screen.pilot.pause()

            assert screen.app.screen is screen.board


async def test_a_refused_connection_says_why_nothing_is_shown(still_town: Town) -> None:
    """The reason and what to do stand in the dialog."""
    one = still_town.grant("acme")
    still_town.check(one.id, "rejected", 401)
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("Y")
        await screen.on("Reveal")
        await screen.press("tab", "enter")
        await screen.sees("✕ Close answered 401 to acme at the last test.")

        assert not screen.app.screen.query_one(Revealed).is_revealed


async def told(screen: Screen, words: str) -> None:
    """Wait until a toast says this."""
    await screen.until(lambda: any(words in each.message for each in screen.app._notifications))


async def copied(screen: Screen) -> None:
    """Ask for a copy and agree."""
    await screen.press("y")
    await screen.on("Copy")
    await screen.press("tab", "enter")
    await screen.until(lambda: screen.app.screen is screen.board)


async def test_through_the_terminal_alone_it_says_what_cannot_be_checked(
    still_town: Town, sent: list[str]
) -> None:
    """OSC 52 has no answer; after 45 s it is told to clear. Textual keeps no copy."""
    key = still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await copied(screen)
        await told(screen, "whether it took it cannot be checked")
        encoded = base64.b64encode(key.text.encode()).decode()
        still_town.clock.advance(44)
        await asyncio.sleep(1.5)
        before = list(sent)
        still_town.clock.advance(2)
        await screen.until(lambda: len(sent) == 2)
        await told(screen, "The terminal was told to clear its clipboard")

        assert [f"\x1b]52;c;{encoded}\a"] == before
        assert "\x1b]52;c;!\a" == sent[1]
        assert "" == screen.app.clipboard
        assert MARKER not in flat(screen)


async def test_leaving_earlier_clears_it_earlier(still_town: Town, sent: list[str]) -> None:
    """Q does not leave it behind; neither does an end that came otherwise."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await copied(screen)
        await screen.press("q")
        await screen.until(lambda: len(sent) == 2)

    assert "\x1b]52;c;!\a" == sent[1]
    async with still_town.show() as screen:
        await screen.opened()
        await copied(screen)

    assert ["\x1b]52;c;!\a"] == sent[3:]


@pytest.fixture
def drawer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[str]) -> Path:
    """A clipboard that is a file, written and read by programs as the system's is."""
    kept = tmp_path / "clipboard"
    kept.write_bytes(b"")
    shell, cat = shutil.which("sh"), shutil.which("cat")
    assert shell
    assert cat
    there = Clipboard("drawer", (shell, "-c", f"cat > '{kept}'"), (cat, str(kept)))
    monkeypatch.setattr("close_tui.tui.clipboard.system_clipboard", lambda: there)
    return kept


async def test_the_systems_clipboard_is_cleared_after_45_s(
    still_town: Town, drawer: Path, sent: list[str]
) -> None:
    """It says which way it went, and that it is gone."""
    key = still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await copied(screen)
        await told(screen, "Copied with drawer, and sent to the terminal (OSC 52).")
        held = drawer.read_text()
        still_town.clock.advance(46)
        await told(screen, "The secret was cleared from the clipboard.")

        assert (key.text, "") == (held, drawer.read_text())
        assert "\x1b]52;c;!\a" == sent[-1]


async def test_what_was_copied_since_is_left_alone(
    still_town: Town, drawer: Path, sent: list[str]
) -> None:
    """Neither the system's clipboard nor the terminal's is touched then."""
    still_town.key("acme-key")
    async with still_town.show() as screen:
        await screen.opened()
        await copied(screen)
        drawer.write_text("lunch at noon")
        still_town.clock.advance(46)
        await told(screen, "The clipboard holds something else by now; it was left alone.")

        assert "lunch at noon" == drawer.read_text()
        assert 1 == len(sent)


def test_the_hash_and_nothing_more_is_kept(still_town: Town) -> None:
    """What compares the clipboard later does not know the secret."""
    found = Clipboard("x", ("true",), ("true",))

    assert found.holds(Secret("").sha256)
    assert 45.0 == clipboard.KEPT_S
