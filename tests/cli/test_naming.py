"""Which connection a command means: begun, by organization, or by ``CLOSE_TUI_CONNECTION``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

VARIABLE = "CLOSE_TUI_CONNECTION"


def test_looking_and_testing_take_a_beginning(cli: Run, town: Town) -> None:
    """An unambiguous one; otherwise it is 5, with who may be meant."""
    assert "northwind-export" == cli("show", "northwind-e", "--json").json["connection"]["name"]
    assert {"northwind-export": "ok"} == cli("test", "Northwind/northwind-e", "--json").outcomes
    several = cli("show", "northwind")

    assert 5 == several.code
    assert "may mean northwind-export, northwind-importer, northwind-reports" in several.err


@pytest.mark.parametrize(
    "words", [("token",), ("revoke", "--yes"), ("remove", "--yes"), ("rotate",), ("rename",)]
)
def test_what_could_do_harm_takes_names_in_full(
    cli: Run, town: Town, words: tuple[str, ...]
) -> None:
    """A script's ``token`` too: one day a beginning would be another organization's."""
    verb, *flags = words
    new = ["new"] if verb == "rename" else []
    done = cli(verb, "northwind-expo", *new, *flags)

    assert (5, "") == (done.code, done.out)
    assert "Did you mean northwind-export?" in done.err


def test_a_person_may_begin_a_name_and_is_told_whose_it_is(
    terminal: Callable[..., Terminal], town: Town
) -> None:
    """On a terminal somebody sees it."""
    done = terminal("token", "northwind-expo").end()

    assert (0, town.demo.api_keys[0].text) == (done.code, done.out.strip())
    assert "that is northwind-export, of Northwind Dental Group" in done.err


def test_the_environment_names_the_connection(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For what uses one; a NAME that is given comes first, and an empty one is nobody."""
    without = cli("token")
    monkeypatch.setenv(VARIABLE, "northwind-export")

    assert 2 == without.code
    assert VARIABLE in without.err
    assert town.demo.api_keys[0].text == cli("token").out.strip()
    assert "northwind-export" == cli("show", "--json").json["connection"]["name"]
    assert {"northwind-export": "ok"} == cli("test", "--json").outcomes
    assert 8 == len(cli("test", "--all", "--json").outcomes)
    assert "sakura-reports" == cli("show", "sakura-r", "--json").json["connection"]["name"]
    assert 5 == cli("token", "").code
    monkeypatch.setenv(VARIABLE, "sakura-reports")
    assert {"sakura-reports": "refreshed"} == cli("refresh", "--json").outcomes


def test_the_environment_names_it_in_full(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looks at it each time."""
    monkeypatch.setenv(VARIABLE, "northwind-expo")

    assert [5, 5] == [cli("show").code, cli("test").code]


@pytest.mark.parametrize(
    "words", [("revoke", "--yes"), ("remove", "--yes"), ("rotate",), ("rename", "x")]
)
def test_what_ends_a_connection_names_it(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """The environment is not asked whom to kill."""
    monkeypatch.setenv(VARIABLE, "northwind-export")

    assert 2 == cli(*words).code
    assert "ok" == town.status("northwind-export")


def test_exec_takes_the_default_before_the_dashes(
    apart: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``exec -- COMMAND``; an empty NAME, as an unset variable leaves it, is an error."""
    show = (sys.executable, "-c", "import os; print(os.environ['CLOSE_API_KEY'])")
    without = apart("exec", "--", *show)
    monkeypatch.setenv(VARIABLE, "northwind-export")

    done = apart("exec", "--", *show)

    assert (0, town.demo.api_keys[0].text) == (done.code, done.out.strip()), done.err
    assert (2, 5) == (without.code, apart("exec", "", "--", *show).code)


def test_the_history_of_a_removed_connection_is_not_anothers(cli: Run, town: Town) -> None:
    """Its name in full comes before what it begins."""
    assert 0 == cli("remove", "northwind-export", "--yes").code
    assert 0 == cli("rename", "northwind-reports", "northwind-export-2").code

    events = cli("history", "northwind-export", "--json").json["events"]

    assert {"northwind-export"} == {each["connection"] for each in events}
    assert cli("history", "northwind-export-", "--json").json["events"]
