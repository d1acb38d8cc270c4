"""Other keys and another theme, as the settings have them; what is wrong with them is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.theme import BUILTIN_THEMES

from close_tui.settings import THEMES, Settings
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.keymap import Checked, Known, check, known_keys, lines

if TYPE_CHECKING:
    from tests.tui.town import Town


async def known() -> Known:
    """Every binding of the app."""
    return await known_keys(CloseTuiApp(Settings(Path("/nowhere"))))


async def problem(id_: str, keys: str) -> str:
    """Ask for one other key, which must not be had, and return why."""
    checked = check([(id_, keys)], await known())

    assert {} == checked.keymap
    (words,) = checked.problems
    return words


def test_the_themes_are_textual_s() -> None:
    """The list that the commands check against is the one that the app has."""
    assert tuple(BUILTIN_THEMES) == THEMES


async def test_without_entries_nothing_is_moved() -> None:
    """The keys stay Textual's business."""
    assert Checked({}, ()) == check([], await known())


async def test_every_key_as_it_is_could_be_written_down() -> None:
    """The defaults themselves are no clash and no problem."""
    found = await known()
    written = [(id_, ",".join(found.keys[id_])) for id_, _ in lines(found)]

    assert Checked({}, ()) == check(written, found)


@pytest.mark.parametrize(
    ("id_", "keys", "words"),
    [
        ("main.refrsh", "f5", "'main.refrsh' is not the id of a key. Did you mean main.refresh?"),
        ("zzz", "f5", "'zzz' is not the id of a key. The settings (,) list them."),
        ("\x1b[31m", "f5", "'[31m' is not the id of a key. The settings (,) list them."),
        ("main.say_revoked", "f5", "main.say_revoked follows main.revoke: set that instead."),
        ("main.test", "escpe", "main.test: 'escpe' is not a key. Did you mean escape?"),
        ("main.test", "f5,", "main.test: '' is not a key. They are like"),
        ("main.test", "control+t", "main.test: 'control+t' is not a key."),
        ("main.test", "shift+t", "main.test: shift and a letter is the capital: T."),
        ("main.test", "\x1b", "main.test: '' is not a key."),
        ("main.test", "x" * 1000, f"main.test: {'x' * 19 + '…'!r} is not a key."),
    ],
)
async def test_what_is_not_known_is_named(id_: str, keys: str, words: str) -> None:
    """With what was probably meant, and without anything that a terminal obeys."""
    assert (await problem(id_, keys)).startswith(words)


@pytest.mark.parametrize(
    ("id_", "keys", "words"),
    [
        ("main.test", "f6,X", "main.test: X belongs to main.revoke, which would lose it."),
        ("main.sort", "?", "main.sort: ? belongs to main.help, which would lose it."),
        ("main.sort", "q", "main.sort: q belongs to quit, which would lose it."),
        ("main.sort", "j", "main.sort: j belongs to list.down, which would lose it."),
        ("quit", "r", "quit: r belongs to authorize.qr, which would lose it."),
        ("main.sort", "ctrl+p", "main.sort: ctrl+p has its own meaning: palette."),
        ("main.sort", "tab", "main.sort: tab has its own meaning: Focus Next."),
        ("rename.do", "ctrl+w", "rename.do: ctrl+w has its own meaning: "),
    ],
)
async def test_no_key_is_stolen(id_: str, keys: str, words: str) -> None:
    """From a verb of the same screen, from a list on it, from the app, from Textual or a field."""
    assert (await problem(id_, keys)).startswith(words)


async def test_the_same_key_twice_is_given_to_neither() -> None:
    """Which of the two was meant cannot be known."""
    checked = check([("main.test", "f5"), ("main.refresh", "f5")], await known())

    assert {} == checked.keymap
    assert 2 == len(checked.problems)


async def test_an_old_key_that_comes_back_is_not_taken() -> None:
    """When an entry falls, whoever wanted the key that it had falls too."""
    wanted = [("main.test", "r"), ("main.refresh", "X"), ("main.sort", "f7")]

    checked = check(wanted, await known())

    assert [
        "main.refresh: X belongs to main.revoke, which would lose it.",
        "main.test: r belongs to main.refresh, which would lose it.",
    ] == list(checked.problems)
    assert {"main.sort": "f7"} == {
        id_: keys for id_, keys in checked.keymap.items() if id_ == "main.sort" or "f" in keys
    }


async def test_keys_can_be_exchanged(still_town: Town) -> None:
    """Two verbs swap theirs, and everything else keeps its own."""
    still_town.grant("acme-reports")
    still_town.hide_identity()  # a vault that opens in between takes u away
    before = after = None
    async with still_town.show() as screen:
        before = {key: each.binding.id for key, each in screen.app.screen.active_bindings.items()}
    moved = still_town.settings._replace(keys=(("main.test", "n"), ("main.rename", "t")))
    async with still_town.show(settings=moved) as screen:
        await screen.until(lambda: screen.app._keymap)
        after = {key: each.binding.id for key, each in screen.app.screen.active_bindings.items()}

    assert {**before, "n": "main.test", "t": "main.rename"} == after


async def test_a_moved_verb_is_called_by_its_new_keys_alone(still_town: Town) -> None:
    """And help and footer show them."""
    still_town.grant("acme-reports")
    moved = still_town.settings._replace(keys=(("main.rename", "f7,="),))
    async with still_town.show(settings=moved) as screen:
        await screen.until(lambda: screen.app._keymap)
        await screen.press("n")
        await screen.pilot.pause()
        assert screen.app.screen is screen.board
        for key in ("f7", "equals_sign"):
            await screen.press(key)
            await screen.on("Rename")
            await screen.press("escape")
            await screen.on("MainScreen")
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("f7 = Give this connection another name.")

        assert () == screen.app.key_problems


async def test_what_speaks_for_a_verb_follows_its_key(still_town: Town) -> None:
    """With all marks out of view the new key says so; the old one is silent."""
    still_town.grant("acme-reports")
    still_town.grant("globex-sync", still_town.globex)
    moved = still_town.settings._replace(keys=(("main.revoke", "Z"),))
    async with still_town.show(settings=moved) as screen:
        await screen.until(lambda: screen.app._keymap)
        await screen.press("g", "space", "slash", *"globex", "enter")
        await screen.sees("1 marked, 0 shown")
        await screen.press("X")
        await screen.pilot.pause()
        assert "none in view" not in screen.text
        await screen.press("Z")
        await screen.sees("1 marked, none in view.")


async def test_wrong_keys_are_named_on_the_main_screen_and_in_the_settings(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right ones hold meanwhile; names are shown to the letter."""
    still_town.grant("acme-reports")
    words = "main.rename=f7 main.tst=f6 main.sort=j [@click=app.bell]x[/]=f8"
    monkeypatch.setenv("CLOSE_TUI_KEYS", words)
    wanted = tuple((name, keys) for name, keys in (each.rsplit("=", 1) for each in words.split()))
    async with still_town.show(settings=still_town.settings._replace(keys=wanted)) as screen:
        await screen.sees("keys in the settings: 'main.tst' is not the id of a key.", "(2 more")
        await screen.press("f7")
        await screen.on("Rename")
        await screen.press("escape")
        await screen.on("MainScreen")
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.sees(
            "keys: 'main.tst' is not the id of a key. Did you mean main.test?",
            "keys: main.sort: j belongs to list.down",
        )


async def test_the_settings_list_the_ids(still_town: Town) -> None:
    """With the keys that each has, and not those that follow another."""
    async with still_town.show(size=(120, 300)) as screen:
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.press("i")
        await screen.sees("main.refresh r", "main.filter /", "quit.anywhere ctrl+q")

        assert "say_" not in screen.text
        await screen.press("i")
        await screen.until(lambda: "main.refresh" not in screen.text)


@pytest.mark.parametrize("theme", ["nord", "textual-light", "ansi-dark"])
async def test_a_theme_holds_from_the_start(still_town: Town, theme: str) -> None:
    """And the palette says how one that is chosen there is kept."""
    async with still_town.show(settings=still_town.settings._replace(theme=theme)) as screen:
        assert theme == screen.app.theme
        offered = {each.title: each for each in screen.app.get_system_commands(screen.board)}
        assert "theme in the settings (,) keeps" in offered["Theme"].help


async def test_a_theme_from_the_palette_is_said_to_hold_for_this_run(
    still_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings show it beside the one that comes back at the next start."""
    monkeypatch.setenv("CLOSE_TUI_THEME", "nord")
    async with still_town.show(settings=still_town.settings._replace(theme="nord")) as screen:
        screen.app.theme = "gruvbox"
        await screen.press("comma")
        await screen.on("ShowSettings")
        await screen.sees("theme this run gruvbox", "at the next start: nord")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_filter_s_line_fits(still_town: Town, size: tuple[int, int]) -> None:
    """Its placeholder shows the whole language, to the last word."""
    still_town.grant("acme-reports")
    async with still_town.show(size) as screen:
        await screen.press("slash")
        await screen.sees('words org: app: user: name: status: kind: expires<10m -not "two words"')


async def test_help_teaches_the_filter(still_town: Town) -> None:
    """On the main screen, where there is one, and not elsewhere."""
    still_town.grant("acme-reports")
    async with still_town.show((120, 70)) as screen:
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("The filter", "expires<10m", "-kind:key", "everything but that")
        await screen.press("escape", "comma")
        await screen.on("ShowSettings")
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees("Keys for this place")

        assert "expires<10m" not in screen.text


async def test_help_begins_with_what_is_used_most(town: Town) -> None:
    """At 80x24 the verbs and the mark can be read without scrolling; moving about stands last."""
    town.grant("acme-reports")
    async with town.show((80, 24)) as screen:
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.sees(
            "r Renew", "t Test this", "X Revoke this", "space Mark", "A Add an API key"
        )

        assert "Next row" not in screen.text
