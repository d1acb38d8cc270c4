"""The kernel lock that one connection's refresh and revocation hold between processes.

A kernel lock ends with its process, also after SIGKILL; a lock file that is left over means
nothing. The lock is polled, so that waiting for it never blocks an event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from close_tui.errors import Busy, VaultNotWritable

_POLL_S: Final = 0.02


@asynccontextmanager
async def held(home: Path, connection_id: str, wait_s: float) -> AsyncIterator[None]:
    """Hold a connection exclusively; Busy when another close-tui still does after ``wait_s``."""
    from filelock import FileLock, Timeout

    folder = home / "locks"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(
            folder / f"{connection_id}.lock",
            timeout=0,
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,
        )
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                if asyncio.get_running_loop().time() >= deadline:
                    raise Busy from None
                await asyncio.sleep(_POLL_S)
    except OSError as error:
        raise VaultNotWritable(f"No lock can be taken in {folder}: {error.strerror}.") from None
    try:
        yield
    finally:
        lock.release()
