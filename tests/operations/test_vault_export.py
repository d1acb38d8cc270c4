"""A whole vault in one age file: what is in it, and who opens it."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.errors import (
    NameTaken,
    Tampered,
    UsageError,
    VaultNotWritable,
    WrongPassphrase,
)
from close_tui.model import SecretKind
from close_tui.operations import vault_backup as backup
from close_tui.operations.refresh import refresh
from close_tui.secret import Secret
from close_tui.vault import migrations
from tests.operations.backups import (
    KEY,
    RECIPIENT,
    elsewhere,
    exported,
)
from tests.operations.conftest import MARKER

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.operations.conftest import Town


@pytest.mark.real
async def test_everything_is_in_it_and_stock_age_opens_it(
    town: Town, tmp_path: Path, need: Need
) -> None:
    """One armored file, 0600; no secret in clear."""
    connection = town.connect()
    _, key = await town.connect_key()
    await refresh(town.desk, connection.id)
    path, identity = tmp_path / "backup.age", tmp_path / "key.txt"
    identity.write_text(KEY.secret.reveal())

    backup.write(path, await backup.export(town.desk, recipients=[RECIPIENT]))

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert path.read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert MARKER not in path.read_text()
    assert ["backup.age"] == [each.name for each in tmp_path.glob("*backup*")]
    opened = subprocess.run(
        [need("age"), "-d", "-i", identity, path], capture_output=True, timeout=60, check=True
    )
    content = json.loads(opened.stdout)
    assert len(migrations.STEPS) == content["schema_version"]
    assert {
        town.token(connection), town.access_token(connection), key.text,
        town.registered.client_secret,
    } == {each["secret"] for each in content["secrets"]}  # fmt: skip
    assert {"acme", "key"} == {each["name"] for each in content["connections"]}
    assert 6 == len(content["fingerprints"])
    assert "refresh" in {each["verb"] for each in content["events"]}
    assert "export" == town.desk.vault.history()[0].verb


async def test_a_passphrase_opens_it_too(town: Town) -> None:
    """And a wrong one does not."""
    town.connect()
    sealed = (await backup.export(town.desk, passphrase=Secret("horse"))).sealed

    document = await backup.opened(sealed, passphrase=Secret("horse"))

    assert MARKER in document.reveal()
    assert backup.is_behind_passphrase(sealed)
    with pytest.raises(WrongPassphrase):
        await backup.opened(sealed, passphrase=Secret("donkey"))


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"recipients": [RECIPIENT], "passphrase": Secret("horse")},
        {"recipients": ["age1nonsense"]},
        {"recipients": [KEY.secret.reveal()]},
    ],
)
async def test_it_is_sealed_to_recipients_or_a_passphrase(town: Town, how: dict[str, Any]) -> None:
    """Not to both, not to none, and not to what is no recipient; a key is not repeated."""
    with pytest.raises(UsageError) as caught:
        await backup.export(town.desk, **how)

    assert "AGE-SECRET-KEY" not in f"{caught.value} {caught.value.advice}"


ON_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.real
async def test_stock_age_opens_it_with_the_passphrase(
    town: Town, tmp_path: Path, need: Need
) -> None:
    """It asks on its terminal, as for any file of its own."""
    town.connect()
    path = tmp_path / "backup.age"
    backup.write(path, await backup.export(town.desk, passphrase=Secret("horse")))
    master, slave = pty.openpty()
    age = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, need("age"), "-d", path],
        stdin=slave, stderr=slave, stdout=subprocess.PIPE,
    )  # fmt: skip
    os.close(slave)
    shown = b""
    while b"passphrase" not in shown:
        shown += os.read(master, 4096)
    os.write(master, b"horse\n")
    opened, _ = age.communicate(timeout=60)
    os.close(master)

    assert "close-tui export" == json.loads(opened)["format"]


@pytest.mark.parametrize("dangling", [False, True])
async def test_nothing_is_overwritten(town: Town, tmp_path: Path, dangling: bool) -> None:
    """Not even a link that leads nowhere; and no half file is left."""
    path = tmp_path / "backup.age"
    if dangling:
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.write_text("mine")
    sealed = await backup.export(town.desk, recipients=[RECIPIENT])

    with pytest.raises(NameTaken):
        backup.write(path, sealed)

    assert dangling == path.is_symlink()
    assert dangling or path.read_text() == "mine"
    assert not list(tmp_path.glob(".*.part"))
    assert not (tmp_path / "nowhere").exists()


async def test_where_it_cannot_be_written_it_is_said(town: Town, tmp_path: Path) -> None:
    """The folder is missing."""
    sealed = await backup.export(town.desk, recipients=[RECIPIENT])

    with pytest.raises(VaultNotWritable):
        backup.write(tmp_path / "missing" / "backup.age", sealed)


async def test_a_read_only_vault_can_be_exported(town: Town) -> None:
    """A disk that dies is when it is needed most."""
    town.connect()
    town.read_only(town.desk)

    assert MARKER in (await exported(town.desk)).reveal()


async def test_a_row_that_does_not_open_is_left_out_and_named(town: Town, tmp_path: Path) -> None:
    """Everything else is saved, and can be imported."""
    connection = town.connect()
    town.desk.vault.database.change(
        "UPDATE secrets SET sealed = ? WHERE kind = 'access_token'", b"scratched"
    )

    result = await backup.export(town.desk, recipients=[RECIPIENT])

    assert [f"The stored access_token of {connection.id}, generation 1 does not open"] == [
        line.partition(":")[0] for line in result.left_out
    ]
    document = await backup.opened(result.sealed, identity=KEY.secret)
    there = elsewhere(town, tmp_path)
    backup.import_document(there, document)
    assert there.vault.secret(connection, SecretKind.REFRESH_TOKEN) is not None
    with pytest.raises(Tampered):
        town.desk.vault.secret(connection, SecretKind.ACCESS_TOKEN)


async def test_a_locked_vault_is_not_exported(town: Town) -> None:
    """Its key is needed."""
    town.connect()
    told = town.settings
    assert told.identity_file is not None
    told.identity_file.chmod(0o644)
    desk = town.open_desk()

    with pytest.raises(Exception, match="Other users may read"):
        await backup.export(desk, recipients=[RECIPIENT])
