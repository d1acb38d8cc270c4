"""Rotate: a new API key takes over a connection's name, and the old one is to be killed.

Whoever asks for the name gets the old key until one instant and the new one from then on: both
happen in one transaction. Authorizing anew does the same for an authorization; see
:mod:`close_tui.operations.old_grant`.
"""

from __future__ import annotations

from typing import NamedTuple

from close_tui.close.credential import Basic
from close_tui.errors import (
    AlreadyRevoked,
    AlreadyStored,
    NotFound,
    Refused,
    UsageError,
    WrongKey,
    WrongUser,
)
from close_tui.leaks import Operator
from close_tui.model import Answer, Connection, Kind, Result, SecretKind
from close_tui.operations import kill, names
from close_tui.operations.add import keep_key, organization_of, recognized_key
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

_SUFFIX = "-old"


class Rotated(NamedTuple):
    """A rotation: what was added, the connection that is frozen now, and its incident."""

    result: Result
    old: Connection
    incident: str


async def rotate_key(
    desk: Desk,
    connection: Connection,
    key: Secret,
    operator: Operator,
    *,
    other_user: bool = False,
    reason: str = "",
) -> Rotated:
    """Put a new API key in the place of the one that a connection has.

    The new one is tried out first and must belong to the same organization and, unless
    ``other_user``, to the same user. Then, in one transaction, it takes over name and description,
    and the old one gives up its name, is frozen, and belongs to a new incident: revoke it next.
    Raises, and changes nothing: Refused, WrongKey, WrongUser, AlreadyStored,
    AlreadyRevoked; UsageError for an authorization.
    """
    require_rotatable(connection)
    key = recognized_key(key)
    vault = await desk.unlock()
    if vault.secret(connection, SecretKind.API_KEY) == key:
        raise AlreadyStored(
            f"This is the key that {connection.name} has already.",
            advice="Nothing was changed. Make a new one in Close, and give that.",
        )
    try:
        answer = await desk.close.me(Basic(key))
    except Refused as error:
        error.args = (f"Close refuses the new key ({error.http_status}).",)
        error.advice = (
            f"Nothing was changed: {connection.name} keeps its old key. Copy the new one again."
        )
        raise
    _require_same(connection, answer, other_user=other_user)
    with vault.transaction():
        return _replace(desk, vault, connection, key, answer, operator, reason)


def require_rotatable(connection: Connection) -> None:
    """Raise unless a connection is an API key that is not revoked."""
    if connection.kind is not Kind.API_KEY:
        raise UsageError(f"{connection.name} is an authorization: authorize it anew.")
    if connection.revoked_at is not None:
        raise AlreadyRevoked(
            f"{connection.name} was revoked, and has no name to hand on.",
            advice=f"Add the new key: close-tui add key {connection.name}",
        )


def _require_same(connection: Connection, answer: Answer, *, other_user: bool) -> None:
    where, meant = organization_of(answer), connection.organization
    if where.id != meant.id:
        raise WrongKey(
            f"The new key is for {where.name or where.id or 'no organization'}, and "
            f"{meant.name or meant.id} is meant.",
            advice="Nothing was changed. Make the new key in the right organization.",
        )
    if answer.user.id != connection.user.id and not other_user:
        raise WrongUser(
            f"The new key is of {answer.user.email or answer.user.id}, and "
            f"{connection.name} is of {connection.user.email or connection.user.id}.",
            advice="Nothing was changed. Close lets a key do what its user may do. To take it all "
            "the same: close-tui rotate --other-user",
        )


def _replace(
    desk: Desk,
    vault: Vault,
    seen: Connection,
    key: Secret,
    answer: Answer,
    operator: Operator,
    reason: str,
) -> Rotated:
    old = vault.connection(seen.id)
    if old is None:
        raise NotFound(f"{seen.name} was removed meanwhile.")
    require_rotatable(old)
    old_name = names.default_name(vault, f"{old.name[: names.NAME_LIMIT - 8]}{_SUFFIX}")
    vault.rename(old.id, old_name)
    new = keep_key(desk, old.name, key, answer, old.description)
    detail = f"{new.key_id} takes the place of {old.key_id}, which is {old_name} now."
    desk.record(new, "rotate", "added", detail, http_status=answer.http_status, reason=reason)
    old = old._replace(name=old_name)
    incident = kill.begin(desk, [old], reason, operator)
    result = desk.result(new, "rotate", "added", detail, http_status=answer.http_status)
    return Rotated(result, vault.connection(old.id) or old, incident)
