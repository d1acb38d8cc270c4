"""The board: what it shows at each size, and every way of looking at it."""

from __future__ import annotations

import pytest

from close_tui.settings import CLOSE_API_URL, CLOSE_APP_URL
from close_tui.tui.widgets.connection_list import ConnectionList
from close_tui.tui.widgets.detail import Detail
from close_tui.tui.widgets.organization_list import OrganizationList
from close_tui.vault.vault import Vault
from tests.tui.golden import SIZES, looks_like
from tests.tui.town import Town

NAMES = ["acme-export", "acme-reports", "acme-zap", "globex-old", "globex-reports"]


@pytest.fixture
def full_town(still_town: Town) -> Town:
    """A town with a connection in most states."""
    town = still_town
    town.grant("acme-reports", lasts=2580)
    town.key("acme-export")
    town.grant("acme-zap", by=town.bob, tested=False)
    town.vault.refuse_refresh("conn_acme-zap", 1, town.clock())
    town.grant("globex-old", town.globex)
    town.vault.freeze("conn_globex-old", town.clock() - 60)
    town.vault.revoked("conn_globex-old", town.clock() - 58, proved_dead_at=town.clock() - 57)
    due = town.grant("globex-reports", town.globex, lasts=92)
    town.vault.set_auto_refresh(False, due.id)  # what is due is not tried meanwhile
    return town


@pytest.mark.parametrize("size", SIZES)
async def test_the_main_screen_looks_like_its_golden(
    full_town: Town, size: tuple[int, int]
) -> None:
    """What is seen first is known to the letter."""
    async with full_town.show(size) as screen:
        await screen.sees("acme-reports", "globex-old")

        await looks_like(screen, "main")


@pytest.mark.parametrize("size", [(200, 60), (150, 50), (100, 30), (90, 45), (72, 20), (60, 15)])
async def test_every_size_shows_names_and_states(full_town: Town, size: tuple[int, int]) -> None:
    """From large to very small the list stays, with name and status."""
    async with full_town.show(size) as screen:
        await screen.sees("acme-reports", "● ok", "authorize again")

        assert ConnectionList.__name__ == type(screen.app.focused).__name__


async def test_resizing_keeps_the_highlighted_connection(full_town: Town) -> None:
    """A terminal that shrinks and grows again loses nothing."""
    async with full_town.show() as screen:
        await screen.press("G")
        for width, height in [(60, 15), (80, 24), (200, 60)]:
            await screen.pilot.resize_terminal(width, height)
            await screen.pilot.pause()
        highlighted = screen.board.connection_list.highlighted

        assert highlighted is not None
        assert "globex-old" == highlighted.name


async def test_what_is_not_close_says_so(full_town: Town) -> None:
    """The banner is there for any other address, and only then."""
    async with full_town.show() as screen:
        await screen.sees(f"Not close.com: {full_town.settings.api_url}")

    real = full_town.settings._replace(api_url=CLOSE_API_URL, app_url=CLOSE_APP_URL)
    async with full_town.show(settings=real) as screen:
        await screen.sees("acme-reports")

        assert "Not close.com" not in screen.text


async def test_an_empty_vault_teaches_the_two_ways_to_begin(still_town: Town) -> None:
    """Nothing stored yet: both places in Close, the redirect URL, and the keys."""
    empty = still_town.settings._replace(home=still_town.settings.home / "empty")
    async with still_town.show((80, 24), settings=empty) as screen:
        await screen.sees(
            "Settings → Developer → API Keys",
            "Create New API Key",
            "Settings → Developer → OAuth Apps → Create App",
            "https://localhost:25673/callback",
            "A Key",
            "o App",
        )

        assert "a Authorize" not in screen.text
        assert "2  As redirect URL enter exactly" in screen.text
        assert "   https://localhost:25673/callback  (y copies it)" in screen.text


async def test_what_an_empty_vault_teaches_is_read_to_its_end_by_keyboard(
    still_town: Town,
) -> None:
    """Where it does not fit; the keys of the list, which is not there, are not offered."""
    empty = still_town.settings._replace(home=still_town.settings.home / "empty")
    async with still_town.show((60, 15), settings=empty) as screen:
        await screen.sees("There is nothing here yet.")
        await screen.press(*"j" * 20)
        await screen.sees("4 Press a: your browser asks", "Secrets are sealed")
        offered = {each.binding.id for each in screen.app.screen.active_bindings.values()}

        assert "list.down" not in offered


async def test_the_first_connection_takes_the_keys(still_town: Town) -> None:
    """The list has them as soon as there is something in it."""
    for app in still_town.vault.apps():
        still_town.vault.remove_app(app.id)
    async with still_town.show() as screen:
        await screen.sees("There is nothing here yet.")
        assert screen["#welcome"].has_focus
        still_town.key("acme-export")
        await screen.sees("acme-export")
        await screen.until(lambda: screen.board.connection_list.has_focus)


async def test_what_needs_a_person_stands_first_until_v(full_town: Town) -> None:
    """V switches between urgent first and plain order; revoked stands last in both."""
    async with full_town.show() as screen:
        first = screen.lines(NAMES)
        await screen.press("v")
        second = screen.lines(NAMES)

    assert ["acme-zap", "acme-export", "acme-reports", "globex-reports", "globex-old"] == first
    assert ["acme-export", "acme-reports", "acme-zap", "globex-reports", "globex-old"] == second


async def test_s_sorts_by_one_thing_after_the_other(full_town: Town) -> None:
    """The border says by what, and the list follows."""
    async with full_town.show() as screen:
        await screen.press("v", "s", "s")
        await screen.sees("by expiry")

        assert ["globex-reports", "acme-reports", "acme-zap", "acme-export", "globex-old"] == (
            screen.lines(NAMES)
        )


async def test_slash_filters_by_all_words_and_esc_shows_everything(full_town: Town) -> None:
    """Words are looked for in organization, user, app and status too."""
    async with full_town.show() as screen:
        await screen.press("slash", *"globex", "space", *"revo")
        filtered = screen.lines(NAMES)
        await screen.press("enter")
        focused = screen.app.focused
        await screen.press("escape")

        assert ["globex-old"] == filtered
        assert focused is screen.board.connection_list
        assert 5 == len(screen.lines(NAMES))


async def test_the_arrow_leads_from_the_filter_into_the_list(full_town: Town) -> None:
    """And the footer says how else to leave it; what was typed stays."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("slash", *"globex")
        await screen.sees("⏎ Keep it", "esc Clear it")
        await screen.press("down")
        await screen.until(lambda: screen.app.focused is screen.board.connection_list)

        assert ["globex-reports", "globex-old"] == screen.lines(NAMES)
        assert "globex" == screen.board.filter_boxes[0].input.value


async def test_a_filter_that_is_not_understood_keeps_the_list(full_town: Town) -> None:
    """What is wrong stands beside the field while it is typed, and goes away by itself."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("slash", *"status:revoke")
        good = screen.lines(NAMES)
        await screen.press("x")
        await screen.sees("✕ No status is 'revokex'.")
        bad = screen.lines(NAMES)
        await screen.press("backspace")
        await screen.until(lambda: "✕ No" not in screen.text)

        assert ["globex-old"] == good == bad


@pytest.mark.parametrize(
    ("begun", "hint"), [("status:", "needs_you"), ("expires<1", "units s m h d"), ("expires", "2h")]
)
async def test_a_term_that_is_only_begun_keeps_the_list(
    full_town: Town, begun: str, hint: str
) -> None:
    """What came before it holds, and under the field stands, all of it, what it may become."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("slash", *"globex", "space", *begun)
        await screen.sees(hint)
        shown = screen.lines(NAMES)

        assert not screen.board.query("FilterBox.-refused")
        assert ["globex-reports", "globex-old"] == shown


async def test_toasts_leave_what_is_said_of_the_filter_alone(full_town: Town) -> None:
    """At 80 columns, where they are as wide as half the screen."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("slash", *"status:x")
        await screen.sees("✕ No status is 'x'.")
        screen.app.notify("\n".join(f"Line {number}" for number in range(4)), timeout=60)
        await screen.sees("Line 3", "needs_you.")
        await screen.press("escape")

        assert not screen.board.has_class("-filtering")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_click_on_a_title_sorts_by_its_column(
    full_town: Town, size: tuple[int, int]
) -> None:
    """Name, expiry and status can be sorted by; what cannot changes nothing."""
    async with full_town.show(size) as screen:
        listed = screen.board.connection_list
        titles = "".join(text for text, _ in listed.header_pieces(listed.size.width - 1))
        for title, order in (("Status", "status"), ("Expires", "expiry"), ("Name", "name")):
            await screen.pilot.click(listed, offset=(titles.index(title) + 2, 1))
            await screen.sees(f"by {order}")

        assert 5 == len(screen.lines(NAMES))


async def test_an_organization_shows_only_its_connections(full_town: Town) -> None:
    """Moving in the left list narrows the middle one; enter goes there."""
    async with full_town.show() as screen:
        screen.board.query_one(OrganizationList).focus()
        await screen.press("j", "j", "enter")

        assert ["globex-reports", "globex-old"] == screen.lines(NAMES)
        assert screen.app.focused is screen.board.connection_list


async def test_the_detail_follows_the_cursor(full_town: Town) -> None:
    """J and k change what the right pane tells, history included."""
    async with full_town.show() as screen:
        await screen.press("g", "j")
        await screen.sees("Nightly export", "API key", "182 ms")
        await screen.press("k")
        await screen.sees("Authorize again (a).")


async def test_enter_reads_the_detail_where_there_is_no_room_for_it(full_town: Town) -> None:
    """At 80 columns the detail lies on top, and esc goes back to the list."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("j", "enter")
        await screen.on("DetailScreen")
        await screen.sees("Nightly export", "Fingerprint")
        await screen.press("escape")

        assert screen.app.focused is screen.board.connection_list


async def test_enter_goes_to_the_detail_where_it_is_seen(full_town: Town) -> None:
    """At 120 columns enter moves the focus, and esc brings it back."""
    async with full_town.show() as screen:
        await screen.press("enter")
        there = screen.app.focused
        await screen.press("escape")

        assert isinstance(there, Detail)
        assert screen.app.focused is screen.board.connection_list


async def test_another_process_is_noticed_and_the_cursor_stays(full_town: Town) -> None:
    """A change from outside appears by itself; the highlighted connection stays highlighted."""
    async with full_town.show() as screen:
        await screen.press("j", "j")
        before = screen.board.connection_list.highlighted
        other = Vault.open(full_town.settings)
        try:
            other.rename("conn_acme-export", "acme-a-export")
        finally:
            other.close()
        await screen.sees("acme-a-export")
        after = screen.board.connection_list.highlighted

        assert before is not None
        assert after is not None
        assert before.id == after.id


async def test_the_footer_offers_only_what_is_possible(full_town: Town) -> None:
    """Nothing is refreshed for an API key, nothing is revoked twice."""
    async with full_town.show() as screen:
        await screen.press("G")
        await screen.sees("globex-old ■ revoked")
        dead = screen.text.splitlines()[-1]
        await screen.press("g", "j")
        await screen.sees("Nightly export")
        key = screen.text.splitlines()[-1]
        await screen.press("j")
        await screen.sees("r Refresh")
        oauth = screen.text.splitlines()[-1]

    assert ("Revoke" in dead, "Test" in dead, "Refresh" in dead) == (False, False, False)
    assert ("Revoke" in key, "Test" in key, "Refresh" in key) == (True, True, False)
    assert ("Revoke" in oauth, "Test" in oauth, "Refresh" in oauth) == (True, True, True)


async def test_the_app_ticks_with_the_clock(full_town: Town) -> None:
    """A token that runs out is seen to run out."""
    async with full_town.show() as screen:
        await screen.sees("in 1m 32s")
        full_town.clock.advance(93)
        await screen.sees("○ expired")


async def test_no_verb_falls_back_to_the_cursor_while_all_marks_are_hidden(
    full_town: Town,
) -> None:
    """The title counts what is out of view, and the verb says why it does nothing."""
    async with full_town.show() as screen:
        await screen.press("g", "space", "space")
        await screen.press("slash", *"acme-zap", "enter")
        await screen.sees("2 marked, 1 shown")
        await screen.press("escape", "slash", *"globex", "enter")
        await screen.sees("2 marked, 0 shown")
        await screen.press("X")
        await screen.sees("2 marked, none in view.")

        assert [] == screen.board.selection()
        assert screen.app.screen is screen.board


async def test_the_detail_on_top_offers_the_verbs_of_its_connection(full_town: Town) -> None:
    """What its sentences name can be pressed there; it is meant for this one alone."""
    async with full_town.show((80, 24)) as screen:
        await screen.press("g", "space", "enter")
        await screen.on("DetailScreen")
        await screen.sees("X Revoke")
        assert "r Refresh" not in screen.text
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("Revoke acme-export")


@pytest.mark.parametrize("width", [72, 80, 120])
async def test_help_and_the_way_out_are_seen_at_every_width(full_town: Town, width: int) -> None:
    """They stand first, and the last verb still has its room."""
    async with full_town.show((width, 24)) as screen:
        await screen.press("j", "j")
        await screen.sees("r Refresh")
        footer = screen.text.splitlines()[-1]

    assert footer.startswith("? Help q Quit")
    assert "X Revoke" in footer


async def test_a_narrow_terminal_says_that_the_vault_is_locked(full_town: Town) -> None:
    """80 columns have room for it, beside the counts."""
    full_town.hide_identity()
    async with full_town.show((80, 24)) as screen:
        await screen.sees("vault locked, u unlocks", "1 needs you", "q Quit u Unlock")
