"""The vault itself: check, export, import, rekey, move-key."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town
    from tests.conftest import Need


def key_pair(need: Need, folder: Path) -> tuple[Path, str]:
    """An identity file that age-keygen made, and its recipient."""
    path = folder / "key.txt"
    subprocess.run([need("age-keygen"), "-o", path], capture_output=True, check=True)
    recipient = subprocess.run(
        [need("age-keygen"), "-y", path], capture_output=True, check=True, text=True
    )
    return path, recipient.stdout.strip()


def leaks(town: Town, *texts: str) -> list[str]:
    """The secrets that a text shows."""
    return [secret for secret in town.secrets() if any(secret in text for text in texts)]


# Check


def test_a_sound_vault_is_0(cli: Run, town: Town) -> None:
    """Each line has its level, in words and as a glyph."""
    done = cli("vault", "check")

    assert 0 == done.code
    assert 4 <= done.out.count("✓ ok")
    assert "problem" not in done.out
    assert "All " in done.out
    assert [] == leaks(town, done.out, done.err)


def test_the_check_in_json(cli: Run, town: Town) -> None:
    """Four keys a finding; a lost answer is a warning, and no failure."""
    done = cli("vault", "check", "--json")

    findings = done.json["findings"]
    assert ["schema_version", "findings"] == list(done.json)
    assert all(["subject", "level", "detail", "advice"] == list(each) for each in findings)
    assert {"ok", "warning"} == {each["level"] for each in findings}
    assert any("northwind-importer" in each["detail"] for each in findings)


def test_a_problem_is_1(cli: Run, town: Town) -> None:
    """Named, with advice; the rest is looked at all the same."""
    vault = town.vault()
    vault.database.change("UPDATE secrets SET sealed = ? WHERE kind = 'client_secret'", b"x")
    vault.close()
    (town.settings.home / "vault.db").chmod(0o640)

    done = cli("vault", "check")

    assert 1 == done.code
    assert "The client secret of reports does not open" in done.out
    assert "chmod 600" in done.err


def test_without_the_key_it_is_7_and_says_what_was_not_checked(cli: Run, town: Town) -> None:
    """What needs no key is looked at."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.unlink()

    done = cli("vault", "check")

    assert 7 == done.code
    assert "SQLite finds no damage." in done.out
    assert "Not checked" in done.out


@pytest.mark.parametrize("damage", [b"no database", b""])
def test_a_file_that_is_no_vault_is_1(cli: Run, town: Town, damage: bytes) -> None:
    """A finding, not an end of the check; nothing is overwritten."""
    path = town.settings.home / "vault.db"
    for other in town.settings.home.glob("vault.db-*"):
        other.unlink()
    path.write_bytes(damage)

    done = cli("vault", "check")

    assert 1 == done.code
    assert "✕ problem  database" in done.out
    assert "Nothing was overwritten" in done.err
    assert damage == path.read_bytes()


def test_without_a_vault_it_is_5(cli: Run, empty_town: Town) -> None:
    """There is nothing to check, and nothing is made."""
    assert 5 == cli("vault", "check").code
    assert not empty_town.settings.home.exists()


# Export and import


@pytest.mark.real
def test_a_vault_moves_house(
    cli: Run, town: Town, tmp_path: Path, need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exported to a recipient, tried, imported into a new home: the list is the same."""
    identity, recipient = key_pair(need, tmp_path)
    path = tmp_path / "backup.age"
    before = cli("list", "--json").json["connections"]

    exported = cli("vault", "export", str(path), "--recipient", recipient)
    monkeypatch.setenv("CLOSE_TUI_HOME", str(tmp_path / "new"))
    monkeypatch.setenv("CLOSE_TUI_IDENTITY_FILE", str(tmp_path / "new-identity.txt"))
    tried = cli("vault", "import", str(path), "--identity", str(identity), "--dry-run", "--json")
    made_by_trying = (tmp_path / "new").exists()
    done = cli("vault", "import", str(path), "--identity", str(identity), "--json")
    after = cli("list", "--json").json["connections"]

    assert (0, "") == (exported.code, exported.out)
    assert "Exported, connections: 10." in exported.err
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert not made_by_trying
    assert (0, 0) == (tried.code, done.code)
    assert set(done.outcomes.values()) == {"added"} == set(tried.outcomes.values())
    assert 12 == len(done.outcomes) == len(tried.outcomes)
    marked = {each["name"] for each in after if each.pop("imported_at")}
    oauth = {
        each["name"] for each in before if each["kind"] == "oauth" and each["status"] != "revoked"
    }
    assert oauth == marked
    advised = {each["name"] for each in done.json["results"] if each["advice"]}
    assert oauth == advised
    for each in (*before, *after):
        each.pop("imported_at", None)
        each["expires_in_s"] = None
        each.pop("revocability")  # what was imported may have newer tokens elsewhere
    assert before == after
    assert "imported" in cli("show", "sakura-reports").out
    assert 4 == cli("refresh", "sakura-reports").code
    assert [] == leaks(town, path.read_text(), exported.err, tried.out, done.out, done.err)


@pytest.mark.real
def test_an_export_on_stdout_is_the_file_alone(
    cli: Run, town: Town, tmp_path: Path, need: Need
) -> None:
    """Words go to stderr."""
    identity, recipient = key_pair(need, tmp_path)

    done = cli("vault", "export", "-", "--recipient", recipient)

    assert 0 == done.code
    assert done.out.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    opened = subprocess.run(
        [need("age"), "-d", "-i", identity], input=done.out, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert '"format": "close-tui export"' in opened.stdout


def test_an_existing_file_is_not_overwritten(cli: Run, town: Town, tmp_path: Path) -> None:
    """It is seen before anything is asked."""
    path = tmp_path / "backup.age"
    path.write_text("mine")

    done = cli("vault", "export", str(path))

    assert (1, "mine") == (done.code, path.read_text())
    assert "exists already" in done.err


def test_a_passphrase_from_a_variable(
    cli: Run, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For both ways; a wrong one is 7, and off the terminal nothing is asked."""
    path = str(tmp_path / "backup.age")
    monkeypatch.setenv("PW", "correct horse")
    monkeypatch.setenv("WRONG", "donkey")

    assert 2 == cli("vault", "export", path).code
    assert 0 == cli("vault", "export", path, "--passphrase-from-env", "PW").code
    assert 2 == cli("vault", "import", path).code
    assert 7 == cli("vault", "import", path, "--passphrase-from-env", "WRONG").code
    done = cli("vault", "import", path, "--passphrase-from-env", "PW", "--json")

    assert (0, {"skipped"}) == (done.code, set(done.outcomes.values()))


@pytest.mark.real
def test_an_export_to_a_recipient_asks_for_the_identity(
    cli: Run, town: Town, tmp_path: Path, need: Need
) -> None:
    """Not for a passphrase, which could not open it; what is no export is 1."""
    _, recipient = key_pair(need, tmp_path)
    path, nonsense = tmp_path / "backup.age", tmp_path / "nonsense.age"
    cli("vault", "export", str(path), "--recipient", recipient)
    nonsense.write_text("nonsense")

    done = cli("vault", "import", str(path))

    assert (2, "--identity KEYFILE" in done.err) == (done.code, True)
    assert 1 == cli("vault", "import", str(nonsense)).code


def test_a_person_types_the_passphrase_twice(
    town: Town, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    """It is not shown; two that differ are 3, and nothing is written."""
    path = tmp_path / "backup.age"
    screen = terminal("vault", "export", str(path))
    screen.expect("Passphrase of the export:")
    screen.type_hidden("correct horse")
    screen.expect("The same again:")
    screen.type_hidden("correct donkey")
    done = screen.end()

    assert (3, False) == (done.code, path.exists())
    assert "horse" not in done.err


# The key


def test_a_new_key(cli: Run, town: Town) -> None:
    """Everything opens as before, with the key that is in the file first."""
    before, token = cli("vault", "identity", "--yes").out, cli("token", "northwind-export").out

    done = cli("vault", "rekey", "--json")

    assert (0, {"vault": "ok"}) == (done.code, done.outcomes)
    assert before != cli("vault", "identity", "--yes").out
    assert token == cli("token", "northwind-export").out
    assert 0 == cli("vault", "check").code


def test_moving_the_key(
    cli: Run, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a passphrase and into a file; the variables follow, as the advice says."""
    token = cli("token", "northwind-export").out
    passphrase = tmp_path / "passphrase.txt"
    passphrase.touch(0o600)
    passphrase.write_text("correct horse\n")
    monkeypatch.setenv("PW", "correct horse")

    moved = cli("vault", "move-key", "passphrase", "--passphrase-from-env", "PW")
    contradicted = cli("token", "northwind-export")
    monkeypatch.delenv("CLOSE_TUI_IDENTITY_FILE")
    monkeypatch.setenv("CLOSE_TUI_PASSPHRASE_FILE", str(passphrase))
    opened = cli("token", "northwind-export")
    back = cli("vault", "move-key", "file", str(tmp_path / "mine.txt"), "--json")
    monkeypatch.delenv("CLOSE_TUI_PASSPHRASE_FILE")

    assert (0, 7) == (moved.code, contradicted.code)
    assert "Unset CLOSE_TUI_IDENTITY_FILE" in moved.err
    assert token == opened.out
    assert (0, {"vault": "ok"}) == (back.code, back.outcomes)
    assert "Unset CLOSE_TUI_PASSPHRASE_FILE" in back.json["results"][0]["advice"]
    assert token == cli("token", "northwind-export").out
    assert not list(town.settings.home.glob("*.age"))


@pytest.mark.parametrize("words", [("file",), ("keyring", "x.txt"), ("passphrase",), ("cellar",)])
def test_a_move_that_makes_no_sense_is_2(cli: Run, town: Town, words: tuple[str, ...]) -> None:
    """A file is named for files only, and off the terminal no passphrase is asked for."""
    assert 2 == cli("vault", "move-key", *words).code
    assert 0 == cli("vault", "check").code


def test_a_person_gives_the_vault_another_passphrase(
    cli: Run,
    town: Town,
    terminal: Callable[..., Terminal],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The present one once, the new one twice; after a wrong one it is asked again."""
    monkeypatch.setenv("PW", "correct horse")
    cli("vault", "move-key", "passphrase", "--passphrase-from-env", "PW")
    monkeypatch.delenv("CLOSE_TUI_IDENTITY_FILE")

    screen = terminal("vault", "move-key", "passphrase")
    screen.expect("Passphrase of the vault:")
    screen.type_hidden("correct horse")
    screen.expect("New passphrase of the vault:")
    screen.type_hidden("battery staple")
    screen.expect("The same again:")
    screen.type_hidden("battery staple")
    done = screen.end()

    assert 0 == done.code, done.err
    assert ["key-2.age"] == [path.name for path in town.settings.home.glob("*.age")]
    again = terminal("vault", "rekey")
    again.expect("Passphrase of the vault:")
    again.type_hidden("battery staple")
    assert 0 == again.end().code
