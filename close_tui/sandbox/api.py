"""The little of the REST API that a credential manager asks: who am I, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from close_tui.sandbox.calls import Call
from close_tui.sandbox.records import Credential, Organization
from close_tui.sandbox.state import World

_NOT_FOUND = (
    "The requested URL was not found on the server. If you entered the URL manually please check "
    "your spelling and try again."
)


@dataclass(frozen=True, slots=True)
class Api:
    """The routes of one world."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/api/v1/me/", self.me),
            Route("/api/v1/organization/{id}/", self.organization),
            Route("/api/v1/{path:path}", self.unknown),
        ]

    async def me(self, request: Request) -> Response:
        """Say whose credential it is; unfiltered, more than anybody should keep."""
        return self._answer(request, "me", self._me)

    async def organization(self, request: Request) -> Response:
        """Describe the credential's organization; any other is 404."""

        def describe(credential: Credential) -> dict[str, Any] | None:
            organization = credential.organization
            if request.path_params["id"] != organization.id:
                return None
            return {"id": organization.id, "name": organization.name, "currency": "USD"}

        return self._answer(request, "organization", describe)

    async def unknown(self, request: Request) -> Response:
        """Answer 404 as the real API does, or 401 without a credential."""
        return self._answer(request, "other", lambda _: None)

    def _me(self, credential: Credential) -> dict[str, Any]:
        user, own = credential.user, credential.organization
        organizations = [own]
        if self.world.policies.me_lists_all:
            organizations = self.world.organizations_of(user)
        return {
            "id": user.id,
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "sip_username": user.id.replace("user_", "sip_"),
            "sip_password": user.sip_secret,
            "organizations": [{"id": each.id, "name": each.name} for each in organizations],
            "memberships": [_membership(user.id, each) for each in organizations],
        }

    def _answer(
        self,
        request: Request,
        group: str,
        describe: Callable[[Credential], dict[str, Any] | None],
    ) -> Response:
        call, world = Call.of(request), self.world
        credential = world.authenticate(request.headers.get("authorization"))
        organization_id = credential.organization.id if credential else None
        presented = credential.presented if credential else "anonymous"
        standing = world.limiter.count(group, presented, organization_id)
        headers = standing.headers(documented=world.policies.documented_rate_header)
        if credential is None:
            call.outcome = "unauthorized"
            challenge = {"WWW-Authenticate": 'Bearer realm="Close"'}  # RFC 6750 §3
            return JSONResponse({"error": "Unauthorized"}, 401, headers | challenge)
        call.organization_id = organization_id
        if standing.exceeded:
            call.outcome = "rate_limited"
            return JSONResponse({"error": "Too Many Requests"}, 429, headers)
        described = describe(credential)
        if described is None:
            call.outcome = "not_found"
            return JSONResponse({"error": _NOT_FOUND}, 404, headers)
        call.outcome = "ok"
        if fields := request.query_params.get("_fields"):
            wanted = fields.split(",")
            described = {name: value for name, value in described.items() if name in wanted}
        return JSONResponse(described, headers=headers)


def _membership(user_id: str, organization: Organization) -> dict[str, str]:
    return {
        "id": organization.id.replace("orga_", "memb_"),
        "organization_id": organization.id,
        "user_id": user_id,
    }
