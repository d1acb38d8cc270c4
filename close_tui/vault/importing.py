"""What an export brings into a vault: what is new in it, under names that are free.

A connection is here already when it has the same id, when this vault holds (or held, for one that
was revoked) its API key or refresh token, or when a live one has its client id, organization and
user. What is here is never changed.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from close_tui.model import Event, Kind, SecretKind
from close_tui.text import clean, numbered, plain_name
from close_tui.vault import chain
from close_tui.vault.export_files import Export
from close_tui.vault.vault import Vault

_APPS: Final = "secret_generation"


class Arrival(NamedTuple):
    """What becomes of one app or connection of an export.

    Attributes:
        what: ``app`` or ``connection``.
        row: as exported, with the name and the app that it gets here.
        before: its name in the export.
        here: the name of the one that is here already; None when it is new.
        id: its own, or that of the one that is here.
        anew: whether it must be authorized here before it is refreshed.

    """

    what: str
    row: dict[str, Any]
    before: str
    here: str | None
    id: str
    anew: bool = False


def plan(vault: Vault | None, export: Export, at: float) -> list[Arrival]:
    """Say what importing would do, apps first; ``None`` is a vault that is still to be made."""
    here = vault.apps() if vault else []
    by_client = {app.client_id: app for app in here}
    taken = {app.name for app in here}
    arrivals = []
    for row in export.rows("apps"):
        before, known = clean(row["name"]), by_client.get(str(row["client_id"]))
        name = known.name if known else numbered(_name(row["name"]), taken)
        taken.add(name)
        new = {**row, "name": name}
        own = known.id if known else str(row["id"])
        arrivals.append(Arrival("app", new, before, known.name if known else None, own))
    apps = {str(each.row["id"]): each.id for each in arrivals}
    return arrivals + _connections(vault, export, apps, at)


def _connections(
    vault: Vault | None, export: Export, apps: dict[str, str], at: float
) -> list[Arrival]:
    taken = {c.name for c in vault.connections() if c.revoked_at is None} if vault else set()
    arrivals = []
    for row in export.rows("connections"):
        before, found = clean(row["name"]), _is_here(vault, export, row)
        if found is not None:
            arrivals.append(Arrival("connection", row, before, found[1], found[0]))
            continue
        name = _name(row["name"])
        live = row["revoked_at"] is None
        if live:
            name = numbered(name, taken)
            taken.add(name)
        anew = live and row["kind"] == Kind.OAUTH
        new = {
            **row,
            "name": name,
            "app_id": apps.get(str(row["app_id"])),
            "imported_at": at if anew else None,
        }
        arrivals.append(Arrival("connection", new, before, None, str(row["id"]), anew))
    return arrivals


def _is_here(vault: Vault | None, export: Export, row: dict[str, Any]) -> tuple[str, str] | None:
    """Return id and name of the connection in the vault that this row would be twice."""
    if vault is None:
        return None
    database = vault.database
    found = database.row("SELECT id, name FROM connections WHERE id = ?", row["id"])
    for kind in (SecretKind.API_KEY, SecretKind.REFRESH_TOKEN):
        secret = export.secrets.get((row["id"], kind))
        if not found and secret:
            found = database.row(
                "SELECT c.id, c.name FROM fingerprints f JOIN connections c ON c.id = f.owner"
                " WHERE f.sha256 = ?",
                secret.sha256,
            )
    if not found and row["kind"] == Kind.OAUTH and row["revoked_at"] is None:
        found = database.row(
            "SELECT id, name FROM connections WHERE client_id = ? AND organization_id = ?"
            " AND user_id = ? AND kind = 'oauth' AND revoked_at IS NULL",
            row["client_id"],
            row["organization_id"],
            row["user_id"],
        )
    return (found["id"], clean(found["name"])) if found else None


def carry_out(vault: Vault, export: Export, arrivals: list[Arrival], at: float) -> None:
    """Store what is new. Inside the caller's transaction, in which the plan was made."""
    ids = {str(each.row["id"]): each.id for each in arrivals}
    new = {each.id: each for each in arrivals if each.here is None}
    for table in ("organizations", "users"):
        for row in export.rows(table):
            _insert(vault, table, row, "OR IGNORE")
    for each in new.values():
        _insert(vault, f"{each.what}s", each.row)
    for row in export.rows("fingerprints"):  # before the secrets: they keep their first date
        row["owner"] = ids.get(str(row["owner"]), row["owner"])
        _insert(vault, "fingerprints", row, "OR IGNORE")
    for (owner, kind), secret in export.secrets.items():
        if owner in new:
            each = new[owner]
            generation: int = each.row["generation" if each.what == "connection" else _APPS]
            vault.seal(owner, SecretKind(kind), generation, secret, each.row["name"], at)
    for row in export.rows("intents"):
        if row["connection_id"] in new:
            _insert(vault, "intents", row)
    _history(vault, export, ids)


def _history(vault: Vault, export: Export, ids: dict[str, str]) -> None:
    """Append the events that are not here already."""
    for row in export.rows("events"):
        del row["number"], row["previous"]  # it gets a place in this vault's chain
        row["connection_id"] = ids.get(str(row["connection_id"]), row["connection_id"])
        same = " AND ".join(f"{name} IS ?" for name in row)
        if not vault.database.row(
            f"SELECT 1 FROM events WHERE {same}",  # noqa: S608 - names of our own columns
            *row.values(),
        ):
            chain.append(vault.database, Event._make(row[name] for name in Event._fields))


def _insert(vault: Vault, table: str, row: dict[str, Any], how: str = "") -> None:
    # The columns are our own: the export was read into tables of this shape.
    vault.database.change(
        f"INSERT {how} INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
        *row.values(),
    )


def _name(foreign: object) -> str:
    """Return a name as it may stand in a vault: see ``operations.names.checked``."""
    name = clean(foreign, 64)
    fits = name == foreign and not name.startswith("-") and "/" not in name
    return name if fits and name else plain_name(name)
