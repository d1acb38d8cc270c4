"""Request counting, and the headers that tell about it (as Close documents: rate limits)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from close_tui.sandbox.policies import Policies

_ORGANIZATION_FACTOR: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a credential stands in its window; ``reset`` is in seconds."""

    limit: int
    remaining: int
    reset: float
    exceeded: bool

    def headers(self, *, documented: bool) -> dict[str, str]:
        """Return the headers, in the documented form or in the one the live service sends."""
        limit, remaining, reset = self.limit, self.remaining, f"{self.reset:g}"
        headers = {"retry-after": str(math.ceil(self.reset))} if self.exceeded else {}
        if documented:
            value = f"limit={limit}, remaining={remaining}, reset={reset}"
            return {"RateLimit": value, **headers}
        return {
            "ratelimit": f"limit={limit}; remaining={remaining}; reset={reset}",
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(remaining),
            "ratelimit-reset": reset,
            **headers,
        }


class RateLimiter:
    """Counts requests in fixed windows, for each credential and for each organization."""

    def __init__(self, policies: Policies, clock: Callable[[], float]) -> None:
        self._policies = policies
        self._clock = clock
        self._lock = Lock()
        self._window = -math.inf
        self._counts: dict[str, int] = {}

    def count(self, group: str, credential: str, organization_id: str | None) -> Standing:
        """Count one request of a credential to a group of endpoints."""
        length, now = self._policies.rate_window_s, self._clock()
        limit = self._policies.rate_limit
        with self._lock:
            if not 0 <= now - self._window < length:
                self._window = now
                self._counts.clear()
            used = self._add(f"{group} {credential}")
            together = self._add(f"{group} {organization_id}") if organization_id else 0
            reset = round(self._window + length - now, 3)
        exceeded = used > limit or together > limit * _ORGANIZATION_FACTOR
        return Standing(limit, 0 if exceeded else limit - used, reset, exceeded)

    def forced(self, seconds: float) -> Standing:
        """Return the standing of a credential that has to wait."""
        return Standing(self._policies.rate_limit, 0, seconds, True)

    def _add(self, name: str) -> int:
        self._counts[name] = self._counts.get(name, 0) + 1
        return self._counts[name]
