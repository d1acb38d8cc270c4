"""What was asked of the sandbox and what it did, in order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. Never a secret.

    Attributes:
        at: when, by the sandbox's clock.
        route: ``authorize consent token refresh revoke me organization metadata api_keys
            oauth_apps`` or ``other``.
        client_id: the OAuth app, as claimed; None without one.
        organization_id: whose credential was presented, where that is known.
        family: id of the token family, where that is known.
        presented: fingerprint of the token, code or API key that was presented.
        outcome: what was done (``asked approved declined issued rotated repeated revoked deleted
            ok``), or why it was refused (``unknown_token spent reuse_detected dead_token
            code_reused wrong_verifier wrong_secret unauthorized …``); empty when a fault kept
            the request from being carried out.
        status: HTTP status that was answered; None when the connection was dropped.
        fault: the fault that was played, empty without one.

    """

    at: float
    route: str
    client_id: str | None
    organization_id: str | None
    family: str | None
    presented: str | None
    outcome: str
    status: int | None
    fault: str = ""


class Journal:
    """The entries so far. Safe to read while the sandbox serves in another thread."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        """Add what has just happened."""
        self._entries.append(entry)

    def entries(self, **wanted: object) -> list[Entry]:
        """Return the entries whose fields have the wanted values, oldest first.

        >>> Journal().entries(route="refresh", outcome="rotated")
        []
        """
        return [
            entry
            for entry in tuple(self._entries)
            if all(getattr(entry, name) == value for name, value in wanted.items())
        ]

    def count(self, **wanted: object) -> int:
        """Return how many entries have the wanted values."""
        return len(self.entries(**wanted))

    def clear(self) -> None:
        """Forget everything so far."""
        self._entries.clear()
