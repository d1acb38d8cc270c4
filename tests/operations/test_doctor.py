"""The doctor as a whole: everything is looked at, nothing holds it up, nobody is recognized."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.operations import doctor
from close_tui.operations.doctor import Check, examine
from close_tui.operations.doctor_case import Case
from close_tui.settings import Settings
from close_tui.vault.checking import Finding
from tests.operations.checkup import PLAIN, case, found, levels

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_machine_that_is_well_has_no_problem(town: Town) -> None:
    """Each subject once, in a fixed order, all of them well but the sandbox's own address."""
    town.connect()

    findings = await found(case(town.settings))

    assert [
        "close-tui", "libraries", "terminal", "settings", "addresses", "vault", "permissions",
        "database", "references", "history", "incidents", "connections", "key", "secrets",
        "keyring", "certificate", "redirect URI", "proxy", "trust store", "API", "clock", "PKCE",
    ] == list(findings)  # fmt: skip
    assert {"addresses": "warning"} == {s: v for s, v in levels(findings).items() if v != "ok"}


async def test_nothing_that_it_says_tells_who_asks(town: Town) -> None:
    """No name of a connection, organization, app or person, no email, no id, no secret."""
    connection = town.connect("secretly-acme")
    town.desk.vault.database.change("UPDATE secrets SET sealed = x'00'")
    town.desk.vault.database.change("UPDATE connections SET imported_at = 1.0")

    findings = await found(case(town.settings))

    said = " ".join(f"{each.detail} {each.advice}" for each in findings.values()).casefold()
    assert ("problem", "warning") == (findings["secrets"].level, findings["connections"].level)
    for name in (
        "acme", "ada", "reports", connection.id, town.acme.id, town.ada.id, "@",
        town.registered.client_id, *map(str, town.world.grants._tokens),
    ):  # fmt: skip
        assert name.casefold() not in said, name


async def test_it_sends_one_request_and_no_credential(town: Town) -> None:
    """For the server's metadata, as anybody could; offline it sends none."""
    town.connect()

    await examine(case(town.settings), offline=True)
    none = len(town.world.journal.entries())
    await examine(case(town.settings))

    (entry,) = town.world.journal.entries()[none:]
    assert 0 == none
    assert "metadata" == entry.route


async def test_it_changes_nothing(town: Town) -> None:
    """Not a file is made, and the history does not grow."""
    town.connect()
    before = (sorted(town.settings.home.iterdir()), town.desk.vault.history())

    await examine(case(town.settings))

    assert before == (sorted(town.settings.home.iterdir()), town.desk.vault.history())


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """One check never ends, one fails, one is well."""
    end = threading.Event()

    def hang(_: Case) -> Iterator[Finding]:
        end.wait(60)
        yield Finding("late", "ok", "")

    def fail(_: Case) -> Iterator[Finding]:
        raise ZeroDivisionError("CANARY")

    def well(_: Case) -> Iterator[Finding]:
        yield Finding("well", "ok", "")

    checks = (Check("the hung", hang), Check("the broken", fail), Check("the well", well))
    monkeypatch.setattr(doctor, "CHECKS", checks)
    yield end
    end.set()


async def test_what_hangs_or_fails_does_not_hold_up_the_rest(
    stuck: threading.Event, settings: Settings
) -> None:
    """A check that never ends is a warning, a mistake in one is a problem without its words."""
    start = time.monotonic()

    findings = await examine(case(settings), limit_s=0.3)

    assert 10 > time.monotonic() - start
    assert [
        ("warning", "Looking at the hung did not end within 0.3 s."),
        ("problem", "Looking at the broken failed: ZeroDivisionError."),
        ("ok", ""),
    ] == [(each.level, each.detail) for each in findings]


async def test_what_is_waited_for_is_said(
    stuck: threading.Event, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half a second, and only what has not ended."""
    monkeypatch.setattr(doctor, "QUIET_S", 0.05)
    said: list[tuple[str, ...]] = []

    def waiting_for(names: tuple[str, ...]) -> None:
        said.append(names)
        stuck.set()

    await examine(case(settings), waiting_for=waiting_for)

    assert [("the hung",)] == said


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("/home/ada/.local/x", "~/.local/x"),
        ("In /home/ada.", "In /home/USER."),
        ("/home/adam/x", "/home/USER/x"),
        ("/srv/ada/vault", "/srv/USER/vault"),
        ("canada", "canada"),
        ("ask ada.byron@acme.example now", "ask EMAIL now"),
        ("http://proxy:3128", "http://proxy:3128"),
    ],
)
async def test_home_user_and_email_are_hidden(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, detail: str, expected: str
) -> None:
    """In what is said and in the advice, wherever it comes from."""
    one = Check("x", lambda _: [Finding("x", "ok", detail, detail)])
    monkeypatch.setattr(doctor, "CHECKS", (one,))

    (finding,) = await examine(case(settings))

    assert (expected, expected) == (finding.detail, finding.advice)


async def test_a_home_that_is_the_root_hides_nothing_else(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """As in many containers: a slash is no home to hide."""
    one = Check("x", lambda _: [Finding("x", "ok", "/data/root x")])
    monkeypatch.setattr(doctor, "CHECKS", (one,))

    environment = {**PLAIN, "HOME": "/", "USER": "root"}
    (finding,) = await examine(case(settings, environment=environment))

    assert "/data/root x" == finding.detail
