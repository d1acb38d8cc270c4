"""The requests of a revocation: patient, a few at once, each of them written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from close_tui.close.credential import Credential
from close_tui.errors import CloseError, RateLimited, VaultError
from close_tui.model import Answer, Client, Connection, SecretKind
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

AT_ONCE: Final = 8
"""How many requests are under way at the same time."""

REVOKE: Final = "POST /oauth2/revoke/"
ME: Final = "GET /api/v1/me/"

_SPOKEN: Final = {
    SecretKind.API_KEY: "API key",
    SecretKind.CLIENT_SECRET: "client secret",
    SecretKind.ACCESS_TOKEN: "access token",
    SecretKind.REFRESH_TOKEN: "refresh token",
}

T = TypeVar("T")


class Round:
    """What the targets of one revocation share: the vault's key, the slots, the rate limits.

    Close counts requests by kind and, for ``/me/``, by organization: where it asks to slow down,
    everything of that kind waits, and nothing else does.
    """

    def __init__(self, desk: Desk, at_once: int = AT_ONCE) -> None:
        self.slots = asyncio.Semaphore(at_once)
        self._desk = desk
        self._unlocking: asyncio.Task[Vault] | None = None
        self._resumes: dict[tuple[str, str], float] = {}

    async def unlocked(self) -> Vault:
        """Unlock the vault, once for all targets: nobody is asked for a passphrase twice."""
        if self._unlocking is None:
            self._unlocking = asyncio.create_task(self._desk.unlock())
        return await asyncio.shield(self._unlocking)

    def slow(self, scope: tuple[str, str], seconds: float) -> None:
        """Let every request of this kind wait from now on."""
        resumes = asyncio.get_running_loop().time() + seconds
        self._resumes[scope] = max(resumes, self._resumes.get(scope, 0.0))

    async def ready(self, scope: tuple[str, str], longest: float) -> None:
        """Wait until Close takes requests of this kind again, but never longer than that."""
        left = longest
        # Others may be asked to wait longer meanwhile.
        while (pause := min(self._pause(scope), left)) > 0:
            await asyncio.sleep(pause)
            left -= pause

    def _pause(self, scope: tuple[str, str]) -> float:
        return self._resumes.get(scope, 0.0) - asyncio.get_running_loop().time()


class Sender:
    """Sends what the revocation of one connection needs.

    Each request waits while Close asks to, for ``pauses.rate_limit`` in all, and is written into
    the history when there is an incident; with ``changes_only`` unless the one before it was the
    same and was answered in the same way. Raises what :class:`close_tui.close.client.Close` does.
    """

    def __init__(
        self,
        desk: Desk,
        shared: Round,
        connection: Connection,
        incident: str,
        *,
        changes_only: bool = False,
        always: bool = False,
    ) -> None:
        self._desk = desk
        self._shared = shared
        self._connection = connection
        self._incident = incident
        self._is_written = always or bool(incident)
        self._changes_only = changes_only
        self._last: object = None

    async def revoke(self, client: Client, kind: SecretKind, generation: int, token: Secret) -> int:
        """Revoke a token (RFC 7009 §2.1); return the HTTP status of the acceptance."""
        return await self._send(
            REVOKE,
            client.client_id,
            (kind, generation),
            lambda: self._desk.close.revoke(client, token),
            lambda status: status,
        )

    async def me(self, kind: SecretKind, generation: int, credential: Credential) -> Answer:
        """Ask who answers to a token or key."""
        return await self._send(
            ME,
            self._connection.organization.id,
            (kind, generation),
            lambda: self._desk.close.me(credential),
            lambda answer: answer.http_status,
        )

    async def _send(
        self,
        request: str,
        whose: str,
        what: tuple[SecretKind, int],
        call: Callable[[], Awaitable[T]],
        status: Callable[[T], int],
    ) -> T:
        scope, patience = (request, whose), self._desk.pauses.rate_limit
        while True:
            await self._shared.ready(scope, patience)
            async with self._shared.slots:
                clock = asyncio.get_running_loop().time
                began = clock()
                try:
                    answer = await call()
                except CloseError as error:
                    failed = error
                else:
                    self._write(request, what, status(answer), "ok", clock() - began)
                    return answer
                self._write(request, what, failed.http_status, failed.outcome, clock() - began)
            if not isinstance(failed, RateLimited) or failed.retry_after > patience:
                raise failed
            patience -= failed.retry_after
            self._shared.slow(scope, failed.retry_after)

    def _write(
        self,
        request: str,
        what: tuple[SecretKind, int],
        http_status: int | None,
        outcome: str,
        seconds: float,
    ) -> None:
        """Write a request into the history, if the vault takes it: it was sent in any case."""
        last, self._last = self._last, (request, what, http_status, outcome)
        if not self._is_written or (self._changes_only and last == self._last):
            return
        kind, generation = what
        facts = {
            "request": request,
            "credential": kind.value,
            "generation": generation,
            "seconds": round(seconds, 3),
        }
        detail = f"{request} with the {_SPOKEN[kind]}, generation {generation}."
        with suppress(VaultError):
            self._desk.record(
                self._connection,
                "request",
                outcome,
                detail,
                http_status=http_status,
                incident=self._incident,
                facts=facts,
            )
