"""Consents that wait for their user, and the authorization codes they become."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from close_tui.sandbox.grants import GrantRefused, Grants
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.records import Code, Consent, Family, Grant, OAuthApp, Organization, User


class Codes:
    """The way from a consent page to the first pair of tokens. Safe to use from several threads."""

    def __init__(
        self,
        policies: Policies,
        clock: Callable[[], float],
        new_secret: Callable[[], str],
        new_id: Callable[[str], str],
        grants: Grants,
    ) -> None:
        self._policies = policies
        self._clock = clock
        self._new_secret = new_secret
        self._new_id = new_id
        self._grants = grants
        self._lock = Lock()
        self._consents: dict[str, Consent] = {}
        self._ways_back: dict[str, tuple[float, str]] = {}
        self._codes: dict[str, Code] = {}
        self._families_of_spent_codes: dict[str, str | None] = {}

    def ask(
        self,
        app: OAuthApp,
        user: User,
        redirect_uri: str | None,
        state: str | None,
        code_challenge: str | None,
    ) -> Consent:
        """Remember an authorization request until its page is answered."""
        expires_at = self._clock() + self._policies.consent_lifetime_s
        consent = Consent(
            self._new_id("consent"),
            app.client_id,
            user.id,
            redirect_uri,
            state,
            code_challenge,
            expires_at,
        )
        self._consents[consent.id] = consent
        return consent

    def answer(self, consent_id: str) -> Consent | None:
        """Take a consent that waits, once; None when it is unknown, answered or too old."""
        consent = self._consents.pop(consent_id, None)
        return consent if consent and self._clock() < consent.expires_at else None

    def sent_back(self, consent: Consent, location: str) -> None:
        """Remember where the browser was sent when a consent had been answered."""
        self._ways_back[consent.id] = (consent.expires_at, location)

    def way_back(self, consent_id: str) -> str | None:
        """Return where the browser was sent for a consent; None when it is unknown or too old."""
        expires_at, location = self._ways_back.get(consent_id, (0.0, ""))
        return location if self._clock() < expires_at else None

    def issue(self, consent: Consent, organization: Organization) -> Code:
        """Turn a consent into an authorization code."""
        expires_at = self._clock() + self._policies.code_lifetime_s
        code = Code(self._new_secret(), consent, organization.id, expires_at)
        self._codes[code.text] = code
        return code

    def spend(self, text: str, client_id: str) -> Code:
        """Take a code, once, or raise GrantRefused.

        A code that comes twice ends what was issued for it (RFC 6749 §4.1.2). A code that is
        presented by its own app is spent, whatever else is wrong with the request.
        """
        with self._lock:
            if text in self._families_of_spent_codes:
                if family := self._families_of_spent_codes[text]:
                    self._grants.end_family(family)
                raise GrantRefused("code_reused")
            code = self._codes.get(text)
            if code is None:
                raise GrantRefused("unknown_code")
            if code.consent.client_id != client_id:
                raise GrantRefused("other_client")
            del self._codes[text]
            self._families_of_spent_codes[text] = None
        if code.expires_at <= self._clock():
            raise GrantRefused("code_expired")
        return code

    def exchange(self, code: Code) -> Grant:
        """Issue the first pair for a code that was taken."""
        asked = code.consent
        family = Family(
            self._new_id("family"), asked.client_id, asked.user_id, code.organization_id
        )
        with self._lock:
            self._families_of_spent_codes[code.text] = family.id
            return self._grants.begin(family)
