"""Token, revocation and metadata endpoints (RFC 6749, RFC 7009, RFC 8414)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from close_tui.sandbox.calls import Call, RepeatedParameter, single
from close_tui.sandbox.grants import GrantRefused
from close_tui.sandbox.records import SCOPE, Code, Grant, OAuthApp, Token, s256
from close_tui.sandbox.state import World, basic

_NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}


class Refusal(Exception):
    """An error answer (RFC 6749 §5.2); ``why`` is for the journal only."""

    def __init__(self, error: str, why: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.why = why or error
        self.status = status


@dataclass(frozen=True, slots=True)
class TokenEndpoints:
    """The routes of one world."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/oauth2/token/", self.token, methods=["POST"]),
            Route("/oauth2/revoke/", self.revoke, methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", self.metadata),
        ]

    async def token(self, request: Request) -> Response:
        """Exchange a code, or rotate a refresh token."""
        call = Call.of(request)
        try:
            form = _parameters(call)
            grant, call.outcome = self._grant(self._client(request, form, call), form)
        except GrantRefused as refused:
            return _refuse(call, Refusal("invalid_grant", refused.why), request)
        except Refusal as refusal:
            return _refuse(call, refusal, request)
        call.family, call.organization_id = grant.family.id, grant.organization_id
        return JSONResponse(self._answer(grant), headers=_NO_STORE)

    async def revoke(self, request: Request) -> Response:
        """Revoke a token; 200 for unknown ones as well (RFC 7009 §2.2)."""
        call, grants = Call.of(request), self.world.grants
        try:
            form = _parameters(call)
            app = self._client(request, form, call)
            token = self._token_of(app, _required(form, "token"))
        except Refusal as refusal:
            return _refuse(call, refusal, request)
        if token is None:
            call.outcome = "unknown_token"
        else:
            call.outcome = "revoked" if grants.is_live(token.text) else "dead_token"
            grants.revoke(token)
        return Response(headers=_NO_STORE)

    async def metadata(self, request: Request) -> Response:
        """Describe the authorization server (RFC 8414), as Close does."""
        base = str(request.base_url).rstrip("/")
        Call.of(request).outcome = "ok"
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/oauth2/authorize/",
                "token_endpoint": f"{base}/oauth2/token/",
                "revocation_endpoint": f"{base}/oauth2/revoke/",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "none",
                    "client_secret_basic",
                    "client_secret_post",
                ],
                "scopes_supported": SCOPE.split(),
            }
        )

    def _client(self, request: Request, form: dict[str, str], call: Call) -> OAuthApp:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme:
            if scheme.lower() != "basic" or "client_secret" in form:
                raise Refusal("invalid_request", "two_client_authentications")
            client_id, secret = basic(value)
            if form.get("client_id", client_id) != client_id:
                raise Refusal("invalid_request", "two_clients")
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        call.client_id = client_id or None
        app = self.world.authenticate_app(client_id, secret)
        if app is None:
            why = "wrong_secret" if client_id in self.world.apps else "unknown_client"
            raise Refusal("invalid_client", why, self.world.policies.wrong_secret_status)
        return app

    def _grant(self, app: OAuthApp, form: dict[str, str]) -> tuple[Grant, str]:
        match form.get("grant_type"):
            case "authorization_code":
                return self.world.codes.exchange(self._code(app, form)), "issued"
            case "refresh_token":
                token = _required(form, "refresh_token")
                grant, repeated = self.world.grants.rotate(token, app.client_id)
                return grant, "repeated" if repeated else "rotated"
            case None:
                raise Refusal("invalid_request", "no_grant_type")
            case _:
                raise Refusal("unsupported_grant_type")

    def _token_of(self, app: OAuthApp, text: str) -> Token | None:
        token = self.world.grants.find(text)
        if token and self.world.grants.family(token).client_id != app.client_id:
            raise Refusal("invalid_grant", "other_client")
        return token

    def _code(self, app: OAuthApp, form: dict[str, str]) -> Code:
        code = self.world.codes.spend(_required(form, "code"), app.client_id)
        asked = code.consent
        if app.is_closed_to(self.world.users[asked.user_id]):
            raise Refusal(self.world.policies.private_app_error, "private_app")
        given = form.get("redirect_uri")
        if given not in (asked.redirect_uri, app.redirect_uri):
            raise GrantRefused("other_redirect_uri")
        verifier = form.get("code_verifier")
        if (asked.code_challenge is None) != (verifier is None):
            raise GrantRefused("verifier_without_challenge" if verifier else "no_verifier")
        if verifier is not None and asked.code_challenge is not None:
            if not 43 <= len(verifier) <= 128:
                raise GrantRefused("wrong_verifier")
            if not hmac.compare_digest(s256(verifier), asked.code_challenge):
                raise GrantRefused("wrong_verifier")
        return code

    def _answer(self, grant: Grant) -> dict[str, object]:
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "access_token": grant.access_token,
            "expires_in": grant.expires_in,
        }
        if grant.refresh_token is not None:
            answer["refresh_token"] = grant.refresh_token
        answer["scope"] = SCOPE
        answer["organization_id"] = (
            self.world.policies.answer_organization_id or grant.organization_id
        )
        answer["user_id"] = grant.user_id
        return answer


def _parameters(call: Call) -> dict[str, str]:
    try:
        return single(call.form)
    except RepeatedParameter:
        raise Refusal("invalid_request", "repeated_parameter") from None


def _required(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise Refusal("invalid_request", f"no_{name}")
    return form[name]


def _refuse(call: Call, refusal: Refusal, request: Request) -> Response:
    call.outcome = refusal.why
    headers = dict(_NO_STORE)
    if refusal.status == 401 and "authorization" in request.headers:
        headers["www-authenticate"] = 'Basic realm="sandbox"'
    return JSONResponse({"error": refusal.error}, refusal.status, headers)
