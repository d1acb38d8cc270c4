"""Plan: what a revocation would come to, said before anything is done.

Needs no key and no network: it reads only what is known of a connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from close_tui.errors import NotFound, UsageError, VaultDestroyed
from close_tui.model import INTENT_GRACE_S, Connection, Kind
from close_tui.operations import names as called
from close_tui.text import clean, rfc3339

if TYPE_CHECKING:
    from close_tui.leaks import Revocability
    from close_tui.operations.desk import Desk
    from close_tui.vault.protocol import Store
    from close_tui.vault.vault import Vault

EXPIRED: Final = "Its access token has expired, so its refusal would say nothing."
LOST: Final = "The answer to its last refresh was lost, so newer tokens may exist."
REFUSED: Final = "Its refresh token was refused before, so somebody may hold newer ones."
IMPORTED: Final = "It was imported, and the machine that it came from may hold newer tokens."
DEAD_BEFORE: Final = "Its access token was refused already before."
NOT_ASKED: Final = "Close could not be asked whether the access token is dead."
HELD: Final = "Another close-tui held it, so newer tokens may come."

NEWER: Final = (
    "To end those too, remove the app's access in Close: Settings → Developer → OAuth Apps."
)
"""What is left to do where a revocation may have missed the newest tokens."""

RENEWED: Final = (
    "Whoever had its refresh token and the app's client secret may have renewed it before the "
    "freeze: if both leaked, remove the app's access in Close (Settings → Developer → OAuth Apps)."
)
"""What no proof can rule out: the newest tokens may never have been here."""

_CODES: Final = {
    EXPIRED: "expired",
    LOST: "lost",
    REFUSED: "refused",
    IMPORTED: "imported",
    DEAD_BEFORE: "dead_before",
    NOT_ASKED: "not_asked",
    HELD: "held",
}
_ADVICE: Final = {
    LOST: NEWER,
    REFUSED: NEWER,
    IMPORTED: NEWER,
    HELD: "Close the other one, then: close-tui revoke --pending. Until its death is proved "
    "somebody may hold newer tokens; removing the app's access in Close ends those too "
    "(Settings → Developer → OAuth Apps).",
}

_NOT_SEEN: Final = "Its access token was not seen to answer before the revocation was accepted."
_REMOVE: Final = "or remove the app in Close: Settings → Developer → OAuth Apps."
_LACKING: Final = {
    "app": "Its OAuth app was removed here, and revoking needs the app's client secret. Add the "
    f"app again, {_REMOVE}",
    "client_secret": "The client secret of its OAuth app is not stored, and revoking needs it. "
    f"Store it, {_REMOVE}",
}


def is_settled(connection: Connection, now: float) -> bool:
    """Tell whether nothing is left to revoke.

    An accepted revocation that was not proved can be tried again while its access token would live.
    """
    if connection.revoked_at is None:
        return False
    return (
        connection.proved_dead_at is not None
        or connection.expires_at is None
        or connection.expires_at <= now
    )


def newer_may_live(connection: Connection) -> bool:
    """Tell whether tokens that were never here may live on, whatever was revoked."""
    return connection.proved_dead_at is None and bool(
        connection.intent is not None or connection.refused_at or connection.imported_at
    )


def code(why: str) -> str:
    """Return the reason why a death is not proved as one word for machines; empty for none."""
    return _CODES.get(why, "")


def advice(why: str) -> str:
    """Say what a person can still do where a death is not proved; empty where time does it."""
    return _ADVICE.get(why, "")


def refuse_destroyed(vault: Vault, targets: Iterable[Connection], now: float) -> None:
    """Raise VaultDestroyed, naming what may live, where the vault can revoke nothing any more."""
    if (at := vault.destroyed_at) is None:
        return
    left = [each for each in targets if newer_may_live(each) or not is_settled(each, now)]
    said = f"It was destroyed at {rfc3339(at)}, and can revoke nothing any more."
    if left:
        named = [f"{each.name} ({each.key_id})" if each.key_id else each.name for each in left]
        said += f" These may live: {', '.join(named)}."
    keys = " and delete the keys (Settings → Developer → API Keys)"
    raise VaultDestroyed(
        said,
        advice="Only Close can end them: remove the app's access (Settings → Developer → OAuth "
        f"Apps){keys if any(each.key_id for each in left) else ''}.",
    )


def answered_after_freeze(connection: Connection) -> bool:
    """Tell whether the key or token was seen to answer since the freeze: then a 401 is a death."""
    check = connection.last_check
    return (
        check is not None
        and check.outcome == "ok"
        and check.generation == connection.generation
        and connection.frozen_at is not None
        and check.at >= connection.frozen_at
    )


def why_not(connection: Connection, now: float) -> str:
    """Say in a sentence why a death could not be proved, as things stand now; empty when it could.

    Never proved by a refresh: that could bring new tokens to life.
    """
    check, intent = connection.last_check, connection.intent
    if intent and (intent.lost_at is not None or now - intent.started_at > INTENT_GRACE_S):
        return LOST
    if connection.refused_at is not None:
        return REFUSED
    if connection.imported_at is not None:
        return IMPORTED
    if connection.expires_at is not None and connection.expires_at <= now:
        return EXPIRED
    if answered_after_freeze(connection):
        return ""
    if connection.revoked_at is not None:
        return _NOT_SEEN
    if check and check.outcome == "rejected" and check.generation == connection.generation:
        return DEAD_BEFORE
    return ""


def word(connection: Connection, now: float, apps_with_secret: Iterable[str]) -> str:
    """Return what a revocation would come to as one word of a fixed list.

    ``provable``, ``not_provable``, ``by_hand``, ``impossible`` or ``settled``.
    ``apps_with_secret``: ids of the OAuth apps whose client secret is stored.
    """
    if is_settled(connection, now):
        return "settled"
    if connection.kind is Kind.API_KEY:
        return "by_hand"
    if connection.app_id is None or connection.app_id not in apps_with_secret:
        return "impossible"
    return "not_provable" if why_not(connection, now) else "provable"


def revocability(
    connection: Connection, now: float, apps_with_secret: Iterable[str], also: Iterable[str] = ()
) -> Revocability:
    """Return what a revocation of this connection would come to.

    ``also``: names of the other live connections of the same OAuth app.
    """
    from close_tui.leaks import Revocability  # a tenth of the time that ``list`` has

    found = word(connection, now, apps_with_secret)
    others = tuple(also)
    if found == "settled":
        why = why_not(connection, now) if newer_may_live(connection) else ""
        return Revocability(connection, "settled", why_not=why, also=others)
    if found == "by_hand":
        is_dead = connection.last_check is not None and connection.last_check.outcome == "rejected"
        why = "Close refuses the key already: it was deleted before." if is_dead else ""
        return Revocability(connection, "by_hand", provable=not is_dead, why_not=why, also=others)
    missing = () if connection.can_refresh else ("refresh_token",)
    if found == "impossible":
        lacks = "app" if connection.app_id is None else "client_secret"
        return Revocability(
            connection,
            "impossible",
            missing=(lacks, *missing),
            why_not=_LACKING[lacks],
            also=others,
        )
    why = why_not(connection, now)
    sends = ("refresh_token", "access_token") if connection.can_refresh else ("access_token",)
    return Revocability(connection, "revoke", sends, missing, not why, why, others)


def plan(desk: Desk, targets: Sequence[Connection]) -> tuple[Revocability, ...]:
    """Return what a revocation of each target would come to; changes and sends nothing."""
    vault, now = desk.vault, desk.clock()
    apps_with_secret = vault.apps_with_secret()
    of_app: dict[str, list[Connection]] = {}
    for each in vault.connections():
        if each.app_id is not None and each.revoked_at is None:
            of_app.setdefault(each.app_id, []).append(each)
    return tuple(
        revocability(
            target,
            now,
            apps_with_secret,
            (o.name for o in of_app.get(target.app_id or "", ()) if o.id != target.id),
        )
        for target in targets
    )


def select(
    store: Store,
    *,
    names: Sequence[str] = (),
    organization: str | None = None,
    app: str | None = None,
    user: str | None = None,
    every: bool = False,
) -> list[Connection]:
    """Return what one kind of selection means, each connection once.

    ``names`` (or ids) may name revoked ones; the others mean every connection that is not revoked:
    of an ``organization`` (id or name), of an OAuth ``app`` (name, id or client id), of a ``user``
    (email address or id), or all. UsageError unless exactly one is given, NotFound or Ambiguous
    where nothing goes by that name.
    """
    given = [bool(names), organization is not None, app is not None, user is not None, every]
    if sum(given) != 1:
        raise UsageError(
            "Say in one way which connections are meant.",
            advice="Name them, or say --organization, --app, --user or --all.",
        )
    if names:
        return _named(store, names)
    if app is not None:
        meant = called.app(store, app, exact=True)
        return [each for each in _live(store) if each.app_id == meant.id]
    if organization is not None:
        return _of_organization(store, organization)
    return _live(store) if user is None else _of_user(store, user)


def _live(store: Store) -> list[Connection]:
    return [each for each in store.connections() if each.revoked_at is None]


def _named(store: Store, wanted: Sequence[str]) -> list[Connection]:
    found = [called.connection(store, name, exact=True) for name in wanted]
    return list({each.id: each for each in found}.values())


def _of_organization(store: Store, wanted: str) -> list[Connection]:
    name, everything = wanted.casefold(), store.connections()
    meant = {c.organization.id for c in everything if c.organization.id == wanted} or {
        c.organization.id for c in everything if c.organization.name.casefold() == name
    }
    if not meant:
        raise NotFound(f"There is no connection of an organization {clean(wanted)!r}.")
    return [c for c in everything if c.organization.id in meant and c.revoked_at is None]


def _of_user(store: Store, wanted: str) -> list[Connection]:
    email, everything = wanted.casefold(), store.connections()
    meant = {c.user.id for c in everything if wanted == c.user.id} or {
        c.user.id for c in everything if c.user.email and c.user.email.casefold() == email
    }
    if not meant:
        raise NotFound(f"There is no connection of a user {clean(wanted)!r}.")
    return [c for c in everything if c.user.id in meant and c.revoked_at is None]
