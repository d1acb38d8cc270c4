"""The key moves into a real GNOME Keyring, is made anew in it, and moves out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.test_gnome_keyring import items

if TYPE_CHECKING:
    from tests.vault.conftest import Session

pytestmark = pytest.mark.real

START = """
import asyncio, sys
from close_tui.errors import CloseTuiError
from close_tui.model import App, SecretKind
from close_tui.operations.desk import Desk
from close_tui.operations.vault_key import move_key, rekey
from close_tui.secret import Secret
from close_tui.settings import Settings
from pathlib import Path
app = App("app_1", "reports", "oa2client_1", "https://localhost/")
def show(desk, vault):
    secret = vault.secret(app, SecretKind.CLIENT_SECRET).reveal()
    print(vault.place_kind, vault.place_detail, secret, vault.key().reveal())
async def main():
    settings = Settings.from_environment()
    async with Desk(settings) as desk:
        await work(desk)
"""
END = """
try:
    asyncio.run(main())
except CloseTuiError as error:
    print(type(error).__name__, error)
"""
MAKE = """
async def work(desk):
    vault = desk.make_vault()
    vault.add_app(app, Secret("the secret"), 1.0)
    show(desk, vault)
    await move_key(desk, "keyring")
    show(desk, vault)
"""
REKEY = """
async def work(desk):
    await rekey(desk)
    show(desk, desk.vault)
"""
LOOK = """
async def work(desk):
    show(desk, await desk.unlock())
"""
OUT = """
async def work(desk):
    print((await move_key(desk, "file", file=Path(sys.argv[1]))).advice or "all done")
    show(desk, desk.vault)
"""


def run(session: Session, work: str, *arguments: object, **more: str) -> list[str]:
    """Run code at the session's vault; the lines that it prints."""
    code, said, errors = session.python(START + work + END, *arguments, **more)
    assert 0 == code, errors
    return said.splitlines()


def test_the_key_moves_in_is_made_anew_and_moves_out(session: Session) -> None:
    """At each step there is one item, another process opens everything, nothing is left."""
    session.start_keyring(unlocked=True)
    first = session.home / "first.txt"
    second = session.home / "second.txt"

    in_file, in_keyring = run(session, MAKE, CLOSE_TUI_IDENTITY_FILE=str(first))
    assert in_keyring.startswith("keyring keyring.backends.SecretService the secret ")
    assert in_file.split()[-1] == in_keyring.split()[-1]
    assert 1 == items(session)
    assert [in_keyring] == run(session, LOOK)

    (anew,) = run(session, REKEY)
    assert anew.startswith("keyring keyring.backends.SecretService:2 the secret ")
    assert in_keyring.split()[-1] != anew.split()[-1]
    assert 1 == items(session)
    assert [anew] == run(session, LOOK)

    said, out = run(session, OUT, second)
    assert ("all done", f"file {second} the secret {anew.split()[-1]}") == (said, out)
    assert 0 == items(session)
    assert [out] == run(session, LOOK)


def test_a_locked_keyring_is_not_moved_into(session: Session) -> None:
    """It is said to be locked, and the key stays where it is."""
    session.start_keyring(unlocked=True)
    session.lock()
    identity = str(session.home / "first.txt")

    in_file, said = run(session, MAKE, CLOSE_TUI_IDENTITY_FILE=identity)

    assert "VaultLocked The keyring is locked." == said
    assert [in_file] == run(session, LOOK, CLOSE_TUI_IDENTITY_FILE=identity)


def test_a_keyring_that_locks_before_the_old_item_is_removed_is_told(session: Session) -> None:
    """The key has moved by then: what is left is named, and the move counts."""
    session.start_keyring(unlocked=True)
    identity = str(session.home / "first.txt")
    run(session, MAKE, CLOSE_TUI_IDENTITY_FILE=identity)
    before_the_end = """
from close_tui.errors import VaultLocked
from close_tui.vault.in_keyring import InKeyring, _Bounded
def locked(self, user):
    raise VaultLocked("The keyring is locked.")
_Bounded.delete = locked
"""

    said, _ = run(session, before_the_end + OUT, session.home / "second.txt")

    assert said.startswith("The keyring still holds close-tui / vault-identity-v1:")
    assert 1 == items(session)
    assert run(session, LOOK)[0].startswith("file ")
