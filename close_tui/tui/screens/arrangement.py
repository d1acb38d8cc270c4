"""Which connections are shown, in what order, and what is said of them: values in, values out."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from close_tui.model import Connection, Status
from close_tui.operations.overview import Overview, VaultState
from close_tui.operations.plan import revocability
from close_tui.tui.screens.left_alive import advised
from close_tui.tui.widgets.census import NEVER, Census
from close_tui.tui.widgets.organization_list import OrganizationRow

if TYPE_CHECKING:
    from close_tui.leaks import Revocability


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


ORDERS: Final = {
    "Organization": Order.ORGANIZATION,
    "Name": Order.NAME,
    "Expires": Order.EXPIRY,
    "Status": Order.STATUS,
}
"""What the title of a column sorts by."""


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


class Arranged:
    """The connections of one look, each way of sorting them and their text worked out once."""

    def __init__(self, taken: Census) -> None:
        self.taken = taken
        self._sorted: tuple[Connection, ...] = ()
        self._by: tuple[Order, bool] | None = None
        self._texts: dict[str, str] = {}
        self._texts_in_order: list[str] | None = None

    def by(self, view: View, now: float) -> list[Connection]:
        """Return what is in view, sorted; what is revoked stands last."""
        wanted, found = view.organization_id, self._in_order(view)
        if wanted is not None:
            found = tuple([one for one in found if one.organization.id == wanted])
        if not view.words:
            return list(found)
        from close_tui.operations.filtering import parse  # nobody has typed before the first paint

        texts = self._read() if wanted is None else map(self._text, found)
        return parse(view.words).matching(found, now, texts)

    def anew(self, taken: Census) -> Arranged:
        """Return the same for a later census; their texts stay known where nothing has changed."""
        later = Arranged(taken)
        if taken.connections is self.taken.connections:
            later._texts = self._texts
        return later

    def _in_order(self, view: View) -> tuple[Connection, ...]:
        if self._by != (view.order, view.needs_first):
            self._by = view.order, view.needs_first
            self._sorted = _sorted(self.taken, *self._by)
            self._texts_in_order = None
        return self._sorted

    def _read(self) -> list[str]:
        if self._texts_in_order is None:
            self._texts_in_order = [self._text(one) for one in self._sorted]
        return self._texts_in_order

    def _text(self, one: Connection) -> str:
        if (known := self._texts.get(one.id)) is None:
            from close_tui.operations.filtering import text

            known = self._texts[one.id] = text(one)
        return known


def organizations(taken: Census) -> list[OrganizationRow]:
    """Return a line for each organization with a connection that is not revoked, by name."""
    every = taken.connections
    live, needs = every, list[Connection]()
    if any(status is not Status.OK for status in taken.counts):
        pairs = list(zip(every, taken.statuses, strict=True))
        live = tuple([one for one, status in pairs if status is not Status.REVOKED])
        needs = [one for one, status in pairs if status.needs_you]
    known = {one.organization.id: one.organization for one in reversed(live)}
    living = Counter([one.organization.id for one in live])
    needing = Counter([one.organization.id for one in needs])
    lines = [
        OrganizationRow(id_, name or id_ or "(no organization)", living[id_], needing[id_])
        for id_, name in known.values()
    ]
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


def _sorted(taken: Census, order: Order, needs_first: bool) -> tuple[Connection, ...]:
    """Sort what comes by organization and name, and stays so where nothing else decides."""
    pairs = list(zip(taken.connections, taken.statuses, strict=True))
    match order:
        case Order.ORGANIZATION:
            pass
        case Order.NAME:
            pairs.sort(key=lambda pair: pair[0].name.casefold())
        case Order.EXPIRY:
            pairs.sort(key=lambda pair: NEVER if (at := pair[0].expires_at) is None else at)
        case Order.STATUS:
            pairs.sort(key=lambda pair: _URGENCY[pair[1]])
    if taken.counts.keys() != {Status.OK}:
        pairs.sort(key=lambda pair: _place(pair[1], needs_first))
    return tuple([one for one, _ in pairs])


def _place(status: Status, needs_first: bool) -> int:
    if status is Status.REVOKED:
        return 2
    return 0 if needs_first and status.needs_you else 1
