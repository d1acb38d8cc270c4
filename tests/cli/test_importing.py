"""Import on the command line: the table, JSON, exit codes, and where keys still stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

GONE = "api_0000000000000000000000.0000000000000000000000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of one's own."""
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def keys_of(town: Town) -> list[str]:
    """Return three keys that Close accepts."""
    return [key.text for key in town.demo.api_keys[:3]]


def names(cli: Run) -> list[str]:
    """Return the names in the list."""
    return sorted(each["name"] for each in cli("list", "--json").json["connections"])


def test_a_csv_is_imported_and_the_plain_text_is_told(
    cli: Run, empty_town: Town, folder: Path
) -> None:
    """A row of the table for each; afterwards which lines, and how to delete the file."""
    one, two, _ = keys_of(empty_town)
    (folder / "my clients.csv").write_text(f"name,api_key\nacme,{one}\nglobex,{two}\n")

    done = cli("import", "my clients.csv")

    assert 0 == done.code, done.err
    assert "acme    ✓ added  Northwind Dental Group, as mara@halloran.example. " in done.out
    assert "(my clients.csv, line 3)" in done.out
    assert "my clients.csv still holds keys in plain text: lines 2, 3." in done.err
    assert "shred -u -- 'my clients.csv'" in done.err
    assert (folder / "my clients.csv").exists()
    assert ["acme", "globex"] == names(cli)
    assert not [key for key in (one, two) if key in done.out + done.err]


def test_again_is_skipped_and_0(cli: Run, empty_town: Town, folder: Path) -> None:
    """What is stored already is recognized; the plain text is told again."""
    (folder / ".env").write_text(f"CLOSE_API_KEY={keys_of(empty_town)[0]}\n")

    first = cli("import", ".env", "--json")
    again = cli("import", ".env", ".env")

    assert {"northwind-dental-group": "added"} == first.outcomes
    assert (0, 1) == (again.code, again.out.count("skipped"))
    assert ".env still holds keys in plain text: line 1." in again.err
    assert "close-tui exec" in again.err


def test_the_worst_decides_the_exit_code_and_json_has_everything(
    cli: Run, empty_town: Town, folder: Path
) -> None:
    """Refused, no key, not readable, added: one element each, and no key anywhere."""
    one = keys_of(empty_town)[0]
    (folder / "a.csv").write_text(f"name,api_key\ngood,{one}\ngone,{GONE}\nbad,hunter2\n")
    (folder / "b.age").write_text("age-encryption.org/v1\n")

    done = cli("import", "a.csv", "b.age", "missing", "--json")

    assert 1 == done.code
    assert {
        "good": "added",
        "gone": "rejected",
        "bad": "failed",
        "b.age": "failed",
        "missing": "failed",
    } == done.outcomes
    assert [(2, True), (3, False), (4, False), (None, False), (None, False)] == [
        (each["line"], each["stored"]) for each in done.json["results"]
    ]
    assert "vault import" in done.json["results"][3]["advice"]
    assert done.json["dry_run"] is False
    shown = done.out + done.err
    assert not [text for text in (one, GONE[5:], "hunter2") if text in shown]


def test_keys_that_were_not_stored_are_not_to_be_deleted(
    cli: Run, empty_town: Town, folder: Path
) -> None:
    """The file may be the only place where they are."""
    (folder / "a.env").write_text(f"A={keys_of(empty_town)[0]}\nB={GONE}\n")

    done = cli("import", "a.env")

    assert "plain text: line 1." in done.err
    assert "Other keys there are not stored: line 2. Look at those first." in done.err
    assert "shred" not in done.err


def test_a_dry_run_changes_nothing(cli: Run, empty_town: Town, folder: Path) -> None:
    """Not even a vault is made; offline, nobody is asked."""
    (folder / ".env").write_text(f"ACME_API_KEY={keys_of(empty_town)[0]}\n")

    dry = cli("import", ".env", "--dry-run")
    asked = empty_town.demo.world.journal.count()
    offline = cli("import", ".env", "--dry-run", "--offline", "--json")

    assert 0 == dry.code == offline.code
    assert "nothing was changed" in dry.err
    assert "plain text" not in dry.err
    assert ({"acme": "added"}, True) == (offline.outcomes, offline.json["dry_run"])
    assert (1, asked) == (asked, empty_town.demo.world.journal.count())
    assert not empty_town.settings.home.exists()


def test_standard_input_and_the_environment(
    cli: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dash is standard input; ``--from-env`` takes one variable, or all that hold a key."""
    one, two, three = keys_of(empty_town)
    monkeypatch.setenv("MY_KEY", two)
    monkeypatch.setenv("OTHER_CLOSE_KEY", three)

    piped = cli("import", "-", "--json", stdin=f"{one}\n")
    named = cli("import", "--from-env", "MY_KEY")
    every = cli("import", "--from-env", "--json")

    assert ["added"] == list(piped.outcomes.values())
    assert "unset MY_KEY" in named.err
    assert {"my": "skipped", "other": "added"} == every.outcomes
    assert 1 == cli("import", "--from-env", "NOT_SET").code


def test_from_a_pipe_and_on_a_terminal(
    empty_town: Town, terminal: Callable[..., Terminal], folder: Path
) -> None:
    """A pasted text ends with Ctrl-D."""
    one = keys_of(empty_town)[0]
    piped = subprocess.run(
        [sys.executable, "-m", "close_tui", "import", "-"],
        input=f"A={one}\n", text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    call = terminal("import", "-", "--dry-run")
    call.expect("Ctrl-D")
    call.type(f"A={one}\n\x04")

    assert 0 == piped.returncode, piped.stderr
    assert "skipped" in call.end().out


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), 2),
        (("--offline", ".env"), 2),
        (("empty.env",), 5),
        (("--from-env",), 5),
        (("a\x1b]52;c;x\x07",), 1),
    ],
)
def test_what_makes_no_sense(
    cli: Run, empty_town: Town, folder: Path, argv: tuple[str, ...], code: int
) -> None:
    """No source is 2, no key is 5, no file is 1; a hostile name does nothing to the terminal."""
    (folder / "empty.env").write_text("PASSWORD=hunter2\n")

    done = cli("import", *argv)

    assert code == done.code
    assert "\x1b" not in done.out + done.err
    assert not empty_town.settings.home.exists()


def test_a_hostile_file_writes_nothing_to_the_terminal(
    cli: Run, empty_town: Town, folder: Path
) -> None:
    """Names and titles out of it are cleaned, and keys in them are left out."""
    one, two, _ = keys_of(empty_town)
    text = f'name,api_key\n"a\x1b]52;c;eA==\x07{two}",{one}\n"x {one}",nope\n'
    (folder / "a.csv").write_text(text)

    for done in (cli("import", "a.csv"), cli("import", "a.csv", "--json")):
        shown = done.out + done.err
        assert "\x1b" not in shown
        assert not [key for key in (one, two) if key in shown]
