"""Incidents, derived from events: real ones, foreign ones, and ones that make no sense."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Ambiguous, NameTaken, NotFound
from close_tui.leaks import Operator
from close_tui.model import Event
from close_tui.operations import plan, vault_check
from close_tui.operations.incident import close, derived, hash_of_last, incident, incidents, save
from close_tui.operations.incident_text import left_to_do
from close_tui.operations.kill import begin, kill
from close_tui.sandbox import faults
from close_tui.vault import chain
from tests.conftest import NOW

if TYPE_CHECKING:
    from tests.operations.conftest import Town

ADA = Operator("ada", "laptop")
ID = "inc-20270115-7f3a"


async def test_an_incident_tells_what_a_real_kill_did(town: Town) -> None:
    """One that is dead, one whose revocation fails, and an API key: each request is there."""
    acme, globex = town.connect("acme"), town.connect("globex", organization=town.globex)
    key, made = await town.connect_key("export")
    targets = [acme, globex, key]
    opened = begin(town.desk, targets, "leaked in a log", ADA)
    town.clock.advance(2)
    await kill(town.desk, [acme, key], opened, lambda _: None)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    await kill(town.desk, [globex], opened, lambda _: None)

    (found,) = incidents(town.desk)

    assert (opened, "leaked in a log", ADA, NOW) == found[:4]
    assert ["acme", "globex", "export"] == [each.name for each in found.targets]
    assert ["dead_proved", "failed", "by_hand"] == [each.verdict for each in found.targets]
    first, second, third = found.targets
    assert ("Acme", town.acme.id, "ada@acme.example", "oauth", "reports", None) == first[2:8]
    assert (acme.fingerprint, 1, NOW, 2.0) == (*first[8:11], first.seconds)
    assert (made.id, "api_key") == (third.key_id, third.kind)
    assert [
        ("GET /api/v1/me/", "access_token", 1, 200, "ok"),
        ("POST /oauth2/revoke/", "refresh_token", 1, 200, "ok"),
        ("POST /oauth2/revoke/", "access_token", 1, 200, "ok"),
        ("GET /api/v1/me/", "access_token", 1, 401, "rejected"),
    ] == [each[1:6] for each in first.sent]
    assert 503 in {each.http_status for each in second.sent}
    assert found.is_open
    assert chain.hash_of_last(town.desk.vault.database, opened) == hash_of_last(town.desk, found)


async def test_what_is_tried_again_gets_its_last_verdict(town: Town) -> None:
    """In the same incident; then it is closed."""
    acme = town.connect()
    opened = begin(town.desk, [acme], "", ADA)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    await kill(town.desk, [acme], opened, lambda _: None)
    failed = incident(town.desk, opened)
    town.world.faults.clear()
    town.clock.advance(60)
    await kill(town.desk, [acme], opened, lambda _: None)

    (target,) = (found := incident(town.desk, opened)).targets
    assert ("failed", True) == (failed.targets[0].verdict, failed.is_open)
    assert ("dead_proved", False, 60.0) == (target.verdict, found.is_open, target.seconds)
    assert len(failed.targets[0].sent) < len(target.sent)


async def test_the_newest_comes_first_and_is_the_last(town: Town) -> None:
    """Ids may be cut short, as long as they mean one."""
    connections = [
        town.connect("a"),
        town.connect("b", user=town.bob),
        town.connect("c", organization=town.globex),
    ]
    tokens = iter(["aaaa", "abbb", "cccc"])
    ids = [begin(town.desk, [each], "", ADA, token=tokens.__next__) for each in connections]

    assert ids[::-1] == [each.id for each in incidents(town.desk)]
    assert ids[2] == incident(town.desk, "last").id
    assert ids[1] == incident(town.desk, ids[1]).id == incident(town.desk, ids[1][:-2]).id
    with pytest.raises(Ambiguous, match="3 incidents"):
        incident(town.desk, "inc-")


@pytest.mark.parametrize("wanted", ["", "last", "inc-20270115-0000", "\x1b[31m"])
def test_what_is_not_there_is_not_found(town: Town, wanted: str) -> None:
    """Also without any incident, and without a vault."""
    with pytest.raises(NotFound) as error:
        incident(town.desk, wanted)

    assert "incident list" in error.value.advice
    assert "\x1b" not in str(error.value)


def test_without_a_vault_there_is_none(empty_town: Town) -> None:
    """And nothing is made."""
    assert [] == incidents(empty_town.desk)
    assert not empty_town.settings.home.exists()


HOSTILE = [
    "", "[]", "null", "{", "\x00", "[" * 3000, '{"generation": true, "seconds": "1"}',
    '{"generation": -1, "seconds": NaN, "request": ["x"], "organization": {"a": 1}}',
    '{"generation": 1e400, "seconds": Infinity, "user": "\\u001b]52;c;eA==\\u0007evil"}',
    '{"operator": "\\u202eada", "host": 7, "targets": "many", "generation": 99999999999999999999}',
]  # fmt: skip


@pytest.mark.parametrize("facts", HOSTILE)
def test_facts_that_make_no_sense_are_defaults(town: Town, facts: str) -> None:
    """Whatever an import brought: cleaned, and nothing crashes."""
    for verb, outcome, of in (
        ("incident", "opened", None), ("freeze", "ok", "conn_1"), ("request", "ok", "conn_1"),
        ("revoke", "dead_proved", "conn_1"), ("unheard of", "", "conn_2"), ("destroy", "ok", None),
    ):  # fmt: skip
        town.desk.vault.record(Event(NOW, of, "a\x1b[1m", verb, outcome, "", None, "", ID, facts))

    found = incident(town.desk, ID)

    assert [("conn_1", "dead_proved"), ("conn_2", "")] == [
        (each.connection_id, each.verdict) for each in found.targets
    ]
    (sent,) = found.targets[0].sent
    assert (0, 0.0) == (sent.generation, sent.seconds)
    told = [*found.operator, found.targets[0].user, found.targets[0].name, sent.request]
    assert not any(c in text for text in told for c in "\x1b\x07\u202e")


@pytest.mark.parametrize("at", [-1e300, -1.0, 1e300, float("inf"), float("nan")])
def test_times_that_are_none_are_bounded(at: float) -> None:
    """Durations are computed from them."""
    first = Event(at, "conn_1", "acme", "freeze", "ok", incident=ID)
    last = Event(NOW, "conn_1", "acme", "revoke", "dead_proved", incident=ID)
    found = derived([first, last])

    assert 0 <= found.opened_at < 3e11
    assert found.seconds is not None
    assert 0 <= found.seconds < 3e11


def test_an_incident_whose_beginning_is_missing_is_still_one() -> None:
    """Of an import in parts: what is not known stays empty."""
    facts = json.dumps({"request": "POST /oauth2/revoke/"})
    request = Event(NOW, "conn_1", "acme", "request", "ok", "", 200, "", ID, facts)
    found = derived([request])

    assert (ID, "", Operator("", ""), NOW) == found[:4]
    assert ("acme", "", NOW) == (
        found.targets[0].name, found.targets[0].verdict, found.targets[0].frozen_at,
    )  # fmt: skip
    assert (None, True) == (found.seconds, found.is_open)


def test_what_is_dead_stays_dead() -> None:
    """A second process that finds it revoked takes nothing away."""
    told = [
        Event(NOW + n, "conn_1", "acme", "revoke", outcome, incident=ID)
        for n, outcome in enumerate(("failed", "dead_proved", "already_revoked", "failed"))
    ]

    (target,) = derived(told).targets
    assert ("dead_proved", NOW + 1) == (target.verdict, target.ended_at)


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        ("dead_proved", 3.0),
        ("already_revoked", 3.0),
        ("accepted_not_proved", 3.0),
        ("failed", None),
        ("by_hand", None),
    ],
)
def test_only_what_has_ended_took_a_time(outcome: str, seconds: float | None) -> None:
    """What is still to be tried, or to be deleted by a person, has not ended."""
    told = [
        Event(NOW, "conn_1", "acme", "freeze", "ok", incident=ID),
        Event(NOW + 3, "conn_1", "acme", "revoke", outcome, incident=ID),
    ]
    found = derived(told)

    assert (seconds, seconds) == (found.seconds, found.targets[0].seconds)
    assert (outcome, seconds and NOW + 3) == (found.targets[0].verdict, found.ended_at)


@pytest.mark.parametrize(
    ("facts", "detail", "why"),
    [
        ('{"why": "held"}', "", "held"),
        ('{"why": "lost"}', plan.IMPORTED, "lost"),
        ("", f"Not proved: {plan.LOST}", "lost"),
        ("", f"Not proved: i{plan.REFUSED[1:]}", "refused"),
        ("", f"Not proved: {plan.IMPORTED}", "imported"),
        ("", f"Not proved: {plan.EXPIRED}", ""),
    ],
)
def test_why_a_death_was_not_proved_is_known(facts: str, detail: str, why: str) -> None:
    """As it was noted, or else as the sentence of the verdict says."""
    said = Event(NOW, "conn_1", "a", "revoke", "accepted_not_proved", detail, 200, "", ID, facts)
    (target,) = derived([said]).targets

    assert why == target.why
    assert "" == derived([said._replace(outcome="dead_proved")]).targets[0].why


async def test_a_person_closes_what_cannot_be_proved(town: Town) -> None:
    """It is one event of the incident; the verdicts stay, and no secret is in the reason."""
    acme = town.connect("acme")
    opened = begin(town.desk, [acme], "", ADA)
    town.desk.record(acme, "revoke", "accepted_not_proved", incident=opened)
    town.clock.advance(60)
    reason = f"removed the app, token was {town.token(acme)}"
    found = close(town.desk, incident(town.desk, opened), reason, ADA)
    events = len(town.desk.vault.history())
    again = close(town.desk, found, "once more", ADA)

    assert (False, False, NOW + 60) == (found.is_open, found.is_over, found.closed_at)
    assert "removed the app, token was ****" == found.closed_for
    assert ["accepted_not_proved"] == [each.verdict for each in found.targets]
    assert (found, events) == (again, len(town.desk.vault.history()))
    assert [] == list(chain.breaks(town.desk.vault.database))


async def test_an_open_incident_is_a_warning_of_the_check(town: Town) -> None:
    """Also when nothing is pending any more; once it is closed, or all is dead, it is none."""
    acme = town.connect("acme")
    opened = begin(town.desk, [acme], "", ADA)
    town.desk.record(acme, "revoke", "accepted_not_proved", incident=opened)
    pending = incident_warnings(town)
    town.desk.vault.revoked(acme.id, town.clock(), proved_dead_at=None)
    unproved = incident_warnings(town)
    close(town.desk, incident(town.desk, opened), "seen to", ADA)

    assert ["1 not revoked yet"] == [each.split(", ")[1][:17] for each in pending]
    assert [f"{opened} is open. Not proved dead: acme."] == unproved
    assert [] == incident_warnings(town)


def incident_warnings(town: Town) -> list[str]:
    """What the check warns of, about incidents."""
    found, _ = vault_check.without_key(town.desk)
    return [each.detail for each in found if (each.subject, each.level) == ("incidents", "warning")]


def test_a_record_is_written_once_and_for_its_owner(tmp_path: Path) -> None:
    """0600, and never over a file."""
    path = tmp_path / "incident.md"
    save(path, "# Incident ·\n")

    assert ("# Incident ·\n", 0o600) == (path.read_text(), stat.S_IMODE(path.stat().st_mode))
    with pytest.raises(NameTaken):
        save(path, "other")
    assert "# Incident ·\n" == path.read_text()


async def test_what_a_later_incident_takes_up_is_not_left_open(town: Town) -> None:
    """The earlier one says where it went on, and is closed; the later one tells the end."""
    connection = town.connect()
    first = begin(town.desk, [connection], "a guess", ADA)
    second = begin(town.desk, [connection], "now for certain", ADA)

    assert [second] == [each.continued_in for each in incident(town.desk, first).targets]
    assert not incident(town.desk, first).is_open
    assert incident(town.desk, second).is_open
    assert f"Taken up again in {second}." == left_to_do(incident(town.desk, first).targets[0])
