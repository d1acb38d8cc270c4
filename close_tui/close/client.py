"""The calls that close-tui makes, as one object."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import httpx

from close_tui.close import answers
from close_tui.close.credential import Credential, is_sendable
from close_tui.close.metadata import PATH, Metadata, to_metadata
from close_tui.close.received import Received
from close_tui.close.wire import Form, Limits, Wire
from close_tui.errors import Rejected
from close_tui.model import Answer, Client, ClockSkew, Grant, Organization
from close_tui.secret import Secret

_ME: Final = "/api/v1/me/?_fields=id,email,first_name,last_name,organizations,memberships"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")


class Close:
    """The Close API at one address; an async context manager.

    Every call sends exactly one request and never repeats it. All of them raise
    :class:`~close_tui.errors.CloseError`: ``Unreachable`` when no whole answer came (its ``sent``
    tells whether the request may have arrived), ``RateLimited`` on 429, ``Unavailable`` on
    whatever the API does not document, and those that each call names.

    Args:
        api_url: scheme, host and port, without a trailing slash.
        transport: replaces the network.
        clock: Unix seconds.
        monotonic: seconds that never run backwards.
        version: ours, for the User-Agent that Close shows beside a key's last use.
        limits: deadlines and caps.

    """

    def __init__(
        self,
        api_url: str,
        *,
        version: str,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._wire = Wire(
            api_url,
            transport=transport,
            clock=clock,
            monotonic=monotonic,
            version=version,
            limits=limits,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._wire.aclose()

    async def warm(self) -> None:
        """Load what the first call needs, without calling anybody."""
        await self._wire.warm()

    @property
    def clock_skew(self) -> ClockSkew | None:
        """How wrong this machine's clock was at the last answer that told; None before that."""
        return self._wire.clock_skew

    async def exchange(
        self, client: Client, code: Secret, *, redirect_uri: str, verifier: Secret | None
    ) -> Grant:
        """Exchange an authorization code for tokens (RFC 6749 §4.1.3).

        ``verifier`` is the code verifier of RFC 7636, None without PKCE. Raises InvalidGrant,
        InvalidClient, Forbidden or Rejected.
        """
        form: dict[str, str | Secret] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
        }
        if verifier is not None:
            form["code_verifier"] = verifier
        return await self._token(client, form)

    async def refresh(self, client: Client, refresh_token: Secret) -> Grant:
        """Spend a refresh token for a new pair (RFC 6749 §6).

        An answer without a refresh token gives None in its place: the old one stays good. Raises
        InvalidGrant, InvalidClient, Forbidden or Rejected.
        """
        return await self._token(
            client, {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    async def revoke(self, client: Client, token: Secret) -> int:
        """Revoke an access or refresh token (RFC 7009) and return the status, 200 to 299.

        A server may accept what it never knew, so this alone proves nothing. Raises
        InvalidClient, Forbidden or Rejected.
        """
        form = _with_client(client, {"token": token})
        return answers.to_status(await self._wire.post("/oauth2/revoke/", form), _secrets(form))

    async def me(self, credential: Credential) -> Answer:
        """Ask who a credential belongs to. Raises Refused (401), Forbidden or Rejected."""
        return answers.to_answer(await self._get(_ME, credential), credential.secrets)

    async def organization(self, credential: Credential, organization_id: str) -> Organization:
        """Ask for an organization's name. Raises Refused (401), Forbidden or Rejected."""
        if not _ID.fullmatch(organization_id):
            raise Rejected("That is not the id of an organization. Nothing was sent.")
        received = await self._get(
            f"/api/v1/organization/{organization_id}/?_fields=id,name", credential
        )
        return answers.to_organization(received, credential.secrets, organization_id)

    async def metadata(self) -> Metadata:
        """Ask what the authorization server can do (RFC 8414), as nobody in particular."""
        return to_metadata(await self._wire.get(PATH))

    async def _token(self, client: Client, fields: Form) -> Grant:
        form = _with_client(client, fields)
        return answers.to_grant(await self._wire.post("/oauth2/token/", form), _secrets(form))

    async def _get(self, path: str, credential: Credential) -> Received:
        if not is_sendable(credential):
            raise Rejected(
                "The key or token holds characters that cannot be sent. Nothing was sent."
            )
        return await self._wire.get(path, credential)


def _with_client(client: Client, fields: Form) -> Form:
    form: dict[str, str | Secret] = {"client_id": client.client_id}
    if client.client_secret is not None:
        form["client_secret"] = client.client_secret
    return form | dict(fields)


def _secrets(form: Form) -> tuple[Secret, ...]:
    return tuple(value for value in form.values() if isinstance(value, Secret))
