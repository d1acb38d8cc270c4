"""The wait for an authorization wherever people are: at a desk, over SSH, headless, by a tunnel."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp

from close_tui.callback import certificate, listener
from close_tui.callback.addresses import Endpoint
from close_tui.callback.attempt import Attempt
from close_tui.callback.binding import bind
from close_tui.callback.certificate import Certificate
from close_tui.callback.surroundings import Place, Surroundings
from close_tui.errors import RedirectRefused
from close_tui.sandbox.faults import latency
from close_tui.tui.screens.authorize import Authorize
from tests.tui.golden import SIZES, looks_like
from tests.tui.test_authorizing import redirect, visit

if TYPE_CHECKING:
    import socket

    from tests.tui.town import Screen, Town

SSH = Surroundings(Place.SSH, user="ada", host="203.0.113.5", name="build-7")
HEADLESS = Surroundings(Place.HEADLESS, user="ada", host="build-7", name="build-7")
WSL = Surroundings(Place.WSL, user="ada", host="pc", name="pc")
SHA = ":".join(f"{number:02X}" for number in range(32))
LOCAL = "https://localhost:25673/callback"
ELSEWHERE = "https://acme.ngrok.app/callback"


@pytest.fixture
def fixed(still_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town in which the address, the ports and the certificate are always the same."""
    begin = Attempt.begin.__func__  # type: ignore[attr-defined]
    ensure = certificate.ensure

    def begun(cls: type[Attempt], *args: Any, **kwargs: Any) -> Attempt:
        made: Attempt = begin(cls, *args, **kwargs, random=lambda count: "0123456789" * 4 + "abc")
        return made

    def made(*args: Any, **kwargs: Any) -> Certificate:
        return replace(ensure(*args, **kwargs), sha256=SHA)

    def bound(_: object) -> list[socket.socket]:
        return bind([Endpoint("127.0.0.1", 0)])

    monkeypatch.setattr(Attempt, "begin", classmethod(begun))
    monkeypatch.setattr(certificate, "ensure", made)
    monkeypatch.setattr(listener, "bind", bound)
    registered(still_town, LOCAL)
    return still_town


def registered(town: Town, redirect_uri: str, listen: str = "") -> None:
    """Give the town's app another redirect URI."""
    town.app = town.app._replace(redirect_uri=redirect_uri, listen=listen)
    town.vault.set_app(town.app, None, town.clock())


async def begin(screen: Screen) -> Authorize:
    """Begin, and wait until the address is shown."""
    await screen.press("a")
    await screen.on("Authorize")
    await screen.sees("Waiting for", " left")
    dialog = screen.app.screen
    assert isinstance(dialog, Authorize)
    return dialog


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "here", "redirect_uri", "listen"),
    [
        ("wait-desk", None, LOCAL, ""),
        ("wait-ssh", SSH, LOCAL, ""),
        ("wait-headless", HEADLESS, LOCAL, ""),
        ("wait-tunnel", None, ELSEWHERE, "http://127.0.0.1:8400"),
        ("wait-paste-only", None, ELSEWHERE, ""),
    ],
)
async def test_the_wait_says_where_the_answer_comes_from(
    name: str,
    here: Surroundings | None,
    redirect_uri: str,
    listen: str,
    size: tuple[int, int],
    fixed: Town,
) -> None:
    """What to do, the way back, the step, the time; all of it in sight."""
    fixed.surroundings = here or fixed.surroundings
    registered(fixed, redirect_uri, listen)
    async with fixed.show(size) as screen:
        await begin(screen)
        await looks_like(screen, name)
    assert (0 if here else 1) == len(fixed.opened_urls)


@pytest.mark.parametrize("size", SIZES)
async def test_an_unproven_decline_is_a_question(size: tuple[int, int], fixed: Town) -> None:
    """Keep waiting is chosen already; nothing has ended, and the way to paste is still there."""
    async with fixed.show(size) as screen:
        dialog = await begin(screen)
        await decline_unproven(fixed, dialog)
        await screen.until(lambda: dialog.focused and dialog.focused.id == "keep")
        await looks_like(screen, "wait-unproven")
        await screen.press("enter")
        await screen.until(lambda: not dialog.query_one("#question").display)

        assert dialog.query_one("#buttons").display
        assert screen.app.screen is dialog
        assert "Waiting for the browser" in screen.text


async def decline_unproven(town: Town, dialog: Authorize) -> None:
    """Send what any page could send: a decline without our state."""
    under_way = dialog._under_way
    assert under_way is not None

    async def told(_: object) -> None:
        with pytest.raises(RedirectRefused):
            under_way.paste("?error=access_denied")

    await dialog.verbs.run(told)


async def test_the_question_can_be_answered_with_cancel(fixed: Town) -> None:
    """Then nothing is waited for any more."""
    async with fixed.show() as screen:
        dialog = await begin(screen)
        await decline_unproven(fixed, dialog)
        await screen.until(lambda: dialog.focused and dialog.focused.id == "keep")
        await screen.press("tab", "enter")
        await screen.until(lambda: screen.app.screen is screen.board)


async def test_a_true_answer_takes_the_question_away(town: Town) -> None:
    """Whoever sent the decline, the proven answer counts, and the steps go on."""
    town.world.faults.add(latency(1.0), "token")
    async with town.show() as screen:
        dialog = await begin(screen)
        url = f"{town.app.redirect_uri}?error=access_denied"
        threading.Thread(target=visit, args=(url,), daemon=True).start()
        await screen.sees("Keep waiting, or cancel?")
        goal = redirect(town, town.opened_urls[0], town.acme)
        threading.Thread(target=visit, args=(goal,), daemon=True).start()
        await screen.sees("Exchanging the code …", "✓ your answer", "● exchange")

        assert not dialog.query_one("#question").display
        await screen.sees("Authorized")


async def test_the_browsers_answer_is_followed_to_the_end(town: Town) -> None:
    """Exchanging, asking who, and each step before it ticked off; nothing can be pasted then."""
    town.world.faults.add(latency(0.7), "token")
    town.world.faults.add(latency(0.7), "me")
    async with town.show() as screen:
        dialog = await begin(screen)
        goal = redirect(town, town.opened_urls[0], town.acme)
        threading.Thread(target=visit, args=(goal,), daemon=True).start()
        await screen.sees("● exchange", "○ who")
        is_closed = dialog.query_one("#paste-field").disabled
        await screen.press("escape")
        await screen.sees("The answer is with Close already")
        await screen.sees("Asking Close who it is …", "✓ exchange", "● who")
        await screen.sees("reporting-acme-gmbh: Acme GmbH")

        assert is_closed


async def test_a_browser_that_takes_its_time_is_said_to_be_opened(town: Town) -> None:
    """And the time that is left runs already."""
    is_open = threading.Event()
    town.opener = lambda _: is_open.wait(60)
    async with town.show() as screen:
        await screen.press("a")
        await screen.sees("● browser", "Opening the browser, 5m 00s left")
        is_open.set()
        await screen.sees("✓ browser", "Waiting for the browser")


@pytest.mark.parametrize("place", ["connections", "organizations"])
@pytest.mark.parametrize("how", ["cancelled", "declined"])
async def test_afterwards_one_is_where_one_was(place: str, how: str, fixed: Town) -> None:
    """The focus and the highlighted connection are as before, and the attempt is used up."""
    fixed.grant("acme-reports")
    fixed.grant("globex-reports", fixed.globex)
    async with fixed.show() as screen:
        if place == "organizations":
            await screen.press("shift+tab")
        else:
            await screen.press("j")
        await screen.pilot.pause()
        before = screen.app.focused
        highlighted = screen.board.connection_list.highlighted
        assert before is not None
        await screen.press("a")
        await screen.on("Choose")
        await screen.press("end", "enter")
        await screen.on("Authorize")
        await screen.sees("Waiting for", " left")
        dialog = screen.app.screen
        assert isinstance(dialog, Authorize)
        under_way = dialog._under_way
        assert under_way is not None
        if how == "cancelled":
            await screen.press("escape")
        else:
            query = f"?error=access_denied&state={'0123456789' * 4}abc"
            await screen.type("#paste", query)
            await screen.press("enter")
            await screen.on("Message")
            await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.pilot.pause()

        assert before is screen.app.focused
        assert highlighted == screen.board.connection_list.highlighted
        with pytest.raises(RedirectRefused, match="had its answer"):
            under_way.paste(f"?code=x&state={'0123456789' * 4}abc")


def decoded(text: str) -> list[str]:
    """Read the QR codes in what stands on a screen: a cell is one module wide and two high."""
    halves = {"█": (0, 0), "▀": (0, 255), "▄": (255, 0)}
    lines = text.split("\n")
    width = max(map(len, lines))
    scale = 3
    rows: list[bytes] = []
    for line in lines:
        cells = [halves.get(cell, (255, 255)) for cell in line.ljust(width)]
        for half in (0, 1):
            rows += [bytes(cell[half] for cell in cells for _ in range(scale))] * scale
    picture = memoryview(b"".join(rows)).cast("B", (len(rows), width * scale))
    return [
        found.text
        for found in zxingcpp.read_barcodes(picture, binarizer=zxingcpp.Binarizer.FixedThreshold)
    ]


async def test_the_qr_code_alone_is_the_address(fixed: Town) -> None:
    """A decoder reads it from the characters on the screen; it is dark on light in every theme."""
    fixed.surroundings = SSH
    async with fixed.show((120, 40)) as screen:
        dialog = await begin(screen)
        assert dialog._under_way is not None
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            screen.app.theme = theme
            await screen.press("y", "r")
            await screen.on("QrCode")
            await screen.sees("esc goes back")
            await screen.until(lambda: "OSC 52" not in screen.text)
            await looks_like(screen, "qr")
            code = screen["#qr-alone"]

            assert [dialog._under_way.url] == decoded(screen.text)
            assert ("#000000", "#FFFFFF") == (
                code.styles.color.hex,
                code.styles.background.hex,
            )
            await screen.press("escape")
            await screen.on("Authorize")


async def test_a_qr_code_that_does_not_fit_says_what_it_needs(fixed: Town) -> None:
    """A part of one could not be read; a larger window shows it."""
    async with fixed.show((80, 24)) as screen:
        await begin(screen)
        await screen.press("ctrl+r")
        await screen.on("QrCode")
        await screen.sees("The QR code needs a window of 69 columns and 36 lines", "80 and 24.")
        await looks_like(screen, "qr")
        await screen.pilot.resize_terminal(100, 45)
        await screen.sees("Read it with a phone")

        assert fixed.opened_urls == decoded(screen.text)


async def test_a_high_window_shows_the_qr_code_at_once(fixed: Town) -> None:
    """Where no browser opens, below everything else, and with all of its margin."""
    fixed.surroundings = SSH
    async with fixed.show((100, 70)) as screen:
        dialog = await begin(screen)
        await screen.until(lambda: dialog.query_one("#qr").display)
        await screen.sees("SHA-256")

        assert dialog._under_way is not None
        assert [dialog._under_way.url] == decoded(screen.text)


async def test_l_copies_the_ssh_command(fixed: Town) -> None:
    """Ready to be run on the machine that the person sits at."""
    fixed.surroundings = SSH._replace(in_tmux=True)
    async with fixed.show() as screen:
        await begin(screen)
        await screen.press("l")
        await screen.sees("OSC 52", "set -s set-clipboard on")

        assert "ssh -L 25673:localhost:25673 ada@203.0.113.5" == screen.app.clipboard


async def test_over_ssh_the_browser_here_opens_when_somebody_insists(fixed: Town) -> None:
    """For those whose surroundings are not what they look like."""
    fixed.surroundings = SSH
    async with fixed.show() as screen:
        await begin(screen)
        assert [] == fixed.opened_urls
        await screen.press("ctrl+b")
        await screen.until(lambda: fixed.opened_urls)


async def test_a_tiny_terminal_shows_what_matters(fixed: Town) -> None:
    """At 60 by 15: what to do, the address, the step, the time, the field and the buttons."""
    async with fixed.show((60, 15)) as screen:
        await begin(screen)
        await looks_like(screen, "wait-desk")
        await screen.sees("Allow access", "oauth2/authorize", "● your answer", " left", "Cancel")
