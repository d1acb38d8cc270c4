"""The palette's way to every connection and organization; the verbs come from the app itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from close_tui.tui.screens.board import Board
from close_tui.tui.widgets.status_look import MUTED

MOST: Final = 12
"""How many connections, and how many organizations, are offered at most."""


class Place(NamedTuple):
    """Somewhere to go: what it is called, what is said beside it, and what goes there."""

    name: str
    beside: str
    go: Callable[[], None]


class Places(Provider):
    """Jumps to a connection, or shows one organization, by parts of their names.

    Every name is shown literally. Textual's own matcher takes 0.1 ms a name, so what holds all
    the words is enough, and what begins with them stands first.
    """

    async def discover(self) -> Hits:
        """Offer the organizations, some of them, before anything is typed."""
        for place in self._found(self._organizations(), ""):
            yield DiscoveryHit(_line(place, ""), place.go, text=place.name)

    async def search(self, query: str) -> Hits:
        """Offer the places whose names hold the words."""
        wanted = query.casefold().strip()
        for places in (self._connections(), self._organizations()):
            for place in self._found(places, wanted):
                score = _score(place.name.casefold(), wanted)
                yield Hit(score, _line(place, wanted), place.go, text=place.name)

    def _connections(self) -> Iterator[Place]:
        board = self.screen
        if isinstance(board, Board):
            for one in board.seen.connections:
                where = one.organization.name or one.organization.id
                yield Place(one.name, where, partial(board.jump, one.id))

    def _organizations(self) -> Iterator[Place]:
        board = self.screen
        if isinstance(board, Board):
            living = {one.organization for one in board.seen.connections if one.revoked_at is None}
            for id_, name in living:
                yield Place(name or id_, "organization", partial(board.choose_organization, id_))

    def _found(self, places: Iterator[Place], wanted: str) -> list[Place]:
        words = wanted.split()
        found = [
            (-_score(name, wanted), name, place)
            for place in places
            if all(word in (name := place.name.casefold()) for word in words) or not words
        ]
        return [place for _, _, place in sorted(found, key=lambda each: each[:2])[:MOST]]


def _score(name: str, wanted: str) -> float:
    if name == wanted:
        return 1.0
    return 0.9 if name.startswith(wanted) else 0.5


def _line(place: Place, wanted: str) -> Content:
    """Return a line of the palette, nothing of which is parsed."""
    name = Content(place.name)
    start = place.name.casefold().find(wanted) if wanted else -1
    if start >= 0:
        name = name.stylize("underline", start, start + len(wanted))
    return Content.assemble("→ ", name, "  ", Content.styled(place.beside, MUTED))
