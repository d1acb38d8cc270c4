"""A vault whose key lives in a real GNOME Keyring is destroyed: the item is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.test_gnome_keyring import items
from tests.vault.test_gnome_keyring_move import MAKE, run

if TYPE_CHECKING:
    from tests.vault.conftest import Session

pytestmark = pytest.mark.real

DESTROY = """
from close_tui.operations.destroy import destroy
async def work(desk):
    done = await destroy(desk)
    print(done.key_is_gone, done.key)
"""


def test_the_item_is_gone_and_was_looked_for_again(session: Session) -> None:
    """Other items are not ours; another process finds the vault destroyed."""
    session.start_keyring(unlocked=True)
    run(session, MAKE, CLOSE_TUI_IDENTITY_FILE=str(session.home / "first.txt"))
    before = items(session)
    (said,) = run(session, DESTROY)

    assert (1, 0) == (before, items(session))
    assert "True The key is gone from the system keyring: it was looked for again." == said


def test_a_locked_keyring_keeps_the_key_and_is_asked_again(session: Session) -> None:
    """The rows are gone at once; the key goes once the keyring is open."""
    session.start_keyring(unlocked=True)
    run(session, MAKE, CLOSE_TUI_IDENTITY_FILE=str(session.home / "first.txt"))
    session.lock()
    (first,) = run(session, DESTROY)
    session.stop_keyring()
    session.start_keyring(unlocked=True)
    (second,) = run(session, DESTROY)

    assert first.startswith("False The keyring still holds close-tui / vault-identity-v1:")
    assert second.startswith("True ")
    assert 0 == items(session)
