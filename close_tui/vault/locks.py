"""The kernel lock that one connection's refresh and revocation hold between processes.

A kernel lock ends with its process, also after SIGKILL; a lock file that is left over means
nothing. The lock is polled, so that waiting for it never blocks an event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from close_tui.errors import Busy, VaultNotWritable

_POLL_S: Final = 0.02
_OPEN: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


@asynccontextmanager
async def held(home: Path, connection_id: str, wait_s: float) -> AsyncIterator[None]:
    """Hold a connection exclusively; Busy when another close-tui still does after ``wait_s``."""
    folder = home / "locks"
    # An id comes out of a file that others may have written: it must not lead out of the folder.
    name = hashlib.sha256(connection_id.encode()).hexdigest()[:32]
    handle = _opened(folder, f"{name}.lock")
    try:
        deadline = asyncio.get_running_loop().time() + wait_s
        while not _taken(handle, folder):
            if asyncio.get_running_loop().time() >= deadline:
                raise Busy
            await asyncio.sleep(_POLL_S)
        try:
            yield
        finally:
            _let_go(handle)
    finally:
        os.close(handle)


def _opened(folder: Path, name: str) -> int:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return os.open(folder / name, _OPEN, 0o600)
    except OSError as error:
        raise _without_locks(folder, error) from None


def _taken(handle: int, folder: Path) -> bool:
    # The lock of a descriptor and not of a path: the same lock, at a tenth of the cost.
    from filelock import lock_descriptor

    try:
        return lock_descriptor(handle, blocking=False)
    except OSError as error:
        raise _without_locks(folder, error) from None


def _let_go(handle: int) -> None:
    from filelock import unlock_descriptor

    with suppress(OSError):  # closing it does the same, on Windows a little later
        unlock_descriptor(handle)


def _without_locks(folder: Path, error: OSError) -> VaultNotWritable:
    return VaultNotWritable(f"No lock can be taken in {folder}: {error.strerror}.")
