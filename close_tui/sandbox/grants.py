"""The life of tokens: issued, rotated, spent, revoked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import RLock
from typing import NamedTuple

from close_tui.sandbox.policies import Policies, Reuse
from close_tui.sandbox.records import Family, Grant, Token


class GrantRefused(Exception):
    """``invalid_grant``; ``why`` is for the journal, the client is not told."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Spent(NamedTuple):
    at: float
    successor: Grant


class Grants:
    """All token families. Safe to use from several threads."""

    def __init__(
        self, policies: Policies, clock: Callable[[], float], new_secret: Callable[[], str]
    ) -> None:
        self._policies = policies
        self._clock = clock
        self._new_secret = new_secret
        self._lock = RLock()
        self._families: dict[str, Family] = {}
        self._tokens: dict[str, Token] = {}
        self._spent: dict[str, _Spent] = {}
        self._dead_from: dict[str, float] = {}

    def begin(self, family: Family, expires_in: int | None = None) -> Grant:
        """Open a family and issue its first pair."""
        with self._lock:
            self._families[family.id] = family
            return self._issue(family, expires_in)

    def rotate(self, refresh_token: str, client_id: str | None = None) -> tuple[Grant, bool]:
        """Spend a refresh token for a new pair, or raise GrantRefused.

        Returns the grant, and whether it is the repetition of an earlier answer (GRACE).
        ``client_id`` None skips the check of whose token it is.
        """
        with self._lock:
            token = self._tokens.get(refresh_token)
            if token is None or not token.is_refresh:
                raise GrantRefused("unknown_token")
            family = self._families[token.family_id]
            if client_id not in (None, family.client_id):
                raise GrantRefused("other_client")
            if spent := self._spent.get(refresh_token):
                return self._reuse(family, spent), True
            if not self._is_live(token):
                raise GrantRefused("dead_token")
            if self._policies.rotation_kills_access:
                self._end(family.id, refresh=False)
            grant = self._issue(family, None)
            if grant.refresh_token is not None:
                self._spent[refresh_token] = _Spent(self._clock(), grant)
                self._dead_from[refresh_token] = self._clock()
            return grant, False

    def revoke(self, token: Token) -> None:
        """Revoke one token as the policies say."""
        at = self._clock() + self._policies.revoke_delay_s
        with self._lock:
            if not self._policies.revoke_acts:
                return
            self._die(token.text, at)
            if token.is_refresh and self._policies.revoke_kills_access:
                self._end(token.family_id, refresh=False, at=at)
            if self._policies.revoke_ends_authorization:
                revoked = self._families[token.family_id]
                for family in self._families.values():
                    if replace(family, id=revoked.id) == revoked:
                        self._end(family.id, refresh=True, at=at)

    def end_family(self, family_id: str) -> None:
        """Make every token of a family dead at once."""
        with self._lock:
            self._end(family_id, refresh=True)

    def kill(self, text: str) -> None:
        """Make one token dead at once; KeyError for one that was never issued."""
        with self._lock:
            self._die(self._tokens[text].text, self._clock())

    def expire(self, access_token: str) -> None:
        """Let a token reach its end now; KeyError for one that was never issued."""
        with self._lock:
            token = self._tokens[access_token]
            self._tokens[access_token] = replace(token, expires_at=self._clock())

    def find(self, text: str) -> Token | None:
        """Return a token that was issued, dead or alive."""
        return self._tokens.get(text)

    def family(self, token: Token) -> Family:
        """Return the family of a token."""
        return self._families[token.family_id]

    def is_live(self, text: str) -> bool:
        """Tell whether a token would be accepted now."""
        with self._lock:
            token = self._tokens.get(text)
            return token is not None and self._is_live(token)

    def _reuse(self, family: Family, spent: _Spent) -> Grant:
        successor, now = spent.successor, self._clock()
        if self._policies.reuse is Reuse.GRACE and now - spent.at <= self._policies.grace_s:
            if not self.is_live(successor.refresh_token or ""):
                raise GrantRefused("spent")
            expires_at = self._tokens[successor.access_token].expires_at or now
            return replace(successor, expires_in=max(0, int(expires_at - now)))
        if self._policies.reuse is Reuse.PLAIN:
            raise GrantRefused("spent")
        self._end(family.id, refresh=True)
        raise GrantRefused("reuse_detected")

    def _issue(self, family: Family, expires_in: int | None) -> Grant:
        now, life = self._clock(), self._policies.refresh_lifetime_s
        lasts = self._policies.expires_in if expires_in is None else expires_in
        access = Token(self._new_secret(), False, family.id, now + lasts)
        self._tokens[access.text] = access
        if self._policies.omit_refresh_token:
            return Grant(family, access.text, None, lasts)
        refresh = Token(self._new_secret(), True, family.id, None if life is None else now + life)
        self._tokens[refresh.text] = refresh
        return Grant(family, access.text, refresh.text, lasts)

    def _is_live(self, token: Token) -> bool:
        now, dead_from = self._clock(), self._dead_from.get(token.text)
        if dead_from is not None and dead_from <= now:
            return False
        return token.expires_at is None or now < token.expires_at

    def _end(self, family_id: str, *, refresh: bool, at: float | None = None) -> None:
        for token in self._tokens.values():
            if token.family_id == family_id and (refresh or not token.is_refresh):
                self._die(token.text, self._clock() if at is None else at)

    def _die(self, text: str, at: float) -> None:
        self._dead_from[text] = min(at, self._dead_from.get(text, at))
