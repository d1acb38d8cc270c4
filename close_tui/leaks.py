"""The nouns of a bad night: what leaked, what can be revoked, and what was done about it.

Times are Unix seconds (UTC), durations are seconds. None of them holds a secret.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.model import App, Connection, Event

DEAD: Final = frozenset({"dead_proved", "already_revoked"})
"""The verdicts after which nothing is left to do."""

_IDS: Final = frozenset({"key_id", "client_id"})

LEAVES_NEWER: Final = frozenset({"lost", "refused", "imported"})
"""Why a death was not proved, where somebody may hold newer tokens than were ever stored."""


class Operator(NamedTuple):
    """Who is at the keyboard: the name of the account, and of the machine."""

    name: str
    host: str


class Revocability(NamedTuple):
    """What a revocation of a connection would come to, as things stand now.

    Attributes:
        connection: which.
        way: ``revoke`` by Close's endpoint, ``by_hand`` in its settings, ``impossible`` with what
            the vault holds, ``settled`` when there is nothing left to do.
        sends: what will be sent to the revocation endpoint, in order: ``refresh_token``,
            ``access_token``.
        missing: what it lacks: ``app``, ``client_secret``, ``refresh_token``, ``access_token``.
        provable: whether its death can be proved afterwards.
        why_not: one sentence when it cannot; else empty.
        also: names of the live connections that hang on the same OAuth app.

    """

    connection: Connection
    way: str
    sends: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    provable: bool = False
    why_not: str = ""
    also: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """One word of a fixed list: provable, not_provable, by_hand, impossible, settled."""
        if self.way == "revoke":
            return "provable" if self.provable else "not_provable"
        return self.way


class Step(NamedTuple):
    """How far the revocation of one target has come.

    ``step`` is ``frozen``, ``refresh_token_revoked``, ``access_token_revoked`` or ``proving``; the
    verdict that follows is a :class:`close_tui.model.Result`.
    """

    connection_id: str
    step: str
    at: float


class Sent(NamedTuple):
    """One request of an incident, and what came back.

    ``request`` is method and path, ``credential`` the kind of secret that it was about,
    ``http_status`` None where no answer came, ``outcome`` its word, ``seconds`` how long it took.
    """

    at: float
    request: str
    credential: str
    generation: int
    http_status: int | None
    outcome: str
    seconds: float


class Target(NamedTuple):
    """One connection of an incident, as it was when it was frozen.

    Attributes:
        connection_id: ours; it may have been removed since.
        name: ours, then.
        organization: name, and ``organization_id``.
        user: the email address, or the id.
        kind: ``oauth`` or ``api_key``.
        app: name of the OAuth app, or None.
        key_id: the part of an API key that is safe to share, or None.
        fingerprint: 16 hex digits of the SHA-256 of its API key or refresh token.
        generation: of its secrets.
        frozen_at: when nothing could renew it any more.
        verdict: an outcome word; empty while it is pending without one.
        detail: the verdict in a sentence.
        ended_at: when the last verdict was given; None while there is still something to try, as
            after ``failed`` and ``by_hand``.
        continued_in: id of the later incident in which it was taken up again, or empty.
        sent: every request that was made for it, in order.
        why: one word for why an accepted revocation was not proved, where that is known:
            ``lost``, ``refused``, ``imported``, ``expired``, ``held`` …
        is_out_of_reach: whether the vault was destroyed, so that nothing here can end it.

    """

    connection_id: str
    name: str
    organization: str
    organization_id: str
    user: str
    kind: str
    app: str | None
    key_id: str | None
    fingerprint: str
    generation: int
    frozen_at: float
    verdict: str = ""
    detail: str = ""
    ended_at: float | None = None
    sent: tuple[Sent, ...] = ()
    continued_in: str = ""
    why: str = ""
    is_out_of_reach: bool = False

    @property
    def is_over(self) -> bool:
        """True when it is dead for certain, or was revoked before."""
        return self.verdict in DEAD

    @property
    def seconds(self) -> float | None:
        """How long it took from the freeze to the verdict; None without one."""
        return None if self.ended_at is None else max(0.0, self.ended_at - self.frozen_at)


class Incident(NamedTuple):
    """Everything that was done in one bad night, derived from its events.

    Attributes:
        id: ``inc-`` and the UTC date and four hex digits.
        reason: what the operator gave.
        operator: who began it, and where.
        opened_at: when the revocation was confirmed.
        targets: in the order in which they were chosen.
        events: all of them, oldest first.
        closed_at: when a person closed it, and ``closed_for`` the reason; None while nobody did.

    """

    id: str
    reason: str
    operator: Operator
    opened_at: float
    targets: tuple[Target, ...]
    events: tuple[Event, ...] = ()
    closed_at: float | None = None
    closed_for: str = ""

    @property
    def is_over(self) -> bool:
        """True when every target is dead for certain, or was revoked before."""
        return all(target.is_over for target in self.targets)

    @property
    def is_open(self) -> bool:
        """True while a target is left that is not known to be dead.

        One that a later incident has taken up is left to that; a person may close it as well.
        """
        if self.closed_at is not None:
            return False
        return not all(target.is_over or target.continued_in for target in self.targets)

    @property
    def ended_at(self) -> float | None:
        """When the last verdict was given; None while a target has none."""
        ends = [target.ended_at for target in self.targets]
        return max((end for end in ends if end is not None), default=None) if all(ends) else None

    @property
    def seconds(self) -> float | None:
        """How long it took from the confirmation to the last verdict."""
        ended = self.ended_at
        return None if ended is None else max(0.0, ended - self.opened_at)


class Trace(NamedTuple):
    """A secret or id of ours that was recognized in a text.

    Attributes:
        what: ``api_key``, ``key_id``, ``access_token``, ``refresh_token``, ``client_id`` or
            ``client_secret``.
        connection: whose; None when it is an app's, or when the connection was removed.
        app: the OAuth app, when it is an app's.
        name: of the connection or app, as it is or was.
        generation: of the secret; None for an id.
        behind: how many generations old it is; 0 is the present one, None where that is unknown.
        lines: the numbers of the first lines on which it stands, at most five.
        times: how often it stands there.
        other_secret: whether a key ID begins a whole API key that is not the stored one.

    """

    what: str
    connection: Connection | None
    app: App | None
    name: str
    generation: int | None
    behind: int | None
    lines: tuple[int, ...]
    times: int
    other_secret: bool = False

    @property
    def is_secret(self) -> bool:
        """True unless it is nothing but an id, which is safe to share."""
        return self.other_secret or self.what not in _IDS


class Held(NamedTuple):
    """Whose secret has a fingerprint, as the vault remembers it.

    Attributes:
        owner: id of the connection or app; it may have been removed since.
        name: what that was called when the secret was stored.
        kind: ``api_key``, ``client_secret``, ``access_token`` or ``refresh_token``.
        generation: the first in which it was held.
        current: the owner's present generation; None when the owner was removed.

    """

    owner: str
    name: str
    kind: str
    generation: int
    current: int | None


class Stranger(NamedTuple):
    """Something that looks like Close's and is not in this vault; ``hint`` is safe to show."""

    hint: str
    lines: tuple[int, ...]
    times: int


class Found(NamedTuple):
    """What was recognized in a text, and how much of it was read."""

    traces: tuple[Trace, ...]
    strangers: tuple[Stranger, ...]
    bytes_read: int
    lines_read: int
