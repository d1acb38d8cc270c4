"""The history is a chain: whatever is altered, inserted or taken out no longer fits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.model import Event
from close_tui.vault import chain, checking
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Clock, Python


def event(number: int, *, incident: str = "") -> Event:
    """An event that differs from every other one."""
    return Event(
        1_800_000_000 + number, f"conn_{number}", "acme", "test", "ok", f"Grüße {number}", 200,
        "why", incident, '{"n": 1}',
    )  # fmt: skip


@pytest.fixture
def told(vault: Vault) -> Vault:
    """A vault with five events, the second and fourth of one incident."""
    for number in range(1, 6):
        vault.process = f"cli test {number}" if number > 1 else ""
        vault.record(event(number, incident="inc-1" if number in (2, 4) else ""))
    return vault


def broken(vault: Vault) -> list[int]:
    """The numbers of the events that do not fit."""
    return [each.number for each in chain.breaks(vault.database)]


def said(vault: Vault) -> list[tuple[str, str]]:
    """What the check says of the history."""
    return [(each.level, each.detail) for each in checking.history(vault)]


def unlocked(vault: Vault, *statements: str) -> None:
    """Change what the triggers protect, as anybody can who may write the file."""
    vault.database.change("DROP TRIGGER events_are_not_changed")
    vault.database.change("DROP TRIGGER events_are_not_deleted")
    for statement in statements:
        vault.database.change(statement)


def test_a_history_that_nobody_touched_holds(told: Vault, vault: Vault) -> None:
    """Also one without any event."""
    assert [] == broken(told)
    assert [("ok", "The chain of 5 events holds.")] == said(told)


def test_an_empty_history_holds(vault: Vault) -> None:
    """The first event has nothing before it."""
    assert [("ok", "The chain of 0 events holds.")] == said(vault)


def test_a_vault_that_is_opened_again_goes_on_with_the_chain(told: Vault) -> None:
    """Whole numbers and floats of a time read alike."""
    again = Vault.open(told.settings)
    again.record(event(6))
    again.close()

    assert [("ok", "The chain of 6 events holds.")] == said(told)


def test_processes_that_write_at_once_make_one_chain(told: Vault, python: Python) -> None:
    """Each takes the last hash and adds its own event in one transaction."""
    code = (
        "import sys, threading\nfrom pathlib import Path\n"
        "from close_tui.model import Event\nfrom close_tui.settings import Settings\n"
        "from close_tui.vault.vault import Vault\n"
        "def write():\n"
        "    vault = Vault.open(Settings(Path(sys.argv[1])))\n"
        "    for n in range(20):\n"
        "        vault.record(Event(float(n), None, '', 'test', 'ok'))\n"
        "    vault.close()\n"
        "threads = [threading.Thread(target=write) for _ in range(3)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]\n"
    )
    assert 0 == python(code, told.settings.home).returncode

    assert [("ok", "The chain of 65 events holds.")] == said(told)


COLUMNS = {
    "at": "1",
    "connection_id": "NULL",
    "connection": "'globex'",
    "verb": "'revoke'",
    "outcome": "'failed'",
    "detail": "''",
    "http_status": "401",
    "reason": "'no reason'",
    "incident": "''",
    "facts": "'{}'",
    "process": "'app 7'",
}


@pytest.mark.parametrize("column", chain.COLUMNS)
def test_each_column_counts(told: Vault, column: str) -> None:
    """Altered in one event, the next one says that it is not what it was."""
    unlocked(told, f"UPDATE events SET {column} = {COLUMNS[column]} WHERE number = 2")

    assert [3] == broken(told)


def delete_last(vault: Vault) -> None:
    """Take the last event out, and the count of events back."""
    unlocked(
        vault, "DELETE FROM events WHERE number = 5",
        "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'events'",
    )  # fmt: skip


def delete_one(vault: Vault) -> None:
    """Take one out of the middle."""
    unlocked(vault, "DELETE FROM events WHERE number = 3")


def insert_one(vault: Vault) -> None:
    """Add one that nobody chained."""
    vault.database.change(
        "INSERT INTO events (at, connection, verb, outcome, detail, reason)"
        " VALUES (1, '', 'x', '', '', '')"
    )


def swap(vault: Vault) -> None:
    """Let two change their places."""
    unlocked(
        vault, "UPDATE events SET number = 99 WHERE number = 2",
        "UPDATE events SET number = 2 WHERE number = 3",
        "UPDATE events SET number = 3 WHERE number = 99",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "numbers"),
    [(delete_last, [4]), (delete_one, [4]), (insert_one, [6, 6]), (swap, [2, 3, 4])],
)
def test_what_was_taken_out_or_put_in_is_found(
    told: Vault, change: Callable[[Vault], None], numbers: list[int]
) -> None:
    """At the event that does not fit any more."""
    change(told)

    assert numbers == broken(told)
    assert {"problem"} == {level for level, _ in said(told)}


@pytest.mark.parametrize(
    ("gone", "words"),
    [("5", "Missing events: 1, the first of them is number 5."),
     ("2, 3", "Missing events: 2, the first of them is number 2."),
     ("1, 2, 3, 4, 5", "Missing events: 5, the first of them is number 1.")],
)  # fmt: skip
def test_a_chain_that_was_made_anew_still_lacks_numbers(told: Vault, gone: str, words: str) -> None:
    """Whoever recomputes the hashes leaves a gap in the numbers."""
    without = f"DELETE FROM events WHERE number IN ({gone})"
    unlocked(told, without, "UPDATE events SET process = ''")
    chain.link_all(told.database._sqlite)

    assert [] == broken(told)
    assert [("problem", words)] == said(told)


def test_many_breaks_are_told_in_a_few_lines(told: Vault) -> None:
    """The check stays readable."""
    for number in range(6, 20):
        told.record(event(number))
    unlocked(told, "UPDATE events SET previous = x'00'")

    found = said(told)

    assert 6 == len(found)
    assert ("problem", "And 15 more places.") == found[-1]


def test_the_check_needs_no_key_and_offers_what_to_do(told: Vault, clock: Clock) -> None:
    """The identity is not looked for."""
    assert told.settings.identity_file is not None
    told.settings.identity_file.unlink()
    again = Vault.open(told.settings)
    delete_one(again)

    found = list(checking.history(again))

    again.close()
    assert {"problem"} == {each.level for each in found}
    assert all("exported" in each.advice for each in found)


def test_the_hash_of_an_incident_is_that_of_its_last_event(told: Vault) -> None:
    """As the description of the chain says, computed here by hand; none for an unknown one."""
    previous = b""
    hashes = []
    for number in range(1, 6):
        each = event(number, incident="inc-1" if number in (2, 4) else "")
        link = json.dumps(
            [
                previous.hex(),
                float(each.at),
                *each[1:-1],
                *([f"cli test {number}"] if number > 1 else []),
            ],
            separators=(",", ":"),
            ensure_ascii=True,
        )
        previous = hashlib.sha256(link.encode()).digest()
        hashes.append(previous.hex())

    assert hashes[3] == chain.hash_of_last(told.database, "inc-1")
    assert "" == chain.hash_of_last(told.database, "inc-2")
    assert "" == chain.hash_of_last(told.database, "")
