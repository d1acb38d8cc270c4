"""A small world with a clock that stands still, and a client that talks to it in-process."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from close_tui.sandbox.app import create_app
from close_tui.sandbox.records import Grant, OAuthApp, Organization, User
from close_tui.sandbox.state import World

REDIRECT_URI = "https://localhost:25673/callback"


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Town:
    """A world with two organizations, two people and two apps."""

    clock: Clock
    world: World
    acme: Organization
    globex: Organization
    ada: User
    bob: User
    app: OAuthApp
    other_app: OAuthApp
    client: httpx.AsyncClient = field(repr=False)

    def credentials(self, **parameters: str) -> dict[str, str]:
        """Return form parameters with the app's id and secret."""
        app = self.app
        return {"client_id": app.client_id, "client_secret": app.client_secret, **parameters}

    @staticmethod
    def consent_id(page: httpx.Response) -> str:
        """Return the one-time id in a consent page."""
        assert page.status_code == 200, page.text
        return page.text.split('name="consent" value="')[1].split('"')[0]

    @staticmethod
    def sent_back(response: httpx.Response) -> dict[str, str]:
        """Return what a redirect to the app says; each parameter comes once."""
        assert response.status_code == 303, response.text
        location = response.headers["location"]
        assert location.startswith(REDIRECT_URI + "?")
        query = parse_qs(urlsplit(location).query, strict_parsing=True)
        assert all(len(values) == 1 for values in query.values())
        return {name: values[0] for name, values in query.items()}

    def grant(self) -> Grant:
        """Return a fresh pair for Ada in Acme."""
        return self.world.authorize_directly(self.app, self.ada, self.acme)

    async def ask(self, **query: str) -> httpx.Response:
        """Open the authorization endpoint."""
        query = {"client_id": self.app.client_id, "response_type": "code", **query}
        return await self.client.get("/oauth2/authorize/", params=query)

    async def consent(self, decision: str = "approve", **query: str) -> dict[str, str]:
        """Open the consent page, answer it, and return what the redirect says."""
        page = await self.ask(**query)
        return self.sent_back(await self.answer(page, decision, self.acme))

    async def answer(
        self, page: httpx.Response, decision: str, organization: Organization
    ) -> httpx.Response:
        """Answer a consent page."""
        form = {"consent": self.consent_id(page), "organization": organization.id}
        return await self.client.post("/oauth2/authorize/", data={**form, "decision": decision})

    async def token(self, **parameters: str) -> httpx.Response:
        """Call the token endpoint as the app."""
        return await self.client.post("/oauth2/token/", data=self.credentials(**parameters))

    async def exchange(self, code: str, **parameters: str) -> httpx.Response:
        """Exchange a code."""
        return await self.token(grant_type="authorization_code", code=code, **parameters)

    async def refresh(self, refresh_token: str | None) -> httpx.Response:
        """Spend a refresh token."""
        assert refresh_token is not None
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    async def revoke(self, token: str | None) -> httpx.Response:
        """Revoke a token."""
        assert token is not None
        form = self.credentials(token=token)
        return await self.client.post("/oauth2/revoke/", data=form)

    async def me(self, access_token: str, **query: str) -> httpx.Response:
        """Ask who an access token belongs to."""
        headers = {"authorization": f"Bearer {access_token}"}
        return await self.client.get("/api/v1/me/", headers=headers, params=query)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """Give a town, talked to in-process."""
    clock = Clock()
    world = World(clock=clock, random=random.Random(7), marker="CANARY")
    acme, globex = world.add_organization("Acme <i>&"), world.add_organization("Globex")
    ada = world.add_user("ada@acme.example", "Ada Byron", [acme, globex])
    bob = world.add_user("bob@globex.example", "Bob Roe", [globex])
    app = world.add_app("Reports", REDIRECT_URI)
    other = world.add_app("Importer", REDIRECT_URI)
    transport = httpx.ASGITransport(app=create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield Town(clock, world, acme, globex, ada, bob, app, other, client)
