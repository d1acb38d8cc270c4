"""What the vault knows for automatic refresh, and of this machine's clock."""

from __future__ import annotations

from close_tui.model import ClockSkew, Connection
from close_tui.vault import connection_rows
from close_tui.vault.database import Database


class Upkeep:
    """The part of the store behind automatic refresh and its switches; see the protocol."""

    database: Database

    def ending(self, after: float, before: float) -> list[Connection]:
        """Return the live authorizations that can be refreshed and expire between two times."""
        return connection_rows.ending(self.database, after, before)

    def keeps_fresh(self) -> bool:
        """Tell whether tokens are refreshed without being asked."""
        row = self.database.row("SELECT auto_refresh FROM vault")
        return bool(row and row[0])

    def set_auto_refresh(self, on: bool, connection_id: str | None = None) -> None:
        """Switch automatic refresh for one connection, or for all of them together."""
        if connection_id is None:
            self.database.change("UPDATE vault SET auto_refresh = ?", int(on))
        else:
            self.database.change(
                "UPDATE connections SET auto_refresh = ? WHERE id = ?", int(on), connection_id
            )

    def clock_skew(self) -> ClockSkew | None:
        """Return how wrong this machine's clock was seen to be."""
        row = self.database.row("SELECT clock_skew_s, clock_seen_at FROM vault")
        if row is None or row[0] is None or row[1] is None:
            return None
        return ClockSkew(row[0], row[1])

    def set_clock_skew(self, skew: ClockSkew | None) -> None:
        """Keep how wrong this machine's clock is."""
        self.database.change(
            "UPDATE vault SET clock_skew_s = ?, clock_seen_at = ?", *(skew or (None, None))
        )
