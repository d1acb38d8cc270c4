"""One SQLite file: how it is opened, what its errors mean, and how a transaction reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from close_tui.errors import CloseTuiError, VaultBusy, VaultDamaged, VaultError, VaultNotWritable
from close_tui.vault import migrations

FILE_NAME: Final = "vault.db"

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NOT_WRITABLE: Final = {
    sqlite3.SQLITE_READONLY: "The vault, or its folder, is read-only.",
    sqlite3.SQLITE_FULL: "There is no room left on the disk.",
    sqlite3.SQLITE_IOERR: "The disk reported an error.",
    sqlite3.SQLITE_CANTOPEN: "The vault's files cannot be opened.",
    sqlite3.SQLITE_PERM: "The vault's files may not be written.",
}

_ROOM: Final = 64 * 1024
"""With less than so many bytes left on the disk, SQLite cannot make what it writes with."""


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what SQLite raises into one of our errors. Its messages never hold our values."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error) from None


def _translated(error: sqlite3.Error) -> CloseTuiError:
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary in _BUSY:
        return VaultBusy()
    if primary in _NOT_WRITABLE:
        return VaultNotWritable(_NOT_WRITABLE[primary])
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return VaultDamaged("The file vault.db is not a database, or is broken.")
    return VaultError(f"The database refused: {error}.")


class Database:
    """A connection to the vault's file. Use it in the thread that opened it.

    ``busy_s`` is how long to wait for another program's transaction. Only a ``new`` file may be
    empty: an empty one in a vault's place has lost what it held.
    """

    def __init__(self, path: Path, *, busy_s: float = 5.0, new: bool = False) -> None:
        self.path = path
        self._depth = 0
        self._forget_at_end = False
        self._only_read = ""
        with in_our_words():
            self._sqlite = self._open(busy_s, new)
            self._sqlite.row_factory = sqlite3.Row

    def _open(self, busy_s: float, new: bool) -> sqlite3.Connection:
        def prepare(opened: sqlite3.Connection) -> None:
            # Before anything that writes: a file of another program, or of a newer close-tui,
            # stays as it is, to the byte.
            if migrations.check(opened) == 0 and not new:
                raise VaultDamaged("The file vault.db holds no vault.")
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = FULL")
            opened.execute("PRAGMA secure_delete = ON")
            opened.execute("PRAGMA foreign_keys = ON")
            migrations.apply(opened, before=(lambda: None) if new else self._keep_copy)

        try:
            return self._connect("mode=rw", busy_s, prepare)
        except VaultNotWritable as error:
            return self._open_for_reading(busy_s, str(error))
        except sqlite3.Error as error:
            primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if new or primary not in _NOT_WRITABLE:
                raise
            return self._open_for_reading(busy_s, _NOT_WRITABLE[primary])

    def _open_for_reading(self, busy_s: float, why: str) -> sqlite3.Connection:
        """A folder that cannot be written still shows what is in the vault."""
        import shutil  # 2 ms that a vault which can be written need not wait for

        # A full disk shows itself in many ways: no room for the WAL, or for its shared memory.
        full = shutil.disk_usage(self.path.parent).free < _ROOM
        self._only_read = _NOT_WRITABLE[sqlite3.SQLITE_FULL] if full else why
        try:
            return self._connect("mode=ro", busy_s, self._in_shape)
        except sqlite3.Error:
            # Without write access SQLite cannot make the shared memory of a WAL database. The
            # file alone is the whole truth as long as no WAL is waiting beside it.
            wal = self.path.with_name(f"{self.path.name}-wal")
            if wal.exists() and wal.stat().st_size:
                raise
            return self._connect("mode=ro&immutable=1", busy_s, self._in_shape)

    def _in_shape(self, opened: sqlite3.Connection) -> sqlite3.Connection | None:
        """Return, of a file in an older shape that cannot be changed, a copy in memory."""
        if migrations.check(opened) == len(migrations.STEPS):
            return None
        copy = sqlite3.connect(":memory:", isolation_level=None)
        opened.backup(copy)
        migrations.apply(copy)
        copy.execute("PRAGMA query_only = ON")  # what would be lost is refused
        opened.close()
        return copy

    def _keep_copy(self) -> None:
        from close_tui.vault.keeping_copies import keep_copy

        keep_copy(self.path, len(migrations.STEPS))

    def _connect(
        self,
        mode: str,
        busy_s: float,
        prepare: Callable[[sqlite3.Connection], sqlite3.Connection | None],
    ) -> sqlite3.Connection:
        opened = sqlite3.connect(
            f"{self.path.as_uri()}?{mode}", uri=True, timeout=busy_s, isolation_level=None
        )
        try:
            return prepare(opened) or opened
        except BaseException:
            opened.close()
            raise

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        self._sqlite.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Run a query and return all its rows."""
        try:
            return self._sqlite.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from None

    def each_row(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Run a query and yield its rows one by one: most of a long list's time is memory."""
        with in_our_words():
            cursor = self._sqlite.cursor()
            cursor.row_factory = None  # plain tuples: nobody asks for a column by its name
            yield from cursor.execute(sql, values)

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Run a query and return its first row."""
        try:
            found: sqlite3.Row | None = self._sqlite.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise _translated(error) from None
        return found

    def change(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        try:
            return self._sqlite.execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise self._refused(error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one durable change, or none; one inside another joins it."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        try:
            self._sqlite.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._refused(error) from None
        self._depth = 1
        try:
            yield
            with in_our_words():
                self._sqlite.execute("COMMIT")
        except BaseException:
            self._forget_at_end = False
            if self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0
        if self._forget_at_end:
            self.forget_deleted()

    def _refused(self, error: sqlite3.Error) -> CloseTuiError:
        """Say why a write failed; of a file opened for reading only, why it had to be."""
        translated = _translated(error)
        if self._only_read and isinstance(translated, VaultNotWritable):
            return VaultNotWritable(self._only_read)
        return translated

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read everything inside as it is at one instant; others may write meanwhile.

        Inside a transaction it is so already.
        """
        if self._sqlite.in_transaction:
            yield
            return
        with in_our_words():
            self._sqlite.execute("BEGIN")
        try:
            yield
        finally:
            with in_our_words():
                self._sqlite.execute("COMMIT")

    def check_writable(self) -> None:
        """Raise VaultNotWritable (or VaultBusy) unless a write reaches the disk now."""
        with self.transaction():
            self.change("UPDATE vault SET write_probe = write_probe + 1")

    def forget_deleted(self) -> None:
        """Move every change into the main file, so that no deleted secret stays in the WAL.

        Inside a transaction this waits for its end. It raises nothing: the deletion is durable,
        and what cannot be moved now is moved by the next call or the last close.
        """
        self._forget_at_end = self._depth > 0
        if self._forget_at_end:
            return
        with suppress(sqlite3.Error):
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def version_of_others(self) -> int:
        """Return a number that changes when another connection has changed the file."""
        found = self.row("PRAGMA data_version")
        assert found is not None
        return int(found[0])

    def changes(self) -> int:
        """Return how many rows have been changed through this connection since it was opened."""
        return self._sqlite.total_changes
