"""One attempt to authorize: what it sends out, what it expects back, usable once."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Final, Self

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.redirect import Code, Decline, judge, pasted_query
from close_tui.errors import RedirectRefused
from close_tui.secret import Secret

_RANDOM_BYTES: Final = 32  # 256 bits; as text the 43 characters that RFC 7636 §4.1 advises


class Attempt:
    """One authorization attempt: ``state``, PKCE verifier and the organization that is meant.

    It can be waited for once and takes one answer; everything after that is refused.

    Attributes:
        redirect_uri: where the answer comes to; ``redirect_uri.text`` is what Close knows.
        organization_id: the organization that is meant, None when any will do.
        state: 256 random bits that only the true answer brings back.
        verifier: the PKCE code verifier (RFC 7636 §4.1), None when PKCE is off.

    """

    __slots__ = ("_answered", "_claimed", "organization_id", "redirect_uri", "state", "verifier")

    def __init__(
        self,
        redirect_uri: RedirectURI,
        *,
        state: Secret,
        verifier: Secret | None,
        organization_id: str | None,
    ) -> None:
        self.redirect_uri = redirect_uri
        self.organization_id = organization_id
        self.state = state
        self.verifier = verifier
        self._claimed = False
        self._answered = False

    @classmethod
    def begin(
        cls,
        redirect_uri: str,
        *,
        pkce: bool = True,
        organization_id: str | None = None,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> Self:
        """Begin an attempt; ``random(bytes)`` gives fresh URL-safe text of that many bytes."""
        return cls(
            RedirectURI.parse(redirect_uri),
            state=Secret(random(_RANDOM_BYTES)),
            verifier=Secret(random(_RANDOM_BYTES)) if pkce else None,
            organization_id=organization_id,
        )

    @property
    def pkce(self) -> bool:
        """Whether PKCE is used."""
        return self.verifier is not None

    @property
    def challenge(self) -> str | None:
        """The S256 code challenge (RFC 7636 §4.2), None when PKCE is off."""
        if self.verifier is None:
            return None
        return urlsafe_b64encode(self.verifier.sha256).rstrip(b"=").decode()

    @property
    def answered(self) -> bool:
        """Whether it has had its answer, or takes none any more."""
        return self._answered

    def claim(self) -> None:
        """Take the attempt for one wait; a second wait is a mistake of the caller."""
        if self._claimed:
            raise RuntimeError("an authorization attempt can be waited for once")
        self._claimed = True

    def accept(self, query: str) -> Code | Decline:
        """Judge the query of a redirect; a code or a proven decline uses the attempt up."""
        verdict = judge(query, self.state)
        if isinstance(verdict, Decline) and not verdict.proven:
            return verdict
        if self._answered:
            raise RedirectRefused("This attempt has had its answer.", advice="Authorize again.")
        self._answered = True
        return verdict

    def accept_pasted(self, text: str) -> Code | Decline:
        """Judge a redirect that a person pasted, by the same rules."""
        return self.accept(pasted_query(text, self.redirect_uri))

    def recognizes(self, query: str) -> bool:
        """Tell whether a query brings our ``state``, without using the attempt up."""
        try:
            verdict = judge(query, self.state)
        except RedirectRefused:
            return False
        return isinstance(verdict, Code) or verdict.proven

    def close(self) -> None:
        """Take no answer any more."""
        self._claimed = self._answered = True

    def __repr__(self) -> str:
        return f"Attempt({self.redirect_uri.text!r}, answered={self._answered})"
