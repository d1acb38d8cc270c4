"""A grant for another organization than the one that was meant: revoked at once, unless kept.

It is stored before anybody is asked, as a connection of its own that is frozen: nothing uses it,
and whatever becomes of this process, the next retry of pending revocations can still revoke it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

from close_tui.close.credential import Bearer
from close_tui.errors import (
    AlreadyRevoked,
    Busy,
    CloseError,
    CloseTuiError,
    VaultError,
    WrongOrganization,
)
from close_tui.model import App, Connection, Grant, Kind, Organization
from close_tui.operations.desk import Desk
from close_tui.operations.granted import connection_of
from close_tui.operations.revoke import revoke
from close_tui.vault import locks

DECIDE_S: Final = 300.0
"""How long a person may think about it; then the grant is revoked."""

KEPT: Final = "It was kept although another organization was meant."
"""What the result of one that was kept says."""

_NAMES_WAIT_S: Final = 5.0
_LEAVING_POLL_S: Final = 0.1
_REASON: Final = "Another organization was meant."
_AGAIN: Final = "Authorize, and pick the right one."


class Elsewhere(NamedTuple):
    """A grant that was set aside.

    Attributes:
        connection: how it is stored: frozen, for the organization that was chosen.
        grant: its tokens.
        meant: the organization that was expected.

    """

    connection: Connection
    grant: Grant
    meant: Organization

    @property
    def sentence(self) -> str:
        """Say what was chosen and what was expected."""
        chosen = _called(self.connection.organization)
        return f"The consent screen was answered for {chosen}, and {_called(self.meant)} was meant."


class GrantedElsewhere(WrongOrganization):
    """The consent screen was answered for another organization; ``found`` is what came."""

    def __init__(self, found: Elsewhere) -> None:
        super().__init__(found.sentence)
        self.found = found


Decide = Callable[[Elsewhere], Awaitable[bool]]
"""Asks a person whether to keep a grant for another organization."""


async def revoke_it(_: Elsewhere) -> bool:
    """Keep nothing: what is done where nobody can be asked."""
    return False


def set_aside(desk: Desk, app: App, grant: Grant, organization_id: str) -> Elsewhere:
    """Store a grant so that it can be revoked and nothing else; VaultError where that fails."""
    vault = desk.vault
    with vault.transaction():
        aside = connection_of(desk, app, grant, None)
        # Without its client id it is no authorization that anything finds or renews, and stands in
        # the way of none: a live one of the same organization and user may be there already.
        vault.add_authorization(aside, None, grant.tokens)
        vault.freeze(aside.id, desk.clock())
        known = {c.organization.id: c.organization for c in vault.connections()}
        meant = known.get(organization_id) or Organization(organization_id, "")
        found = Elsewhere(aside, grant, meant)
        said = f"{found.sentence} Nothing uses it."
        desk.record(aside, "freeze", "ok", said, reason=_REASON)
    return found


@asynccontextmanager
async def undecided(desk: Desk, found: Elsewhere) -> AsyncIterator[Elsewhere]:
    """Keep every close-tui from retrying its revocation while a person decides; learn its name.

    A kernel lock says so: it ends with this process, also after SIGKILL.
    """
    async with locks.held(desk.settings.home, _lock(found.connection.id), desk.pauses.lock):
        named = await _named(desk, found.connection, found.grant)
        yield found._replace(connection=named)


async def is_undecided(desk: Desk, connection: Connection) -> bool:
    """Tell whether some close-tui is asking a person about this grant."""
    if connection.kind is not Kind.OAUTH or connection.revoked_at is not None:
        return False
    try:
        async with locks.held(desk.settings.home, _lock(connection.id), 0):
            return False
    except Busy:
        return True


async def decided(desk: Desk, found: Elsewhere, decide: Decide) -> bool:
    """Ask whether to keep it; no without an answer in time, or when the program is being left."""
    asking = asyncio.ensure_future(decide(found))
    deadline = asyncio.get_running_loop().time() + DECIDE_S
    try:
        while not asking.done():
            await asyncio.wait({asking}, timeout=_LEAVING_POLL_S)
            if desk.is_leaving or asyncio.get_running_loop().time() > deadline:
                return False
        return asking.result()
    finally:
        asking.cancel()


def take_back(desk: Desk, aside: Connection) -> None:
    """Forget, in the transaction that stores its grant properly, that it was set aside.

    AlreadyRevoked where another close-tui has ended it meanwhile.
    """
    now = desk.vault.connection(aside.id)
    if now is None or now.revoked_at is not None:
        raise AlreadyRevoked("Another close-tui has revoked the grant meanwhile.")
    desk.vault.remove(aside.id)


async def give_up(desk: Desk, found: Elsewhere) -> str:
    """Revoke it, prove it dead and forget it; return in a sentence how that ended.

    What could not be revoked stays frozen, and is tried again with all that is pending.
    """
    aside = found.connection
    done = await revoke(desk, aside.id, reason=_REASON)
    if done.outcome == "dead_proved":
        with suppress(VaultError):  # its secrets are destroyed in any case
            desk.vault.remove(aside.id)
        return "The grant was revoked again and is dead, proved; nothing was kept."
    if done.outcome == "accepted_not_proved":
        return f"The grant was revoked again and not kept. {done.detail}"
    if done.outcome == "already_revoked" or desk.vault.connection(aside.id) is None:
        return "The grant was revoked by another close-tui."
    return (
        f"The grant could NOT be revoked yet ({done.detail}) It is kept frozen as {aside.name}, "
        "and nothing uses it. Try again: close-tui revoke --pending. Or remove the access in Close "
        "(Settings → Developer → OAuth Apps)."
    )


async def refused(
    desk: Desk, found: Elsewhere, cause: CloseTuiError | None = None
) -> CloseTuiError:
    """Give it up, and return the error that says so; ``cause`` is why it could not be kept."""
    said = await give_up(desk, found)
    error = cause or WrongOrganization(found.sentence)
    error.advice = f"{said} {cause.advice if cause else _AGAIN}".strip()
    return error


async def _named(desk: Desk, aside: Connection, grant: Grant) -> Connection:
    """Learn what the organization is called, so that a person can tell; nothing depends on it."""
    if aside.organization.name:
        return aside
    try:
        async with asyncio.timeout(_NAMES_WAIT_S):
            of = await desk.close.organization(
                Bearer(grant.tokens.access_token), aside.organization.id
            )
    except (CloseError, TimeoutError):
        return aside
    with suppress(VaultError):
        desk.vault.know(of, aside.user)
    return aside._replace(organization=of)


def _lock(connection_id: str) -> str:
    return f"undecided {connection_id}"


def _called(organization: Organization) -> str:
    return f"{organization.name} ({organization.id})" if organization.name else organization.id
