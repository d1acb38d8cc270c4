"""The world of one sandbox: who exists, what was issued, what is to go wrong."""

from __future__ import annotations

import base64
import binascii
import hmac
import random as random_module
import string
import time
from collections.abc import Callable, Sequence
from threading import RLock

from close_tui.sandbox.codes import Codes
from close_tui.sandbox.faults import Faults
from close_tui.sandbox.grants import Grants
from close_tui.sandbox.journal import Journal
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.ratelimit import RateLimiter
from close_tui.sandbox.records import (
    ApiKey,
    Credential,
    Family,
    Grant,
    OAuthApp,
    Organization,
    User,
    origin,
)

_ALPHABET = string.ascii_letters + string.digits
_MARKER_LIMIT = 12


class World:
    """Everything one sandbox knows, in memory. Safe to use while it serves in another thread.

    ``clock`` gives Unix seconds. ``random`` makes ids and secrets: the same seed, the same world.
    ``marker`` (at most 12 letters and digits) is put into every secret, so that a test can search
    for any of them. The first user who is added is the one who is signed in to the browser pages.

    Attributes:
        policies: how this Close behaves where the real one is unknown.
        faults: what is to go wrong.
        journal: what was asked and done.
        organizations: by id.
        users: by id.
        apps: by client id.
        api_keys: by the key itself.
        grants: the tokens; codes: what comes before them.
        limiter: counts the requests.
        signed_in_user: who answers consent pages; None answers them with an error.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        random: random_module.Random | None = None,
        policies: Policies | None = None,
        marker: str = "",
    ) -> None:
        if marker and not (marker.isascii() and marker.isalnum() and len(marker) <= _MARKER_LIMIT):
            raise ValueError(f"a marker is at most {_MARKER_LIMIT} ASCII letters and digits")
        self.clock = clock
        self.policies = Policies() if policies is None else policies
        self.faults = Faults()
        self.journal = Journal()
        self.limiter = RateLimiter(self.policies, clock)
        self.organizations: dict[str, Organization] = {}
        self.users: dict[str, User] = {}
        self.apps: dict[str, OAuthApp] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.signed_in_user: User | None = None
        self._last_used: dict[str, float] = {}
        self._random = random_module.SystemRandom() if random is None else random
        self._marker = marker
        self._lock = RLock()
        self.grants = Grants(self.policies, clock, self._token)
        self.codes = Codes(self.policies, clock, self._token, self._id, self.grants)

    # Who exists

    def add_organization(self, name: str) -> Organization:
        """Found an organization."""
        organization = Organization(self._id("orga"), name)
        self.organizations[organization.id] = organization
        return organization

    def add_user(self, email: str, name: str, organizations: Sequence[Organization]) -> User:
        """Add a member of these organizations; the first one added is signed in."""
        first, _, last = name.partition(" ")
        members_of = tuple(organization.id for organization in organizations)
        user = User(self._id("user"), email, first, last, members_of, self._secret(24))
        self.users[user.id] = user
        if self.signed_in_user is None:
            self.signed_in_user = user
        return user

    def add_app(
        self, name: str, redirect_uri: str, *, private_to: Organization | None = None
    ) -> OAuthApp:
        """Register an OAuth app; ValueError for a redirect URI that Close refuses.

        ``private_to``: only members of that organization may authorize it.
        """
        origin(redirect_uri)
        owner = None if private_to is None else private_to.id
        app = OAuthApp(name, self._id("oa2client"), self._secret(48), redirect_uri, owner)
        self.apps[app.client_id] = app
        return app

    def add_api_key(self, user: User, organization: Organization, name: str = "API key") -> ApiKey:
        """Create an API key; ``.text`` is the key itself."""
        if organization.id not in user.organization_ids:
            raise ValueError("the user is not a member of that organization")
        text = f"{self._id('api')}.{self._secret(22)}"
        key = ApiKey(name, text, user.id, organization.id, self.clock())
        self.api_keys[text] = key
        return key

    def delete_api_key(self, key_id: str) -> bool:
        """Delete an API key for good; False when there is none with that ID."""
        with self._lock:
            found = [text for text, key in self.api_keys.items() if key.id == key_id]
            for text in found:
                del self.api_keys[text]
            return bool(found)

    def last_used(self, api_key: ApiKey) -> float | None:
        """Return when a key was accepted last."""
        return self._last_used.get(api_key.id)

    # Tokens

    def authorize_directly(
        self,
        app: OAuthApp,
        user: User,
        organization: Organization,
        *,
        expires_in: int | None = None,
    ) -> Grant:
        """Issue a pair as if the user had consented and the app had exchanged its code."""
        family = Family(self._id("family"), app.client_id, user.id, organization.id)
        return self.grants.begin(family, expires_in)

    def spend(self, refresh_token: str) -> Grant:
        """Refresh as somebody else would: the given token is spent, the new pair is returned."""
        return self.grants.rotate(refresh_token)[0]

    def expire(self, token: str) -> None:
        """Let an access token (or refresh token) reach its end now."""
        self.grants.expire(token)

    def kill(self, token: str) -> None:
        """Revoke one token from the server's side, or delete an API key."""
        if key := self.api_keys.get(token):
            self.delete_api_key(key.id)
        else:
            self.grants.kill(token)

    def kill_family(self, token: str) -> None:
        """Revoke all tokens that go back to the same consent as this one."""
        if found := self.grants.find(token):
            self.grants.end_family(found.family_id)

    def is_alive(self, token: str) -> bool:
        """Tell whether an access token, refresh token or API key would be accepted now."""
        return token in self.api_keys or self.grants.is_live(token)

    # Who is asking

    def authenticate(self, authorization: str | None) -> Credential | None:
        """Return what an Authorization header proves, or None.

        Basic: an API key as user name and an empty password. Bearer: an access token.
        """
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() == "bearer":
            return self._by_access_token(value.strip())
        if scheme.lower() != "basic":
            return None
        user_name, password = basic(value)
        key = None if password else self.api_keys.get(user_name)
        if key is None:
            return None
        self._last_used[key.id] = self.clock()
        return Credential(
            self.users[key.user_id], self.organizations[key.organization_id], key.text, key
        )

    def authenticate_app(self, client_id: str, client_secret: str) -> OAuthApp | None:
        """Return the OAuth app that this secret belongs to, or None."""
        app = self.apps.get(client_id)
        given = client_secret.encode("utf-8", "surrogatepass")
        if app is None or not hmac.compare_digest(app.client_secret.encode(), given):
            return None
        return app

    def organizations_of(self, user: User) -> list[Organization]:
        """Return the organizations a user is a member of."""
        return [self.organizations[id_] for id_ in user.organization_ids]

    def _by_access_token(self, text: str) -> Credential | None:
        token = self.grants.find(text)
        if token is None or token.is_refresh or not self.grants.is_live(text):
            return None
        family = self.grants.family(token)
        return Credential(
            self.users[family.user_id], self.organizations[family.organization_id], text
        )

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_ALPHABET, k=22))}"

    def _token(self) -> str:
        return self._secret(43)

    def _secret(self, length: int) -> str:
        return self._marker + "".join(self._random.choices(_ALPHABET, k=length - len(self._marker)))


def basic(value: str) -> tuple[str, str]:
    """Return user name and password of a Basic header's value; both empty when it is none."""
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    user_name, _, password = decoded.partition(":")
    return user_name, password
