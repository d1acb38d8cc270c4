"""Keeping: remove, rename, and the key to the vault."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


def test_removing_says_that_it_does_not_revoke(cli: Run, town: Town) -> None:
    """Forgotten here, alive at Close."""
    token = cli("token", "northwind-reports").out.strip()
    done = cli("remove", "northwind-reports", "--yes", "--json")

    assert (0, {"northwind-reports": "removed"}) == (done.code, done.outcomes)
    assert "does NOT revoke" in done.err
    assert town.demo.world.is_alive(token)
    assert 5 == cli("show", "northwind-reports").code


@pytest.mark.parametrize("words", [("northwind-reports",), ("app", "reports")])
def test_removing_without_a_terminal_needs_yes(
    cli: Run, town: Town, words: tuple[str, ...]
) -> None:
    """2, and nothing is forgotten."""
    assert 2 == cli("remove", *words).code
    assert 0 == cli("show", "northwind-reports").code


def test_an_app_is_removed_by_its_word(cli: Run, town: Town) -> None:
    """Not while a connection needs it; a connection named "app" is meant by the word alone."""
    needed = cli("remove", "app", "reports", "--yes")
    cli("add", "app", "unused", "--client-id", "oa2client_unused", stdin="secret")
    unused = cli("remove", "app", "unused", "--yes", "--json")
    cli("rename", "northwind-export", "app")
    connection = cli("remove", "app", "--yes", "--json")

    assert (1, "Still in use" in needed.err) == (needed.code, True)
    assert {"unused": "removed"} == unused.outcomes
    assert {"app": "removed"} == connection.outcomes


def test_removing_is_one_at_a_time(cli: Run, town: Town) -> None:
    """Two connections are a mistake in the call."""
    assert 2 == cli("remove", "sakura-reports", "northwind-reports", "--yes").code


def test_no_is_the_default(town: Town, terminal: Callable[..., Terminal]) -> None:
    """Enter alone removes nothing."""
    screen = terminal("remove", "sakura-reports")
    screen.expect("Remove sakura-reports (OAuth,")
    screen.type("")
    done = screen.end()

    assert 3 == done.code
    assert "expired" == town.status("sakura-reports")


def test_renaming(cli: Run, town: Town) -> None:
    """The new name works, a taken one is 1, and one that cannot be is 2."""
    done = cli("rename", "sakura-reports", "kobe", "--json")

    assert (0, {"sakura-reports": "renamed"}) == (done.code, done.outcomes)
    assert 0 == cli("show", "kobe").code
    assert 1 == cli("rename", "kobe", "northwind-reports").code
    assert 2 == cli("rename", "kobe", "a/b").code


def test_the_key_of_the_vault_alone_is_on_stdout(cli: Run, town: Town) -> None:
    """One line that age understands; the history knows of it."""
    done = cli("vault", "identity", "--yes")

    assert (0, "", 1) == (done.code, done.err, done.out.count("\n"))
    assert done.out.startswith("AGE-SECRET-KEY-1")
    assert "identity" == cli("history", "--json").json["events"][0]["verb"]


def test_the_key_is_not_printed_unasked(cli: Run, town: Town) -> None:
    """Off the terminal only with --yes."""
    done = cli("vault", "identity")

    assert (2, "") == (done.code, done.out)


@pytest.mark.parametrize(("answer", "code"), [("y", 3), ("yes", 0)])
def test_the_key_needs_a_whole_yes(
    town: Town, terminal: Callable[..., Terminal], answer: str, code: int
) -> None:
    """A quick y is not one."""
    screen = terminal("vault", "identity")
    screen.expect("Type yes to print it:")
    screen.type(answer)
    done = screen.end()

    assert code == done.code
    assert (code == 0) == done.out.startswith("AGE-SECRET-KEY-1")
    assert "AGE-SECRET-KEY" not in done.err
