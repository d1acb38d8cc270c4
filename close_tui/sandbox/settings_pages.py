"""The settings pages: API keys and OAuth apps can be created, keys deleted."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from close_tui.sandbox import pages
from close_tui.sandbox.calls import Call
from close_tui.sandbox.records import ApiKey, OAuthApp
from close_tui.sandbox.state import World

_API_KEYS = "/settings/developer/api-keys/"
_OAUTH_APPS = "/settings/developer/oauth-apps/"
_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class SettingsPages:
    """The routes of one world."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/settings/developer/api-keys", self.api_keys),
            Route(_API_KEYS, self.api_keys, methods=["GET"]),
            Route(_API_KEYS, self.create_key, methods=["POST"]),
            Route(_API_KEYS + "{id}/delete/", self.delete, methods=["POST"]),
            Route("/settings/developer/oauth-apps", self.oauth_apps),
            Route(_OAUTH_APPS, self.oauth_apps, methods=["GET"]),
            Route(_OAUTH_APPS, self.create_app, methods=["POST"]),
        ]

    async def api_keys(self, request: Request) -> Response:
        """List the API keys by name and ID; the keys themselves are not shown."""
        Call.of(request).outcome = "ok"
        return self._keys()

    async def create_key(self, request: Request) -> Response:
        """Create a key of the signed-in user, and show it this once."""
        call, world = Call.of(request), self.world
        if _is_foreign(request):
            return _refused(call)
        form, user = dict(call.form), world.signed_in_user
        organization = world.organizations.get(form.get("organization", ""))
        if user is None or organization is None or organization.id not in user.organization_ids:
            call.outcome = "no_such_organization"
            return pages.error("Choose an organization that you are a member of.")
        key = world.add_api_key(user, organization, _named(form, "API key"))
        call.outcome, call.organization_id = "created", organization.id
        return self._keys(key)

    def _keys(self, made: ApiKey | None = None) -> Response:
        world, user = self.world, self.world.signed_in_user
        rows = [
            pages.ApiKeyRow(
                key,
                world.users[key.user_id],
                world.organizations[key.organization_id],
                world.last_used(key),
            )
            for key in tuple(world.api_keys.values())
        ]
        organizations = world.organizations_of(user) if user else []
        return pages.api_keys(rows, organizations, _API_KEYS, made)

    async def delete(self, request: Request) -> Response:
        """Delete a key for good, when asked by a page of ours."""
        call = Call.of(request)
        if _is_foreign(request):
            return _refused(call)
        if not self.world.delete_api_key(request.path_params["id"]):
            call.outcome = "unknown_key"
            return pages.error("There is no API key with this ID.", 404)
        call.outcome = "deleted"
        return RedirectResponse(_API_KEYS, 303)

    async def oauth_apps(self, request: Request) -> Response:
        """List the OAuth apps by name and client ID."""
        Call.of(request).outcome = "ok"
        return self._apps()

    async def create_app(self, request: Request) -> Response:
        """Register an app, and show its secret this once."""
        call = Call.of(request)
        if _is_foreign(request):
            return _refused(call)
        form = dict(call.form)
        try:
            app = self.world.add_app(_named(form, "OAuth app"), form.get("redirect_uri", ""))
        except ValueError as why:
            call.outcome = "redirect_uri_refused"
            return pages.error(f"This redirect URL cannot be registered: {why}.")
        call.outcome, call.client_id = "created", app.client_id
        return self._apps(app)

    def _apps(self, made: OAuthApp | None = None) -> Response:
        return pages.oauth_apps(list(self.world.apps.values()), _OAUTH_APPS, made)


def _is_foreign(request: Request) -> bool:
    """Tell whether a browser says that the form came from another site."""
    return request.headers.get("sec-fetch-site", "same-origin") != "same-origin"


def _refused(call: Call) -> Response:
    call.outcome = "other_site"
    return pages.error("Another site asked for this. Nothing was done.", 403)


def _named(form: dict[str, str], otherwise: str) -> str:
    return form.get("name", "").strip()[:_NAME_LIMIT] or otherwise
