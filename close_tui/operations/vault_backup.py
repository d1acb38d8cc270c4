"""Export and import: a whole vault in one age file, and back, here or on another machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.errors import NotAnExport, NoVault, VaultDamaged, VaultNotWritable
from close_tui.model import Event, Result
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

_ANEW: Final = (
    "Authorize it here (close-tui authorize APP): until then its refresh token, which the other "
    "machine may spend too, is not used."
)


class Exported(NamedTuple):
    """An age file (armored), how many connections are in it, and which secrets are not."""

    sealed: bytes
    connections: int
    left_out: tuple[str, ...]


async def export(
    desk: Desk, *, recipients: Sequence[str] = (), passphrase: Secret | None = None
) -> Exported:
    """Seal everything in the vault to recipients (``age1…``) or behind a passphrase.

    That it was handed out is written into the history. What was sealed was read back before.
    """
    from close_tui.vault import export_files, exporting

    vault = await desk.unlock()
    with suppress(VaultNotWritable):  # a disk that dies can still be saved from
        how = "to " + ", ".join(recipients) if recipients else "with a passphrase"
        vault.record(Event(desk.clock(), None, "", "export", "ok", f"Everything, sealed {how}."))
    written = exporting.document(vault, desk.clock())
    try:
        export_files.parse(written.document).close()
    except NotAnExport as error:
        raise VaultDamaged(
            f"What would be exported could not be imported: {error}",
            advice="close-tui vault check says what is wrong. Nothing was written.",
        ) from None
    sealed = await in_daemon_thread(
        lambda: exporting.seal(written.document, recipients, passphrase)
    )
    return Exported(sealed, written.connections, written.left_out)


def write(path: Path, exported: Exported) -> None:
    """Write a new file (0600), whole or not at all; NameTaken when it is there."""
    from close_tui.vault import exporting

    exporting.write(path, exported.sealed)


def refuse_existing(path: Path) -> None:
    """Raise NameTaken when there is something by that name: before anybody is asked anything."""
    from close_tui.vault import exporting

    exporting.refuse_existing(path)


def identities(path: Path) -> Secret:
    """Return the identities of an age identity file; refused when others can read it."""
    from close_tui.vault.in_file import InFile

    return InFile(path).read(0)


async def opened(
    sealed: bytes, *, identity: Secret | None = None, passphrase: Secret | None = None
) -> Secret:
    """Open an export with an identity or its passphrase; WrongPassphrase, NotAnExport."""
    from close_tui.vault import export_files

    return await in_daemon_thread(lambda: export_files.unseal(sealed, identity, passphrase))


def read(path: Path) -> bytes:
    """Return the bytes of an export; NotAnExport when the file cannot be one."""
    from close_tui.vault import export_files

    return export_files.read(path)


def is_behind_passphrase(sealed: bytes) -> bool:
    """Tell whether an export opens with a passphrase; otherwise it needs an identity."""
    from close_tui.vault import export_files

    return export_files.is_behind_passphrase(sealed)


def import_document(desk: Desk, document: Secret, *, dry_run: bool = False) -> list[Result]:
    """Store what is new in an export, in one transaction; the vault exists and is unlocked.

    ``added`` (under a name that is free) or ``skipped`` for each app and connection. An
    authorization is marked until it is authorized here. ``dry_run`` changes nothing and needs
    neither a key nor a vault. NotAnExport, and nothing is changed, when anything in it is wrong.
    """
    from close_tui.vault import export_files, importing

    export = export_files.parse(document)
    try:
        if dry_run:
            return [
                _result(desk, each) for each in importing.plan(_seen(desk), export, desk.clock())
            ]
        vault = desk.vault
        with vault.transaction():
            arrivals = importing.plan(vault, export, desk.clock())
            importing.carry_out(vault, export, arrivals, desk.clock())
            results = [_result(desk, each) for each in arrivals]
            for done, each in zip(results, arrivals, strict=True):
                if done.outcome == "added":
                    of = done.id if each.what == "connection" else None
                    name = done.name if of else ""
                    detail = done.detail if of else f"{done.name}: {done.detail}"
                    vault.record(Event(desk.clock(), of, name, "import", "added", detail))
        return results
    finally:
        export.close()


def _seen(desk: Desk) -> Vault | None:
    try:
        return desk.vault
    except NoVault:
        return None


def _result(desk: Desk, arrival: object) -> Result:
    from close_tui.vault.importing import Arrival

    assert isinstance(arrival, Arrival)
    what = "OAuth app" if arrival.what == "app" else "connection"
    if arrival.here is not None:
        known = "" if arrival.here == arrival.before else f", as {arrival.here}"
        detail = f"This {what} is here already{known}."
        return Result(arrival.id, arrival.before, "import", "skipped", detail, at=desk.clock())
    name = str(arrival.row["name"])
    renamed = "" if name == arrival.before else f"; it was {arrival.before}, which is taken"
    detail = f"New {what}{renamed}."
    advice = _ANEW if arrival.anew else ""
    return Result(arrival.id, name, "import", "added", detail, advice, at=desk.clock())
