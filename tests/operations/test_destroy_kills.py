"""Killed at any durable step, a vault is whole or destroyed; done again, it is destroyed."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultDestroyed
from close_tui.settings import Settings
from close_tui.vault.destroying import is_empty
from close_tui.vault.vault import Vault
from tests.operations.killing import KILLED
from tests.operations.test_vault_kills import BEFORE, make, pretended, said, secrets

if TYPE_CHECKING:
    from tests.conftest import Python

__all__ = ["pretended"]


def is_whole(work: Path) -> bool:
    """Tell whether everything in the vault opens; otherwise it must be destroyed."""
    try:
        return BEFORE == secrets(work)
    except VaultDestroyed:
        return False


def remains(work: Path) -> list[str]:
    """What is left of the key: an item, a file, or a line."""
    left = [path.name for path in (work / "home").glob("key*.age")]
    items = work / "keyring.json"
    if items.exists():
        left += json.loads(items.read_text())
    if (work / "first.txt").exists():
        left.append("first.txt")
    return left


def is_destroyed(work: Path) -> bool:
    """Tell whether the vault is marked so, and empty."""
    vault = Vault.open(Settings(work / "home"))
    try:
        return vault.destroyed_at is not None and is_empty(vault)
    finally:
        vault.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ["file", "passphrase", "keyring"])
def test_killed_at_any_step_it_is_whole_or_destroyed(
    place: str, pretended: Path, python: Python
) -> None:
    """The key goes after what it opens, so that nothing in between can be half of both."""
    make(pretended, place)
    (pretended / "home" / "vault.db.before-2").touch(0o600)
    if place != "file":
        (pretended / "first.txt").unlink()  # its owner's; the key has moved away from it
    kept = pretended.with_name("kept")
    shutil.copytree(pretended, kept)
    steps = json.loads(said(python, pretended, "destroy", 0))
    assert is_destroyed(pretended)
    assert [] == remains(pretended)
    decided = max(i for i, name in enumerate(steps, 1) if name == "after COMMIT")

    seen = set()
    for fatal in sorted({1, *range(decided - 1, len(steps) + 1)}):
        shutil.rmtree(pretended)
        shutil.copytree(kept, pretended)
        killed = python(KILLED, pretended, "destroy", fatal)

        assert -signal.SIGKILL == killed.returncode, killed.stderr
        where = steps[fatal - 1]
        seen.add(is_whole(pretended))
        assert is_whole(pretended) == (fatal < decided), where
        assert is_whole(pretended) != is_destroyed(pretended), where
        done = python(KILLED, pretended, "destroy", 0)
        assert 0 == done.returncode, (where, done.stderr)
        assert is_destroyed(pretended), where
        assert [] == remains(pretended), where
        assert not list((pretended / "home").glob("vault.db.before-*")), where
    assert {True, False} == seen
