"""The kernel lock under which a vault is made, or gets another key: one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from close_tui.errors import VaultBusy, VaultNotWritable


@contextmanager
def exclusively(home: Path, wait_s: float, doing: str) -> Iterator[None]:
    """Hold the vault's folder; VaultBusy when another process still does after ``wait_s``."""
    from filelock import FileLock, Timeout

    lock = FileLock(home / "make.lock", wait_s, 0o600, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise VaultBusy(f"Another close-tui {doing}.") from None
    except OSError as error:
        raise VaultNotWritable(f"{home} cannot be written: {error.strerror}.") from None
    try:
        yield
    finally:
        lock.release()
