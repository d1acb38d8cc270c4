"""1Password's unencrypted export, 1PUX: a zip archive with ``export.data`` (JSON) in it.

Accounts hold vaults, vaults hold items; an item has a title in its overview, and in its details
login fields, a note, and sections of fields whose values are typed.
support.1password.com/1pux-format
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from close_tui.operations.foreign.candidates import Candidate, inside, objects, of_item


def found_in_accounts(document: dict[str, object]) -> Iterator[Candidate]:
    """Return the keys in every item that is not in the trash; passwords of the past are not."""
    for account in objects(document.get("accounts")):
        for vault in objects(account.get("vaults")):
            for given in objects(vault.get("items")):
                item = inside(given, "item") or given  # the first version put one around it
                if item.get("trashed") is not True:
                    title = inside(item, "overview").get("title")
                    yield from of_item(title, _texts(inside(item, "details")))


def _texts(details: dict[str, object]) -> Iterator[object]:
    yield details.get("password")
    for field in objects(details.get("loginFields")):
        yield field.get("value")
    for section in objects(details.get("sections")):
        for field in objects(section.get("fields")):
            yield from chain(inside(field, "value").values())
    yield details.get("notesPlain")
