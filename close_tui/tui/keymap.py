"""Other keys, as the settings have them: checked against every place before one is moved."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, NamedTuple, TypeAlias

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import Keys as TextualKeys
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.widgets import Button, Input

from close_tui.text import clean
from close_tui.tui.screens.dialog import Dialog

KeysById: TypeAlias = Mapping[str, tuple[str, ...]]

_PACKAGES: Final = ("close_tui.tui.screens", "close_tui.tui.widgets")
_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_CHARACTERS: Final = {
    _character_to_key(character): character
    for character in string.printable
    if character.isprintable() and not character.isspace()
}
_NAMED: Final = frozenset(key.value for key in TextualKeys) | set(_CHARACTERS)


class Known(NamedTuple):
    """What could be moved, and what stands in the way.

    Attributes:
        keys: the keys of each id, as they are without settings.
        places: the ids that are met together, for each screen.
        fixed: keys that are Textual's own everywhere, and what they do.
        edits: keys that a field takes for itself, and what they do.
        beside_fields: the ids of the dialogs, which have fields.

    """

    keys: KeysById
    places: tuple[frozenset[str], ...]
    fixed: dict[str, str]
    edits: dict[str, str]
    beside_fields: frozenset[str]


class Checked(NamedTuple):
    """What a keymap comes to.

    Attributes:
        keymap: for Textual; empty where nothing changes.
        problems: sentences about entries that are not used.

    """

    keymap: dict[str, str]
    problems: tuple[str, ...]


async def known_keys(app: App[Any]) -> Known:
    """Find every binding of every screen. It loads them all, one after the other, between keys."""
    classes: dict[str, type[DOMNode]] = {}
    for package in _PACKAGES:
        for found in iter_modules(import_module(package).__path__, f"{package}."):
            module = import_module(found.name)
            await asyncio.sleep(0)
            classes |= {
                f"{each.__module__}.{each.__name__}": each
                for each in vars(module).values()
                if isinstance(each, type) and issubclass(each, DOMNode)
            }
    keys: dict[str, tuple[str, ...]] = {}
    screens: list[set[str]] = []
    beside_fields: set[str] = set()
    anywhere: set[str] = set()
    for each in classes.values():
        own = _of(_bindings_of(each))
        keys |= own
        if issubclass(each, Screen):
            screens.append(set(own))
            beside_fields |= set(own) if issubclass(each, Dialog) else set()
        else:
            anywhere |= set(own)  # a list may stand on any screen, and gets a key before it
    own_and_palette = app._bindings  # noqa: SLF001 - the palette's key is in no class
    general = _of(_bindings(own_and_palette))
    anywhere |= set(general)
    of_textual = [*_bindings(own_and_palette), *_bindings_of(Screen)]
    fixed = {each.key: each.description or each.action for each in of_textual if not _is_ours(each)}
    of_fields = [*_bindings_of(Input), *_bindings_of(Button)]
    edits = {each.key: each.description or each.action for each in of_fields}
    places = dict.fromkeys(frozenset(each | anywhere) for each in screens)
    return Known(keys | general, tuple(places), fixed, edits, frozenset(beside_fields))


def check(wanted: Iterable[tuple[str, str]], known: Known) -> Checked:
    """Tell what of a keymap can be used; what cannot is named, and takes no key from anything."""
    companions = _companions(known.keys)
    problems: list[str] = []
    moved: dict[str, tuple[str, ...]] = {}
    for id_, text in wanted:
        try:
            moved[_id(id_, known, companions)] = _keys(id_, text)
        except ValueError as error:
            problems.append(str(error))
    while clashes := dict(_clashes(moved, known, companions)):
        # What is ignored has its old key again, which another entry may have wanted.
        problems += clashes.values()
        moved = {id_: keys for id_, keys in moved.items() if id_ not in clashes}
    return Checked(_for_textual(moved, known, companions), tuple(problems))


def _id(id_: str, known: Known, companions: KeysById) -> str:
    name = clean(id_, 40)
    if id_ in companions:
        verbs = " and ".join(companions[id_])
        raise ValueError(f"{name} follows {verbs}: set that instead.")
    if id_ not in known.keys:
        offered = [each for each in known.keys if each not in companions]
        near = get_close_matches(id_.casefold(), offered, 1)
        hint = f"Did you mean {near[0]}?" if near else "The settings (,) list them."
        raise ValueError(f"{name!r} is not the id of a key. {hint}")
    return id_


def _keys(id_: str, text: str) -> tuple[str, ...]:
    keys = tuple(_key(id_, word.strip()) for word in text.split(","))
    return tuple(dict.fromkeys(keys))


def _key(id_: str, word: str) -> str:
    *modifiers, last = word.split("+") if len(word) > 1 else [word]
    named = _character_to_key(last) if len(last) == 1 and last.isprintable() else last
    if modifiers == ["shift"] and len(last) == 1 and last.isalpha():
        raise ValueError(f"{id_}: shift and a letter is the capital: {last.upper()}.")
    is_known = (len(last) == 1 and last.isprintable()) or named in _NAMED
    if not is_known or not set(modifiers) <= _MODIFIERS:
        near = get_close_matches(last.casefold(), _NAMED, 1) if set(modifiers) <= _MODIFIERS else []
        hint = (
            f" Did you mean {near[0]}?" if near else ' They are like "R", "f5", "ctrl+r", "comma".'
        )
        raise ValueError(f"{id_}: {clean(word, 20)!r} is not a key.{hint}")
    return "+".join((*modifiers, named))


def lines(known: Known) -> list[tuple[str, str]]:
    """Return every id that may be set, and the keys that it has without settings."""
    companions = _companions(known.keys)
    return [
        (id_, " ".join(map(_shown, keys)))
        for id_, keys in sorted(known.keys.items())
        if id_ not in companions
    ]


def _companions(keys: KeysById) -> dict[str, tuple[str, ...]]:
    """Return which verbs each ``say_`` binding speaks for: those whose keys it has."""
    return {
        id_: tuple(
            other
            for other, theirs in keys.items()
            if set(theirs) & set(mine) and _is_verb_of_main(other)
        )
        for id_, mine in keys.items()
        if id_.startswith("main.say_")
    }


def _is_verb_of_main(id_: str) -> bool:
    return id_.startswith("main.") and not id_.startswith("main.say_")


def _clashes(moved: KeysById, known: Known, companions: KeysById) -> Iterator[tuple[str, str]]:
    now = {**known.keys, **moved}
    for id_, keys in moved.items():
        for key in (key for key in keys if key not in known.keys[id_]):
            own = known.fixed | known.edits if id_ in known.beside_fields else known.fixed
            if key in own:
                yield id_, f"{id_}: {_shown(key)} has its own meaning: {own[key]}."
                break
            together = set().union(*(place for place in known.places if id_ in place))
            others = (each for each in sorted(together - {id_}) if each not in companions)
            if other := next((each for each in others if key in now[each]), None):
                yield id_, f"{id_}: {_shown(key)} belongs to {other}, which would lose it."
                break


def _for_textual(moved: KeysById, known: Known, companions: KeysById) -> dict[str, str]:
    """Return the whole keymap: who shares a key with a moved one is named too.

    Textual takes a moved binding's old and new keys from all others that are not in the keymap.
    """
    now = {**known.keys, **moved}
    for id_, verbs in companions.items():
        keys = (key for verb in verbs for key in _followed(verb, known.keys[id_], known, now))
        now[id_] = tuple(dict.fromkeys(keys))
    named = {id_ for id_ in now if now[id_] != known.keys[id_]}
    while True:
        touched = {key for id_ in named for key in (*now[id_], *known.keys[id_])}
        more = {id_ for id_, keys in now.items() if touched & {*keys, *known.keys[id_]}}
        if more == named or not named:
            return {id_: ",".join(now[id_]) for id_ in sorted(named)}
        named = more


def _followed(verb: str, shared: Iterable[str], known: Known, now: KeysById) -> Iterator[str]:
    """Yield a verb's keys, if it is moved, else those of its keys that the companion has."""
    if now[verb] != known.keys[verb]:
        yield from now[verb]
    else:
        yield from (key for key in shared if key in now[verb])


def _of(bindings: Iterable[Binding]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in bindings:
        if _is_ours(each) and each.id:
            found[each.id] = (*found.get(each.id, ()), each.key)
    return found


def _bindings_of(node: type[DOMNode]) -> Iterator[Binding]:
    """Yield a class's bindings, inherited ones too, as only Textual itself has them together."""
    return _bindings(node._merged_bindings)  # noqa: SLF001


def _bindings(bindings: BindingsMap | None) -> Iterator[Binding]:
    for each in bindings.key_to_bindings.values() if bindings else ():
        yield from each


def _is_ours(binding: Binding) -> bool:
    """Tell our bindings from Textual's: all of ours say what they do."""
    return bool(binding.id and binding.tooltip and binding.id != "command_palette")


def _shown(key: str) -> str:
    """Return a key as it is written: ``?`` rather than ``question_mark``."""
    return _CHARACTERS.get(key, key)
