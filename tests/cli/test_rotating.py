"""Rotating: the name goes on working, the old key or grant is killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE

if TYPE_CHECKING:
    from close_tui.sandbox.records import ApiKey
    from tests.cli.conftest import Call, Consented, Done, Run, Terminal, Town

NAME = "northwind-export"
"""An API key of Mara's, in Northwind."""


@pytest.fixture
def new_key(town: Town) -> ApiKey:
    """Another key of the same user in the same organization."""
    return town.demo.world.add_api_key(town.demo.users[0], town.demo.organizations[0], "New")


def test_a_key_is_replaced_and_the_old_one_waits(cli: Run, town: Town, new_key: ApiKey) -> None:
    """Off the terminal nobody deletes the old one: 8, with the words what to do."""
    done = cli("rotate", NAME, "--reason", "in a log", "--json", stdin=f"{new_key.text}\n")

    assert 8 == done.code, done.err
    assert {NAME: "added", f"{NAME}-old": "by_hand"} == done.outcomes
    assert new_key.text == cli("token", NAME).out.strip()
    assert ("ok", "revoking") == (town.status(NAME), town.status(f"{NAME}-old"))
    incident = done.json["incident"]
    told = cli("incident", "show", incident)
    assert "in a log" in told.out
    assert new_key.text not in done.out + done.err + told.out


def test_the_words_for_people_say_what_is_left(cli: Run, town: Town, new_key: ApiKey) -> None:
    """The page, the ID of the old key, and the record."""
    done = cli("rotate", NAME, stdin=new_key.text)

    assert f"{new_key.id} takes the place of {town.demo.api_keys[0].id}" in done.out
    assert f"Delete the key {town.demo.api_keys[0].id} by hand" in done.out
    assert "/settings/developer/api-keys/" in done.err
    assert "close-tui incident show inc-" in done.err


def test_on_a_terminal_the_old_key_is_watched_until_it_dies(
    town: Town, new_key: ApiKey, terminal: Callable[..., Terminal]
) -> None:
    """The new one is typed hidden; the end is 0 once the old one is dead."""
    screen = terminal("rotate", NAME)
    screen.expect("New API key")
    screen.type_hidden(new_key.text)
    screen.expect("has the new key now")
    screen.expect("Watching until Close answers 401")
    town.demo.world.delete_api_key(town.demo.api_keys[0].id)
    done = screen.end()

    assert 0 == done.code, done.err
    assert "dead proved" in done.out
    assert new_key.text not in done.err
    assert ("ok", "revoked") == (town.status(NAME), town.status(f"{NAME}-old"))


def test_a_key_of_another_organization_changes_nothing(cli: Run, town: Town) -> None:
    """1, and the old key goes on."""
    elsewhere = town.demo.world.add_api_key(town.demo.users[0], town.demo.organizations[1])
    before = cli("token", NAME).out
    done = cli("rotate", NAME, stdin=elsewhere.text)

    assert (1, "") == (done.code, done.out)
    assert "The wrong organization was authorized" not in done.err
    assert "The new key is for Brightwater" in done.err
    assert before == cli("token", NAME).out


def test_a_key_of_another_user_must_be_meant(cli: Run, town: Town) -> None:
    """1 without ``--other-user``, and the old key goes on."""
    northwind = town.demo.organizations[0]
    user = town.demo.world.add_user("x@northwind.example", "X", [northwind])
    other = town.demo.world.add_api_key(user, northwind)
    done = cli("rotate", NAME, stdin=other.text)

    assert (1, "ok") == (done.code, town.status(NAME))
    assert "The new key is of x@northwind.example" in done.err
    assert 8 == cli("rotate", NAME, "--other-user", stdin=other.text).code
    assert other.text == cli("token", NAME).out.strip()


def test_the_key_comes_out_of_a_variable(
    cli: Run, town: Town, new_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in ``add key``; without any it is a question of usage."""
    assert 2 == cli("rotate", NAME).code
    monkeypatch.setenv("NEW_KEY", new_key.text)

    assert 8 == cli("rotate", NAME, "--from-env", "NEW_KEY").code
    assert "ok" == town.status(NAME)


def test_scripts_notice_nothing(apart: Run, cli: Run, town: Town, new_key: ApiKey) -> None:
    """``close-tui token NAME`` elsewhere gives the old key, then the new one, never an error."""
    seen: list[Done] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            seen.append(apart("token", NAME))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        while len(seen) < 2:
            ended.wait(0.05)
        cli("rotate", NAME, stdin=new_key.text)
        count = len(seen)
        while len(seen) < count + 2:
            ended.wait(0.05)
    finally:
        ended.set()
        asking.join()

    assert {0} == {done.code for done in seen}
    assert [town.demo.api_keys[0].text, new_key.text] == [
        key for key, _ in groupby(done.out.strip() for done in seen)
    ]


def test_an_authorization_is_given_anew_and_the_old_one_revoked(
    cli: Run, town: Town, started: Callable[..., Call], consented: Consented
) -> None:
    """The same connection, the old token dead, the new one alive."""
    old = cli("token", "northwind-reports").out.strip()
    done = _rotated(started, consented, town.demo.organizations[0].id)

    assert (0, "") == (done.code, done.err.partition("close-tui:")[2]), done.err
    assert ["authorized", "dead_proved"] == [each["outcome"] for each in done.json["results"]]
    new = cli("token", "northwind-reports").out.strip()
    assert (False, True) == (town.demo.world.is_alive(old), town.demo.world.is_alive(new))


def test_an_old_grant_that_lives_on_is_8(
    cli: Run, town: Town, started: Callable[..., Call], consented: Consented
) -> None:
    """The new tokens are stored all the same; ``show`` says it, ``--pending`` kills it."""
    town.demo.world.faults.add(UNAVAILABLE, "revoke", times=None)
    old = cli("token", "northwind-reports").out.strip()
    done = _rotated(started, consented, town.demo.organizations[0].id)

    assert 8 == done.code
    assert ["authorized", "failed"] == [each["outcome"] for each in done.json["results"]]
    assert "still alive" in cli("show", "northwind-reports").out
    town.demo.world.faults.clear()
    cli("revoke", "--pending")
    assert not town.demo.world.is_alive(old)
    assert "still alive" not in cli("show", "northwind-reports").out


def test_another_organization_is_refused_and_given_back(
    cli: Run, town: Town, started: Callable[..., Call], consented: Consented
) -> None:
    """1, the old grant untouched."""
    old = cli("token", "northwind-reports").out.strip()
    done = _rotated(started, consented, town.demo.organizations[1].id)

    assert (1, "") == (done.code, done.out)
    assert town.demo.world.is_alive(old)


def test_another_user_leaves_the_connection_as_it_was(
    cli: Run, town: Town, started: Callable[..., Call], consented: Consented
) -> None:
    """What he allowed is stored under a name of its own, and the failure names both: 1."""
    northwind = town.demo.organizations[0]
    town.demo.world.signed_in_user = town.demo.world.add_user("x@y.example", "X", [northwind])
    old = cli("token", "northwind-reports").out.strip()
    done = _rotated(started, consented, northwind.id)

    assert (1, ["failed"]) == (done.code, [each["outcome"] for each in done.json["results"]])
    assert "x@y.example has allowed access" in done.json["results"][0]["detail"]
    assert town.demo.world.is_alive(old)
    assert "ok" == town.status("northwind-reports-2")


@pytest.mark.parametrize(
    ("name", "code"), [("brightwater-importer", 4), ("northwind-reports", 2), ("nobody", 5)]
)
def test_what_cannot_be_rotated_is_said(cli: Run, town: Town, name: str, code: int) -> None:
    """Revoked: 4; an authorization without a browser: 2; unknown: 5."""
    done = cli("rotate", name)

    assert (code, "") == (done.code, done.out)


def _rotated(started: Callable[..., Call], consented: Consented, organization_id: str) -> Done:
    call = started("rotate", "northwind-reports", "--paste", "--json")
    return call.end(consented(call.said("Open: "), organization_id))
