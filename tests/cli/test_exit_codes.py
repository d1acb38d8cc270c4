"""The exit codes as published: for each, what must happen for a command to end with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from close_tui.cli.commands import EXIT_CODES
from close_tui.sandbox.faults import UNAVAILABLE, Fault, FaultKind
from close_tui.vault.alone import exclusively
from tests.conftest import NOWHERE

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town

KEY, OAUTH, ENDED, GONE = (
    "northwind-export", "northwind-reports", "meridian-reports", "brightwater-importer"
)  # fmt: skip


class Situation(NamedTuple):
    """What is called, what it ends with, and what was done to the world before."""

    code: int
    call: str
    stdin: str = ""
    before: Callable[[Town, pytest.MonkeyPatch], object] = lambda town, patch: None


def cut_off(_: Town, patch: pytest.MonkeyPatch) -> None:
    """Nobody listens where Close should be."""
    patch.setenv("CLOSE_TUI_API_URL", NOWHERE)


def locked(town: Town, _: pytest.MonkeyPatch) -> None:
    """The vault's key is away."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.rename(town.settings.identity_file.with_suffix(".away"))


def deleted(town: Town, _: pytest.MonkeyPatch) -> None:
    """Somebody has deleted the key in Close."""
    town.demo.world.delete_api_key(town.demo.api_keys[0].id)


def down(town: Town, _: pytest.MonkeyPatch) -> None:
    """Close answers with 503."""
    for _again in range(9):
        town.demo.world.faults.add(UNAVAILABLE, "me")


def busy(town: Town, _: pytest.MonkeyPatch) -> None:
    """Close asks to slow down."""
    for _again in range(9):
        town.demo.world.faults.add(Fault(FaultKind.STATUS, status=429), "me")


SITUATIONS = {
    "done": Situation(0, f"test {KEY}"),
    "done: what can be done is told": Situation(0, "revoke --all --dry-run"),
    "Close refused the key": Situation(1, f"test {KEY}", before=deleted),
    "Close refused a new key": Situation(1, "add key new", stdin="api_none.such"),
    "the name is taken": Situation(1, f"rename {KEY} {OAUTH}"),
    "no such flag": Situation(2, "list --nonsense"),
    "no such command": Situation(2, "nonsense"),
    "nobody can be asked": Situation(2, f"revoke {KEY}"),
    "nobody can be asked to remove": Situation(2, f"remove {KEY}"),
    "no browser": Situation(2, "authorize reports"),
    "no terminal for the app": Situation(2, "--quiet"),
    "timed out waiting for a person": Situation(3, "authorize reports --no-browser --timeout 0.2"),
    "must be authorized again": Situation(4, f"token {ENDED}"),
    "must be authorized again, several": Situation(4, f"refresh {OAUTH} {ENDED}"),
    "already revoked": Situation(4, f"token {GONE}"),
    "already revoked, and named again": Situation(4, f"revoke {GONE} --yes"),
    "not found": Situation(5, "show nobody"),
    "no vault": Situation(5, "show nobody", before=lambda town, patch: patch.setenv(
        "CLOSE_TUI_HOME", str(town.settings.home / "none"))),
    "ambiguous": Situation(5, "show northwind"),
    "nothing of ours leaked": Situation(5, "find", stdin="nothing"),
    "unreachable": Situation(6, f"test {KEY}", before=cut_off),
    "5xx": Situation(6, f"test {KEY}", before=down),
    "rate limited": Situation(6, f"test {KEY}", before=busy),
    "locked": Situation(7, f"token {KEY}", before=locked),
    "locked, and several": Situation(7, "test --all", before=locked),
    "not proved dead": Situation(8, f"revoke {KEY} --yes"),
    "not proved dead, beside one that is": Situation(8, f"revoke {KEY} {OAUTH} --yes"),
    "unreachable, and so not proved dead": Situation(8, f"revoke {OAUTH} --yes", before=cut_off),
    "locked, and so not proved dead": Situation(8, f"revoke {OAUTH} --yes", before=locked),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_has_its_code(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With ``--quiet`` too, and what is wrong is said; only ``find`` is then as still as grep."""
    situation = SITUATIONS[name]
    situation.before(town, monkeypatch)

    done = cli("--quiet", *situation.call.split(), stdin=situation.stdin)

    assert situation.code == done.code, done
    assert done.out + done.err or situation.call == "find"


def test_another_process_that_holds_the_vault_is_6(cli: Run, town: Town) -> None:
    """Changing the key waits for nobody who does the same."""
    with exclusively(town.settings.home, 0, "is changing the vault's key"):
        done = cli("vault", "rekey")

    assert 6 == done.code, done


def test_every_code_has_a_situation() -> None:
    """Every one that is published."""
    assert {code for code, _ in EXIT_CODES} == {each.code for each in SITUATIONS.values()}
