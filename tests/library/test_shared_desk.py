"""One desk for a process: between processes, across forks, and to the end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import close_tui
from close_tui.errors import VaultLocked
from close_tui.library import shared_desk
from close_tui.operations.desk import Desk
from close_tui.sandbox.faults import late_answer, latency
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.library.conftest import EXPIRED, FRESH, PATIENCE_S

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.library.conftest import Town

ASK = """
import os, sys, threading, time
import httpx, close_tui
def ask(name):
    with httpx.Client(auth=close_tui.auth(name), timeout=60) as client:
        return client.get(os.environ["CLOSE_TUI_API_URL"] + "/api/v1/me/").status_code
"""
FORK = (
    ASK
    + """
from close_tui.library import shared_desk
def opened():
    fds = (os.path.join("/proc/self/fd", each) for each in os.listdir("/proc/self/fd"))
    return [path for path in map(os.path.realpath, fds) if "vault.db" in path or "/locks/" in path]
assert 200 == ask(sys.argv[1])
assert opened()
slow = threading.Thread(target=ask, args=(sys.argv[2],))
slow.start()
while not shared_desk._desks.under_way:
    time.sleep(0.001)
child = os.fork()
assert not shared_desk._desks.threads
assert not opened()
if not child:
    os._exit(0 if 200 == ask(sys.argv[1]) == ask(sys.argv[2]) else 1)
assert 200 == ask(sys.argv[1])
slow.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
)
END = (
    ASK
    + """
threading.Thread(target=ask, args=(sys.argv[1],), daemon=True).start()
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
"""
)


def test_two_programs_spend_a_refresh_token_once(town: Town) -> None:
    """Of a Close that kills the family of a token spent twice."""
    town.world.faults.add(latency(0.5), "refresh", times=None)
    before = town.refreshes
    programs = [
        subprocess.Popen([sys.executable, "-c", f"{ASK}\nprint(ask({EXPIRED!r}))"], stdout=-1)
        for _ in range(2)
    ]
    said = [each.communicate(timeout=PATIENCE_S)[0] for each in programs]

    assert [b"200\n"] * 2 == said
    assert 1 == town.refreshes - before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs fork and /proc")
def test_a_fork_waits_for_what_is_under_way_and_shares_nothing(town: Town, python: Python) -> None:
    """The child finds no desk and sits down at its own; the parent goes on as well."""
    town.world.faults.add(latency(0.5), "refresh")
    before = town.refreshes
    done = python(FORK, FRESH, EXPIRED)

    assert ("0\n", "") == (done.stdout, done.stderr)
    assert 1 == town.refreshes - before


def test_the_end_of_a_program_waits_for_a_refresh(town: Town, tmp_path: Path) -> None:
    """Its tokens are stored, although nobody is there any more who asked for them."""
    sent = tmp_path / "sent"
    town.world.faults.add(late_answer(1), "refresh")
    before, generation = town.refreshes, town.look(EXPIRED).generation
    program = subprocess.Popen([sys.executable, "-c", END, EXPIRED, str(sent)])
    while town.refreshes == before:
        assert program.poll() is None
    sent.touch()

    assert 0 == program.wait(PATIENCE_S)
    assert generation + 1 == town.look(EXPIRED).generation
    assert town.world.is_alive(town.token(EXPIRED))


def test_a_desk_that_was_left_is_sat_down_at_anew(town: Town) -> None:
    """For instance by a program that forks; the same object goes on."""
    with httpx.Client(auth=close_tui.auth(FRESH)) as client:
        first = town.me(client)
        shared_desk.leave()
        second = town.me(client)

    assert 200 == first.status_code == second.status_code
    assert 1 == town.times_handed_out(FRESH)


def test_leaving_waits_for_what_was_asked(town: Town) -> None:
    """Not only for refreshes: nobody is left with an answer that was cut off."""

    async def slow(desk: Desk) -> str:
        await asyncio.sleep(0.2)
        return desk.vault.id

    asked = shared_desk.submit(town.settings, slow)
    shared_desk.leave()

    assert asked.done()
    assert asked.result()


def test_each_vault_has_its_own_desk(town: Town) -> None:
    """And all threads of a process share it."""

    async def itself(desk: Desk) -> Desk:
        return desk

    def desk(settings: Settings) -> Desk:
        asked: Future[Desk] = shared_desk.submit(settings, itself)
        return asked.result(PATIENCE_S)

    elsewhere = town.settings._replace(home=town.settings.home / "other")

    assert desk(town.settings) is desk(town.settings)
    assert desk(town.settings) is not desk(elsewhere)


def test_a_locked_vault_is_an_error_and_no_question(
    tmp_path: Path, clock: Callable[[], float], town: Town
) -> None:
    """Also with a terminal at hand: a program's terminal is its own."""
    passphrase = tmp_path / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text("correct horse\n", encoding="utf-8")
    settings = Settings(tmp_path / "locked", town.settings.api_url, passphrase_file=passphrase)
    Vault.make(settings, at=clock()).close()
    locked = settings._replace(passphrase_file=None)

    async def unlock(desk: Desk) -> bool:
        return (await desk.unlock()).is_locked

    with pytest.raises(VaultLocked, match="passphrase"):
        shared_desk.submit(locked, unlock).result(PATIENCE_S)
    assert shared_desk.submit(settings, unlock).result(PATIENCE_S) is False
