"""The vault and the network with somebody watching: a word before each step, and one after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from close_tui.vault.protocol import Store
from close_tui.vault.vault import Vault

AtStep = Callable[[str], None]
"""Is told each step; what it raises ends the work there, as a crash would."""

_READING: Final = frozenset(
    {
        *("connections", "connection", "authorization", "apps", "app", "history"),
        *("apps_with_secret",),
        *("version_of_others", "secret", "client", "transaction"),
        *("superseded", "old_grants", "incident_events", "apps_with_secret"),
        *("ending", "keeps_fresh", "clock_skew"),
    }
)

DURABLE: Final = frozenset(
    name for name in vars(Store) if not name.startswith("_") and name not in _READING
)
"""Everything in the vault's protocol that changes what is stored."""


class WatchedStore:
    """A vault behind its own protocol."""

    def __init__(self, vault: Vault, at_step: AtStep) -> None:
        self._vault = vault
        self._at_step = at_step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._vault, name)
        if name not in DURABLE:
            return found

        def watched(*arguments: Any, **named: Any) -> Any:
            self._at_step(f"before {name}")
            result = found(*arguments, **named)
            self._at_step(f"after {name}")
            return result

        return watched

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One durable step around several: all of them, or none."""
        self._at_step("before transaction")
        with self._vault.transaction():
            yield
            self._at_step("before commit")
        self._at_step("after transaction")


class WatchedNetwork(httpx.AsyncHTTPTransport):
    """The real network; an answer is whole before it is let through."""

    def __init__(self, at_step: AtStep, seen: Callable[[str, int, bytes], None]) -> None:
        super().__init__()
        self._at_step = at_step
        self._seen = seen

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; tell path, status and body of the answer."""
        path = request.url.path
        self._at_step(f"before {path}")
        answer = await super().handle_async_request(request)
        try:
            body = await answer.aread()
        finally:
            await answer.aclose()
        self._at_step(f"after {path}")
        self._seen(path, answer.status_code, body)
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=httpx.ByteStream(body),
            request=request,
        )
