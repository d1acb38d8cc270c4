"""The nouns, frozen. Times are Unix seconds (UTC), durations are seconds.

Named tuples and not dataclasses, because importing ``dataclasses`` (with ``inspect``) would
take a third of the time that ``close-tui list`` has.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from close_tui.errors import CloseTuiError
from close_tui.secret import Secret

EXPIRING_S: Final = 300
"""A token with this many seconds left, or fewer, is ``expiring``."""

INTENT_GRACE_S: Final = 40
"""An intent older than this belongs to a call that cannot be running any more: the whole call
may take 30 s."""


class Kind(StrEnum):
    """How a connection proves itself: an OAuth authorization, or an API key."""

    OAUTH = "oauth"
    API_KEY = "api_key"


class SecretKind(StrEnum):
    """What a sealed row holds."""

    API_KEY = "api_key"
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a kind of secret, not one
    ACCESS_TOKEN = "access_token"  # noqa: S105
    REFRESH_TOKEN = "refresh_token"  # noqa: S105


class Status(StrEnum):
    """What is to be said of a connection; see :meth:`Connection.status`."""

    REVOKED = "revoked"
    REVOKING = "revoking"
    REFRESH_UNKNOWN = "refresh_unknown"
    NEEDS_AUTHORIZATION = "needs_authorization"
    REJECTED = "rejected"
    UNTESTED = "untested"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    OK = "ok"

    @property
    def needs_you(self) -> bool:
        """True when only a person can bring the connection on."""
        return self in _NEEDS_YOU


_MOST: Final = 1e9
"""More milliseconds or requests than this is no measurement."""

# No set: the hash of a member of an enumeration is computed in Python, comparing it is not.
_NEEDS_YOU: Final = (
    Status.REVOKING,
    Status.REFRESH_UNKNOWN,
    Status.NEEDS_AUTHORIZATION,
    Status.REJECTED,
)


class Organization(NamedTuple):
    """A Close organization: ``orga_…`` and its name."""

    id: str
    name: str


class User(NamedTuple):
    """A Close user: ``user_…``, email address and full name."""

    id: str
    email: str
    name: str = ""


class App(NamedTuple):
    """An OAuth app, as registered in Close under Settings → Developer → OAuth Apps.

    Attributes:
        id: ours.
        name: ours, unique.
        client_id: Close's, ``oa2client_…``.
        redirect_uri: exactly as registered in Close.
        pkce: whether PKCE (RFC 7636, S256) is sent.
        listen: where the tunnel behind the redirect URI delivers, ``http://127.0.0.1:…``; empty
            where there is none.
        connections: how many connections that are not revoked were made with it.

    """

    id: str
    name: str
    client_id: str
    redirect_uri: str
    pkce: bool = True
    connections: int = 0
    listen: str = ""


class RateLimit(NamedTuple):
    """Close's rate-limit headers: requests in the window, those left, seconds to the next."""

    limit: float
    remaining: float
    reset: float


class Check(NamedTuple):
    """The last test call: when, its outcome word, what it measured, and of which generation."""

    at: float
    outcome: str
    http_status: int | None
    latency_ms: float | None
    rate_limit: RateLimit | None
    generation: int


class Intent(NamedTuple):
    """A refresh that was begun and not seen to end.

    ``attempts`` counts how often this generation's refresh token was sent; ``lost_at`` is set
    when a sent request is known to have got no answer.
    """

    generation: int
    attempts: int
    started_at: float
    lost_at: float | None


class Connection(NamedTuple):
    """One credential of one user in one organization.

    Attributes:
        id: ours, stable.
        name: ours, unique among the connections that are not revoked.
        description: ours.
        kind: authorization or API key.
        organization: whose data it opens.
        user: as whom.
        app: name of the OAuth app; None for an API key.
        app_id: its id; None for an API key, or when the app was removed.
        key_id: the part of an API key before the dot, safe to share; None for authorizations.
        scope: as granted, space-separated.
        expires_at: when the access token expires; None for an API key.
        generation: how many times the secret was replaced; the first is 1.
        fingerprint: 16 hex digits of the SHA-256 of the API key or refresh token.
        can_refresh: whether there is a refresh token.
        created_at: when it was stored first.
        frozen_at: when a revocation began.
        revoked_at: when a revocation was accepted by the server.
        proved_dead_at: when the old access token or key was seen to be refused after it.
        refused_at: when the refresh token was refused with ``invalid_grant``.
        intent: a refresh that was begun and not seen to end.
        last_check: the last test call.
        auto_refresh: whether it is renewed without being asked, while the app is open.
        imported_at: when an authorization came from another machine's export; None once it was
            authorized here. Its refresh token may be spent by the other machine at any time.
        incident_id: of the incident in which it was frozen last.

    """

    id: str
    name: str
    description: str
    kind: Kind
    organization: Organization
    user: User
    app: str | None
    app_id: str | None
    key_id: str | None
    scope: str
    expires_at: float | None
    generation: int
    fingerprint: str
    can_refresh: bool
    created_at: float
    frozen_at: float | None = None
    revoked_at: float | None = None
    proved_dead_at: float | None = None
    refused_at: float | None = None
    intent: Intent | None = None
    last_check: Check | None = None
    auto_refresh: bool = True
    imported_at: float | None = None
    incident_id: str | None = None

    def status(self, now: float) -> Status:
        """Derive the status at a time from the stored facts; the first that matches.

        An intent counts as lost when it was seen to be, or when its call must have ended.
        Only a 401 to the current generation rejects: trouble on the way never does.
        """
        check = self.last_check
        if self.revoked_at is not None:
            return Status.REVOKED
        if self.frozen_at is not None:
            return Status.REVOKING
        if self.intent and (
            self.intent.lost_at is not None or now - self.intent.started_at > INTENT_GRACE_S
        ):
            return Status.REFRESH_UNKNOWN
        if self.refused_at is not None:
            return Status.NEEDS_AUTHORIZATION
        if check and check.outcome == "rejected" and check.generation == self.generation:
            return Status.REJECTED
        if check is None:
            return Status.UNTESTED
        if self.expires_at is None or self.expires_at - now > EXPIRING_S:
            return Status.OK
        return Status.EXPIRING if self.expires_at > now else Status.EXPIRED

    def steady_until(self, now: float) -> float:
        """Return when the status may be another one by itself; infinity: never."""
        until, expires_at, intent = float("inf"), self.expires_at, self.intent
        if expires_at is not None and now < expires_at:
            until = expires_at - EXPIRING_S if now < expires_at - EXPIRING_S else expires_at
        if intent is not None and now <= intent.started_at + INTENT_GRACE_S:
            until = min(until, intent.started_at + INTENT_GRACE_S)
        return until


class Tokens(NamedTuple):
    """What a token endpoint grants (RFC 6749 §5.1). ``expires_at`` is on our clock."""

    access_token: Secret
    refresh_token: Secret | None
    expires_at: float
    scope: str = ""


class Superseded(NamedTuple):
    """A secret that a newer one has replaced and that Close may still accept.

    An access token until it expires; the refresh token of an older grant, which does not expire
    (``expires_at`` None), until it is revoked.
    """

    kind: SecretKind
    generation: int
    expires_at: float | None
    secret: Secret


class Grant(NamedTuple):
    """A token answer: the tokens, and for whom Close says they are (empty when it does not)."""

    tokens: Tokens
    organization_id: str
    user_id: str


class Client(NamedTuple):
    """The credentials of an OAuth app, for one call."""

    client_id: str
    client_secret: Secret | None


class Answer(NamedTuple):
    """Who answered a test call: ``GET /api/v1/me/``."""

    user: User
    organizations: tuple[Organization, ...]
    http_status: int
    latency_ms: float
    rate_limit: RateLimit | None


class ClockSkew(NamedTuple):
    """How many seconds this machine's clock was ahead of Close's (negative: behind), and when."""

    seconds: float
    seen_at: float


class Event(NamedTuple):
    """One line of the history. Never a secret.

    ``incident`` is the id of the incident that it belongs to, or empty; ``facts`` is a JSON object
    in ASCII with what a machine wants to know of it, or empty; ``process`` is the program that
    did it with its process id, ``app 4711``, or empty where that is not known.
    """

    at: float
    connection_id: str | None
    connection: str
    verb: str
    outcome: str
    detail: str = ""
    http_status: int | None = None
    reason: str = ""
    incident: str = ""
    facts: str = ""
    process: str = ""

    @property
    def measure(self) -> Measure | None:
        """What a test call measured, out of its facts; None where it measured nothing."""
        if not self.facts:
            return None
        import json

        try:
            latency, left, limit = (
                float(json.loads(self.facts)[name])
                for name in ("latency_ms", "requests_left", "requests_limit")
            )
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        is_sound = 0 <= latency < _MOST and 0 <= left < _MOST and 0 <= limit < _MOST
        return (
            Measure(self.at, latency, min(1.0, left / limit) if limit else None)
            if is_sound
            else None
        )


class Measure(NamedTuple):
    """One test call: when, how long its answer took, and what share of the rate limit was left.

    ``headroom`` is from 0 to 1; None where Close said nothing of a limit.
    """

    at: float
    latency_ms: float
    headroom: float | None


class Result(NamedTuple):
    """What a verb did to one target.

    Attributes:
        id: the connection's (or app's) id, empty when there was none.
        name: its name.
        verb: ``refresh``, ``test``, ``revoke`` …
        outcome: one of :data:`OUTCOMES`.
        detail: one sentence for people.
        advice: what to do next; empty when all is well.
        at: when.
        http_status: the last one seen.
        answer: who answered, for ``test``.
        error: what went wrong, when something did.

    """

    id: str
    name: str
    verb: str
    outcome: str
    detail: str
    advice: str = ""
    at: float = 0.0
    http_status: int | None = None
    answer: Answer | None = None
    error: CloseTuiError | None = None

    @property
    def exit_code(self) -> int:
        """The published exit code of this outcome; a revocation that proves nothing is always 8."""
        if self.verb == "revoke" and self.outcome in _NOT_DEAD:
            return 8
        return self.error.exit_code if self.error else OUTCOMES[self.outcome]


OUTCOMES: Final = {
    "added": 0,
    "authorized": 0,
    "refreshed": 0,
    "adopted": 0,
    "skipped": 0,
    "removed": 0,
    "renamed": 0,
    "ok": 0,
    "dead_proved": 0,
    "rejected": 1,
    "forbidden": 1,
    "failed": 1,
    "needs_authorization": 4,
    "already_revoked": 4,
    "rate_limited": 6,
    "unavailable": 6,
    "unreachable": 6,
    "refresh_unknown": 6,
    "accepted_not_proved": 8,
    "by_hand": 8,
}
"""Every outcome word, with the exit code that it means."""

_NOT_DEAD: Final = frozenset(OUTCOMES) - {"dead_proved", "already_revoked", "skipped"}
