"""Setting: the switches of automatic refresh; those of an app stand in the tests of adding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Done, Run, Town


def said(done: Done) -> str:
    """Return what stdout reads, wherever its columns stand."""
    return " ".join(done.out.split())


def test_a_connection_is_switched_off_and_on_again(cli: Run, town: Town) -> None:
    """It is said in the list, shown, and written into the history; nothing is unlocked."""
    off = cli("set", "connection", "northwind-reports", "sakura-reports", "--no-auto-refresh")
    shown = cli("show", "northwind-reports")
    listed = {
        each["name"]: each["auto_refresh"] for each in cli("list", "--json").json["connections"]
    }
    on = cli("set", "connection", "northwind-reports", "--auto-refresh", "--json")
    past = cli("history", "northwind-reports", "--json").json["events"]

    assert (0, 2) == (off.code, off.out.count("Automatic refresh is off."))
    assert "auto-refresh off" in said(shown)
    assert {"northwind-reports", "sakura-reports"} == {n for n, kept in listed.items() if not kept}
    assert {"northwind-reports": "ok"} == on.outcomes
    assert [("set", "Automatic refresh is on."), ("set", "Automatic refresh is off.")] == [
        (each["verb"], each["detail"]) for each in past[:2]
    ]


def test_all_are_switched_off_and_keep_their_own_switch(cli: Run, town: Town) -> None:
    """The list says it in JSON, and show says both."""
    cli("set", "connection", "sakura-reports", "--no-auto-refresh")
    off = cli("set", "vault", "--no-auto-refresh")
    shown = cli("show", "northwind-reports"), cli("show", "sakura-reports")
    answer = cli("list", "--json").json
    cli("set", "vault", "--auto-refresh")

    assert (0, True) == (off.code, "Automatic refresh is off for all connections." in off.out)
    assert "auto-refresh on, but switched off for all" in said(shown[0])
    assert "auto-refresh off" in said(shown[1])
    assert answer["vault"]["auto_refresh"] is False
    assert "switched off for all" not in cli("show", "northwind-reports").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("connection", "northwind-reports"), 2),
        (("connection", "--auto-refresh"), 2),
        (("connection", "northwind-reports", "northwind-export", "--no-auto-refresh"), 2),
        (("connection", "northwind-reports", "nobody", "--no-auto-refresh"), 5),
        (("vault",), 2),
        (("vault", "northwind-reports", "--auto-refresh"), 2),
    ],
)
def test_what_cannot_be_switched_changes_nothing(
    cli: Run, town: Town, words: tuple[str, ...], code: int
) -> None:
    """Nothing named, an API key, somebody unknown: also for those that were named beside it."""
    done = cli("set", *words)

    assert (code, "") == (done.code, done.out)
    assert all(each["auto_refresh"] for each in cli("list", "--json").json["connections"])
