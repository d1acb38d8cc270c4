"""From answers to our nouns.

A 200 may already have changed the world (a refresh token is spent), so a usable token is taken
whatever the fields beside it look like.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

from close_tui.close import rate_limit
from close_tui.close.credential import fits_a_header
from close_tui.close.received import Received
from close_tui.close.refusals import refusal, unusable
from close_tui.model import Answer, Grant, Organization, Tokens, User
from close_tui.secret import Secret
from close_tui.text import clean

DEFAULT_LIFE_S: Final = 3600.0
"""The documented life of an access token, assumed when an answer does not give one."""

LONGEST_LIFE_S: Final = 365 * 86400.0
"""The longest life that is believed."""

_SCOPE_LIMIT: Final = 500


def to_grant(received: Received, secrets: Iterable[Secret]) -> Grant:
    """Return what a token answer grants (RFC 6749 §5.1), or raise the refusal.

    The access token expires at the time of receipt minus the call's duration plus ``expires_in``:
    never later than the server thinks. A refresh token that is missing or not text is None.
    """
    if not _succeeded(received):
        raise refusal(received, secrets, oauth=True)
    grant = _grant(received)
    if grant is None:
        raise unusable(received)
    return grant


def to_status(received: Received, secrets: Iterable[Secret]) -> int:
    """Return the status of an accepted revocation (RFC 7009 §2.2), or raise the refusal."""
    if not _succeeded(received):
        raise refusal(received, secrets, oauth=True)
    return received.status


def to_answer(received: Received, secrets: Iterable[Secret]) -> Answer:
    """Return who answered ``GET /api/v1/me/``, or raise the refusal.

    Organizations come from ``organizations``, without those from ``memberships``; entries without
    an id are left out, and none at all is an answer too.
    """
    if not _succeeded(received):
        raise refusal(received, secrets, oauth=False)
    who = _who(received)
    if who is None:
        raise unusable(received)
    return who


def to_organization(
    received: Received, secrets: Iterable[Secret], organization_id: str
) -> Organization:
    """Return the organization that was asked for, or raise the refusal."""
    if not _succeeded(received):
        raise refusal(received, secrets, oauth=False)
    answer = received.json()
    if answer is None:
        raise unusable(received)
    return Organization(organization_id, clean(answer.get("name")))


def _succeeded(received: Received) -> bool:
    return 200 <= received.status < 300


def _grant(received: Received) -> Grant | None:
    """Return the grant, or None without a usable access token.

    It raises nothing: no traceback can have the open tokens among its local variables.
    """
    answer = received.json() or {}
    access_token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
    if not (isinstance(access_token, str) and fits_a_header(access_token)):
        return None
    kept = isinstance(refresh_token, str) and refresh_token and refresh_token.isprintable()
    tokens = Tokens(
        access_token=Secret(access_token),
        refresh_token=Secret(str(refresh_token)) if kept else None,
        expires_at=received.at - received.seconds + _life(answer.get("expires_in")),
        scope=clean(answer.get("scope"), _SCOPE_LIMIT),
    )
    return Grant(tokens, clean(answer.get("organization_id")), clean(answer.get("user_id")))


def _who(received: Received) -> Answer | None:
    """Return who answered, or None without a user's id; it raises nothing, like :func:`_grant`."""
    answer = received.json() or {}
    user_id = clean(answer.get("id"))
    if not user_id:
        return None
    names = (clean(answer.get("first_name")), clean(answer.get("last_name")))
    return Answer(
        user=User(user_id, clean(answer.get("email")), " ".join(filter(None, names))),
        organizations=tuple(_organizations(answer)),
        http_status=received.status,
        latency_ms=received.seconds * 1000,
        rate_limit=rate_limit.parse(received.headers),
    )


def _life(expires_in: object) -> float:
    """Return a token's life in seconds: 0 to one year, 3600 when it cannot be read."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float | str):
        return DEFAULT_LIFE_S
    try:
        life = float(expires_in)
    except ValueError:
        return DEFAULT_LIFE_S
    return DEFAULT_LIFE_S if math.isnan(life) else min(max(life, 0.0), LONGEST_LIFE_S)


def _organizations(answer: dict[str, Any]) -> Iterator[Organization]:
    for entries, id_name, own_name in (
        (answer.get("organizations"), "id", "name"),
        (answer.get("memberships"), "organization_id", "organization_name"),
    ):
        found = {
            organization_id: Organization(organization_id, clean(entry.get(own_name)))
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, dict) and (organization_id := clean(entry.get(id_name)))
        }
        if found:
            yield from found.values()
            return
