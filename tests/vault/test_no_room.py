"""Where nothing more can be written, nothing is half written; with room again it goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Need, Python

NO_ROOM = """
import resource, sys
from pathlib import Path
from close_tui.errors import VaultNotWritable
from close_tui.model import Organization, User
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

disk, identity = map(Path, sys.argv[1:3])
filler = disk / "filler"
ADA = User("user_1", "ada@acme.example")

def fill_the_disk():
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                pass

def limit_the_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))

def make_room():
    filler.unlink(missing_ok=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def refused(call):
    try:
        call()
    except VaultNotWritable as error:
        print(error)
    else:
        sys.exit("it was not refused")

take_the_room = {"disk": fill_the_disk, "limit": limit_the_file_size}[sys.argv[3]]
(disk / "home").mkdir(mode=0o700)
settings = Settings(disk / "home", identity_file=identity)

take_the_room()
refused(lambda: Vault.make(settings, at=0.0))
make_room()
Vault.make(settings, at=0.0).close()

vault = Vault.open(settings)
vault.know(Organization("orga_1", "before"), ADA)
vault.database.forget_deleted()
take_the_room()
refused(vault.check_writable)
refused(lambda: vault.know(Organization("orga_1", "after"), ADA))
names = [row[0] for row in vault.database.rows("SELECT name FROM organizations")]
assert ["before"] == names, names
vault.close()
vault = Vault.open(settings)
refused(vault.check_writable)
vault.close()

make_room()
vault = Vault.open(settings)
vault.check_writable()
vault.know(Organization("orga_1", "after"), ADA)
vault.close()
names = [row[0] for row in Vault.open(settings).database.rows("SELECT name FROM organizations")]
assert ["after"] == names, names
print("whole")
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "disk"
    made.mkdir()
    return made


@pytest.mark.real
def test_a_full_disk_refuses_and_recovers(
    python: Python, need: Need, disk: Path, settings: Settings
) -> None:
    """A tmpfs of one megabyte, in a mount namespace that ends with the child."""
    inside = (need("unshare"), "--mount", "--map-root-user", "sh", "-c")
    mount = f'mount -t tmpfs -o size=1m,mode=700 tmpfs "{disk}" && exec "$@"'
    if subprocess.run([*inside, mount, "sh", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here; the test below needs no permission")

    done = python(NO_ROOM, disk, settings.identity_file, "disk", prefix=(*inside, mount, "sh"))

    assert 0 == done.returncode, done.stderr
    made, probe, write, opened_later, whole = done.stdout.splitlines()
    assert {"There is no room left on the disk."} == {made, probe, write, opened_later}
    assert "whole" == whole


def test_a_file_size_limit_refuses_and_recovers(
    python: Python, disk: Path, settings: Settings
) -> None:
    """A quota, or ``ulimit -f``: the same, in other words."""
    done = python(NO_ROOM, disk, settings.identity_file, "limit")

    assert 0 == done.returncode, done.stderr
    made, probe, write, opened_later, whole = done.stdout.splitlines()
    assert {"The disk reported an error."} == {made, probe, write, opened_later}
    assert "whole" == whole
