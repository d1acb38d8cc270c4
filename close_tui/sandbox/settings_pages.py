"""The settings pages: API keys, which can be deleted, and OAuth apps."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from close_tui.sandbox import pages
from close_tui.sandbox.calls import Call
from close_tui.sandbox.state import World

_API_KEYS = "/settings/developer/api-keys/"


@dataclass(frozen=True, slots=True)
class SettingsPages:
    """The routes of one world."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/settings/developer/api-keys", self.api_keys),
            Route(_API_KEYS, self.api_keys),
            Route(_API_KEYS + "{id}/delete/", self.delete, methods=["POST"]),
            Route("/settings/developer/oauth-apps", self.oauth_apps),
            Route("/settings/developer/oauth-apps/", self.oauth_apps),
        ]

    async def api_keys(self, request: Request) -> Response:
        """List the API keys by name and ID; the keys themselves are not shown."""
        world = self.world
        Call.of(request).outcome = "ok"
        rows = [
            pages.ApiKeyRow(
                key,
                world.users[key.user_id],
                world.organizations[key.organization_id],
                world.last_used(key),
            )
            for key in tuple(world.api_keys.values())
        ]
        return pages.api_keys(rows, _API_KEYS)

    async def delete(self, request: Request) -> Response:
        """Delete a key for good, when asked by a page of ours."""
        call = Call.of(request)
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            call.outcome = "other_site"
            return pages.error("Another site asked to delete a key. Nothing was deleted.", 403)
        if not self.world.delete_api_key(request.path_params["id"]):
            call.outcome = "unknown_key"
            return pages.error("There is no API key with this ID.", 404)
        call.outcome = "deleted"
        return RedirectResponse(_API_KEYS, 303)

    async def oauth_apps(self, request: Request) -> Response:
        """List the OAuth apps by name and client ID."""
        Call.of(request).outcome = "ok"
        return pages.oauth_apps(list(self.world.apps.values()))
