"""One connection, one worker: between processes, also when one of them dies."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Busy
from close_tui.vault.locks import held

if TYPE_CHECKING:
    from tests.conftest import Python

HOLD = """
import asyncio, sys
from pathlib import Path
from close_tui.vault.locks import held

async def main():
    async with held(Path(sys.argv[1]), sys.argv[2], 0):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@contextlib.contextmanager
def holder(home: Path, connection: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds a connection until it is told, or killed, to end."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), connection],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert b"held\n" == child.stdout.readline()
    yield child
    child.communicate(timeout=60)


async def test_another_process_that_holds_it_is_busy(tmp_path: Path) -> None:
    """Said after the wait, as trouble of the moment; another connection is free."""
    with holder(tmp_path, "c1"):
        with pytest.raises(Busy) as caught:
            async with held(tmp_path, "c1", 0.1):
                pytest.fail("held twice")
        async with held(tmp_path, "c2", 0):
            pass
    async with held(tmp_path, "c1", 0):
        pass

    assert (6, "skipped") == (caught.value.exit_code, caught.value.outcome)


async def test_a_killed_process_releases_it(tmp_path: Path) -> None:
    """SIGKILL: the kernel lets go, the file that is left over means nothing."""
    with holder(tmp_path, "c1") as child:
        child.kill()
        child.wait(60)
        async with held(tmp_path, "c1", 30):
            pass


async def test_it_is_taken_when_the_other_lets_go(tmp_path: Path) -> None:
    """Waiting ends as soon as the other has ended; the event loop goes on meanwhile."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    counting = asyncio.create_task(count())
    with holder(tmp_path, "c1") as child:
        waiting = asyncio.create_task(enter(tmp_path))
        while turns < 20:
            await asyncio.sleep(0.005)
        waited = not waiting.done()
        assert child.stdin is not None
        child.stdin.close()
        child.stdin = None
        await asyncio.wait_for(waiting, 60)
    counting.cancel()

    assert waited


async def enter(home: Path) -> None:
    """Hold a connection for a moment, however long that takes."""
    async with held(home, "c1", 60):
        pass


async def test_two_tasks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    """The lock is not re-entrant by accident: one at a time, each in its turn."""
    inside = 0
    most = 0

    async def work() -> None:
        nonlocal inside, most
        async with held(tmp_path, "c1", 60):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.02)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(4)))

    assert 1 == most


@pytest.mark.parametrize("how", ["error", "cancel", "cancel while waiting"])
async def test_it_is_released_whatever_happens_inside(how: str, tmp_path: Path) -> None:
    """An error, a cancellation, a cancelled wait: the next one gets it at once."""
    begun = asyncio.Event()

    async def work() -> None:
        async with held(tmp_path, "c1", 60):
            begun.set()
            if how == "error":
                raise ZeroDivisionError
            await asyncio.sleep(60)

    if how == "cancel while waiting":
        async with held(tmp_path, "c1", 0):
            task = asyncio.create_task(work())
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait([task])
    else:
        task = asyncio.create_task(work())
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])

    async with held(tmp_path, "c1", 0):
        pass
    assert task.cancelled() or isinstance(task.exception(), ZeroDivisionError)


async def test_lock_files_are_private(tmp_path: Path) -> None:
    """Nobody else can hold what they cannot open."""
    async with held(tmp_path, "c1", 0):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}

    assert [0o600, 0o700] == sorted(modes.values())


async def test_an_id_leads_to_no_file_elsewhere(tmp_path: Path) -> None:
    """An id out of a tampered file is not a path."""
    (tmp_path / "home").mkdir()
    async with held(tmp_path / "home", "../../escaped", 0):
        locks = list((tmp_path / "home" / "locks").iterdir())

    assert 1 == len(locks)
    assert ["home"] == [path.name for path in tmp_path.iterdir()]


def test_where_no_lock_can_be_taken_nothing_begins(
    python: Python, unprivileged: tuple[str, ...], tmp_path: Path
) -> None:
    """A read-only folder: an error of ours, never a weaker kind of lock."""
    home = tmp_path / "home"
    home.mkdir(mode=0o500)

    done = python(
        HOLD.replace(
            "asyncio.run(main())",
            "from close_tui.errors import VaultNotWritable\n"
            "try:\n    asyncio.run(main())\n"
            "except VaultNotWritable as error:\n    print(error)",
        ),
        home,
        "c1",
        prefix=unprivileged,
    )

    assert f"No lock can be taken in {home / 'locks'}: Permission denied.\n" == done.stdout
