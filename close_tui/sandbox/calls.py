"""One request as the sandbox sees it: which route, who claims to call, what is presented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Scope

from close_tui.sandbox.records import fingerprint
from close_tui.sandbox.state import World, basic

SCOPE_KEY: Final = "close_tui.sandbox.call"

_ROUTES: Final = {
    "/api/v1/me/": "me",
    "/oauth2/revoke/": "revoke",
    "/.well-known/oauth-authorization-server": "metadata",
}
_PREFIXES: Final = {
    "/api/v1/organization/": "organization",
    "/settings/developer/api-keys": "api_keys",
    "/settings/developer/oauth-apps": "oauth_apps",
}


class RepeatedParameter(ValueError):
    """A parameter came more than once (RFC 6749 §3.1, §3.2)."""


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return parameters by name, empty ones left out; RepeatedParameter when one comes twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise RepeatedParameter(name)
        found[name] = value
    return {name: value for name, value in found.items() if value}


@dataclass(slots=True)
class Call:
    """What is known of a request; the route handlers fill in what they find out.

    ``form`` are the parameters of the body, in order. See ``journal.Entry`` for the others.
    """

    route: str
    form: list[tuple[str, str]] = field(repr=False)
    client_id: str | None = None
    organization_id: str | None = None
    family: str | None = None
    presented: str | None = None
    outcome: str = ""

    @classmethod
    def of(cls, request: Request) -> Call:
        """Return the call that a request belongs to."""
        call = request.scope[SCOPE_KEY]
        assert isinstance(call, cls)
        return call

    def names(self, world: World, token: str) -> None:
        """Note the token that is presented, and whose it is."""
        self.presented = fingerprint(token)
        if found := world.grants.find(token):
            family = world.grants.family(found)
            self.family, self.organization_id = family.id, family.organization_id


def identify(world: World, scope: Scope, body: bytes) -> Call:
    """Look at a request without acting on it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    form = _form(headers.get("content-type", ""), body)
    parameters = dict(form)
    call = Call(_route(scope, parameters), form)
    authorization = headers.get("authorization", "")
    scheme, _, value = authorization.partition(" ")
    if scope["path"].startswith("/oauth2/"):
        name = basic(value)[0] if scheme.lower() == "basic" else ""
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        call.client_id = parameters.get("client_id") or name or query.get("client_id")
        token = parameters.get("refresh_token") or parameters.get("token")
        if token or (code := parameters.get("code")):
            call.names(world, token or code or "")
    elif scheme.lower() == "bearer":
        call.names(world, value.strip())
    elif key := basic(value)[0]:
        call.presented = fingerprint(key)
        if known := world.api_keys.get(key):
            call.organization_id = known.organization_id
    return call


def _form(content_type: str, body: bytes) -> list[tuple[str, str]]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return []
    text = body.decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, max_num_fields=None)


def _route(scope: Scope, parameters: dict[str, str]) -> str:
    path = scope["path"]
    if path == "/oauth2/token/":
        return "refresh" if parameters.get("grant_type") == "refresh_token" else "token"
    if path == "/oauth2/authorize/":
        return "consent" if scope["method"] == "POST" else "authorize"
    if path in _ROUTES:
        return _ROUTES[path]
    return next((name for start, name in _PREFIXES.items() if path.startswith(start)), "other")
