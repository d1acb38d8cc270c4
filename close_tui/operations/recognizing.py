"""Which of many candidates are secrets or ids of this vault, and which only look like Close's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from close_tui.leaks import Held, Trace
from close_tui.model import App, Connection
from close_tui.text import short_fingerprint
from close_tui.vault.protocol import Store

# An API key as Close makes it and as secret scanners look for it, and a client id. Each pattern
# begins with its own word, which makes the search ten times as quick as one for both.
_SHAPES: Final = (
    re.compile(rb"api_(?:[A-Za-z0-9]{22}\.[A-Za-z0-9]{22}|[A-Za-z0-9.]{45})(?![A-Za-z0-9])"),
    re.compile(rb"oa2client_[A-Za-z0-9]{22}(?![A-Za-z0-9])"),
)
_KEY_ID: Final = re.compile(r"api_[A-Za-z0-9]{22}(?=\.)")


class _Id(NamedTuple):
    """An id that is no secret, and whose it is."""

    what: str
    connection: Connection | None
    app: App | None


class OtherSecret(NamedTuple):
    """The SHA-256 of a key ID of ours that begins an API key which was never stored here."""

    digest: bytes


Mark: TypeAlias = bytes | OtherSecret | str
"""The SHA-256 of what is ours, that of a key ID alone, or the hint of a stranger."""


class Known:
    """Everything that a vault can recognize, whether it is locked or not; without a vault: nothing.

    Fingerprints stay in the store: a vault that has renewed tokens for years holds millions. What
    is in memory says for nearly all candidates that they are not among them.
    """

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._first = bytearray(1 << 24)  # by the first three bytes of a SHA-256
        self._ids: dict[bytes, list[_Id]] = {}
        self._connections: dict[str, Connection] = {}
        self._apps: dict[str, App] = {}
        if store is None:
            return
        for digest in store.fingerprints():
            self._first[int.from_bytes(digest[:3])] = 1
        for connection in store.connections():
            self._connections[connection.id] = connection
            if connection.key_id:
                self._know(connection.key_id, _Id("key_id", connection, None))
        for app in store.apps():
            self._apps[app.id] = app
            self._know(app.client_id, _Id("client_id", None, app))

    def _know(self, text: str, whose: _Id) -> None:
        digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
        self._ids.setdefault(digest, []).append(whose)
        self._first[int.from_bytes(digest[:3])] = 1

    def recognize(self, candidates: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the candidates that are ours, each with its SHA-256."""
        first, number, ours = self._first, int.from_bytes, {}
        for candidate in candidates:
            digest = sha256(candidate).digest()
            if first[number(digest[:3], "big")] and self._is_ours(digest):
                ours[candidate] = digest
        return ours

    def mark(self, like_close: bytes) -> OtherSecret | str:
        """Return what something is that only looks like Close's: a key ID of ours, or a hint."""
        shown = hint(like_close)
        ours = self.recognize([shown.encode()])
        return next(map(OtherSecret, ours.values()), shown)

    def _is_ours(self, digest: bytes) -> bool:
        return digest in self._ids or bool(self._store and self._store.held(digest))

    def traces(self, mark: bytes | OtherSecret, lines: tuple[int, ...], times: int) -> list[Trace]:
        """Say whose secret or id has been recognized; several may have it."""
        is_other = isinstance(mark, OtherSecret)
        digest = mark.digest if isinstance(mark, OtherSecret) else mark
        found = [
            Trace(
                what=each.what,
                connection=each.connection,
                app=each.app,
                name=_name(each),
                generation=None,
                behind=None,
                lines=lines,
                times=times,
                other_secret=is_other and each.what == "key_id",
            )
            for each in self._ids.get(digest, ())
        ]
        held = self._store.held(digest) if self._store else []
        return found + [self._trace(each, digest, lines, times) for each in held]

    def _trace(self, held: Held, digest: bytes, lines: tuple[int, ...], times: int) -> Trace:
        connection, app = self._connections.get(held.owner), self._apps.get(held.owner)
        behind = None if held.current is None else max(0, held.current - held.generation)
        if connection and connection.fingerprint == short_fingerprint(digest):
            behind = 0  # a refresh token that a refresh did not replace has its first generation
        owner = connection or app
        return Trace(
            what=held.kind,
            connection=connection,
            app=app,
            name=owner.name if owner else held.name,
            generation=held.generation,
            behind=behind,
            lines=lines,
            times=times,
        )


def shaped(text: bytes) -> set[bytes]:
    """Return what looks like an API key or a client id of Close."""
    return {found for shape in _SHAPES for found in shape.findall(text)}


def hint(like_close: bytes) -> str:
    """Return what may be shown of something that looks like Close's: a key's ID, a client id."""
    text = like_close.decode("ascii")
    if not text.startswith("api_"):
        return text
    key_id = _KEY_ID.match(text)
    return key_id[0] if key_id else "api_…"


def _name(found: _Id) -> str:
    owner = found.connection or found.app
    assert owner is not None
    return owner.name
