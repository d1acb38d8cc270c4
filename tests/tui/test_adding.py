"""Adding API keys and OAuth apps: errors stand beside their field, and nothing half is stored."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Checkbox, Input

from close_tui.model import SecretKind
from close_tui.secret import Secret
from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from tests.tui.town import Town


async def test_a_key_is_tested_and_named_before_it_is_stored(town: Town) -> None:
    """What was pasted is recognized; the toast names organization and user."""
    made = town.world.add_api_key(town.ada, town.globex)
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", f"  CLOSE_API_KEY='{made.text}'  ")
        await screen.type("#name", "globex-export")
        await screen.type("#description", "Nightly")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.sees("API key added", "Globex, as ada@acme.example")
        highlighted = screen.board.connection_list.highlighted

        assert highlighted is not None
        assert "globex-export" == highlighted.name
        assert "Nightly" == highlighted.description


async def test_a_refused_key_is_not_stored(town: Town) -> None:
    """The refusal stands beside the key, the dialog stays, and nothing is kept."""
    made = town.world.add_api_key(town.ada, town.globex)
    town.world.delete_api_key(made.id)
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", made.text)
        await screen.type("#name", "globex-export")
        await screen.press("enter", "enter")
        await screen.sees("✕ Close answered 401")

        assert "AddKey" == type(screen.app.screen).__name__
        assert "key" == screen.app.focused.id if screen.app.focused else None
    assert [] == town.vault.connections()


@pytest.mark.parametrize(
    ("key", "name", "field", "words"),
    [
        ("nonsense", "fine", "key", "That does not look like a Close API key."),
        ("api_{22}.{22}", "", "name", "It needs a name."),
        ("api_{22}.{22}", "acme-export", "name", "There is a connection named acme-export"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    town: Town, key: str, name: str, field: str, words: str
) -> None:
    """The first wrong field says what to do, and has the focus."""
    town.key("acme-export")
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", key.replace("{22}", "a" * 22))
        await screen.type("#name", name)
        await screen.press("ctrl+s")
        await screen.sees(f"✕ {words}")

        assert screen.app.focused is not None
        assert field == screen.app.focused.id


async def test_an_app_is_stored_as_close_shows_it(town: Town) -> None:
    """Redirect URI and PKCE have defaults; the secret is sealed."""
    made = town.world.add_app("Importer", "https://localhost:25673/callback")
    async with town.show() as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.sees("Settings → Developer → OAuth Apps → Create App", "Close refuses http://")
        await screen.type("#name", "importer")
        await screen.type("#client", made.client_id)
        await screen.type("#secret", made.client_secret)
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.sees("OAuth app added")
    app = next(app for app in town.vault.apps() if app.name == "importer")

    assert ("https://localhost:25673/callback", True) == (app.redirect_uri, app.pkce)
    assert Secret(made.client_secret) == town.vault.secret(app, SecretKind.CLIENT_SECRET)


async def test_every_wrong_field_of_an_app_says_so(town: Town) -> None:
    """Http is refused with the reason; the first wrong field has the focus."""
    async with town.show() as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.type("#name", "reporting-2")
        redirect = screen["#redirect"]
        assert isinstance(redirect, Input)
        redirect.value = "http://localhost:25673/callback"
        await screen.press("ctrl+s")
        await screen.sees("✕ Close refuses plain http redirect URIs.")
        await screen.sees("✕ It needs the client ID.", "✕ It needs the client secret.")

        assert screen.app.focused is redirect


async def test_an_error_goes_when_the_answer_is_another(town: Town) -> None:
    """A right answer does not stand beside the words that refused the one before."""
    async with town.show() as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.press("ctrl+s")
        await screen.sees("✕ It needs a name.", "✕ It needs the client secret.")
        await screen.press("a")
        await screen.until(lambda: "✕ It needs a name." not in screen.text)
        await screen.type("#secret", "b")
        await screen.until(lambda: "✕ It needs the client secret." not in screen.text)

        assert "✕ It needs the client ID." in screen.text


async def test_the_first_line_of_a_dialog_is_seen_where_it_has_to_scroll(still_town: Town) -> None:
    """The focus on the first field does not take away what is said above it."""
    async with still_town.show((80, 24)) as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.sees("In Close: Settings → Developer → OAuth Apps → Create App.")


@pytest.mark.parametrize(("at", "key"), [("#name", "f1"), ("#cancel", "question_mark")])
async def test_a_dialog_shows_its_own_keys(still_town: Town, at: str, key: str) -> None:
    """F1 does in a field too, where ? is a character."""
    async with still_town.show() as screen:
        await screen.press("o")
        await screen.on("AddApp")
        screen[at].focus()
        await screen.press(key)
        await screen.on("Help")
        await screen.sees("^s Store the OAuth app.", "^y Copy the redirect URI", "esc Close this")


async def test_pkce_can_be_off(town: Town) -> None:
    """The switch is stored."""
    made = town.world.add_app("Importer", "https://localhost:25673/callback")
    async with town.show() as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.type("#name", "importer")
        await screen.type("#client", made.client_id)
        await screen.type("#secret", made.client_secret)
        screen.app.screen.query_one(Checkbox).toggle()
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert [False] == [app.pkce for app in town.vault.apps() if app.name == "importer"]


async def test_a_typed_secret_is_never_on_the_screen(town: Town) -> None:
    """Fields for secrets show dots."""
    made = town.world.add_api_key(town.ada, town.globex)
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", made.text)

        assert "••••" in screen.text
        assert made.text not in screen.text


async def test_a_busy_port_is_a_warning_beside_the_redirect_uri(town: Town) -> None:
    """It names who listens; the app is stored all the same, and the warning goes with its cause."""
    made = town.world.add_app("Importer", "https://localhost:25673/callback")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"https://127.0.0.1:{taken.getsockname()[1]}/callback"
        async with town.show() as screen:
            await screen.press("o")
            await screen.on("AddApp")
            await screen.type("#name", "importer")
            redirect = screen["#redirect"]
            assert isinstance(redirect, Input)
            redirect.value = "https://tunnel.example/callback"
            redirect.focus()
            await screen.press("tab")
            await screen.sees("Enter exactly this in Close's form")
            redirect.value = uri
            redirect.focus()
            await screen.press("tab")
            await screen.sees(
                f"! python (process {os.getpid()}) listens on port", "must be free when you"
            )
            await screen.type("#client", made.client_id)
            await screen.type("#secret", made.client_secret)
            await screen.press("enter")
            await screen.until(lambda: screen.app.screen is screen.board)

    assert [uri] == [app.redirect_uri for app in town.vault.apps() if app.name == "importer"]


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_says_whose_it_is_while_you_wait(town: Town, size: tuple[int, int]) -> None:
    """What was recognized, organization and user, and a name to begin with; nothing is stored."""
    made = town.world.add_api_key(town.ada, town.globex)
    async with town.show(size) as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", f'export CLOSE_API_KEY="{made.text}"')
        await screen.sees("✓ Globex, as Ada Byron ada@acme.example.", "Nothing is stored yet.")
        name = screen["#name"]
        assert isinstance(name, Input)

        assert "globex" == name.value
        assert [] == town.vault.connections()
        assert [] == town.vault.history()
        await looks_like(screen, "add-key")


async def test_what_was_recognized_is_said_before_close_answers(still_town: Town) -> None:
    """Close is out of reach here: that is said too, and it can be added later."""
    async with still_town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", f"curl -u api_{'a' * 22}.{'b' * 22}: https://api.close.com/")
        await screen.sees("Recognized: the key of a curl command. Asking Close whose it is …")
        await screen.sees("connection refused. Nothing was sent.")


async def test_a_key_that_is_here_already_says_so_without_asking_close(town: Town) -> None:
    """By its fingerprint: no call is made, and the vault may be locked."""
    made = town.key("acme-export")
    town.hide_identity()
    before = town.world.journal.count()
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", made.text)
        await screen.sees("! Recognized: an API key. This key is here already, as acme-export.")
        await screen.pilot.pause(0.8)

    assert before == town.world.journal.count()


async def test_typing_on_cancels_the_question(town: Town) -> None:
    """Only what stands there when nobody types any more is asked for."""
    one = town.world.add_api_key(town.ada, town.acme)
    other = town.world.add_api_key(town.ada, town.globex)
    before = town.world.journal.count()
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", one.text)
        box = screen["#key"]
        assert isinstance(box, Input)
        box.value = other.text
        await screen.sees("✓ Globex")

    assert before + 1 == town.world.journal.count()


async def test_a_name_of_ones_own_is_kept(town: Town) -> None:
    """A suggestion never replaces what was typed."""
    made = town.world.add_api_key(town.ada, town.globex)
    async with town.show() as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#name", "mine")
        await screen.type("#key", made.text)
        await screen.sees("✓ Globex")
        name = screen["#name"]

        assert isinstance(name, Input)
        assert "mine" == name.value


@pytest.mark.parametrize("size", SIZES)
async def test_client_id_and_redirect_uri_are_checked_while_typed(
    still_town: Town, size: tuple[int, int]
) -> None:
    """Beside their fields, which keep the focus; https is explained."""
    async with still_town.show(size) as screen:
        await screen.press("o")
        await screen.on("AddApp")
        await screen.sees("Close refuses http://, also for localhost")
        await screen.type("#client", "two words")
        await screen.sees("✕ That is not a client id.")
        redirect = screen["#redirect"]
        redirect.focus()
        assert isinstance(redirect, Input)
        redirect.value = "http://localhost:1/callback"
        await screen.sees("✕ Close refuses plain http redirect URIs. Begin it with https://")
        client = screen["#client"]
        assert isinstance(client, Input)
        client.value = "oa2client_1"
        await screen.sees("! Close's client IDs are oa2client_ and 22 letters or digits.")
        client.value = f"CLIENT_ID='oa2client_{'a' * 22}'"
        await screen.sees("✓ A client id.")

        assert redirect.has_focus
        await looks_like(screen, "add-app")


async def test_the_redirect_uri_can_be_copied(town: Town) -> None:
    """With a key, where an empty vault teaches, and in the dialog."""
    empty = town.settings._replace(home=town.settings.home.with_name("new"))
    async with town.show(settings=empty) as screen:
        await screen.sees("As redirect URL enter exactly", "(y copies it)")
        await screen.press("y")
        first = screen.app.clipboard
        await screen.press("o")
        await screen.on("AddApp")
        redirect = screen["#redirect"]
        assert isinstance(redirect, Input)
        redirect.value = "https://localhost:1/x"
        await screen.press("ctrl+y")

        assert (town.settings.redirect_uri, "https://localhost:1/x") == (
            first,
            screen.app.clipboard,
        )
