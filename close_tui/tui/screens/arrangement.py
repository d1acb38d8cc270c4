"""Which connections are shown, in what order, and what is said of them: values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from close_tui.leaks import Revocability
from close_tui.model import Connection, Status
from close_tui.operations.filtering import parse, text
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


def arrange(connections: Iterable[Connection], view: View, now: float) -> list[Connection]:
    """Return what is in view, sorted; what is revoked stands last."""
    return Arranged(tuple(connections)).by(view, now)


class Arranged:
    """The connections of one look, each way of sorting them and their text worked out once."""

    def __init__(self, connections: tuple[Connection, ...]) -> None:
        self.connections = connections
        self._sorted: tuple[Connection, ...] = ()
        self._by: tuple[Order, bool] | None = None
        self._since = self._until = 0.0
        self._texts: dict[str, str] = {}

    def by(self, view: View, now: float) -> list[Connection]:
        """Return what is in view, sorted; what is revoked stands last."""
        wanted, found = view.organization_id, self._in_order(view, now)
        if wanted is not None:
            found = tuple([one for one in found if one.organization.id == wanted])
        return parse(view.words).matching(found, now, self._text)

    def _in_order(self, view: View, now: float) -> tuple[Connection, ...]:
        by = view.order, view.needs_first
        if by != self._by or not self._since <= now < self._until:
            self._sorted = tuple(sorted(self.connections, key=lambda each: _key(each, view, now)))
            self._by, self._since = by, now
            moving = [one for one in self.connections if one.expires_at or one.intent]
            self._until = min((one.steady_until(now) for one in moving), default=_NEVER)
        return self._sorted

    def _text(self, one: Connection) -> str:
        if (known := self._texts.get(one.id)) is None:
            known = self._texts[one.id] = text(one)
        return known


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
