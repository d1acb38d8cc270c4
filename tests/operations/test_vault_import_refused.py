"""An export that is damaged, foreign, altered or from the future changes nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.errors import (
    NotAnExport,
)
from close_tui.operations import vault_backup as backup
from close_tui.secret import Secret
from close_tui.vault import migrations
from close_tui.vault.sealing import Identity
from tests.operations.backups import (
    KEY,
    RECIPIENT,
    changed,
    counted,
    elsewhere,
    exported,
)
from tests.operations.conftest import MARKER

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.operations.conftest import Town


def _of(table: str, **values: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content[table][0].update(values)


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "another program's": lambda content: content.update(format="bookmarks"),
    "newer": lambda content: content.update(schema_version=len(migrations.STEPS) + 1),
    "no version": lambda content: content.pop("schema_version"),
    "a table missing": lambda content: content.pop("events"),
    "a table that is none": lambda content: content.update(apps={"id": "x"}),
    "an unknown column": _of("connections", shoe_size=42),
    "sql in a column": _of("connections", **{"id) VALUES ('x'); --": 1}),
    "a wrong type": _of("connections", generation="one"),
    "a nested value": _of("connections", name=["acme"]),
    "a null": _of("connections", name=None),
    "an unknown kind": _of("connections", kind="password"),
    "an id that is a path": _of("connections", id="../../etc/passwd"),
    "a reference to nothing": _of("connections", organization_id="orga_none"),
    "a fingerprint that is none": _of("fingerprints", sha256="zz"),
    "a secret of nobody": _of("secrets", owner="conn_none"),
    "a secret of another generation": _of("secrets", generation=7),
    "an empty secret": _of("secrets", secret=""),
    "a secret that is no text": _of("secrets", secret=12),
    "a connection twice": lambda c: c["connections"].append(c["connections"][0]),
    "a lone surrogate": _of("connections", name="\ud800"),
    "a huge number": _of("connections", generation=2**80),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_document_that_is_wrong_changes_nothing(
    town: Town, tmp_path: Path, wrong: str
) -> None:
    """Foreign, from the future, or altered: an error without any of its text, not a row changed."""
    town.connect()
    there = elsewhere(town, tmp_path)
    document = await exported(town.desk)
    before = counted(there)

    for dry_run in (True, False):
        with pytest.raises(NotAnExport) as caught:
            backup.import_document(there, changed(document, WRONG[wrong]), dry_run=dry_run)

    assert before == counted(there)
    assert MARKER not in f"{caught.value} {caught.value.advice}"
    assert ("Update" in caught.value.advice) == (wrong == "newer")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, "\x00"])
async def test_what_is_no_document_changes_nothing(town: Town, text: str) -> None:
    """Not even JSON, or nothing of ours."""
    with pytest.raises(NotAnExport):
        backup.import_document(town.desk, Secret(text))


async def test_a_file_that_is_cut_or_altered_does_not_open(town: Town) -> None:
    """The format notices each of them."""
    sealed = (await backup.export(town.desk, recipients=[RECIPIENT])).sealed
    middle = len(sealed) // 2
    swapped = sealed[:middle] + (b"A" if sealed[middle : middle + 1] != b"A" else b"B")

    for damaged in (sealed[:middle], sealed[:-60], swapped + sealed[middle + 1 :], sealed[:50]):
        with pytest.raises(NotAnExport):
            await backup.opened(damaged, identity=KEY.secret)
    with pytest.raises(NotAnExport):
        await backup.opened(sealed, identity=Identity.generate().secret)


@pytest.mark.parametrize("content", [b"", b"not age at all", None])
def test_a_file_that_is_no_age_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Missing too."""
    path = tmp_path / "some.age"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(NotAnExport):
        backup.read(path)


@pytest.mark.real
async def test_a_binary_age_file_is_read_too(town: Town, tmp_path: Path, need: Need) -> None:
    """The stock tool writes them that way, unless it is told otherwise."""
    town.connect()
    plain = (await exported(town.desk)).reveal()
    path = tmp_path / "binary.age"
    subprocess.run(
        [need("age"), "-r", RECIPIENT, "-o", path], input=plain.encode(), check=True, timeout=60
    )

    sealed = backup.read(path)

    assert not backup.is_behind_passphrase(sealed)
    assert plain == (await backup.opened(sealed, identity=KEY.secret)).reveal()
