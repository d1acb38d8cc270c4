"""Keys as a table: in this place, this key, and what is then to be seen that was not before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from textual.binding import Binding
from textual.dom import DOMNode
from textual.events import Key

from close_tui.tui.app import CloseTuiApp
from tests.tui.town import PATIENCE

if TYPE_CHECKING:
    import pytest

    from tests.tui.town import Screen, Town

LOOK_S: Final = 0.01
"""Seconds between two looks at whether a key has had its consequence."""

PACKAGES: Final = ("close_tui.tui.screens", "close_tui.tui.widgets")

Seen: TypeAlias = Callable[["Town", "Screen"], object]
"""Something to look at, in the app or in what it keeps."""

Shown: TypeAlias = Callable[[], object]
Consequence: TypeAlias = Callable[["Town", "Screen"], Shown]
"""Called before the key: remembers how it was, and returns what will tell that it is so now."""

Aside: TypeAlias = Callable[["Town", "Screen"], Awaitable[None]]
"""What happens between two keys, and is not looked at itself."""


class Press(NamedTuple):
    """A key, in a place, and its consequence.

    Attributes:
        place: the class of the screen or widget whose binding it is.
        key: the key, as Textual calls it.
        then: what is not so before the key, and is afterwards.
        id: which binding, where the place has two for this key.
        by: the widget that takes the key before the place gets it, to the same end.

    """

    place: str
    key: str
    then: Consequence
    id: str = ""
    by: str = ""

    @property
    def binding(self) -> Binding:
        """The binding that is meant."""
        found = [
            each
            for each in bindings_of(places()[self.place])
            if each.key == self.key and self.id in ("", each.id)
        ]
        assert 1 == len(found), f"{self.place} has {len(found)} bindings for {self.key}"
        return found[0]


Walk: TypeAlias = "tuple[Press | Aside, ...]"


class Tour(NamedTuple):
    """A walk through a town.

    Attributes:
        walk: its keys.
        found: what is in the vault before the app starts.
        size: the terminal.
        opens: whether the app unlocks the vault by itself, which is waited for.
        needs_close: whether Close answers.

    """

    walk: Walk
    found: Callable[[Town], Awaitable[None]]
    size: tuple[int, int] = (120, 40)
    opens: bool = True
    needs_close: bool = False


# What there is


def ours() -> Iterator[type[DOMNode]]:
    """Yield what the app can show: the classes that no other class is based on."""
    found = {
        each
        for package in PACKAGES
        for module in iter_modules(import_module(package).__path__, f"{package}.")
        for each in vars(import_module(module.name)).values()
        if isinstance(each, type) and issubclass(each, DOMNode)
    }
    bases = {base for each in found for base in each.__mro__[1:]}
    for each in sorted(found - bases, key=lambda one: one.__name__):
        if each.__module__.startswith("close_tui."):
            yield each


def places() -> dict[str, type[DOMNode]]:
    """Return everything that may have keys, by name."""
    found: list[type[DOMNode]] = [CloseTuiApp, *ours()]
    return {each.__name__: each for each in found}


def bindings_of(place: type[DOMNode]) -> Iterator[Binding]:
    """Yield our bindings of a place, inherited ones too, each key by itself."""
    merged = place._merged_bindings
    for bindings in merged.key_to_bindings.values() if merged else ():
        yield from (each for each in bindings if each.id and each.tooltip)


def all_keys() -> set[tuple[str, str, str]]:
    """Return place, key and id of every binding of the app."""
    return {
        (name, binding.key, binding.id or "")
        for name, place in places().items()
        for binding in bindings_of(place)
    }


def keys_of(walk: Walk) -> set[tuple[str, str, str]]:
    """Return place, key and id of what a walk presses."""
    pressed = (step for step in walk if isinstance(step, Press))
    return {(step.place, step.key, step.binding.id or "") for step in pressed}


# Pressing


async def go(walk: Walk, town: Town, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press every key: its own binding must run, and its consequence be new."""
    ran: list[tuple[str, str]] = []
    run_action = CloseTuiApp.run_action

    async def recorded(
        app: CloseTuiApp,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Any = None,
    ) -> bool:
        is_done = await run_action(app, action, default_namespace, namespaces)
        if is_done:
            ran.append((type(default_namespace).__name__, str(action)))
        return is_done

    monkeypatch.setattr(CloseTuiApp, "run_action", recorded)
    for step in walk:
        if isinstance(step, Press):
            await _press(step, town, screen, ran)
        else:
            await step(town, screen)


async def send(screen: Screen, *keys: str) -> None:
    """Press keys; not as pilot does, which waits twice for each until the process is idle."""
    for key in keys:
        assert screen.app._driver is not None
        screen.app._driver.send_message(Key(key, key if len(key) == 1 else None))
        await screen.pilot._wait_for_screen()


async def until(screen: Screen, is_so: Shown, words: str) -> None:
    """Wait until something is so."""
    for _ in range(PATIENCE):
        await screen.pilot._wait_for_screen()
        if is_so():
            return
        await asyncio.sleep(LOOK_S)
    raise AssertionError(f"{words}: it did not come to that:\n{screen.text}")


async def _press(step: Press, town: Town, screen: Screen, ran: list[tuple[str, str]]) -> None:
    app, words = screen.app, f"{step.place}, {step.key}"
    app.clear_notifications()
    app._clipboard = ""
    is_so = step.then(town, screen)
    assert not is_so(), f"{words}: it was so before the key"
    ran.clear()
    await send(screen, step.key)
    await until(screen, is_so, words)
    taker = step.by or step.place
    actions = [action for place, action in ran if place == taker]
    assert actions if step.by else step.binding.action in actions, f"{words} ran {ran}"


# Consequences


def goes_to(kind: str) -> Consequence:
    """Another screen is on top, and ready for keys."""

    def consequence(_: Town, screen: Screen) -> Shown:
        def is_there() -> bool:
            top = screen.app.screen
            is_ready = top.is_mounted and (top.focused or not top.focus_chain)
            return type(top).__name__ == kind and bool(is_ready)

        return is_there

    return consequence


def focuses(kind: str) -> Consequence:
    """Another widget has the focus: its class, or with a hash its id."""

    def consequence(_: Town, screen: Screen) -> Shown:
        def has_it() -> bool:
            focused = screen.app.screen.focused
            return focused is not None and kind in (type(focused).__name__, f"#{focused.id}")

        return has_it

    return consequence


def tells(*words: str) -> Consequence:
    """A toast says it."""

    def consequence(_: Town, screen: Screen) -> Shown:
        def is_told() -> bool:
            told = "\n".join(f"{each.title} {each.message}" for each in screen.app._notifications)
            return all(each in told for each in words)

        return is_told

    return consequence


def reads(*words: str) -> Consequence:
    """It can be read on the screen."""
    return lambda _, screen: lambda: all(each in screen.words for each in words)


def copies(words: str) -> Consequence:
    """It is in the clipboard."""
    return lambda _, screen: lambda: words in screen.app.clipboard


def is_now(seen: Seen, expected: object) -> Consequence:
    """Something is as it was not before."""
    return lambda town, screen: lambda: seen(town, screen) == expected


def grows(seen: Callable[[Town, Screen], float], by: int = 1) -> Consequence:
    """A number is greater, or with a negative ``by`` smaller."""

    def consequence(town: Town, screen: Screen) -> Shown:
        before = seen(town, screen)
        return lambda: (seen(town, screen) - before) * by > 0

    return consequence


def ends(_: Town, screen: Screen) -> Shown:
    """The app is left."""
    return lambda: not screen.app.is_running
