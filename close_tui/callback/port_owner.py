"""Which process listens on a port, where the system tells: Linux, for one's own processes.

Nothing is run and nobody is asked: it reads a few files of ``/proc`` (proc(5)), for a moment.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.callback.addresses import Endpoint
from close_tui.text import clean

PROC: Final = Path("/proc")
MOST_S: Final = 0.3
"""How long is looked for; a machine with very many processes keeps its secret."""

_MOST_BYTES: Final = 4 * 1024 * 1024
_NAME: Final = 40
_LISTENS: Final = "0A"  # TCP_LISTEN, as the kernel writes it
_OURS: Final = re.compile(r"close-tui(\.exe)?|close_tui")
_ARGUMENTS: Final = 4


class Owner(NamedTuple):
    """A process that listens.

    Attributes:
        pid: its number.
        name: what the system calls it, cleaned: any program chooses its own.
        is_close_tui: whether it was started as a close-tui.

    """

    pid: int
    name: str
    is_close_tui: bool


def owner_of(endpoint: Endpoint, proc: Path = PROC) -> Owner | None:
    """Return the process that listens at an address or at all of them; None where nobody tells."""
    deadline = time.monotonic() + MOST_S
    wanted = {f"socket:[{inode}]" for inode in _inodes(endpoint, proc)}
    if not wanted:
        return None
    for process in _processes(proc):
        if time.monotonic() > deadline:
            return None
        if _holds(process, wanted):
            return _told(process)
    return None


def _inodes(endpoint: Endpoint, proc: Path) -> Iterator[str]:
    table, addresses = _as_written(endpoint)
    for number, line in enumerate(_lines(proc / "net" / table)):
        fields = line.split()
        if number == 0 or len(fields) < 10 or fields[3] != _LISTENS:
            continue
        address, _, port = fields[1].partition(":")
        if port == f"{endpoint.port:04X}" and address in addresses and fields[9].isdigit():
            yield fields[9]
    if table == "tcp":  # who listens on all addresses of both families stands in the other table
        yield from _inodes(Endpoint("::", endpoint.port), proc)


def _as_written(endpoint: Endpoint) -> tuple[str, set[str]]:
    """Return the table that an address stands in, and how the kernel writes it, or all of them."""
    six = ":" in endpoint.host
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, endpoint.host)
    words = [packed[at : at + 4] for at in range(0, len(packed), 4)]
    written = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
    return "tcp6" if six else "tcp", {written, "0" * len(written)}


def _lines(table: Path) -> list[str]:
    try:
        with table.open("rb") as file:
            return file.read(_MOST_BYTES).decode("ascii", "replace").splitlines()
    except OSError:
        return []


def _processes(proc: Path) -> Iterator[Path]:
    with suppress(OSError), os.scandir(proc) as found:
        for each in found:
            if each.name.isascii() and each.name.isdigit():
                yield Path(each.path)


def _holds(process: Path, wanted: set[str]) -> bool:
    """Tell whether a process has one of these sockets open; another user's does not tell."""
    try:
        with os.scandir(process / "fd") as found:
            for each in found:
                with suppress(OSError):
                    if os.readlink(each.path) in wanted:  # noqa: PTH115 - ten thousand of them
                        return True
    except OSError:
        return False
    return False


def _told(process: Path) -> Owner:
    words = _read(process / "cmdline").split(b"\0")[:_ARGUMENTS]
    said = [os.path.basename(word.decode("utf-8", "replace")) for word in words]  # noqa: PTH119
    name = clean(_read(process / "comm").decode("utf-8", "replace"), _NAME)
    is_ours = any(_OURS.fullmatch(word) for word in said)
    return Owner(int(process.name), name or "a program without a name", is_ours)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(4096)
    except OSError:
        return b""
