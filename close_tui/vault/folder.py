"""The folder that holds the vault: private to its owner, or refused."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from close_tui.errors import UnsafePlace, VaultNotWritable

_POSIX: Final = os.name == "posix"


def prepare(home: Path) -> None:
    """Make the folder (0700) where it is missing, and refuse one that others may write."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise UnsafePlace(f"{home} is a file, not a folder.") from None
    except OSError as error:
        raise VaultNotWritable(f"{home} cannot be made: {error.strerror}.") from None
    inspect(home)


def inspect(home: Path) -> None:
    """Refuse a folder that belongs to somebody else or that others may write.

    A folder that others may only look into is closed to them; what lies in it is 0600 anyway.
    """
    if not _POSIX:
        return
    facts = home.stat()
    if facts.st_uid not in (os.geteuid(), 0):
        raise UnsafePlace(
            f"{home} belongs to another user.",
            advice="Use a folder of your own: set CLOSE_TUI_HOME.",
        )
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafePlace(
            f"Other users may write in {home}.",
            advice=f"Close it to them: chmod 700 {home}",
        )
    if facts.st_mode & 0o077 and facts.st_uid == os.geteuid():
        try:
            home.chmod(0o700)
        except OSError:
            return  # a read-only file system: nobody can write there anyway


def create_private(path: Path, content: bytes = b"") -> bool:
    """Create a file (0600) that must not exist yet; False when it does. Durable on return."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        raise VaultNotWritable(f"{path} cannot be made: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise VaultNotWritable(f"{path} cannot be written: {error.strerror}.") from None
    sync(path.parent)
    return True


def sync(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if not _POSIX:
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def refuse_if_shared(path: Path) -> None:
    """Refuse a file with a secret in it that other users may read or write.

    What systemd has loaded for a service shows 0440, because an access control list lets the
    service's user in; only that user gets into its folder (systemd.exec(5), LoadCredential=).
    """
    if not _POSIX:
        return
    facts = path.stat()
    loaded = os.environ.get("CREDENTIALS_DIRECTORY")
    others = 0o037 if loaded and path.parent == Path(loaded) and facts.st_uid == 0 else 0o077
    if facts.st_mode & others:
        raise UnsafePlace(
            f"Other users may read {path}.", advice=f"Close it to them: chmod 600 {path}"
        )
    if facts.st_uid not in (os.geteuid(), 0):
        raise UnsafePlace(f"{path} belongs to another user.")
