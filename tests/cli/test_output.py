"""What reaches a terminal: colour where it is wanted, progress while it lasts, nothing hostile."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.cli.console import Console
from close_tui.sandbox.faults import UNAVAILABLE, latency

if TYPE_CHECKING:
    from pathlib import Path

    from close_tui.sandbox.records import ApiKey
    from tests.cli.conftest import Run, Terminal, Town

HOSTILE = "Evil\x1b]52;c;aGk=\x07\x9b31m\u202e\u2066\r\nrm -rf\x00"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SLOW_S = 1.5


class Screen(io.StringIO):
    """A terminal to write on."""

    def isatty(self) -> bool:
        """Say that this is one."""
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "expected"),
    [
        (Screen, {}, True),
        (Screen, {"TERM": "dumb"}, False),
        (Screen, {"NO_COLOR": "1"}, False),
        (Screen, {"NO_COLOR": ""}, True),
        (io.StringIO, {}, False),
        (io.StringIO, {"CLICOLOR_FORCE": "1"}, True),
        (io.StringIO, {"CLICOLOR_FORCE": "0"}, False),
        (io.StringIO, {"CLICOLOR_FORCE": ""}, False),
        (io.StringIO, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        (io.StringIO, {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True),
    ],
)
def test_colour_is_for_terminals_and_those_who_force_it(
    stream: type[io.StringIO], environment: dict[str, str], expected: bool
) -> None:
    """Who says no wins (no-color.org, bixense.com/clicolors)."""
    out = stream()

    assert expected == Console(io.StringIO(), out, io.StringIO(), environment).in_colour(out)


@pytest.mark.parametrize("words", ["list", "doctor --offline", "vault check", "incident list"])
def test_forced_colour_reaches_a_pipe(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """And without it there is none; the text is the same."""
    plain = cli(*words.split()).out
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    coloured = cli(*words.split()).out

    assert "\x1b[" not in plain
    assert "\x1b[3" in coloured
    assert len(plain.splitlines()) == len(coloured.splitlines())


@pytest.mark.parametrize(
    ("words", "route", "told"),
    [
        ("test northwind-export", "me", "test: 0 of 1 …"),
        ("refresh northwind-reports", "refresh", "refresh: 0 of 1 …"),
        ("token sakura-reports", "refresh", "asking Close for a fresh token …"),
    ],
)
def test_one_slow_answer_shows_that_it_is_waited_for(
    town: Town, terminal: Callable[..., Terminal], words: str, route: str, told: str
) -> None:
    """On a terminal, and cleared at the end; quietly with ``--quiet``."""
    town.demo.world.faults.add(latency(SLOW_S), route)
    loud = terminal(*words.split()).end()
    town.demo.world.faults.add(latency(SLOW_S), route)
    quiet = terminal(*words.split(), "--quiet").end()

    assert (0, 0) == (loud.code, quiet.code)
    assert told in loud.err
    assert loud.err.rstrip().endswith("\x1b[K")
    assert told not in quiet.err
    assert "…" not in loud.out


def test_off_the_terminal_there_is_no_progress(apart: Run, town: Town) -> None:
    """A log is not for lines that come and go."""
    town.demo.world.faults.add(latency(SLOW_S), "me")

    assert "" == apart("test", "northwind-export").err


@pytest.fixture
def hostile(cli: Run, town: Town) -> ApiKey:
    """An API key whose organization and user have names that a careless program acts on."""
    world = town.demo.world
    organization = world.add_organization(HOSTILE)
    user = world.add_user(f"{HOSTILE}@example.com", HOSTILE, [organization])
    key = world.add_api_key(user, organization, HOSTILE)
    assert 0 == cli("add", "key", "evil", stdin=key.text).code
    return key


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "show evil",
        "history",
        "test evil",
        "find",
        "import --dry-run -",
        "import --dry-run FILE",
        "revoke evil --dry-run",
        "revoke evil --yes --reason REASON",
        "rotate evil --reason REASON",
        "incident list",
        "incident show last",
        "incident export last",
        "reconnect --dry-run",
        "doctor",
        "vault check",
        "remove evil --yes",
    ],
)
def test_no_control_character_of_the_server_is_written(
    cli: Run, town: Town, tmp_path: Path, hostile: ApiKey, words: str
) -> None:
    """Neither as data nor to people; a line feed ends a line of ours and nothing else."""
    if words.startswith("incident"):
        cli("revoke", "evil", "--yes", "--reason", HOSTILE.replace("\x00", ""))
    file = tmp_path / "a\x1b[31m\u202e.csv"
    file.write_text(f"name,api_key\n{HOSTILE[:20]!r},{hostile.text}\n", encoding="utf-8")
    places = {"FILE": str(file), "REASON": HOSTILE}
    new = town.demo.world.add_api_key(
        town.demo.world.users[hostile.user_id],
        town.demo.world.organizations[hostile.organization_id],
    )
    stdin = new.text if words.startswith("rotate") else f"{HOSTILE} {hostile.text}"
    done = cli(*(places.get(word, word) for word in words.split()), stdin=stdin)

    assert done.out, done.err
    assert [] == CONTROL.findall(done.out + done.err)


def test_an_answer_without_words_is_told_in_a_whole_sentence(cli: Run, town: Town) -> None:
    """What Close says itself gets the same end."""
    for _ in range(9):
        town.demo.world.faults.add(UNAVAILABLE, "me")

    (result,) = cli("test", "northwind-export", "--json").json["results"]
    assert "Close answered 503: sent nothing." in result["detail"]
