"""``vault destroy``: asked in earnest, everything revoked first, and what is left is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.sandbox.faults import UNAVAILABLE
from close_tui.vault import in_passphrase
from tests.operations.killing import PRETEND

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


REPORTS = "northwind-reports"


@pytest.fixture
def calm(town: Town) -> Town:
    """The town without its API keys, which only a person can delete."""
    vault = town.vault()
    vault.unlock()
    for each in vault.connections():
        if each.kind == "api_key":
            vault.remove(each.id)
    vault.close()
    return town


def is_destroyed(town: Town) -> bool:
    """Tell whether the vault is destroyed."""
    vault = town.vault()
    try:
        return vault.destroyed_at is not None
    finally:
        vault.close()


def frozen(town: Town) -> list[str]:
    """The names of what is frozen."""
    vault = town.vault()
    try:
        return [each.name for each in vault.connections() if each.frozen_at is not None]
    finally:
        vault.close()


def test_without_a_terminal_yes_must_be_said(cli: Run, town: Town) -> None:
    """2; it was said what would happen, and nothing was done."""
    before = frozen(town)
    done = cli("vault", "destroy")

    assert (2, "", before, False) == (done.code, done.out, frozen(town), is_destroyed(town))
    assert "--yes" in done.err
    assert "northwind-export: api_" in done.err


def test_what_lives_on_stops_it_off_the_terminal(cli: Run, town: Town) -> None:
    """8: the API keys are named; all else is revoked, and everything can be tried again."""
    done = cli("vault", "destroy", "--yes")

    assert (8, False) == (done.code, is_destroyed(town))
    assert "Nothing was destroyed" in done.err
    assert "--even-if-alive" in done.err
    assert "revoked" == town.status("northwind-reports")
    assert "revoking" == town.status("northwind-export")


def test_even_if_alive_it_is_destroyed_and_what_lives_is_named(cli: Run, town: Town) -> None:
    """8, because not everything is dead; each verdict is in the JSON, and the incident's id."""
    done = cli("vault", "destroy", "--yes", "--even-if-alive", "--json", "--reason", "stolen")

    assert (8, True) == (done.code, is_destroyed(town))
    assert [
        "schema_version", "results", "vault", "incident", "alive", "unproved", "apps",
    ] == list(done.json)  # fmt: skip
    assert ["destroyed_at", "key_is_gone", "key"] == list(done.json["vault"])
    assert done.json["vault"]["key_is_gone"]
    assert "dead_proved" == done.outcomes["northwind-reports"]
    assert "by_hand" == done.outcomes["northwind-export"]
    assert "Still alive at Close" in done.err
    assert "/settings/developer" in done.err
    incident = cli("incident", "show", done.json["incident"], "--json").json["incident"]
    assert "stolen" == incident["reason"]
    assert not [s for s in town.secrets() if s in done.out + done.err]


def test_when_everything_can_be_revoked_nothing_more_is_asked(cli: Run, calm: Town) -> None:
    """What was accepted without proof is no obstacle: there is nothing more to try; but 8."""
    done = cli("vault", "destroy", "--yes")

    assert (8, True) == (done.code, is_destroyed(calm))
    assert "Accepted by Close, and somebody may hold newer tokens: " in done.err
    assert "Still alive at Close" not in done.err


def test_with_nothing_left_to_revoke_it_is_0(cli: Run, calm: Town) -> None:
    """The second call finishes the first, asks nothing, and opens no incident."""
    cli("revoke", "--all", "--yes")
    vault = calm.vault()
    vault.database.change("UPDATE connections SET proved_dead_at = revoked_at")
    vault.close()
    first = cli("vault", "destroy", "--yes")
    second = cli("vault", "destroy", "--json")

    assert (0, True) == (first.code, is_destroyed(calm))
    assert (0, []) == (second.code, second.json["results"])
    assert second.json["incident"] is None
    assert "destroyed before" in second.err


def test_a_second_call_says_all_that_is_left_once_more(cli: Run, town: Town) -> None:
    """8 as long as something is not dead: by name, with the key ID, and the apps."""
    first = cli("vault", "destroy", "--yes", "--even-if-alive", "--json")
    second = cli("vault", "destroy", "--json")

    assert (8, 8) == (first.code, second.code)
    alive = {each["name"]: each["key_id"] for each in second.json["alive"]}
    assert first.json["alive"] == second.json["alive"]
    assert alive["northwind-export"].startswith("api_")
    assert ["name", "client_id"] == list(second.json["apps"][0])
    told = second.err.partition("Still alive at Close")[2]
    assert "- northwind-export (API key, Northwind" in told
    assert f": delete {alive['northwind-export']}" in told
    assert "Settings → Developer → OAuth Apps" in told
    assert not [s for s in town.secrets() if s in second.out + second.err]


def test_client_secrets_that_stay_valid_are_named_also_when_all_is_dead(
    cli: Run, calm: Town
) -> None:
    """Revoking does not change them."""
    cli("revoke", "--all", "--yes")
    vault = calm.vault()
    vault.database.change("UPDATE connections SET proved_dead_at = revoked_at")
    apps = vault.apps()
    vault.close()
    done = cli("vault", "destroy", "--yes")

    assert 0 == done.code
    assert "Still alive at Close" not in done.err
    assert "stay valid at Close" in done.err
    assert all(f"{each.name} ({each.client_id})" in done.err for each in apps)


def test_what_somebody_may_have_renewed_is_told_apart(cli: Run, calm: Town) -> None:
    """No hour ends it: 8 at every call, and what does end it."""
    vault = calm.vault()
    vault.database.change("UPDATE connections SET imported_at = 1.0 WHERE name = ?", REPORTS)
    vault.close()
    first = cli("vault", "destroy", "--yes")
    vault = calm.vault()
    vault.database.change("UPDATE connections SET expires_at = 1.0")
    vault.close()
    second = cli("vault", "destroy", "--json")

    assert "somebody may hold newer tokens: " in first.err
    assert (8, 8) == (first.code, second.code)
    assert REPORTS in [each["name"] for each in second.json["unproved"]]
    (told,) = [line for line in second.err.splitlines() if REPORTS in line]
    assert "within the hour" not in told
    assert "Remove the app's access in Close" in told


def test_what_only_time_can_end_is_said_so(cli: Run, calm: Town) -> None:
    """Accepted, and not proved: an hour ends it, so no app has to be removed for it."""
    cli("vault", "destroy", "--yes")
    vault = calm.vault()
    vault.database.change("UPDATE connections SET proved_dead_at = revoked_at")
    vault.database.change("UPDATE connections SET proved_dead_at = NULL WHERE name = ?", REPORTS)
    vault.close()
    done = cli("vault", "destroy")

    assert 8 == done.code
    assert f"not proved dead: {REPORTS}. An access token that lives on expires" in done.err
    assert "newer tokens" not in done.err


def test_what_shows_a_connection_promises_nothing_more(cli: Run, town: Town) -> None:
    """Nothing is watched any more, and nothing can be tried again."""
    cli("vault", "destroy", "--yes", "--even-if-alive")
    shown = cli("show", "northwind-export").out

    assert "watched" not in shown
    assert "only you can end it, in Close" in shown
    assert "revoke --pending" not in cli("incident", "show", "last").err


def test_afterwards_the_rest_says_what_happened(cli: Run, calm: Town) -> None:
    """What needs a secret is 7, with the time and the way on; what was done can be seen."""
    cli("vault", "destroy", "--yes")
    for argv in (
        ("token", "northwind-reports"), ("add", "key", "new"), ("vault", "rekey"),
        ("vault", "export", "-"), ("vault", "identity", "--yes"),
    ):  # fmt: skip
        done = cli(*argv, stdin="api_a.b\n")
        assert (7, "") == (done.code, done.out), argv
        assert "This vault was destroyed: It was destroyed at 2" in done.err
        assert "move its folder away" in done.err
    for looked in ("list", "history", "apps", "incident list"):
        assert 0 == cli(*looked.split()).code, looked

    assert "destroyed" in cli("incident", "export", "last").out
    check = cli("vault", "check")
    assert 7 == check.code
    assert "problem" not in check.out


def test_with_close_out_of_reach_it_asks_first(cli: Run, calm: Town) -> None:
    """Everything is frozen, nothing was revoked, nothing is destroyed."""
    calm.demo.world.faults.add(UNAVAILABLE, None, times=None)
    done = cli("vault", "destroy", "--yes")

    assert (8, False) == (done.code, is_destroyed(calm))
    assert "northwind-reports: failed, still alive." in done.err
    assert "northwind-reports" in frozen(calm)


def test_a_key_that_is_gone_already_is_said(cli: Run, calm: Town) -> None:
    """Nothing can be revoked; with --even-if-alive the sealed rows go."""
    assert calm.settings.identity_file is not None
    calm.settings.identity_file.unlink()
    refused = cli("vault", "destroy", "--yes")
    done = cli("vault", "destroy", "--yes", "--even-if-alive")

    assert (8, 8, True) == (refused.code, done.code, is_destroyed(calm))
    assert "identity.txt cannot be read" in done.err
    assert "No key of this vault is in " in done.err


def test_on_a_terminal_the_word_is_typed(calm: Town, terminal: Callable[..., Terminal]) -> None:
    """Then each verdict is told as it comes."""
    screen = terminal("vault", "destroy")
    screen.expect("Type destroy to go on:")
    screen.type("destroy")
    done = screen.end()

    assert (8, True) == (done.code, is_destroyed(calm))
    assert "northwind-reports: dead, proved" in done.err
    assert "The vault was destroyed at " in done.err


@pytest.mark.parametrize("answer", ["", "y", "yes", "DESTROY", "destroy this"])
def test_any_other_word_does_nothing(
    town: Town, terminal: Callable[..., Terminal], answer: str
) -> None:
    """3, and nothing is frozen."""
    before = frozen(town)
    screen = terminal("vault", "destroy")
    screen.expect("Type destroy to go on:")
    screen.type(answer)

    assert 3 == screen.end().code
    assert (before, False) == (frozen(town), is_destroyed(town))


@pytest.mark.parametrize(("answer", "code", "gone"), [("destroy", 3, False), ("3", 8, True)])
def test_what_lives_on_is_asked_about_once_more(
    town: Town, terminal: Callable[..., Terminal], answer: str, code: int, gone: bool
) -> None:
    """By typing how many, which another word cannot be."""
    town.demo.world.faults.add(UNAVAILABLE, "revoke", times=None)
    vault = town.vault()
    vault.unlock()
    for each in vault.connections():
        if each.kind == "oauth" and each.name != "northwind-reports":
            vault.remove(each.id)
        if each.name == "brightwater-zap":
            vault.remove(each.id)
    vault.close()
    screen = terminal("vault", "destroy")
    screen.expect("Type destroy to go on:")
    screen.type("destroy")
    screen.expect("Still alive, and after this nothing here can revoke them: 3.")
    screen.expect("Type 3 to destroy the vault all the same:")
    screen.type(answer)

    assert code == screen.end().code
    assert gone == is_destroyed(town)
    assert "northwind-reports" in frozen(town)


def test_a_key_that_is_gone_does_not_stop_a_person(
    calm: Town, terminal: Callable[..., Terminal]
) -> None:
    """They are told that nothing can be revoked, and asked once more."""
    assert calm.settings.identity_file is not None
    calm.settings.identity_file.unlink()
    screen = terminal("vault", "destroy")
    screen.expect("Type destroy to go on:")
    screen.type("destroy")
    screen.expect("Without the key nothing can be revoked.")
    screen.expect("to destroy the vault all the same:")
    screen.type("no")

    assert (3, False) == (screen.end().code, is_destroyed(calm))
    assert "northwind-reports" in frozen(calm)


def test_a_forgotten_passphrase_does_not_save_the_vault(
    empty_town: Town, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file goes without being opened."""
    monkeypatch.setattr(in_passphrase, "in_child", in_passphrase.in_child)
    names: dict[str, Any] = {}
    exec(PRETEND, names)
    in_passphrase.in_child = names["in_child"]  # without scrypt, which takes seconds
    told = empty_town.settings._replace(identity_file=None)
    passphrase = told.home.parent / "passphrase.txt"
    passphrase.touch(0o600)
    passphrase.write_text("correct horse")
    monkeypatch.delenv("CLOSE_TUI_IDENTITY_FILE")
    monkeypatch.setenv("CLOSE_TUI_PASSPHRASE_FILE", str(passphrase))
    key = next(iter(empty_town.demo.world.api_keys))
    added = cli("add", "key", "new", stdin=f"{key}\n").code
    was_there = (told.home / "key.age").exists()
    passphrase.write_text("battery staple")
    refused = cli("vault", "destroy", "--yes")
    done = cli("vault", "destroy", "--yes", "--even-if-alive")

    assert (0, True) == (added, was_there)
    assert (8, 8, True) == (refused.code, done.code, is_destroyed(empty_town))
    assert not (told.home / "key.age").exists()
    assert "The key is gone from its file" in done.err
