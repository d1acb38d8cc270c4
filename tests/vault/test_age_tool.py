"""The stock ``age`` tool opens what this vault seals, without us."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.settings import Settings
from close_tui.vault.database import FILE_NAME
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.vault.conftest import Shelf

pytestmark = pytest.mark.real


def test_age_opens_a_row_with_the_exported_identity(
    need: Need, vault: Vault, shelf: Shelf, settings: Settings, tmp_path: Path
) -> None:
    """The identity in a file and a row as SQLite prints it are all that is needed."""
    acme = shelf.key("acme")
    identity = tmp_path / "exported.txt"
    identity.write_text(f"{vault.key().reveal()}\n")
    sqlite = sqlite3.connect(settings.home / FILE_NAME)
    sealed = sqlite.execute("SELECT sealed FROM secrets WHERE owner = ?", (acme.id,)).fetchone()[0]
    sqlite.close()
    assert sealed.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")

    opened = subprocess.run(
        [need("age"), "--decrypt", "--identity", identity],
        input=sealed, capture_output=True, timeout=60, check=True,
    )  # fmt: skip

    assert {
        "vault": vault.id,
        "owner": acme.id,
        "kind": "api_key",
        "generation": 1,
        "secret": "api_canary-7c1e.acme",
    } == json.loads(opened.stdout)


def test_the_vault_takes_an_identity_that_age_keygen_made(need: Need, tmp_path: Path) -> None:
    """A file with comments, exactly as the tool writes it."""
    identity = tmp_path / "key.txt"
    subprocess.run([need("age-keygen"), "-o", identity], capture_output=True, check=True)
    written = identity.read_text()
    settings = Settings(home=tmp_path / "home", identity_file=identity)

    Vault.make(settings, at=0).close()
    vault = Vault.open(settings)
    vault.unlock()

    assert written.startswith("# created: ")
    assert vault.key().reveal() in written
    assert written == identity.read_text()
    vault.close()
