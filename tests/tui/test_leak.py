"""Finding what leaked: pasted, recognized, never shown, and one key away from its revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from close_tui.model import SecretKind, Tokens
from close_tui.secret import Secret
from close_tui.tui.widgets.paste_box import PasteBox
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.tui.town import Screen, Town

STRANGER = "api_7zzzzzzzzzzzzzzzzzzzzz.zzzzzzzzzzzzzzzzzzzzzz"


def secret(town: Town, connection: Connection, kind: SecretKind) -> str:
    """Return a secret as it could stand in a log."""
    found = town.vault.secret(connection, kind)
    assert found is not None
    return found.reveal()


async def paste(screen: Screen, text: str) -> None:
    """Open the dialog and paste."""
    await screen.press("exclamation_mark")
    await screen.on("Leak")
    screen["#leaked"].post_message(Paste(text))


@pytest.fixture
def leaky_town(still_town: Town) -> Town:
    """A town with a refreshed authorization, a key and a removed connection."""
    town = still_town
    reports = town.grant("acme-reports")
    town.key("acme-export")
    town.grant("globex-reports", town.globex)
    for number in (1, 2):
        newer = Tokens(
            Secret(f"{MARKER}{number}a" * 4), Secret(f"{MARKER}{number}r" * 4), town.clock() + 3600
        )
        town.vault.replace_tokens(reports.id, number, newer, town.clock())
    return town


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("size", SIZES)
async def test_the_find_dialog_looks_like_its_golden(
    leaky_town: Town, size: tuple[int, int]
) -> None:
    """A log with an old refresh token, a key, a key ID and a stranger, to the letter."""
    town = leaky_town
    old = next(token for token in town.world.grants._tokens.values() if token.is_refresh).text
    key = next(iter(town.world.api_keys.values()))
    log = f"POST /sync refresh_token={old}\n\nkey={key.text}\nkey={key.id}\nX={STRANGER}\n"
    async with town.show(size) as screen:
        await screen.opened()
        await paste(screen, log)
        await screen.sees("of this vault")

        await looks_like(screen, "find")


async def test_an_old_refresh_token_is_told_with_its_age_and_owner(leaky_town: Town) -> None:
    """Two generations old, and of whom; the vault is locked meanwhile."""
    town = leaky_town
    old = next(token for token in town.world.grants._tokens.values() if token.is_refresh).text
    town.hide_identity()
    async with town.show() as screen:
        await screen.sees("vault locked")
        await paste(screen, f"refresh_token={old}")
        await screen.sees(
            "1 secret of this vault", "refresh token, two generations old", "acme-reports"
        )
        await screen.sees("Acme GmbH / reporting / ada@acme.example", "line 1")


async def test_a_key_of_somebody_else_is_said_plainly(leaky_town: Town) -> None:
    """It is not ours: its ID, which is safe to share, and who must delete it."""
    async with leaky_town.show() as screen:
        await paste(screen, f"CLOSE_API_KEY={STRANGER}")
        await screen.sees(
            "Looks like a Close API key, ID api_7zzzzzzzzzzzzzzzzzzzzz, not in this vault",
            "Its owner must delete it in Close.",
        )

        assert "Revoke (X)" not in screen.words
        assert STRANGER not in screen.text


async def test_nothing_found_says_so_and_asks_for_another(leaky_town: Town) -> None:
    """N forgets what was pasted, and the next paste is searched alone."""
    async with leaky_town.show() as screen:
        await paste(screen, "nothing to see\nhere\n")
        await screen.sees("Nothing found; 2 lines read.", "Nothing in it was ever stored here")
        await screen.press("n")
        await screen.sees("paste here; or type, then enter")
        key = next(iter(leaky_town.world.api_keys))
        screen["#leaked"].post_message(Paste(key))
        await screen.sees("1 secret of this vault; 1 line read.")


async def test_x_goes_on_to_revoke_what_was_found_and_marks_it(leaky_town: Town) -> None:
    """The plan names both, and after a cancel they are still marked."""
    town = leaky_town
    tokens = [t.text for t in town.world.grants._tokens.values() if t.is_refresh]
    async with town.show() as screen:
        await paste(screen, "\n".join(tokens))
        await screen.sees("2 secrets of this vault", "Revoke 2 (X)")
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("Revoke 2 connections", "acme-reports", "globex-reports")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)

        assert {"conn_acme-reports", "conn_globex-reports"} == screen.board.connection_list.marked


async def test_a_leaked_client_secret_concerns_every_connection_of_the_app(
    leaky_town: Town,
) -> None:
    """The app is named, and X takes all that was made with it; not the key."""
    async with leaky_town.show() as screen:
        await paste(screen, f"secret: {leaky_town.oauth_app.client_secret}")
        await screen.sees("client secret, the present one", "OAuth app, 2 live connections")
        await screen.press("X")
        await screen.sees("Revoke 2 connections")


async def test_only_the_id_of_a_key_is_no_secret(leaky_town: Town) -> None:
    """It leads to its connection all the same."""
    key = next(iter(leaky_town.world.api_keys.values()))
    async with leaky_town.show() as screen:
        await paste(screen, f"last used: {key.id}")
        await screen.sees("1 ID of this vault", "which is no secret", "acme-export")


async def test_harmless_ids_alone_do_not_lead_to_revoking(leaky_town: Town) -> None:
    """Enter asks for another paste; X still goes on, for whoever means it."""
    key = next(iter(leaky_town.world.api_keys.values()))
    async with leaky_town.show() as screen:
        await paste(screen, f"last used: {key.id}")
        await screen.sees("1 ID of this vault", "Revoke (X)")

        assert screen["#again"].has_focus


async def test_an_id_before_another_second_half_is_treated_as_leaked(leaky_town: Town) -> None:
    """It counts as a secret, and leads to the revocation."""
    key = next(iter(leaky_town.world.api_keys.values()))
    async with leaky_town.show() as screen:
        await paste(screen, f"{key.id}.{'S' * 22}")
        await screen.sees("1 secret of this vault", "begins with the ID of its API key")

        assert "no secret" not in screen.words
        assert screen["#revoke"].has_focus


async def test_what_is_pasted_is_nowhere_to_be_read(leaky_town: Town) -> None:
    """Not on the screen, not in a picture of it, and gone from memory when it closes."""
    key = next(iter(leaky_town.world.api_keys))
    async with leaky_town.show() as screen:
        await paste(screen, f"one\ntwo {key}\nthree")
        await screen.sees("3 lines", "acme-export")
        box = screen.app.screen.query_one(PasteBox)
        shown = screen.text + screen.app.export_screenshot()
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert key not in shown
    assert MARKER not in shown
    assert not box.secret()


async def test_a_megabyte_is_taken_without_a_halt(leaky_town: Town) -> None:
    """A whole log of 1 MB, with one key near its end."""
    key = next(iter(leaky_town.world.api_keys))
    line = "2027-01-15T08:00:00Z GET /api/v1/lead/ 200 request=9f2c41d07ab3e58c9f2c41d07ab3e58c\n"
    log = line * (1_000_000 // len(line)) + f"key={key}\n"
    async with leaky_town.show() as screen:
        await paste(screen, log)
        await screen.sees("1 secret of this vault", "acme-export", f"line {log.count(chr(10)):d}")


async def test_what_is_typed_is_searched_at_enter(leaky_town: Town) -> None:
    """A terminal without bracketed paste sends keys; letters that are keys elsewhere too."""
    async with leaky_town.show() as screen:
        await screen.press("exclamation_mark")
        await screen.on("Leak")
        await screen.press(*"nothing!X", "enter")
        await screen.sees("9 characters", "Nothing found; 1 line read.")


async def test_what_leaked_is_under_the_cursor_afterwards(leaky_town: Town) -> None:
    """Also where another organization was shown: its row is where one goes on from."""
    town = leaky_town
    leaked = secret(town, town.named("globex-reports"), SecretKind.ACCESS_TOKEN)
    async with town.show() as screen:
        screen.board.choose_organization(town.acme.id)
        await paste(screen, leaked)
        await screen.sees("1 secret of this vault")
        await screen.press("X")
        await screen.on("Revoke")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)
        highlighted = screen.board.connection_list.highlighted

        assert highlighted is not None
        assert "globex-reports" == highlighted.name


async def test_a_paste_on_the_main_screen_is_told_where_it_belongs(leaky_town: Town) -> None:
    """It is done nothing with, and does not stay without an answer."""
    async with leaky_town.show() as screen:
        screen.app.post_message(Paste(f"{MARKER}-in-the-clipboard"))
        await screen.sees("Nothing was pasted here.")

        assert screen.app.screen is screen.board
        assert MARKER not in screen.text
