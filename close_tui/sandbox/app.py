"""The sandbox as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from close_tui.sandbox.api import Api
from close_tui.sandbox.consent import AuthorizationEndpoint
from close_tui.sandbox.front import Cut, Front
from close_tui.sandbox.oauth import TokenEndpoints
from close_tui.sandbox.settings_pages import SettingsPages
from close_tui.sandbox.state import World


def create_app(world: World, cut: Cut | None = None) -> Starlette:
    """Return the application for a world.

    ``cut`` drops a client's connection; without it, faults that drop connections raise
    :class:`close_tui.sandbox.front.NothingToDrop`.
    """
    routes = [
        *AuthorizationEndpoint(world).routes(),
        *TokenEndpoints(world).routes(),
        *Api(world).routes(),
        *SettingsPages(world).routes(),
        Route("/", _home),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Front, world=world, cut=cut)])
    app.router.redirect_slashes = False
    return app


async def _home(_: Request) -> Response:
    return RedirectResponse("/settings/developer/api-keys/", 303)
