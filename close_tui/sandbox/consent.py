"""The authorization endpoint and its consent page (RFC 6749 §4.1.1, RFC 7636)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from close_tui.sandbox import pages
from close_tui.sandbox.calls import Call, RepeatedParameter, single
from close_tui.sandbox.policies import PrivateApp
from close_tui.sandbox.records import Consent, OAuthApp, User
from close_tui.sandbox.state import World

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class NoWayBack(Exception):
    """The request cannot be answered by a redirect: the person is told, the app is not."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(why)
        self.why = why
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """The routes of one world."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/oauth2/authorize/", self.ask, methods=["GET"]),
            Route("/oauth2/authorize/", self.answer, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the consent page, or say why not."""
        call = Call.of(request)
        try:
            try:
                query = single(request.query_params.multi_items())
            except RepeatedParameter as repeated:
                sentence = f"The parameter {repeated} comes twice."
                raise NoWayBack("repeated_parameter", sentence) from None
            app, user = self._parties(query)
        except NoWayBack as refused:
            call.outcome = refused.why
            return pages.error(refused.sentence)
        state = query.get("state")
        if error := self._fault_of(query) or self._refusal_of(app, user):
            call.outcome = error
            return _redirect(app, error=error, state=state)
        call.outcome = "asked"
        consent = self.world.codes.ask(
            app, user, query.get("redirect_uri"), state, query.get("code_challenge")
        )
        return pages.consent(app, user, self.world.organizations_of(user), consent)

    async def answer(self, request: Request) -> Response:
        """Take the answer, once, and send the browser back to the app.

        A form that is sent again (a double click) is sent the way of the first, whatever it says:
        the browser has given up on the first answer.
        """
        call = Call.of(request)
        try:
            form = single(call.form)
        except RepeatedParameter:
            form = {}
        consent = self.world.codes.answer(form.get("consent", ""))
        if consent is None and (location := self.world.codes.way_back(form.get("consent", ""))):
            call.outcome = "answered_before"
            return _to(location)
        if consent is None:
            call.outcome = "unknown_consent"
            return pages.error("This page is not known, or too old. Start again.")
        app = self.world.apps[consent.client_id]
        call.client_id = app.client_id
        if form.get("decision") != "approve":
            call.outcome = "declined"
            state = consent.state if self.world.policies.decline_echoes_state else None
            return self._send_back(app, consent, error="access_denied", state=state)
        return self._approve(call, app, consent, form.get("organization", ""))

    def _approve(self, call: Call, app: OAuthApp, consent: Consent, chosen: str) -> Response:
        if chosen not in self.world.users[consent.user_id].organization_ids:
            call.outcome = "no_such_organization"
            return pages.error("You are not a member of that organization. Start again.")
        organization = self.world.organizations[chosen]
        code = self.world.codes.issue(consent, organization)
        call.outcome, call.organization_id = "approved", organization.id
        return self._send_back(app, consent, code=code.text, state=consent.state)

    def _send_back(self, app: OAuthApp, consent: Consent, **parameters: str | None) -> Response:
        response = _redirect(app, **parameters)
        self.world.codes.sent_back(consent, response.headers["location"])
        return response

    def _parties(self, query: dict[str, str]) -> tuple[OAuthApp, User]:
        app, user = self.world.apps.get(query.get("client_id", "")), self.world.signed_in_user
        if app is None:
            raise NoWayBack("unknown_client", "No OAuth app has this client ID.")
        if query.get("redirect_uri", app.redirect_uri) != app.redirect_uri:
            raise NoWayBack(
                "other_redirect_uri", "The redirect URI is not the one this app is registered with."
            )
        if user is None:
            raise NoWayBack("nobody_signed_in", "Nobody is signed in.")
        if self.world.policies.private_app is PrivateApp.PAGE and app.is_closed_to(user):
            raise NoWayBack(
                "private_app", "This app is private to an organization you are not a member of."
            )
        return app, user

    def _refusal_of(self, app: OAuthApp, user: User) -> str | None:
        policies = self.world.policies
        at_once = policies.private_app is PrivateApp.REDIRECT and app.is_closed_to(user)
        return policies.private_app_error if at_once else None

    def _fault_of(self, query: dict[str, str]) -> str | None:
        """Return the error code to redirect with (RFC 6749 §4.1.2.1), or None."""
        if query.get("response_type") != "code":
            return "unsupported_response_type" if "response_type" in query else "invalid_request"
        challenge = query.get("code_challenge")
        if challenge is None:
            pkce_asked = self.world.policies.pkce_required or "code_challenge_method" in query
            return "invalid_request" if pkce_asked else None
        known = query.get("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(challenge)
        return None if known else "invalid_request"


def _redirect(app: OAuthApp, **parameters: str | None) -> Response:
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    separator = "&" if "?" in app.redirect_uri else "?"
    return _to(f"{app.redirect_uri}{separator}{query}")


def _to(location: str) -> Response:
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(location, 303, headers)
