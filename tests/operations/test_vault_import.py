"""What an import brings into a vault, and what it leaves as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.errors import (
    NeedsAuthorization,
    VaultLocked,
)
from close_tui.model import SecretKind
from close_tui.operations import vault_backup as backup
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from close_tui.operations.token import token
from close_tui.settings import Settings
from tests.operations.backups import (
    changed,
    counted,
    elsewhere,
    exported,
    outcomes,
    secret,
)

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_another_machine_gets_everything(town: Town, tmp_path: Path) -> None:
    """Names, secrets, history and fingerprints; the connection works, and is marked."""
    connection = await town.tested()
    key_connection, key = await town.connect_key()
    there = elsewhere(town, tmp_path)

    results = backup.import_document(there, await exported(town.desk))

    assert {"reports": "added", "acme": "added", "key": "added"} == outcomes(results)
    advised = {each.name for each in results if "Authorize it here" in each.advice}
    assert {"acme"} == advised
    found = {each.name: each for each in there.vault.connections()}
    assert town.clock() == found["acme"].imported_at
    assert found["key"].imported_at is None
    assert connection == found["acme"]._replace(imported_at=None)
    assert key_connection == found["key"]
    assert key.text == secret(there, found["key"], SecretKind.API_KEY)
    assert "ok" == (await call_me(there, connection.id)).outcome
    assert ["test", "import", "test"] == [
        event.verb for event in there.vault.history(connection.id)
    ]
    there_prints = there.vault.database.rows("SELECT * FROM fingerprints ORDER BY sha256")
    prints = town.desk.vault.database.rows("SELECT * FROM fingerprints ORDER BY sha256")
    assert list(map(tuple, prints)) == list(map(tuple, there_prints))


async def test_a_second_time_everything_is_here_already(town: Town, tmp_path: Path) -> None:
    """Revoked ones too; neither rows nor events are doubled."""
    town.connect()
    revoked = town.connect("gone", user=town.bob)
    await revoke(town.desk, revoked.id, reason="leaked")
    document = await exported(town.desk)
    there = elsewhere(town, tmp_path)
    backup.import_document(there, document)
    before = counted(there)

    results = backup.import_document(there, document)

    assert {"reports": "skipped", "acme": "skipped", "gone": "skipped"} == outcomes(results)
    assert before == counted(there)
    assert there.vault.connection(revoked.id) == town.shown(revoked.id)


async def test_an_imported_refresh_token_is_not_spent(town: Town, tmp_path: Path) -> None:
    """Two machines would race; the access token is used as long as it lasts."""
    connection = await town.tested()
    there = elsewhere(town, tmp_path)
    backup.import_document(there, await exported(town.desk))
    alive, _ = await token(there, connection.id)

    result = await refresh(there, connection.id)
    town.clock.advance(3700)
    tested = await call_me(there, connection.id)

    assert ("needs_authorization", 4) == (result.outcome, result.exit_code)
    assert "Authorize it here" in result.advice
    assert isinstance(tested.error, NeedsAuthorization)
    assert alive.reveal() == town.access_token(connection)
    assert 0 == town.sent()
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_authorizing_it_here_ends_the_mark(town: Town, tmp_path: Path) -> None:
    """From then on it is refreshed; the other machine's tokens are its own."""
    connection = await town.tested()
    there = elsewhere(town, tmp_path)
    backup.import_document(there, await exported(town.desk))
    (app,) = there.vault.apps()

    async def agree(authorization: Authorization) -> None:
        from urllib.parse import parse_qs, urlencode, urlsplit

        asked = parse_qs(urlsplit(authorization.url).query)
        consent = town.world.codes.ask(
            town.registered, town.ada, app.redirect_uri, asked["state"][0],
            asked["code_challenge"][0],
        )  # fmt: skip
        code = town.world.codes.issue(consent, town.acme)
        answer = urlencode({"code": code.text, "state": asked["state"][0]})
        authorization.paste(f"{app.redirect_uri}?{answer}")

    done = await authorize(there, app, agree, listen=False)

    assert connection.id == done.id
    found = there.vault.connection(connection.id)
    assert found is not None
    assert found.imported_at is None
    assert "refreshed" == (await refresh(there, connection.id)).outcome
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_what_is_here_stays_and_taken_names_get_a_number(town: Town, tmp_path: Path) -> None:
    """The same key under another name is recognized; another one of the same name is renamed."""
    town.connect("acme")
    key, held = await town.connect_key("key")
    document = await exported(town.desk)
    there = elsewhere(town, tmp_path)
    backup.import_document(there, document)
    there.vault.remove(key.id)
    granted = there.vault.connections()[0]
    there.vault.rename(granted.id, "mine")

    def other(content: dict[str, Any]) -> None:
        for row in content["connections"]:
            if row["name"] == "acme":  # the same authorization, stored apart from ours
                old, row["id"] = row["id"], "conn_apart"
                for each in content["secrets"] + content["fingerprints"] + content["events"]:
                    for column in ("owner", "connection_id"):
                        if each.get(column) == old:
                            each[column] = "conn_apart"
            else:
                row["name"] = "mine"

    results = backup.import_document(there, changed(document, other))

    assert [("reports", "skipped"), ("acme", "skipped"), ("mine-2", "added")] == [
        (each.name, each.outcome) for each in results
    ]
    assert "here already, as mine" in results[1].detail
    assert "it was mine, which is taken" in results[2].detail
    assert {"mine", "mine-2"} == {each.name for each in there.vault.connections()}
    assert held.text == secret(there, there.vault.connections()[1], SecretKind.API_KEY)


async def test_what_was_revoked_here_does_not_come_back(town: Town, tmp_path: Path) -> None:
    """An older backup holds it alive: it is here already, revoked."""
    connection = await town.tested()
    document = await exported(town.desk)
    await revoke(town.desk, connection.id, reason="leaked")

    results = backup.import_document(town.desk, document)

    assert "skipped" == outcomes(results)["acme"]
    assert "revoked" == town.status(connection)


async def test_a_dry_run_needs_no_key_and_changes_nothing(town: Town, tmp_path: Path) -> None:
    """Not even a vault is made; with one, the same is said as would be done."""
    town.connect()
    document = await exported(town.desk)
    nowhere = town.open_desk(settings=Settings(tmp_path / "none"))

    results = backup.import_document(nowhere, document, dry_run=True)

    assert {"reports": "added", "acme": "added"} == outcomes(results)
    assert not (tmp_path / "none").exists()
    here = town.open_desk()
    again = backup.import_document(here, document, dry_run=True)
    assert {"reports": "skipped", "acme": "skipped"} == outcomes(again)
    assert here.vault.is_locked
    with pytest.raises(VaultLocked):
        backup.import_document(here, changed(document, _new_ids))


def _new_ids(content: dict[str, Any]) -> None:
    row = content["connections"][0]
    old, row["id"], row["user_id"] = row["id"], "conn_new", content["users"][0]["id"]
    row["client_id"] = "oa2client_other"
    for each in content["secrets"]:
        if each["owner"] == old:
            each.update(owner="conn_new", secret=f"new {each['kind']}")


async def test_hostile_names_are_made_plain(town: Town, tmp_path: Path) -> None:
    """Escape sequences, dashes and slashes cannot be names, as everywhere."""
    town.connect()
    there = elsewhere(town, tmp_path)

    def rename(content: dict[str, Any]) -> None:
        content["connections"][0]["name"] = "-rf /\x1b]52;c;aGk=\x07"
        content["apps"][0]["name"] = "a/b"

    backup.import_document(there, changed(await exported(town.desk), rename))

    (connection,), (app,) = there.vault.connections(), there.vault.apps()
    assert ("rf-52-c-agk", "a-b") == (connection.name, app.name)
