"""The end of a vault: first what is sealed goes, then the key, and what was done stays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Busy, VaultBusy, VaultDestroyed
from close_tui.model import Event
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import chain
from close_tui.vault.destroying import destroy, is_empty, take_key
from close_tui.vault.sealing import Identity
from close_tui.vault.vault import Vault
from tests.conftest import NOW
from tests.vault.conftest import CANARY

if TYPE_CHECKING:
    from tests.vault.conftest import Shelf

EVENT = Event(NOW, None, "", "destroy", "ok")


@pytest.fixture
def ready(vault: Vault, shelf: Shelf) -> Vault:
    """A vault with sealed rows of each kind, everything frozen."""
    shelf.app()
    acme = shelf.authorization("acme")
    shelf.key("globex")
    vault.replace_tokens(acme.id, 1, shelf.tokens("acme-2"), NOW)
    for each in vault.connections():
        vault.freeze(each.id, NOW)
    return vault


def identity_file(vault: Vault) -> Path:
    """The file that the vault was made with."""
    assert vault.settings.identity_file is not None
    return vault.settings.identity_file


def test_nothing_sealed_is_left_in_any_file(ready: Vault) -> None:
    """Not even with the key: the ciphertexts are gone from the pages."""
    rows = ready.database.rows("SELECT sealed FROM secrets UNION ALL SELECT sealed FROM superseded")
    sealed = [bytes(row["sealed"]) for row in rows]
    destroy(ready, EVENT)

    assert 5 == len(sealed)
    assert is_empty(ready)
    content = b"".join(path.read_bytes() for path in ready.settings.home.iterdir())
    assert not [each for each in sealed if each in content or each[40:80] in content]


def test_what_was_done_stays_readable(ready: Vault) -> None:
    """Connections, history and its chain; the last event tells of the end."""
    destroy(ready, EVENT)
    again = Vault.open(ready.settings)

    assert NOW == again.destroyed_at
    assert ["acme", "globex"] == [each.name for each in again.connections()]
    assert "destroy" == again.history()[0].verb
    assert [] == list(chain.breaks(again.database))
    again.close()


def test_a_process_that_holds_the_key_forgets_it(ready: Vault, shelf: Shelf) -> None:
    """It can neither open nor seal, and says why; so does one that starts now."""
    running = Vault.open(ready.settings)
    running.unlock()
    destroy(ready, EVENT)

    assert running.is_locked
    with pytest.raises(VaultDestroyed, match="2027-01-15T08:00:00Z"):
        running.unlock()
    with pytest.raises(VaultDestroyed):
        running.add_key(shelf.connection("new", ready.connections()[1].kind), Secret("api_x.y"))
    with pytest.raises(VaultDestroyed):
        Vault.make(ready.settings, at=NOW).unlock()
    running.close()


def test_a_process_in_the_middle_of_a_change_is_told(ready: Vault, shelf: Shelf) -> None:
    """The first thing it wants to seal is refused; nothing of it is stored."""
    running = Vault.open(ready.settings)
    running.unlock()
    destroy(ready, EVENT)

    with pytest.raises(VaultDestroyed):
        running.add_key(shelf.connection("new", ready.connections()[1].kind), Secret("api_x.y"))
    assert 2 == len(running.connections())
    running.close()


def test_a_refresh_under_way_is_waited_for(ready: Vault, shelf: Shelf) -> None:
    """Its new tokens would be alive, and nobody's."""
    late = shelf.authorization("late")
    ready.begin_refresh(late.id, 1, NOW)
    ready.freeze(late.id, NOW)

    with pytest.raises(Busy, match="late"):
        destroy(ready, EVENT)
    assert not is_empty(ready)
    assert ready.destroyed_at is None


def test_a_connection_that_came_meanwhile_stops_it(ready: Vault, shelf: Shelf) -> None:
    """Nobody has frozen it, so nobody has tried to revoke it."""
    shelf.key("newcomer")

    with pytest.raises(VaultBusy, match="newcomer"):
        destroy(ready, EVENT)
    assert ready.destroyed_at is None


def test_a_key_that_its_owner_wrote_stays_and_opens_nothing(ready: Vault) -> None:
    """Said plainly."""
    before = identity_file(ready).read_text()
    destroy(ready, EVENT)
    gone = take_key(ready)

    assert gone.is_proved
    assert "is yours" in gone.sentence
    assert before == identity_file(ready).read_text()


def made_by_us(path: Path) -> Vault:
    """A vault whose key file is written by us."""
    return Vault.make(Settings(path / "home", identity_file=path / "ours.txt"), at=NOW)


def test_a_key_that_we_wrote_is_taken_out(tmp_path: Path) -> None:
    """With the file when nothing else is in it; looked for again."""
    vault = made_by_us(tmp_path)
    destroy(vault, EVENT)
    gone = take_key(vault)

    assert (True, False) == (gone.is_proved, (tmp_path / "ours.txt").exists())
    assert "looked for again" in gone.sentence
    assert take_key(vault).is_proved
    vault.close()


def test_what_else_is_in_the_file_stays(tmp_path: Path) -> None:
    """To the byte; also the same words above a key of another vault."""
    vault = made_by_us(tmp_path)
    path, other = tmp_path / "ours.txt", Identity.generate().secret.reveal()
    others = f"# close-tui's vault\n{other}\n# mine\n\n{other}\n"
    path.write_text(path.read_text() + others)
    destroy(vault, EVENT)

    assert take_key(vault).is_proved
    assert others == path.read_text()
    assert 0o600 == path.stat().st_mode & 0o777
    vault.close()


def test_copies_and_left_keys_in_the_folder_go_too(ready: Vault) -> None:
    """They hold what was sealed to this key, or an older one; nothing else is touched."""
    home = ready.settings.home
    for name in ("vault.db.before-3", "vault.db.before-3.2", "vault.db.copy", "key-2.age"):
        (home / name).touch(0o600)
    for name in ("monkey.age", "notes.txt"):
        (home / name).touch(0o600)
    destroy(ready, EVENT)
    take_key(ready)

    left = {path.name for path in home.iterdir()} - {"vault.db", "vault.db-wal", "vault.db-shm"}
    assert {"monkey.age", "notes.txt"} == {name for name in left if not name.endswith(".lock")}


def test_without_the_key_the_rows_go_all_the_same(ready: Vault) -> None:
    """Nobody needs a key to delete."""
    identity_file(ready).unlink()
    again = Vault.open(ready.settings)
    destroy(again, EVENT)
    gone = take_key(again)

    assert is_empty(again)
    assert (True, f"No key of this vault is in {identity_file(ready)}.") == gone
    assert CANARY not in repr(gone)
    again.close()


def test_a_key_file_that_cannot_be_looked_into_is_not_gone(ready: Vault) -> None:
    """To be done again; then it is."""
    destroy(ready, EVENT)
    identity_file(ready).chmod(0o644)
    first = take_key(ready)
    identity_file(ready).chmod(0o600)

    assert not first.is_proved
    assert take_key(ready).is_proved
