"""What a Close knows, frozen. Times are Unix seconds, durations are seconds."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

SCOPE: Final = "all.full_access offline_access"
"""The scopes that every OAuth app is granted (as Close documents: scopes)."""

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:]+\]")


def fingerprint(text: str) -> str:
    """Return the first 16 hex digits of a text's SHA-256: names a secret without showing it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def s256(verifier: str) -> str:
    """Return the S256 code challenge of a code verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def origin(uri: str) -> str:
    """Return the origin of a redirect URI, or raise ValueError when Close would refuse the URI.

    https only, a plain host and port, no user, no fragment, no white space.
    """
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        raise ValueError("a redirect URI is printable ASCII without spaces")
    parts = urlsplit(uri)
    if parts.scheme != "https":
        raise ValueError("a redirect URI must begin with https://")
    host, port = parts.netloc, parts.port
    if port is not None:
        host = host.rpartition(":")[0]
    if not _HOST.fullmatch(host) or "#" in uri:
        raise ValueError("a redirect URI has a plain host and no fragment")
    return f"https://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization: ``orga_…`` and its name, which may be any text."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A person, and the organizations they are a member of.

    ``sip_secret`` stands for what an unfiltered ``/me/`` gives away besides.
    """

    id: str
    email: str
    first_name: str
    last_name: str
    organization_ids: tuple[str, ...]
    sip_secret: str = field(repr=False)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """A registered OAuth app; ``organization_id`` is set when it is private to that one."""

    name: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    organization_id: str | None = None

    def is_closed_to(self, user: User) -> bool:
        """Tell whether the app is private and the user no member of its organization."""
        return self.organization_id not in (None, *user.organization_ids)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of one user in one organization: ``api_`` + 22 + ``.`` + 22 characters."""

    name: str
    text: str = field(repr=False)
    user_id: str
    organization_id: str
    created_at: float

    @property
    def id(self) -> str:
        """The part before the dot, safe to share."""
        return self.text.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Consent:
    """An authorization request that waits for its user (RFC 6749 §4.1.1). Answered once.

    ``redirect_uri`` is None when the request did not send it.
    """

    id: str = field(repr=False)
    client_id: str
    user_id: str
    redirect_uri: str | None
    state: str | None = field(repr=False)
    code_challenge: str | None
    expires_at: float


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: what was consented to, and what its exchange must match."""

    text: str = field(repr=False)
    consent: Consent
    organization_id: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Family:
    """All tokens that go back to one consent."""

    id: str
    client_id: str
    user_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class Token:
    """An access or refresh token; ``expires_at`` is None when it does not expire."""

    text: str = field(repr=False)
    is_refresh: bool
    family_id: str
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A token answer (RFC 6749 §5.1) before it is written down."""

    family: Family
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int

    @property
    def organization_id(self) -> str:
        """The organization that was consented to."""
        return self.family.organization_id

    @property
    def user_id(self) -> str:
        """The user who consented."""
        return self.family.user_id


@dataclass(frozen=True, slots=True)
class Credential:
    """What an Authorization header proved: a user in an organization."""

    user: User
    organization: Organization
    presented: str = field(repr=False)
    api_key: ApiKey | None = None
