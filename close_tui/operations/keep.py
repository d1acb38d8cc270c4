"""Rename, remove, and the switches of automatic refresh: what changes nothing in Close."""

from __future__ import annotations

from close_tui.errors import StillNeeded, UsageError
from close_tui.model import Connection, Event, Kind, Result
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.pending import is_pending


def rename(desk: Desk, connection: Connection, name: str) -> Result:
    """Give a connection another name; NameTaken when a live one has it."""
    name = names.checked(name)
    with desk.vault.transaction():
        desk.vault.rename(connection.id, name)
        desk.record(connection, "rename", "renamed", f"{connection.name} is now {name}.")
    return desk.result(connection, "rename", "renamed", f"{connection.name} is now {name}.")


def remove(desk: Desk, connection: Connection, *, forget_unrevoked: bool = False) -> Result:
    """Forget a connection here. Nothing is revoked; what Close accepts stays accepted.

    StillNeeded, unless ``forget_unrevoked``, for one whose revocation has begun and is not done:
    nothing else could finish it.
    """
    with desk.vault.transaction():
        # What the caller has seen may be older than a revocation.
        now = desk.vault.connection(connection.id) or connection
        unfinished = is_pending(now, desk.clock())
        if unfinished and not forget_unrevoked:
            raise StillNeeded(f"The revocation of {now.name} is not done.")
        detail = "Forgotten here."
        if now.revoked_at is None:
            detail += " It was NOT revoked: Close still accepts it."
        elif unfinished:
            detail += " Its death was NOT proved: Close may still accept it."
        desk.vault.remove(now.id)
        incident = now.incident_id or ""
        desk.record(now, "remove", "removed", detail, incident=incident)
    return desk.result(connection, "remove", "removed", detail)


def set_auto_refresh(desk: Desk, connection: Connection, on: bool) -> Result:
    """Let a connection be kept fresh without being asked, or not.

    UsageError for an API key, which does not expire.
    """
    if connection.kind is Kind.API_KEY:
        raise UsageError(f"{connection.name} is an API key: it does not expire.")
    detail = f"Automatic refresh is {'on' if on else 'off'}."
    with desk.vault.transaction():
        desk.vault.set_auto_refresh(on, connection.id)
        desk.record(connection, "set", "ok", detail)
    return desk.result(connection, "set", "ok", detail)


def set_auto_refresh_of_all(desk: Desk, on: bool) -> Result:
    """Let connections be kept fresh, or none; what each says for itself stays."""
    detail = f"Automatic refresh is {'on' if on else 'off'} for all connections."
    with desk.vault.transaction():
        desk.vault.set_auto_refresh(on)
        desk.vault.record(Event(desk.clock(), None, "", "set", "ok", detail))
    return Result("", "vault", "set", "ok", detail, at=desk.clock())
