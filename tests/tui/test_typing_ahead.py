"""Keys that come faster than the app opens what they are meant for: a slow line, a quick hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key, Paste

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


def type_at_once(screen: Screen, keys: str) -> None:
    """Let all keys arrive together, as one read from the terminal gives them."""
    for key in keys:
        screen.app.post_message(Key("slash" if key == "/" else key, key))


async def test_letters_that_follow_slash_at_once_are_a_filter(town: Town) -> None:
    """None of them is a verb: t would test, r refresh, a authorize."""
    town.grant("zenith-reports")
    async with town.show() as screen:
        type_at_once(screen, "/rat")
        await screen.until(lambda: screen.app.query("FilterBox"))
        await screen.until(lambda: screen.board.filter_boxes[0].input.value == "rat")
        await screen.sees("Nothing matches rat.")

        assert screen.app.screen is screen.board
        assert not screen.board.connection_list.busy
    assert 1 == town.named("zenith-reports").generation


async def test_letters_that_follow_a_dialogs_key_are_no_verbs_of_the_list(town: Town) -> None:
    """The dialog is on top before the next key counts."""
    town.grant("zenith-reports")
    async with town.show() as screen:
        type_at_once(screen, "nrD")
        await screen.on("Rename")
        await screen.pilot.pause(0.1)

        assert 2 == len(screen.app.screen_stack)
    assert 1 == town.named("zenith-reports").generation


async def test_a_paste_that_follows_the_key_for_leaks_at_once_reaches_its_box(town: Town) -> None:
    """It was read before the box was there, and is what the box is for."""
    key = town.key("acme-export")
    async with town.show() as screen:
        await screen.opened()
        screen.app.post_message(Key("exclamation_mark", "!"))
        screen.app.post_message(Paste(key.text))
        await screen.on("Leak")
        await screen.sees("acme-export")

        assert key.text not in screen.text


async def test_an_api_key_behind_slash_is_not_kept(town: Town) -> None:
    """It stands neither in the field nor in what the list says of it."""
    key = town.key("acme-export")
    async with town.show() as screen:
        await screen.press("slash")
        await screen.type("#filter", key.text)
        await screen.sees("That is an API key, and was not kept here.")

        assert key.text not in screen.text
        assert "" == screen.board.view.words


async def test_enter_takes_a_filter_as_it_stands(town: Town) -> None:
    """What may become a term while one types is a word afterwards, or is refused."""
    town.key("acme-export")
    async with town.show() as screen:
        await screen.press("slash", *"expi")
        assert "" == screen.board.view.words
        await screen.press("enter")
        await screen.until(lambda: "expi" == screen.board.view.words)
        await screen.press("slash", *"status:", "enter")
        await screen.sees("status: of what?")
