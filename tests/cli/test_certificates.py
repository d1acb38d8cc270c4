"""``close-tui certificate`` with real certutil; ``authorize`` with a certificate of one's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.callback.machines import database, listing
from tests.callback.test_own_certificate import bring

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town
    from tests.conftest import Need

CHROMIUM = ("--browser", "chromium")


@pytest.fixture
def folder(need: Need) -> Path:
    """The database of this user's Chromium."""
    need("certutil")
    return database(Path(os.environ["HOME"]) / ".pki" / "nssdb")


def test_trust_is_shown_given_and_taken(cli: Run, town: Town, folder: Path) -> None:
    """Each command is shown as it is run; show knows; untrust leaves the database as it was."""
    before = listing(folder)
    planned = cli("certificate", "trust", *CHROMIUM, "--dry-run")
    untouched = listing(folder)
    given = cli("certificate", "trust", *CHROMIUM, "--yes")
    shown = cli("certificate", "show", "--json").json
    taken = cli("certificate", "untrust", "--json").json

    assert untouched == before == listing(folder)
    assert [f"$ {line}" for line in planned.out.splitlines()] == given.err.splitlines()
    assert "✓ added" in given.out
    (store,) = [each for each in shown["stores"] if each["browser"] == "chromium"]
    assert (True, False) == (store["trusted"], store["old_trusted"])
    assert "close-tui" == shown["certificate"]["origin"]
    assert ["removed"] == [each["outcome"] for each in taken["results"]]
    assert [["certutil", "-d", f"sql:{folder}", "-D", "-n"]] == [
        command[:5] for each in taken["results"] for command in each["commands"]
    ]


def test_nobody_is_asked_off_terminal(cli: Run, town: Town, folder: Path) -> None:
    """Trust takes ``--yes``; nothing was run."""
    done = cli("certificate", "trust", *CHROMIUM)

    assert (2, True) == (done.code, "--yes" in done.err)
    assert "close-tui" not in listing(folder)


def test_one_failure_is_the_exit_code(cli: Run, town: Town, folder: Path) -> None:
    """The other store is trusted all the same."""
    locked = Path(os.environ["HOME"]) / ".mozilla" / "firefox" / "locked"
    database(locked, password="open sesame 1")

    done = cli("certificate", "trust", "--yes", "--json")

    outcomes = {each["name"]: each["outcome"] for each in done.json["results"]}
    assert 1 == done.code
    assert {"Chromium": "added", "Firefox (locked)": "failed"} == outcomes


def test_renewing_says_who_will_warn(cli: Run, town: Town, folder: Path) -> None:
    """Until trust is given anew, which also takes the old one out."""
    cli("certificate", "trust", *CHROMIUM, "--yes")
    first = cli("certificate", "show", "--json").json["certificate"]["sha256"]
    renewed = cli("certificate", "renew")
    again = cli("certificate", "trust", *CHROMIUM, "--yes")

    assert first not in renewed.out
    assert "gives trust anew" in renewed.err
    assert ["-D", "-A"] == [
        flag for line in again.err.splitlines() for flag in ("-D", "-A") if f" {flag} " in line
    ]
    assert 1 == listing(folder).count("close-tui")


def test_without_browsers_it_says_so(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 5."""
    monkeypatch.setenv("PATH", str(tmp_path))

    done = cli("certificate", "trust", "--yes")

    assert (5, True) == (done.code, "No browser of yours was found" in done.err)


def test_a_broken_certificate_is_shown_as_one(cli: Run, town: Town) -> None:
    """Exit code 1, in JSON too."""
    cli("certificate", "renew")
    (town.settings.home / "certificate.pem").write_text("rubbish")

    done, told = cli("certificate", "show"), cli("certificate", "show", "--json")

    assert (1, 1) == (done.code, told.code)
    assert "is damaged" in done.err
    assert (None, True) == (told.json["certificate"], "is damaged" in told.json["problem"])


def test_ones_own_is_shown_and_left_alone(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the settings' twins in the environment."""
    own = bring(tmp_path / "own", "localhost")
    monkeypatch.setenv("CLOSE_TUI_CERTIFICATE_FILE", str(own.file))
    monkeypatch.setenv("CLOSE_TUI_CERTIFICATE_KEY_FILE", str(own.key))

    shown = cli("certificate", "show", "--json").json
    refused = [cli("certificate", *words) for words in (("trust", "--yes"), ("renew",))]

    assert ("own", [], ["localhost"]) == (
        shown["certificate"]["origin"],
        shown["stores"],
        shown["certificate"]["names"],
    )
    assert [2, 2] == [each.code for each in refused]
    assert all("mkcert -install" in each.err for each in refused)


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--certificate", "OWN", "--key", "KEY"), 1, "has ended at"),
        (("--certificate", "OWN"), 1, "does not hold a private key"),
        (("--key", "KEY"), 2, "no certificate"),
        (("--certificate", "nowhere.pem"), 1, "cannot be read"),
    ],
)
def test_authorize_refuses_ones_own_before_it_begins(
    cli: Run, town: Town, tmp_path: Path, flags: tuple[str, ...], code: int, words: str
) -> None:
    """No address is shown, and no browser sent away that could not come back."""
    own = bring(tmp_path / "own", "localhost", "127.0.0.1", begins=1e9, ends=1.1e9)
    places = {"OWN": str(own.file), "KEY": str(own.key)}

    done = cli("authorize", "reports", "--no-browser", *(places.get(each, each) for each in flags))

    assert (code, True, False) == (done.code, words in done.err, "Open: " in done.err)
