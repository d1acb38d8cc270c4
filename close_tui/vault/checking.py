"""What is right and what is not with a vault: its file, its folder, and every sealed row."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.errors import Tampered, VaultDamaged
from close_tui.model import INTENT_GRACE_S, Kind, SecretKind
from close_tui.text import clean
from close_tui.vault import chain
from close_tui.vault.keeping_copies import copies
from close_tui.vault.places import KEY_FILE
from close_tui.vault.sealing import Place
from close_tui.vault.vault import Vault

_SHOWN: Final = 5


class Finding(NamedTuple):
    """One thing that was looked at: ``ok``, ``warning`` or ``problem``; and what to do."""

    subject: str
    level: str
    detail: str
    advice: str = ""


def places(home: Path) -> Iterator[Finding]:
    """Look at who may read and write the folder and the files in it. Opens nothing."""
    if os.name != "posix":
        yield Finding("permissions", "warning", "Not checked on this system.")
        return
    found = list(_open_to_others(home))
    yield from found
    if not found:
        yield Finding("permissions", "ok", "Nobody else may read or write the folder or a file.")


def _open_to_others(home: Path) -> Iterator[Finding]:
    for path in (home, *sorted(home.rglob("*"))):
        facts = path.lstat()
        if stat.S_ISLNK(facts.st_mode):
            continue
        wanted = "700" if stat.S_ISDIR(facts.st_mode) else "600"
        if facts.st_uid not in (os.geteuid(), 0):
            yield Finding("permissions", "problem", f"{path} belongs to another user.")
        elif facts.st_mode & 0o077:
            yield Finding(
                "permissions",
                "problem",
                f"Other users may open {path} (mode {stat.S_IMODE(facts.st_mode):o}).",
                f"chmod {wanted} {path}",
            )


def database(vault: Vault) -> Iterator[Finding]:
    """Let SQLite read every page, and follow every reference."""
    try:
        said = [str(row[0]) for row in vault.database.rows("PRAGMA integrity_check(20)")]
    except VaultDamaged as error:
        said = [str(error)]
    if said == ["ok"]:
        yield Finding("database", "ok", "SQLite finds no damage.")
    else:
        shown = "; ".join(clean(each) for each in said[:_SHOWN])
        yield Finding("database", "problem", f"SQLite finds damage: {shown}", VaultDamaged.advice)
        return
    broken = vault.database.rows("PRAGMA foreign_key_check")
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        yield Finding(
            "references", "problem", f"{len(broken)} rows refer to none: {tables}.", _RESTORE
        )
    else:
        yield Finding("references", "ok", "Every row refers to one that exists.")


_RESTORE: Final = (
    "Export what still opens (close-tui vault export FILE), then import it into a new folder."
)


_PRESENT: Final = """
SELECT s.owner, s.kind, s.generation, s.sealed, COALESCE(c.name, a.name) AS name,
       COALESCE(c.generation, a.secret_generation) AS current, c.proved_dead_at, 0 AS is_older
FROM secrets s LEFT JOIN connections c ON c.id = s.owner LEFT JOIN apps a ON a.id = s.owner
"""
_REPLACED: Final = """
SELECT s.owner, s.kind, s.generation, s.sealed, c.name, c.generation AS current,
       c.proved_dead_at, 1 AS is_older
FROM superseded s LEFT JOIN connections c ON c.id = s.owner
"""


def secrets(vault: Vault) -> Iterator[Finding]:
    """Open every sealed row and see that it belongs where it is; the vault is unlocked.

    What a newer pair has replaced, and Close may still accept, must be older than the present.
    """
    opened, found = 0, []
    for row in vault.database.rows(f"{_PRESENT} UNION ALL {_REPLACED}"):
        name, kind = clean(row["name"]), clean(row["kind"]).replace("_", " ")
        if row["current"] is None or row["proved_dead_at"] is not None:
            found.append(Finding("secrets", "problem", f"What is gone has left: {kind}.", _LEFT))
        elif row["is_older"] and row["generation"] >= row["current"]:
            said = f"The {kind} of {name} that was replaced is of generation {row['generation']}, "
            found.append(Finding("secrets", "problem", f"{said}not an older one.", Tampered.advice))
        elif not row["is_older"] and row["generation"] != row["current"]:
            said = f"The {kind} of {name} is of generation {row['generation']}, not the present"
            found.append(Finding("secrets", "problem", f"{said} one.", Tampered.advice))
        else:
            place = Place(vault.id, row["owner"], row["kind"], row["generation"])
            try:
                vault.open_row(place, row["sealed"])
                opened += 1
            except Tampered:
                said = f"The {kind} of {name} does not open, or is another row's."
                found.append(Finding("secrets", "problem", said, Tampered.advice))
    yield from found
    if not found:
        yield Finding("secrets", "ok", f"All {opened} open and belong where they are.")


_LEFT: Final = "Nothing uses it. close-tui vault export leaves it out; import into a new folder."


def connections(vault: Vault, now: float) -> Iterator[Finding]:
    """Look at what the connections lack, and at refreshes that did not end. Needs no key."""
    held: dict[str, set[str]] = {}
    for row in vault.database.rows("SELECT owner, kind FROM secrets"):
        held.setdefault(row["owner"], set()).add(row["kind"])
    found = []
    for each in vault.connections():
        if each.revoked_at is not None:
            continue
        need = {SecretKind.API_KEY} if each.kind is Kind.API_KEY else {SecretKind.ACCESS_TOKEN}
        need |= {SecretKind.REFRESH_TOKEN} if each.can_refresh else set()
        if missing := {str(kind) for kind in need} - held.get(each.id, set()):
            words = ", ".join(sorted(missing)).replace("_", " ")
            found.append(
                Finding("connections", "problem", f"{each.name} lacks: {words}.", Tampered.advice)
            )
        if each.imported_at is not None:
            found.append(Finding("connections", "warning", f"{each.name} was imported.", _ANEW))
        intent = each.intent
        if intent and (intent.lost_at is not None or now - intent.started_at > INTENT_GRACE_S):
            said = f"The answer to the last refresh of {each.name} was lost."
            found.append(Finding("connections", "warning", said, f"close-tui refresh {each.name}"))
    yield from found
    if not found:
        yield Finding("connections", "ok", "Each has the secrets that it needs.")


_ANEW: Final = "Authorize it here: the other machine may spend the same refresh token."


def history(vault: Vault) -> Iterator[Finding]:
    """Walk along the chain of the history, and look for numbers that are missing. Needs no key."""
    found = [each.sentence for each in chain.breaks(vault.database)]
    numbers = [row[0] for row in vault.database.rows("SELECT number FROM events ORDER BY number")]
    given = vault.database.row("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
    last = max(given[0] if given else 0, numbers[-1] if numbers else 0)
    if missing := last - len(numbers):
        first = next((n for n, number in enumerate(numbers, 1) if n != number), len(numbers) + 1)
        found.append(f"Missing events: {missing}, the first of them is number {first}.")
    for sentence in found[:_SHOWN]:
        yield Finding("history", "problem", sentence, _REWRITTEN)
    if len(found) > _SHOWN:
        more = f"And {len(found) - _SHOWN} more places."
        yield Finding("history", "problem", more, _REWRITTEN)
    if not found:
        events = "1 event" if last == 1 else f"{last} events"
        yield Finding("history", "ok", f"The chain of {events} holds.")


_REWRITTEN: Final = (
    "Somebody, or a fault, has changed the history. Compare it with an incident that was exported "
    "before, or with a backup of vault.db."
)


def incidents(vault: Vault) -> Iterator[Finding]:
    """Look for revocations that have begun and are not done. Needs no key."""
    pending: dict[str, list[str]] = {}
    for each in vault.connections():
        if each.frozen_at is not None and each.revoked_at is None:
            pending.setdefault(each.incident_id or "", []).append(each.name)
    for incident, names in pending.items():
        of = f"Of {clean(incident)}, " if incident else ""
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        said = f"{of}{len(names)} not revoked yet: {', '.join(names[:_SHOWN])}{more}."
        advice = _PENDING if vault.destroyed_at is None else _IN_CLOSE
        yield Finding("incidents", "warning", said, advice)
    if not pending:
        yield Finding("incidents", "ok", "No revocation is pending.")


_IN_CLOSE: Final = "The vault was destroyed: only in Close can they be ended."
_PENDING: Final = "Frozen and kept. Try again: close-tui revoke --pending"


def leftovers(vault: Vault) -> Iterator[Finding]:
    """Look for keys that are not the vault's any more, and for copies of its file."""
    home = vault.settings.home
    own = (vault.place_detail or KEY_FILE) if vault.place_kind == "passphrase" else ""
    for path in sorted(home.glob("key*.age")):
        if re.fullmatch(r"key(-\d+)?\.age", path.name) and path.name != own:
            yield Finding(
                "leftovers",
                "warning",
                f"{path} is not this vault's key.",
                "It is left from a change that was cut off. Delete it when this check is fine.",
            )
    for path in copies(home):
        yield Finding(
            "leftovers",
            "warning",
            f"{path} is a copy from before an update.",
            "Delete it when you are content: it holds secrets, sealed to the key of that time.",
        )
