"""The list of OAuth apps, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from close_tui.model import App
from close_tui.tui.widgets.line import Piece, fit
from close_tui.tui.widgets.virtual_list import FromList, VirtualList

_PKCE = len("PKCE")
_SECRET = len("✕ missing")
_USED = len("Connections")
_CLIENT = 42
_URI = len("https://localhost:25673/callback")
_NARROW = 100


class AppRow(NamedTuple):
    """An OAuth app, and whether its client secret is stored."""

    app: App
    has_secret: bool


class AppList(VirtualList):
    """OAuth apps: name, client id, redirect URI, PKCE, secret, connections."""

    HEADER_LINES = 1

    class Highlighted(FromList):
        """Another app is under the cursor."""

    class Opened(FromList):
        """The highlighted app was opened."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[AppRow, ...] = ()

    def show(self, rows: Sequence[AppRow], app_id: str = "") -> None:
        """Replace the apps; the cursor stays, or goes to the app with an id."""
        self._rows = tuple(rows)
        places = [row for row, each in enumerate(self._rows) if each.app.id == app_id]
        self.follow(places[0] if places else self.cursor_row, self.cursor_line)

    @property
    def highlighted(self) -> AppRow | None:
        """The app under the cursor."""
        return self._rows[self.cursor_row] if self._rows else None

    @property
    def count(self) -> int:
        """The number of apps."""
        return len(self._rows)

    def living(self, row: int) -> str:
        """Return what may change: nothing does by itself."""
        return self._rows[row].app.id

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return what a line reads; a narrow one leaves out the client id and the redirect URI."""
        app, has_secret = self._rows[row]
        name, client, uri = _widths(width)
        yield fit(app.name, name) + "  ", "strong"
        if client:
            yield fit(app.client_id, client) + "  ", "muted"
        if uri:
            yield fit(app.redirect_uri, uri) + "  ", ""
        yield fit("on" if app.pkce else "off", _PKCE) + "  ", "" if app.pkce else "warning"
        secret = "✓ stored" if has_secret else "✕ missing"
        yield fit(secret, _SECRET) + "  ", "success" if has_secret else "error"
        yield f"{app.connections:>{_USED}}", "" if app.connections else "muted"

    def header_pieces(self, width: int) -> Iterable[Piece]:
        """Return the names of the columns."""
        name, client, uri = _widths(width)
        for title, cells in (
            ("Name", name),
            ("Client ID", client),
            ("Redirect URI", uri),
            ("PKCE", _PKCE),
            ("Secret", _SECRET),
        ):
            if cells:
                yield fit(title, cells) + "  ", ""
        yield "Connections", ""

    def highlight_moved(self) -> None:
        """Tell it."""
        self.post_message(self.Highlighted(self))

    def opened(self) -> None:
        """Tell it."""
        self.post_message(self.Opened(self))


def _widths(width: int) -> tuple[int, int, int]:
    """Share a line between the name, the client id and the redirect URI."""
    left = width - 1 - _PKCE - _SECRET - _USED - 4 * 2
    if width >= _NARROW:
        name = max(12, left // 4)
        client = min(_CLIENT, (left - name) // 2)
        return name, client, left - name - client - 4
    if left >= _URI + 10:
        return left - _URI - 2, 0, _URI
    return max(4, left), 0, 0
