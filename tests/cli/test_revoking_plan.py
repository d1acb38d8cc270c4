"""The plan before a revocation, what can be selected, and what is written down of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


def requests(town: Town) -> int:
    """Return how many requests the sandbox has seen."""
    return len(town.demo.world.journal.entries())


def test_a_dry_run_says_what_would_happen_and_does_nothing(cli: Run, town: Town) -> None:
    """For each target, by its name; nothing is sent, nothing is frozen, and the code is 0."""
    before = requests(town)

    done = cli("revoke", "--all", "--dry-run")

    heading, *lines = done.out.splitlines()
    told = {line.split()[0]: line for line in lines}
    assert 0 == done.code
    assert 9 == len(told)
    assert "WHAT HAPPENS" in heading
    assert "refresh token + access token" in told["northwind-reports"]
    assert "its death can be proved" in told["northwind-reports"]
    assert "The answer to its last refresh was lost" in told["northwind-importer"]
    assert "Its access token has expired" in told["sakura-reports"]
    assert "You delete api_" in told["northwind-export"]
    assert "deleted before" in told["brightwater-zap"]
    assert before == requests(town)
    assert "ok" == town.status("northwind-reports")


def test_a_dry_run_in_json(cli: Run, town: Town) -> None:
    """The published keys, and no key to the vault is needed."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.rename(town.settings.identity_file.with_suffix(".away"))

    answer = cli("revoke", "northwind-reports", "northwind-export", "--dry-run", "--json").json

    reports, export = answer["plan"]
    assert ["schema_version", "plan", "advice"] == list(answer)
    assert [
        "id", "name", "kind", "organization", "user", "app", "key_id", "revocability", "sends",
        "missing", "provable", "detail", "why_not", "also",
    ] == list(reports)  # fmt: skip
    assert ("provable", True, ["refresh_token", "access_token"]) == (
        reports["revocability"],
        reports["provable"],
        reports["sends"],
    )
    assert ["brightwater-reports", "meridian-reports", "sakura-reports"] == reports["also"]
    assert ("by_hand", []) == (export["revocability"], export["sends"])
    assert export["key_id"].startswith("api_")


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (("--organization", "Meridian Solar"),
         {"meridian-calls", "meridian-importer", "meridian-reports"}),
        (("--app", "importer"), {"meridian-importer", "northwind-importer"}),
        (("--user", "jonas@brightwater.example"), {"brightwater-zap"}),
        (("--pending",), {"meridian-calls"}),
    ],
)  # fmt: skip
def test_targets_are_selected_by_what_they_share(
    cli: Run, town: Town, selection: tuple[str, ...], names: set[str]
) -> None:
    """An organization, an app, a user, or what is pending."""
    planned = cli("revoke", *selection, "--dry-run", "--json").json["plan"]

    assert names == {each["name"] for each in planned}


@pytest.mark.parametrize(
    "selection",
    [
        (),
        ("northwind-reports", "--all"),
        ("--all", "--app", "importer"),
        ("--pending", "northwind-reports"),
        ("--pending", "--user", "nobody"),
    ],
)
def test_a_selection_is_one_thing(cli: Run, town: Town, selection: tuple[str, ...]) -> None:
    """2 for none and for two, also with --yes: nothing is revoked by accident."""
    done = cli("revoke", *selection, "--yes")

    assert (2, "") == (done.code, done.out)
    assert "ok" == town.status("northwind-reports")


@pytest.mark.parametrize("option", ["--organization", "--app", "--user"])
def test_what_nobody_has_is_not_found(cli: Run, town: Town, option: str) -> None:
    """5, and it is named."""
    done = cli("revoke", option, "nobody", "--yes")

    assert 5 == done.code
    assert "'nobody'" in done.err


def test_a_leaked_client_secret_has_to_be_replaced_too(cli: Run, town: Town) -> None:
    """Revoking its connections does not change it: the page is named."""
    done = cli("revoke", "--app", "importer", "--yes")

    assert "replace it in Close: http://127.0.0.1" in done.err
    assert "/settings/developer/oauth-apps" in done.err
    assert "close-tui set app importer --secret" in done.err


def test_the_plan_is_shown_before_the_question(
    town: Town, terminal: Callable[..., Terminal]
) -> None:
    """What will happen to each, and what else hangs on the same app."""
    screen = terminal("revoke", "northwind-reports", "northwind-export")
    told = screen.expect("Type 2 to revoke these 2 connections of 1 organization:")
    screen.type("")

    assert 3 == screen.end().code
    assert "Close revokes it, and its death can be proved." in told
    assert "You delete api_" in told
    assert "on the same OAuth app reports: brightwater-reports, meridian-reports" in told


def test_an_incident_is_opened_and_named(cli: Run, town: Town) -> None:
    """Its id is told, its events bear it, and the reason stands beside the verdict."""
    done = cli("revoke", "northwind-reports", "--yes", "--reason", "laptop lost", "--json")
    incident = done.json["incident"]
    shown = cli("show", town_name(cli, "northwind-reports"), "--json").json["connection"]
    spoken = cli("revoke", "sakura-reports", "--yes")

    assert ["schema_version", "incident", "results"] == list(done.json)
    assert incident.startswith("inc-")
    assert (incident, "settled") == (shown["incident"], shown["revocability"])
    assert "close-tui incident show inc-" in spoken.err
    vault = town.vault()
    opened, *_, verdict = vault.incident_events(incident)
    vault.close()
    assert {"operator", "host", "targets"} == set(json.loads(opened.facts))
    assert ("dead_proved", "laptop lost") == (verdict.outcome, verdict.reason)


def town_name(cli: Run, name: str) -> str:
    """Return the id of a connection that had this name."""
    found = cli("list", "--json").json["connections"]
    return str(next(each["id"] for each in found if each["name"] == name))


def test_revocability_is_seen_on_a_calm_day(cli: Run, town: Town) -> None:
    """In the list, in JSON and in the detail."""
    listed = {each["name"]: each for each in cli("list", "--json").json["connections"]}
    shown = cli("show", "northwind-importer").out

    assert {
        "brightwater-importer": "settled",
        "brightwater-reports": "provable",
        "brightwater-zap": "by_hand",
        "northwind-importer": "not_provable",
    } == {
        name: listed[name]["revocability"]
        for name in sorted(listed)
        if name.startswith("brightwater") or name == "northwind-importer"
    }
    assert "not provable" in cli("list").out
    assert "Close revokes it; its death cannot be proved." in shown


def test_what_a_proof_cannot_rule_out_is_said_once(cli: Run, town: Town) -> None:
    """In a bulk as well; nothing of it where nothing was proved dead."""
    done = cli("revoke", "northwind-reports", "meridian-reports", "--yes")
    unproved = cli("revoke", "sakura-reports", "--yes")

    assert 1 == done.err.count("may have renewed it before the freeze")
    assert "may have renewed" not in unproved.err
    assert "may have renewed" in cli("revoke", "--app", "reports", "--dry-run").err


def test_newer_tokens_elsewhere_name_the_step(cli: Run, town: Town) -> None:
    """Before, and afterwards when nothing more can be sent: it is never called done."""
    before = cli("revoke", "northwind-importer", "--dry-run").out
    done = cli("revoke", "northwind-importer", "--yes")
    vault = town.vault()
    vault.database.change("UPDATE connections SET expires_at = 1 WHERE revoked_at > 0")
    vault.close()
    after = cli("revoke", town_name(cli, "northwind-importer"), "--dry-run").out

    for said in (before, done.err, after):
        assert "To end those too, remove" in said
    assert "It is revoked as far as possible." in after
    assert "nothing is left to do" not in after
