"""Who listens on a port, where the system tells."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from close_tui.callback import port_owner
from close_tui.callback.addresses import Endpoint
from close_tui.callback.binding import bind
from close_tui.callback.port_owner import Owner, owner_of
from close_tui.errors import PortBusy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

_LISTENING = (
    "import socket, sys, time\n"
    "family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n"
    "one = socket.create_server((sys.argv[1], 0), family=family)\n"
    "print(one.getsockname()[1], flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.fixture(params=["127.0.0.1", "::1", "0.0.0.0", "::"])
def other(request: pytest.FixtureRequest) -> Iterator[tuple[int, int, str]]:
    """Another process that listens: its number, its port, and where."""
    with subprocess.Popen(
        [sys.executable, "-c", _LISTENING, request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline()), request.param
        process.communicate()


def test_another_process_is_named(other: tuple[int, int, str]) -> None:
    """By its number and what the system calls it; also one that listens on every address."""
    pid, port, host = other
    ours = "::1" if ":" in host else "127.0.0.1"
    found = owner_of(Endpoint(ours, port))

    assert found is not None
    assert (pid, False) == (found.pid, found.is_close_tui)
    assert found.name.startswith("python")
    with pytest.raises(PortBusy, match=rf"python.*\(process {pid}\) listens on port {port}"):
        bind([Endpoint(ours, port)])


def test_nobody_listens_at_a_free_port() -> None:
    """And who only is connected from that port does not count."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        port = client.getsockname()[1]

        assert owner_of(Endpoint("127.0.0.1", port)) is None


def invented(proc: Path, *, command: bytes, name: bytes, port: int = 25673) -> Path:
    """Write a /proc in which one process listens."""
    (proc / "net").mkdir(parents=True)
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    address = socket.inet_aton("127.0.0.1")
    written = f"{int.from_bytes(address, sys.byteorder):08X}:{port:04X}"
    line = f"   0: {written} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1\n"
    (proc / "net" / "tcp").write_text(head + line)
    (proc / "77" / "fd").mkdir(parents=True)
    (proc / "77" / "fd" / "3").symlink_to("socket:[4711]")
    (proc / "77" / "comm").write_bytes(name)
    (proc / "77" / "cmdline").write_bytes(command)
    return proc


@pytest.mark.parametrize(
    ("command", "is_close_tui"),
    [
        (b"/usr/bin/python3\0/home/ada/.local/bin/close-tui\0authorize\0reports\0", True),
        (b"python\0-P\0-m\0close_tui\0", True),
        (b"vim\0/home/ada/close-tui/README.md\0", False),
        (b"python\0serve.py\0--for\0x\0close-tui\0", False),
        (b"", False),
    ],
)
def test_a_close_tui_is_known_by_how_it_was_started(
    tmp_path: Path, command: bytes, is_close_tui: bool
) -> None:
    """A file that is only called so makes none."""
    proc = invented(tmp_path / "proc", command=command, name=b"python3\n")

    assert Owner(77, "python3", is_close_tui) == owner_of(Endpoint("127.0.0.1", 25673), proc)


def test_a_hostile_name_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    """Any program chooses its own name: controls are dropped, markup stays text, it is short."""
    name = b"\x1b]52;c;x\x07[bold]\xe2\x80\xae\xff" + b"x" * 5000
    proc = invented(tmp_path / "proc", command=b"x\0", name=name)
    found = owner_of(Endpoint("127.0.0.1", 25673), proc)

    assert found is not None
    assert found.name.startswith("]52;c;x[bold]")
    assert len(found.name) <= 40
    assert found.name.isprintable()


@pytest.mark.parametrize("table", [b"", b"\n\n", b"\xff" * 1000, b"x\n0: 1:2 3 0A\n", b"x\n" * 99])
def test_a_table_that_says_nothing_tells_of_nobody(tmp_path: Path, table: bytes) -> None:
    """The message is then the one without a name."""
    proc = invented(tmp_path / "proc", command=b"x\0", name=b"x")
    (proc / "net" / "tcp").write_bytes(table)

    assert owner_of(Endpoint("127.0.0.1", 25673), proc) is None
    assert owner_of(Endpoint("127.0.0.1", 25673), tmp_path / "nothing") is None


def test_looking_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with very many processes keeps its secret, and nobody waits for it."""
    proc = invented(tmp_path / "proc", command=b"x\0", name=b"x")
    monkeypatch.setattr(port_owner, "MOST_S", -1.0)

    assert owner_of(Endpoint("127.0.0.1", 25673), proc) is None


def test_a_process_that_is_gone_or_anothers_is_passed_over(tmp_path: Path) -> None:
    """Its files cannot be read; the others still are."""
    proc = invented(tmp_path / "proc", command=b"x\0", name=b"x")
    (proc / "5").mkdir()
    (proc / "6").write_text("no folder")

    assert Owner(77, "x", False) == owner_of(Endpoint("127.0.0.1", 25673), proc)


def test_this_process_itself_is_found() -> None:
    """Whoever asks may be the one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = owner_of(Endpoint(*server.getsockname()))

    assert found is not None
    assert os.getpid() == found.pid
