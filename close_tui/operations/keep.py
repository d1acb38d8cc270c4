"""Rename and remove: what changes nothing in Close."""

from __future__ import annotations

from close_tui.model import Connection, Result
from close_tui.operations import names
from close_tui.operations.desk import Desk


def rename(desk: Desk, connection: Connection, name: str) -> Result:
    """Give a connection another name; NameTaken when a live one has it."""
    name = names.checked(name)
    with desk.vault.transaction():
        desk.vault.rename(connection.id, name)
        desk.record(connection, "rename", "renamed", f"{connection.name} is now {name}.")
    return desk.result(connection, "rename", "renamed", f"{connection.name} is now {name}.")


def remove(desk: Desk, connection: Connection) -> Result:
    """Forget a connection here. Nothing is revoked; what Close accepts stays accepted."""
    alive = connection.revoked_at is None
    detail = "Forgotten here."
    if alive:
        detail += " It was NOT revoked: Close still accepts it."
    with desk.vault.transaction():
        desk.vault.remove(connection.id)
        desk.record(connection, "remove", "removed", detail)
    return desk.result(connection, "remove", "removed", detail)
