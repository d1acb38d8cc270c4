"""Bitwarden's JSON export, unencrypted: items with a login, a note and fields of their own.

bitwarden.com/help/condition-bitwarden-import
"""

from __future__ import annotations

from collections.abc import Iterator

from close_tui.operations.foreign.candidates import (
    Candidate,
    NotReadable,
    inside,
    objects,
    of_item,
)


def found_in_items(document: dict[str, object]) -> Iterator[Candidate]:
    """Return the keys in every item; NotReadable when the export is encrypted."""
    if document.get("encrypted") is True:
        raise NotReadable(
            "This Bitwarden export is encrypted.",
            advice="Export it again with the format .json, and import that.",
        )
    for item in objects(document.get("items")):
        login = inside(item, "login")
        fields = [field.get("value") for field in objects(item.get("fields"))]
        texts = [login.get("password"), *fields, item.get("notes"), login.get("username")]
        yield from of_item(item.get("name"), texts)
