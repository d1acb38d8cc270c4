"""The record of where trust was given, so that exactly that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from close_tui.callback.certificate import write
from close_tui.callback.trust_stores import BROWSERS, Store
from close_tui.callback.trust_tools import Command, Wanted
from close_tui.errors import TrustUnknown
from close_tui.text import clean

FILE_NAME: Final = "certificate-trust.json"
_VERSION: Final = 1
_SIZE_LIMIT: Final = 1024 * 1024
_KINDS: Final = ("nss", "keychain", "windows")


class Entry(NamedTuple):
    """One certificate in one store.

    Attributes:
        store: where.
        what: which certificate.
        at: when trust was given, Unix seconds.
        commands: what was run for it; told to people, and never run again.

    """

    store: Store
    what: Wanted
    at: float
    commands: tuple[Command, ...]


def read(home: Path) -> list[Entry]:
    """Return what was recorded, nothing where nothing was; TrustUnknown when it is damaged."""
    path = home / FILE_NAME
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrustUnknown(
            f"{path} cannot be read: {error.strerror}.", advice="Make it readable for yourself."
        ) from None
    try:
        content = json.loads(raw)
        if content["version"] != _VERSION or len(raw) > _SIZE_LIMIT:
            raise _damaged(path)
        return [_entry(each) for each in content["trusted"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _damaged(path) from None


def save(home: Path, entries: Iterable[Entry]) -> None:
    """Write the record, whole or not at all; OSError where that is not possible."""
    trusted = [
        {
            **each.store._asdict(),
            **each.what._asdict(),
            "at": each.at,
            "commands": [list(command) for command in each.commands],
        }
        for each in entries
    ]
    content = json.dumps({"version": _VERSION, "trusted": trusted}, indent=1)
    write(home / FILE_NAME, content.encode("ascii"))


def _entry(each: dict[str, Any]) -> Entry:
    store = Store(*(_text(each[name]) for name in Store._fields))
    what = Wanted(*(_text(each[name]) for name in Wanted._fields))
    if store.browser not in BROWSERS or store.kind not in _KINDS:
        raise ValueError
    # They become arguments of a tool: nothing in them may look like a flag.
    if not what.nickname.startswith("close-tui ") or not what.sha1.isalnum() or "\0" in store.path:
        raise ValueError
    commands = tuple(tuple(_text(word) for word in command) for command in each["commands"])
    return Entry(store._replace(name=clean(store.name)), what, float(each["at"]), commands)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _damaged(path: Path) -> TrustUnknown:
    return TrustUnknown(
        f"{path} is damaged.",
        advice="Move it away, then close-tui certificate trust: it finds what is trusted already, "
        "and close-tui certificate untrust undoes that again.",
    )
