"""Which connections are shown, in what order, and what is said of them: values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from close_tui.leaks import Revocability
from close_tui.model import Connection, Status
from close_tui.operations.filtering import parse
from close_tui.operations.overview import Overview, VaultState
from close_tui.operations.plan import revocability
from close_tui.tui.screens.left_alive import advised
from close_tui.tui.widgets.organization_list import OrganizationRow


class Order(StrEnum):
    """What the list is sorted by."""

    ORGANIZATION = "organization"
    NAME = "name"
    EXPIRY = "expiry"
    STATUS = "status"

    @property
    def following(self) -> Order:
        """The next one, round and round."""
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


class View(NamedTuple):
    """How a person looks at the connections.

    Attributes:
        organization_id: only of this organization; None for all.
        words: a filter that was understood; see :mod:`close_tui.operations.filtering`.
        order: what the list is sorted by.
        needs_first: whether what needs a person stands before everything else.

    """

    organization_id: str | None = None
    words: str = ""
    order: Order = Order.ORGANIZATION
    needs_first: bool = True


_URGENCY: Final = {status: place for place, status in enumerate(Status) if status.needs_you} | {
    Status.EXPIRING: 20,
    Status.UNTESTED: 21,
    Status.EXPIRED: 22,
    Status.OK: 23,
    Status.REVOKED: 24,
}
_NEVER: Final = float("inf")
_SPOKEN: Final = {
    status: status.replace("_", " ") + ("\nneeds you" if status.needs_you else "")
    for status in Status
}


def arrange(connections: Iterable[Connection], view: View, now: float) -> list[Connection]:
    """Return what is in view, sorted; what is revoked stands last."""
    wanted = view.organization_id
    if wanted is not None:
        connections = [one for one in connections if one.organization.id == wanted]
    shown = parse(view.words).matching(connections, now)
    return sorted(shown, key=lambda connection: _key(connection, view, now))


def organizations(connections: Iterable[Connection], now: float) -> list[OrganizationRow]:
    """Return a line for each organization with a connection that is not revoked, by name."""
    names: dict[str, str] = {}
    live: Counter[str] = Counter()
    needs: Counter[str] = Counter()
    for connection in connections:
        if connection.revoked_at is not None:
            continue
        id_, name = connection.organization
        names.setdefault(id_, name or id_ or "(no organization)")
        live[id_] += 1
        if connection.status(now).needs_you:
            needs[id_] += 1
    lines = [OrganizationRow(id_, name, live[id_], needs[id_]) for id_, name in names.items()]
    return sorted(lines, key=lambda line: line.name.casefold())


def order_words(view: View, marked: int, shown: int) -> str:
    """Say how the list is sorted, and how many are marked; ``shown``: that many of them in view."""
    parts = [f"by {view.order}"]
    if view.needs_first:
        parts.insert(0, "needs you first")
    if marked:
        parts.insert(0, f"{marked} marked" + (f", {shown} shown" if shown < marked else ""))
    return ", ".join(parts)


def vault_words(seen: Overview) -> str:
    """Say in a few words whether secrets can be used, and whether tokens are kept fresh."""
    words = f"vault {seen.vault}"
    if seen.vault is VaultState.MISSING:
        words = "no vault yet"
    elif seen.vault is VaultState.LOCKED:
        words = "vault locked, u unlocks"
    return words if seen.keeps_fresh else f"{words}, auto-refresh off"


def plan_of(seen: Overview, connection: Connection | None, now: float) -> Revocability | None:
    """Return what a revocation of a connection would come to."""
    if connection is None:
        return None
    return advised(revocability(connection, now, seen.apps_with_secret))


def empty_words(view: View, seen: Overview) -> str:
    """Say why the list is empty, and what to do."""
    if view.words:
        return f"Nothing matches {view.words}. esc shows everything again."
    if seen.apps:
        return "No connections yet: a authorizes one, A adds an API key."
    return "No connections here."


def _key(connection: Connection, view: View, now: float) -> tuple[object, ...]:
    status = connection.status(now)
    last = connection.revoked_at is not None
    calm = not (view.needs_first and status.needs_you)
    name = connection.name.casefold()
    by_name = (connection.organization.name.casefold(), name, connection.id)
    match view.order:
        case Order.ORGANIZATION:
            return (last, calm, *by_name)
        case Order.NAME:
            return (last, calm, name, *by_name)
        case Order.EXPIRY:
            expires_at = connection.expires_at
            return (last, calm, _NEVER if expires_at is None else expires_at, *by_name)
        case Order.STATUS:
            return (last, calm, _URGENCY[status], *by_name)
