"""What nobody outside Close knows about Close, as switches: a client must cope with each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reuse(StrEnum):
    """What happens when a spent refresh token is presented again."""

    FAMILY = "family"
    """``invalid_grant``, and every token of the family dies (RFC 9700 §4.14.2)."""

    PLAIN = "plain"
    """``invalid_grant``, nothing else."""

    GRACE = "grace"
    """The same pair again for ``grace_s`` seconds, afterwards as FAMILY."""


class PrivateApp(StrEnum):
    """What happens when somebody who is no member authorizes an app that is private."""

    PAGE = "page"
    """The consent screen says so, and the browser is not sent back."""

    REDIRECT = "redirect"
    """The browser is sent back with an error (RFC 6749 §4.1.2.1)."""

    TOKEN = "token"  # noqa: S105 - a place, not a password
    """The consent screen asks, and the token endpoint refuses the code (RFC 6749 §5.2)."""


@dataclass(slots=True)
class Policies:
    """The switches of one sandbox. They may be turned at any time.

    Attributes:
        reuse: see :class:`Reuse`.
        grace_s: how long GRACE lasts.
        expires_in: life of an access token.
        refresh_lifetime_s: life of a refresh token; None is for ever.
        code_lifetime_s: life of an authorization code.
        consent_lifetime_s: how long a consent page can be answered.
        rotation_kills_access: a refresh also ends the access tokens issued before.
        decline_echoes_state: a decline redirects with ``state``.
        pkce_required: an authorization request without a code challenge is refused.
        private_app: see :class:`PrivateApp`; ``private_app_error`` is the error's code.
        wrong_secret_status: HTTP status of ``invalid_client``: 401 or 400.
        omit_refresh_token: token answers hold none; a refresh then does not rotate.
        answer_organization_id: named in every token answer in place of the true one.
        revoke_acts: False accepts every revocation and does nothing.
        revoke_kills_access: revoking a refresh token also ends the family's access tokens.
        revoke_ends_authorization: a revocation ends every grant of the same app, organization and
            user, as some servers do.
        revoke_delay_s: how long a revoked token goes on working.
        me_lists_all: ``/me/`` lists all organizations of the user, not only the credential's.
        rate_limit: requests of one credential in a window; an organization has three times that.
        rate_window_s: length of the window.
        clock_ahead_s: how far the server's clock, as its ``Date`` header has it, is ahead of the
            world's.
        documented_rate_header: ``RateLimit: limit=100, remaining=50, reset=5`` alone, as in the
            documentation, in place of the form that the live service sends.

    """

    reuse: Reuse = Reuse.FAMILY
    grace_s: float = 10.0
    expires_in: int = 3600
    refresh_lifetime_s: float | None = None
    code_lifetime_s: float = 600.0
    consent_lifetime_s: float = 900.0
    rotation_kills_access: bool = False
    decline_echoes_state: bool = True
    pkce_required: bool = False
    private_app: PrivateApp = PrivateApp.PAGE
    private_app_error: str = "access_denied"
    wrong_secret_status: int = 401
    omit_refresh_token: bool = False
    answer_organization_id: str | None = None
    revoke_acts: bool = True
    revoke_kills_access: bool = False
    revoke_ends_authorization: bool = False
    revoke_delay_s: float = 0.0
    me_lists_all: bool = False
    rate_limit: int = 100
    rate_window_s: float = 1.0
    documented_rate_header: bool = False
    clock_ahead_s: float = 0.0
