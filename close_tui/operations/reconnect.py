"""Reconnect: which authorizations a person has to give again, after a purge or a long absence."""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.errors import NotFound, WrongUser
from close_tui.model import App, Connection, Result, Status
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import MOST_ATTEMPTS
from close_tui.text import clean
from close_tui.vault.protocol import Store


class Lost(NamedTuple):
    """An authorization that only a person in a browser brings back.

    Attributes:
        connection: what there was.
        app: through which OAuth app it is authorized again.
        name: what it will be called: as before; empty where that name is another's now.
        why: why it is lost, in a few words.

    """

    connection: Connection
    app: App
    name: str
    why: str


def lost(
    store: Store, now: float, *, organization: str | None = None, app: str | None = None
) -> list[Lost]:
    """Return what is to be authorized again, those of one OAuth app together.

    Revoked in an incident, without a live successor of the same app, organization and user; or
    live, and of no use without a person. Not among them: what is still being revoked, and what
    lacks its OAuth app. ``organization`` (name or id) and ``app`` (name, id or client id) narrow
    it down; NotFound where there is none.
    """
    apps = {each.id: each for each in store.apps()}
    wanted = names.app(store, app).id if app is not None else None
    everything = store.connections()
    living = {_key(each) for each in everything if each.revoked_at is None}
    taken = {each.name for each in everything if each.revoked_at is None}
    meant = [each for each in everything if _is_of(each, organization)]
    if organization is not None and not meant:
        raise NotFound(f"There is no connection of an organization {clean(organization)!r}.")
    found: dict[tuple[str | None, str, str], Lost] = {}
    for each in sorted(meant, key=lambda c: c.revoked_at or 0.0, reverse=True):
        key, why, is_revoked = _key(each), _why(each, now), each.revoked_at is not None
        through = apps.get(each.app_id or "")
        if not why or through is None or wanted not in (None, through.id):
            continue
        if key in found or (is_revoked and key in living):
            continue
        name = "" if is_revoked and each.name in taken else each.name
        taken.add(each.name)
        found[key] = Lost(each, through, name, why)
    return sorted(found.values(), key=_place)


def judged(desk: Desk, wanted: Lost, done: Result) -> Result:
    """Return the result of an authorization, or say that another user than before gave it."""
    now = desk.vault.connection(done.id)
    if now is None or now.user.id == wanted.connection.user.id:
        return done
    return another_user(desk, wanted.connection, now)


def another_user(desk: Desk, meant: Connection, now: Connection) -> Result:
    """Return the failure that a consent was given by another user than the one that was meant."""
    error = WrongUser(
        f"{_who(now)} has allowed access, and {meant.name} is of {_who(meant)}. What was allowed "
        f"is stored as {now.name}; {meant.name} is as it was.",
        advice="Sign in to Close as the right user, then authorize again.",
    )
    return desk.failure(meant, "authorize", error)


_GONE: Final = {
    Status.NEEDS_AUTHORIZATION: "Close refused its refresh token",
    Status.REJECTED: "Close refused its access token",
}


def _why(connection: Connection, now: float) -> str:
    """Say why a connection is lost; empty when it is not."""
    if connection.revoked_at is not None:
        return f"revoked in {connection.incident_id}" if connection.incident_id else ""
    if connection.frozen_at is not None:
        return ""
    status, intent = connection.status(now), connection.intent
    if status is Status.REFRESH_UNKNOWN:
        # Before that one more refresh may still bring it back.
        is_over = intent is not None and intent.attempts >= MOST_ATTEMPTS
        return "the answer to its last refresh was lost" if is_over else ""
    if status in _GONE:
        return _GONE[status]
    return "imported from another machine" if connection.imported_at is not None else ""


def _key(connection: Connection) -> tuple[str | None, str, str]:
    return connection.app_id, connection.organization.id, connection.user.id


def _is_of(connection: Connection, organization: str | None) -> bool:
    of = connection.organization
    return (
        organization is None
        or organization == of.id
        or organization.casefold() == of.name.casefold()
    )


def _who(connection: Connection) -> str:
    return connection.user.email or connection.user.id


def _place(one: Lost) -> tuple[str, str, str]:
    return one.app.name, one.connection.organization.name, one.connection.name
