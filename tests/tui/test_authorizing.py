"""Authorizing from the app: through the real listener, by paste, declined, cancelled."""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from textual import events

from close_tui.sandbox import records
from close_tui.sandbox.faults import latency
from close_tui.tui.screens.authorize import Authorize

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


def redirect(town: Town, url: str, organization: records.Organization) -> str:
    """Return where the browser is sent after the person has agreed."""
    asked = parse_qs(urlsplit(url).query)
    state, challenge = asked["state"][0], asked["code_challenge"][0]
    consent = town.world.codes.ask(
        town.oauth_app, town.ada, town.app.redirect_uri, state, challenge
    )
    code = town.world.codes.issue(consent, organization)
    return f"{town.app.redirect_uri}?{urlencode({'code': code.text, 'state': state})}"


def visit(url: str) -> None:
    """Go there as a browser would whose user has accepted the certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, context=context, timeout=20) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        error.close()


def agrees(town: Town, organization: records.Organization) -> None:
    """Let the browser agree, in a thread of its own as browsers do."""

    def opener(url: str) -> bool:
        goal = redirect(town, url, organization)
        threading.Thread(target=visit, args=(goal,), daemon=True).start()
        return True

    town.opener = opener


async def wait(screen: Screen) -> Authorize:
    """Begin, and wait until the address is shown."""
    await screen.press("a")
    await screen.on("Authorize")
    await screen.sees("Waiting for the", " left")
    dialog = screen.app.screen
    assert isinstance(dialog, Authorize)
    return dialog


async def test_a_new_connection_comes_through_the_listener(town: Town) -> None:
    """The browser brings the code to the https listener, and the connection is in the list."""
    agrees(town, town.globex)
    async with town.show() as screen:
        await screen.press("a")
        await screen.sees("Authorized", "reporting-globex: Globex, as ada@acme.example.")
        highlighted = screen.board.connection_list.highlighted

        assert highlighted is not None
        assert "reporting-globex" == highlighted.name
    assert 1 == len(town.opened_urls)


async def test_an_answer_from_the_browser_is_said_to_be_exchanged(town: Town) -> None:
    """While Close takes its time, nobody is told to wait for the browser."""
    agrees(town, town.globex)
    town.world.faults.add(latency(1.0), "token")
    async with town.show() as screen:
        await screen.press("a")
        await screen.sees("Exchanging the code …")
        await screen.sees("Authorized")


async def test_the_wait_shows_address_certificate_and_time(town: Town) -> None:
    """What to open, what the browser will warn of, how long it is waited for."""
    async with town.show() as screen:
        await wait(screen)
        await screen.sees("SHA-256", "Your connection is not private", "5m 00s left")
        address = screen.words.replace(" ", "")
        town.clock.advance(61)
        await screen.sees("3m 59s left")

    assert town.opened_urls[0] in address


async def test_y_copies_the_address(town: Town) -> None:
    """One key, without leaving the dialog."""
    async with town.show() as screen:
        await wait(screen)
        await screen.press("y")
        await screen.sees("OSC 52")

        assert town.opened_urls[0] == screen.app.clipboard


async def test_a_paste_finds_its_field_wherever_the_focus_is(town: Town) -> None:
    """Copy URL has it first; who comes back from the browser pastes, and presses enter."""
    async with town.show() as screen:
        await wait(screen)
        assert screen["#copy"].has_focus
        goal = redirect(town, town.opened_urls[0], town.acme)
        screen["#copy"].post_message(events.Paste(f"{goal}\n"))
        await screen.until(lambda: screen["#paste"].has_focus)
        await screen.press("enter")
        await screen.sees("reporting-acme-gmbh: Acme GmbH")

    assert "reporting-acme-gmbh" == town.named("reporting-acme-gmbh").name


async def test_a_pasted_redirect_is_as_good(town: Town) -> None:
    """The same answer by hand, after a wrong one was refused beside the field."""
    async with town.show() as screen:
        await wait(screen)
        goal = redirect(town, town.opened_urls[0], town.acme)
        await screen.type("#paste", "https://localhost/elsewhere?code=1")
        await screen.press("enter")
        await screen.sees("✕ That is an address of another place.")
        await screen.type("#paste", goal)
        await screen.press("enter")
        await screen.sees("reporting-acme-gmbh: Acme GmbH")

    assert "reporting-acme-gmbh" == town.named("reporting-acme-gmbh").name


async def test_a_decline_is_said_and_nothing_is_stored(town: Town) -> None:
    """A decline with our state ends the wait."""
    async with town.show() as screen:
        await wait(screen)
        state = parse_qs(urlsplit(town.opened_urls[0]).query)["state"][0]
        query = urlencode({"error": "access_denied", "state": state})
        await screen.type("#paste", f"{town.app.redirect_uri}?{query}")
        await screen.press("enter")
        await screen.on("Message")
        await screen.sees("Access was declined")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert [] == town.vault.connections()


async def test_an_unproven_decline_asks_and_ends_nothing(town: Town) -> None:
    """Without our state it is shown, and the true answer is still taken."""
    async with town.show() as screen:
        await wait(screen)
        url = f"{town.app.redirect_uri}?error=access_denied"
        threading.Thread(target=visit, args=(url,), daemon=True).start()
        await screen.sees("without the proof that this belongs to your")
        await screen.type("#paste", redirect(town, town.opened_urls[0], town.acme))
        await screen.press("enter")
        await screen.sees("reporting-acme-gmbh: Acme GmbH")


async def test_cancel_takes_the_listener_down(town: Town) -> None:
    """After esc the port is free again."""
    port = urlsplit(town.app.redirect_uri).port
    assert port is not None
    async with town.show() as screen:
        await wait(screen)
        with socket.create_connection(("127.0.0.1", port), timeout=20):
            pass
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

        def is_free() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) != 0

        await screen.until(is_free)


async def test_a_busy_port_leaves_pasting(town: Town) -> None:
    """The reason stands there, and the pasted answer is taken."""
    port = urlsplit(town.app.redirect_uri).port
    assert port is not None
    with socket.create_server(("127.0.0.1", port)):
        async with town.show() as screen:
            await wait(screen)
            await screen.sees(str(port), "use", "Paste here the address that the browser shows")
            await screen.type("#paste", redirect(town, town.opened_urls[0], town.acme))
            await screen.press("enter")
            await screen.sees("reporting-acme-gmbh: Acme GmbH")


async def test_a_connection_is_authorized_again(town: Town) -> None:
    """The highlighted one is offered first; its name and organization are kept."""
    town.grant("acme-reports")
    town.vault.refuse_refresh("conn_acme-reports", 1, town.clock())
    agrees(town, town.acme)
    async with town.show() as screen:
        await screen.press("a")
        await screen.on("Choose")
        await screen.sees("Again: acme-reports, Acme GmbH", "New connection through reporting")
        await screen.press("enter")
        await screen.sees("Authorized", "● ok")

    assert 2 == town.named("acme-reports").generation


async def test_no_browser_is_said_in_the_dialog(town: Town) -> None:
    """The address is still there to be opened elsewhere."""
    town.opener = lambda _: False
    async with town.show() as screen:
        await wait(screen)
        await screen.sees("No browser could be opened here.")


async def test_a_small_terminal_shows_all_of_the_wait_at_once(town: Town) -> None:
    """Address, time, field, buttons and certificate, without scrolling at 80 by 24."""
    async with town.show((80, 24)) as screen:
        await wait(screen)
        await screen.sees(
            "oauth2/authorize", "left", "Or paste the address", "Cancel", "Advanced, Proceed"
        )
        await screen.sees("SHA-256")


async def test_what_the_server_says_of_itself_is_told_while_the_person_waits(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without S256 is a notice below the address; the wait goes on as the app has it."""
    from close_tui.close import metadata
    from close_tui.operations import server

    real = metadata.to_metadata
    monkeypatch.setattr(
        "close_tui.close.client.to_metadata", lambda received: real(received)._replace(pkce=())
    )
    async with town.show() as screen:
        await wait(screen)
        await screen.sees(server.NO_S256, "It is sent all the same")
        await screen.type("#paste", redirect(town, town.opened_urls[0], town.acme))
        await screen.press("enter")
        await screen.sees("reporting-acme-gmbh: Acme GmbH")

    assert "code_challenge_method=S256" in town.opened_urls[0]
