"""Incidents on the command line: listed, shown, exported, and nothing secret in any of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town
    from tests.conftest import Python


@pytest.fixture
def night(cli: Run, town: Town) -> str:
    """A bad night: one dead, one that fails, one key to be deleted by hand; returns its id."""
    done = cli("revoke", "northwind-reports", "northwind-export", "--yes", "--reason", "leaked")
    assert 8 == done.code
    return str(cli("incident", "list", "--json").json["incidents"][0]["id"])


def test_an_empty_list_teaches(cli: Run, empty_town: Town) -> None:
    """It names what opens an incident, makes nothing, and knows no id: 5."""
    done = cli("incident", "list")

    assert (0, "") == (done.code, done.out)
    assert "close-tui revoke" in done.err
    assert [] == cli("incident", "list", "--json").json["incidents"]
    assert 5 == cli("incident", "show", "last").code
    assert not empty_town.settings.home.exists()


def test_the_list_is_newest_first(cli: Run, town: Town, night: str) -> None:
    """With the verdicts in words."""
    cli("revoke", "sakura-reports", "--yes", "--reason", "also leaked")
    lines = cli("incident", "list").out.splitlines()

    assert ["ID", "OPENED"] == lines[0].split()[:2]
    assert lines[1].endswith("also leaked")
    assert lines[2].startswith(night)
    assert "1 dead, proved · 1 to be deleted by hand" in lines[2]


def test_the_json_has_fixed_keys(cli: Run, town: Town, night: str) -> None:
    """Published: a script may rely on each of them."""
    listed = cli("incident", "list", "--json").json["incidents"][0]
    shown = cli("incident", "show", night, "--json").json["incident"]

    assert [
        "id", "reason", "operator", "opened_at", "ended_at", "seconds", "is_open", "is_over",
        "closed_at", "closed_for", "verdicts",
    ] == list(listed)  # fmt: skip
    assert [*listed, "targets", "limits", "events", "last_event_sha256"] == list(shown)
    assert [
        {"verdict": "dead_proved", "count": 1}, {"verdict": "by_hand", "count": 1},
    ] == listed["verdicts"]  # fmt: skip
    dead = shown["targets"][0]
    assert [
        "connection_id", "connection", "organization", "user", "kind", "app", "key_id",
        "fingerprint", "generation", "frozen_at", "verdict", "detail", "why", "ended_at", "seconds",
        "continued_in", "left_to_do", "sent",
    ] == list(dead)  # fmt: skip
    assert ("northwind-reports", "dead_proved", "") == (
        dead["connection"], dead["verdict"], dead["left_to_do"],
    )  # fmt: skip
    assert [200, 200, 200, 401] == [each["http_status"] for each in dead["sent"]]
    assert 64 == len(shown["last_event_sha256"])


@pytest.mark.parametrize("verb", ["show", "export"])
def test_without_an_id_the_newest_is_meant(cli: Run, town: Town, night: str, verb: str) -> None:
    """Nobody types an id at night."""
    assert cli("incident", verb, night).out == cli("incident", verb).out


def test_one_is_shown_with_what_is_left_to_do(cli: Run, town: Town, night: str) -> None:
    """By its id, by its beginning, or as the last; what to do is said on stderr."""
    done = cli("incident", "show", "last")

    assert 0 == done.code
    assert done.out == cli("incident", "show", night).out == cli("incident", "show", night[:-1]).out
    assert "leaked" in done.out
    assert "✓ dead, proved" in done.out
    assert "northwind-export: Delete api_" in done.err


@pytest.mark.parametrize("verb", ["show", "export"])
def test_an_unknown_id_is_5(cli: Run, town: Town, night: str, verb: str) -> None:
    """With what shows the ids."""
    done = cli("incident", verb, "inc-19990101-0000")

    assert (5, "") == (done.code, done.out)
    assert "close-tui incident list" in done.err


def test_the_export_is_markdown_on_stdout(cli: Run, town: Town, night: str) -> None:
    """Nothing else is said; the same as JSON is what show prints."""
    done = cli("incident", "export", night)
    as_json = cli("incident", "export", night, "--format", "json")

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(f"# Incident `{night}`\n")
    assert as_json.json == cli("incident", "show", night, "--json").json
    assert as_json.out == cli("incident", "export", night, "--json").out
    assert as_json.json["incident"]["last_event_sha256"] in done.out


@pytest.mark.parametrize("form", ["markdown", "json"])
def test_a_file_is_its_owners_and_never_overwritten(
    cli: Run, town: Town, night: str, tmp_path: Path, form: str
) -> None:
    """0600 whatever the umask says; what is there stays, a dangling link too."""
    path, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    os.umask(0)
    first = cli("incident", "export", "last", "--format", form, "--output", str(path))
    written = path.read_text(encoding="utf-8")
    again = cli("incident", "export", "last", "--output", str(path))

    assert (0, "", f"Written: {path}\n") == (first.code, first.out, first.err)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert written == cli("incident", "export", "last", "--format", form).out
    assert (1, written) == (again.code, path.read_text(encoding="utf-8"))
    assert 1 == cli("incident", "export", "last", "--output", str(link)).code


def test_no_secret_is_in_any_of_it(cli: Run, town: Town, night: str) -> None:
    """Fingerprints and key IDs only."""
    told = [
        cli("incident", "list").out,
        *(cli("incident", verb, "last").out for verb in ("show", "export")),
        cli("incident", "export", "last", "--format", "json").out,
    ]

    assert not [secret for secret in town.secrets() for text in told if secret in text]
    assert "CANARY" not in "".join(told)


def test_a_finished_incident_says_so(cli: Run, town: Town) -> None:
    """It failed first; the second call continues it, and both are in the record."""
    town.demo.world.faults.add(UNAVAILABLE, "revoke", times=None)
    failed = cli("revoke", "northwind-reports", "--yes").code
    opened = cli("incident", "show", "last", "--json").json["incident"]
    town.demo.world.faults.clear()
    finished = cli("revoke", "--pending", "--yes").code
    first = cli("incident", "show", opened["id"], "--json").json["incident"]

    assert (8, True) == (failed, opened["is_open"])
    assert (8, False) == (finished, first["is_open"])  # another one waits for a person
    assert "dead_proved" == first["targets"][0]["verdict"]
    assert 503 in [each["http_status"] for each in first["targets"][0]["sent"]]


def test_it_works_while_the_vault_is_locked(cli: Run, town: Town, night: str) -> None:
    """Nothing sealed is read."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.unlink()

    assert 0 == cli("incident", "export", "last").code


def test_it_loads_nothing_heavy(town: Town, night: str, python: Python) -> None:
    """Neither network nor event loop."""
    done = python(
        "import sys\nfrom close_tui.cli import main\n"
        "for verb in ('show', 'export'): assert 0 == main(('incident', verb, 'last'))\n"
        "print([name for name in ('httpx', 'asyncio', 'keyring', 'pyrage', 'textual')"
        " if name in sys.modules], file=sys.stderr)"
    )

    assert "[]\n" == done.stderr.splitlines(keepends=True)[-1]


def test_the_history_names_the_incident(cli: Run, town: Town, night: str) -> None:
    """Of each event that belongs to one; null for the others."""
    events = cli("history", "--json").json["events"]

    assert {"northwind-reports", "northwind-export", ""} == {
        each["connection"] for each in events if each["incident"] == night
    }
    assert None in {each["incident"] for each in events}


def test_an_incident_is_closed_with_a_reason(cli: Run, town: Town, night: str) -> None:
    """By a person who has seen to it in Close: closed is not dead, and no tick is shown."""
    before = cli("incident", "show", night)
    done = cli("incident", "close", "last", "--reason", "deleted the key")
    shown = cli("incident", "show", night)

    assert f"close-tui incident close {night}" in before.err
    assert (0, "") == (done.code, done.out)
    assert f"{night} is closed. The verdicts stay: 1 dead, proved" in done.err
    assert "incident close" not in shown.err
    assert "deleted the key" in shown.out
    line = next(each for each in cli("incident", "list").out.splitlines() if night in each)
    assert " – 1 dead, proved · 1 to be deleted by hand" in line
    assert "✓" not in line
    assert "closed by hand" in cli("incident", "export", night).out


def test_closing_twice_changes_nothing(cli: Run, town: Town, night: str) -> None:
    """The first reason stays; the shape is that of the list."""
    first = cli("incident", "close", night, "--reason", "one", "--json").json["incident"]
    second = cli("incident", "close", night, "--reason", "two", "--json")

    assert (False, False, "one") == (first["is_open"], first["is_over"], first["closed_for"])
    assert (0, first) == (second.code, second.json["incident"])
    assert "closed already" in cli("incident", "close", night, "--reason", "two").err


@pytest.mark.parametrize(
    ("argv", "code"),
    [(("last",), 2), (("last", "--reason", " "), 2), (("inc-1", "--reason", "x"), 5)],
)
def test_closing_needs_a_reason_and_an_incident(
    cli: Run, town: Town, night: str, argv: tuple[str, ...], code: int
) -> None:
    """Nothing is closed without."""
    done = cli("incident", "close", *argv)

    assert (code, "") == (done.code, done.out)
    assert cli("incident", "show", night, "--json").json["incident"]["is_open"]


def test_only_where_all_is_dead_a_tick_is_shown(cli: Run, town: Town) -> None:
    """With how long it took, and what its proof does not prove."""
    cli("revoke", "northwind-reports", "--yes")
    shown = cli("incident", "show", "last")

    assert "✓ 1 dead, proved" in cli("incident", "list").out.splitlines()[1]
    assert "may have renewed before the freeze" in shown.err
    assert "incident close" not in shown.err


def test_what_waits_for_a_person_took_no_time_yet(cli: Run, town: Town, night: str) -> None:
    """An API key that lives on has not ended."""
    listed = cli("incident", "list", "--json").json["incidents"][0]
    dead, by_hand = cli("incident", "show", night, "--json").json["incident"]["targets"]

    assert (None, None) == (listed["ended_at"], listed["seconds"])
    assert (None, None) == (by_hand["ended_at"], by_hand["seconds"])
    assert dead["seconds"] is not None
