"""Token: the one verb that hands a secret out, to a script, a command, a program or a person."""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.close.credential import Basic, Credential
from close_tui.errors import AlreadyRevoked, Frozen, NeedsAuthorization, NotFound
from close_tui.model import EXPIRING_S, Connection, Kind, Status
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.use import credential, is_expired, usable
from close_tui.secret import Secret

REST_S: Final = 30.0
"""A program that is given a token because it could not be refreshed asks again after so long."""

_AGAIN: Final = "Authorize again (a in the app, close-tui authorize APP)."
_NEW_KEY: Final = "Add a new key (close-tui add key NAME), then remove this one."


class Handed(NamedTuple):
    """What was handed out.

    Attributes:
        connection: whose it is, as it was then; its generation is the credential's.
        credential: an API key or an access token, ready for a header.
        at: when.
        warning: for people; empty when all is well.

    """

    connection: Connection
    credential: Credential
    at: float
    warning: str = ""

    @property
    def secret(self) -> Secret:
        """The API key or access token itself."""
        found = self.credential
        return found.key if isinstance(found, Basic) else found.token


async def token(desk: Desk, connection_id: str) -> tuple[Secret, str]:
    """Return the API key or access token, and the warning of :func:`hand_out`."""
    handed = await hand_out(desk, connection_id)
    return handed.secret, handed.warning


async def hand_out_named(desk: Desk, name: str, to: str = "", verb: str = "token") -> Handed:
    """Hand out what goes by a name; when that changes hands meanwhile, what goes by it now.

    The name is whole: what only begins so might be another organization's one day.
    """
    seen = names.connection(desk.vault, name, exact=True)
    try:
        return await hand_out(desk, seen.id, to, verb)
    except (AlreadyRevoked, Frozen, NotFound):
        now = names.connection(desk.vault, name, exact=True)
        if now.id == seen.id:
            raise
        return await hand_out(desk, now.id, to, verb)


async def hand_out(desk: Desk, connection_id: str, to: str = "", verb: str = "token") -> Handed:
    """Open a credential for use outside, and say so in the history; ``to`` says whose use.

    ``verb`` is the history's word for it: ``token``, ``reveal`` on the screen, or ``copy``.

    An access token with five minutes left or fewer is refreshed first. When that fails on the way
    and the token has not expired, it is handed out with a warning.
    """
    seen = _sound(desk, connection_id)
    vault = await desk.unlock()
    warning = ""
    if is_expired(seen, desk.clock(), EXPIRING_S):
        from close_tui.operations.refresh import refresh

        renewed = await refresh(desk, connection_id, seen.generation)
        if renewed.error is not None:
            if is_expired(usable(vault, connection_id), desk.clock()):
                raise renewed.error
            warning = f"The token could not be refreshed and will expire soon. {renewed.detail}"
    return _handed(desk, connection_id, to, warning, verb)


def at_hand(desk: Desk, name: str, to: str = "") -> Handed | None:
    """Hand out what goes by a name, as :func:`hand_out_named`, where nothing has to be waited for.

    The vault is unlocked. None when the access token has to be refreshed first, or when the name
    changes hands at this moment.
    """
    try:
        seen = _sound(desk, names.connection(desk.vault, name, exact=True).id)
        if is_expired(seen, desk.clock(), EXPIRING_S):
            return None
        return _handed(desk, seen.id, to)
    except (AlreadyRevoked, Frozen, NotFound):
        return None


def _sound(desk: Desk, connection_id: str) -> Connection:
    """Read a connection that may be used and was not refused; raise, with the reason, else."""
    seen = usable(desk.vault, connection_id)
    if seen.status(desk.clock()) is Status.REJECTED:
        again = _NEW_KEY if seen.kind is Kind.API_KEY else _AGAIN
        raise NeedsAuthorization(
            f"Close answered 401 to {seen.name} at the last test.",
            advice=f"Test it again (close-tui test {seen.name}), or: {again}",
        )
    return seen


def _handed(
    desk: Desk, connection_id: str, to: str, warning: str = "", verb: str = "token"
) -> Handed:
    vault = desk.vault
    with vault.transaction():
        # At one instant, so that the token is the one of this generation, and whoever freezes the
        # connection comes before it was handed out or finds that in the history.
        seen = usable(vault, connection_id)
        found = credential(vault, seen)
        desk.record(seen, verb, "ok", f"Handed out{to and ' to '}{to}.")
    return Handed(seen, found, desk.clock(), warning)


async def hand_out_again(desk: Desk, last: Handed, to: str = "") -> Handed:
    """Return what was handed out, or, once it is due or was replaced, what is to be used by now.

    A connection that was frozen, revoked or removed meanwhile raises, as in :func:`hand_out`.
    """
    now, at = usable(desk.vault, last.connection.id), desk.clock()
    if now.generation == last.connection.generation:
        rests = bool(last.warning) and 0 <= at - last.at < REST_S
        if not is_expired(now, at, 0 if rests else EXPIRING_S):
            return last
    return await hand_out(desk, now.id, to)
