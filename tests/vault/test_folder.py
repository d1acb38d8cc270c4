"""The folder and the files in it belong to their owner alone, or are refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import UnsafePlace, VaultError, VaultNotWritable
from close_tui.settings import Settings
from close_tui.vault import folder
from close_tui.vault.vault import Vault, exists

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.vault.conftest import Shelf

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


def mode(path: Path) -> int:
    """The permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> object:
    """Run with one of several umasks."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_everything_is_private_whatever_the_umask(
    umask: int, settings: Settings, clock: Callable[[], float]
) -> None:
    """The folder is 0700 and every file in it 0600, also those that SQLite makes."""
    vault = Vault.make(settings, at=clock())
    vault.check_writable()
    modes = {path.name: mode(path) for path in settings.home.iterdir() if path.is_file()}
    vault.close()

    assert 0o700 == mode(settings.home)
    assert {"vault.db", "vault.db-wal", "vault.db-shm"} <= set(modes)
    assert {0o600} == set(modes.values())


def test_a_folder_others_may_look_into_is_closed(settings: Settings) -> None:
    """A folder made by hand, readable by all, becomes 0700."""
    settings.home.mkdir(mode=0o755)
    settings.home.chmod(0o755)

    folder.prepare(settings.home)

    assert 0o700 == mode(settings.home)


@pytest.mark.parametrize("bits", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_others_may_write_is_refused(
    bits: int, vault: Vault, settings: Settings, clock: Callable[[], float]
) -> None:
    """Who may write the folder may swap the file: refused for reading, too, with the cure."""
    settings.home.chmod(bits)

    with pytest.raises(UnsafePlace, match="Other users may write") as caught:
        Vault.open(settings)
    with pytest.raises(UnsafePlace):
        Vault.make(settings, at=clock())

    assert f"Close it to them: chmod 700 {settings.home}" == caught.value.advice
    assert bits == mode(settings.home)


@needs_root
def test_a_folder_of_somebody_else_is_refused(vault: Vault, settings: Settings) -> None:
    """Its owner could put anything there."""
    os.chown(settings.home, 65534, 65534)

    with pytest.raises(UnsafePlace, match="belongs to another user"):
        Vault.open(settings)


def test_a_file_in_the_place_of_the_folder_is_refused(settings: Settings) -> None:
    """Nothing is overwritten to make room."""
    settings.home.write_text("mine")

    with pytest.raises(UnsafePlace, match="is a file"):
        Vault.make(settings, at=0)

    assert "mine" == settings.home.read_text()
    assert not exists(settings)


def test_a_folder_that_cannot_be_looked_into_is_one_of_our_errors(
    python: Python, unprivileged: tuple[str, ...], tmp_path: Path
) -> None:
    """A home inside somebody's closed folder is an error with advice, not a traceback."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)

    done = python(
        "import sys\n"
        "from pathlib import Path\n"
        "from close_tui.errors import CloseTuiError\n"
        "from close_tui.settings import Settings\n"
        "from close_tui.vault.vault import Vault\n"
        "for way in (Vault.open, lambda settings: Vault.make(settings, at=0.0)):\n"
        "    try:\n"
        "        way(Settings(Path(sys.argv[1])))\n"
        "    except CloseTuiError as error:\n"
        "        print(type(error).__name__, error)\n",
        closed / "inside" / "home",
        prefix=unprivileged,
    )
    closed.chmod(0o700)

    first, second = done.stdout.splitlines()
    assert first.startswith(VaultError.__name__), done.stderr
    assert first.endswith("cannot be looked into: Permission denied.")
    assert second.startswith(VaultNotWritable.__name__)
    assert second.endswith("cannot be made: Permission denied.")


READ_ONLY = """
import os, sys
from pathlib import Path
from close_tui.errors import VaultNotWritable
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
home, identity = map(Path, sys.argv[1:])
settings = Settings(home, identity_file=identity)
Vault.make(settings, at=0.0).close()
home.chmod(0o500)
for way in ("open", "make"):
    vault = Vault.open(settings) if way == "open" else Vault.make(settings, at=0.0)
    assert [] == vault.connections() == vault.history()
    vault.unlock()
    try:
        vault.check_writable()
    except VaultNotWritable as error:
        print(error)
    vault.close()
try:
    Vault.make(Settings(home / "new", identity_file=identity), at=0.0)
except VaultNotWritable as error:
    print(error)
"""


def test_a_read_only_folder_still_shows_the_list(
    python: Python, unprivileged: tuple[str, ...], tmp_path: Path
) -> None:
    """Reading and unlocking work; a write is refused before anything is sent anywhere."""
    home = tmp_path / "home"

    done = python(READ_ONLY, home, tmp_path / "identity.txt", prefix=unprivileged)
    home.chmod(0o700)

    assert 0 == done.returncode, done.stderr
    refused, again, new = done.stdout.splitlines()
    assert "The vault, or its folder, is read-only." == refused == again
    assert f"{home / 'new'} cannot be made: Permission denied." == new


def test_a_private_file_is_made_once(tmp_path: Path) -> None:
    """An existing file is never overwritten, not even through a link."""
    path = tmp_path / "key"
    (tmp_path / "link").symlink_to(path)

    assert folder.create_private(path, b"first")
    assert not folder.create_private(path, b"second")
    assert not folder.create_private(tmp_path / "link", b"third")
    assert b"first" == path.read_bytes()
    assert 0o600 == mode(path)
    with pytest.raises(VaultNotWritable):
        folder.create_private(tmp_path / "missing" / "key")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o620])
def test_a_shared_file_with_a_secret_is_refused(bits: int, tmp_path: Path) -> None:
    """The error says how to close it."""
    path = tmp_path / "key"
    path.touch()
    path.chmod(bits)

    with pytest.raises(UnsafePlace, match="Other users may read") as caught:
        folder.refuse_if_shared(path)

    assert f"Close it to them: chmod 600 {path}" == caught.value.advice


@needs_root
def test_a_file_of_somebody_else_with_a_secret_is_refused(tmp_path: Path) -> None:
    """Who owns it can read it, whatever its mode."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    os.chown(path, 65534, 65534)

    with pytest.raises(UnsafePlace, match="belongs to another user"):
        folder.refuse_if_shared(path)


@needs_root
@pytest.mark.parametrize(
    ("bits", "place"), [(0o440, "elsewhere"), (0o444, "here"), (0o460, "here")]
)
def test_what_systemd_has_loaded_for_a_service_is_its_own(
    bits: int, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's, 0440, in the service's folder of credentials; not elsewhere, and not more open."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "here"))
    for each in ("here", "elsewhere"):
        (tmp_path / each).mkdir()
        (tmp_path / each / "key").touch()
    loaded, other = tmp_path / "here" / "key", tmp_path / place / "key"
    other.chmod(bits)

    with pytest.raises(UnsafePlace, match="Other users may read"):
        folder.refuse_if_shared(other)
    loaded.chmod(0o440)
    folder.refuse_if_shared(loaded)


def test_two_homes_are_two_vaults(settings: Settings, shelf: Shelf, tmp_path: Path) -> None:
    """Another folder is another vault, also with the same identity."""
    shelf.key()
    other = Vault.make(settings._replace(home=tmp_path / "other"), at=0)

    assert [] == other.connections()
    assert shelf.vault.id != other.id
    other.close()
