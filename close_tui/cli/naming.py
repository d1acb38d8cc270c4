"""Which connection a call is about: the NAME that it gives, else ``CLOSE_TUI_CONNECTION``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Final

from close_tui.cli.call import Call
from close_tui.cli.commands import DEFAULT_NAME
from close_tui.errors import UsageError
from close_tui.operations import names

if TYPE_CHECKING:
    from close_tui.model import Connection
    from close_tui.vault.protocol import Store

CONNECTION: Final = "CLOSE_TUI_CONNECTION"

HELP: Final = (
    "name or id of a connection, organization/name, or how it begins where that is one only"
)

IN_FULL: Final = "; in a script, where nobody sees which it was, the whole name"
"""What the help adds where a secret is handed out; see :func:`meant_for_use`."""


def name_argument(parser: ArgumentParser, more: str = "") -> None:
    """Declare ``[NAME]``."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help=f"{HELP}{more} (default: ${CONNECTION})"
    )


def default_name(call: Call) -> str | None:
    """Return what ``CLOSE_TUI_CONNECTION`` says; None where it is not set, or empty."""
    return call.console.environment.get(CONNECTION) or None


def meant(call: Call, store: Store, *, exact: bool = False) -> Connection:
    """Return the connection that the call is about; UsageError where it names none.

    What the environment names is always written out in full: nobody looks at it every time.
    """
    name: str | None = call.args.name
    if name is not None and name != DEFAULT_NAME:
        return names.connection(store, name, exact=exact)
    name = default_name(call)
    if name is None:
        raise UsageError(
            "Name the connection.",
            advice=f"close-tui {call.args.command} NAME, or set {CONNECTION}.",
        )
    return names.connection(store, name, exact=True)


def meant_for_use(call: Call, store: Store) -> str:
    """Return by what name a secret is handed out: a name in full, or an id.

    Only where somebody sees it may a name be only begun: in a script a beginning would be another
    organization's one day, without a word.
    """
    found = meant(call, store, exact=not call.console.stderr.isatty())
    given = default_name(call) if call.args.name in (None, DEFAULT_NAME) else call.args.name
    if given == found.id:
        return found.id
    if given != found.name and call.console.stderr.isatty():
        call.console.note(f"close-tui: that is {found.name}, of {found.organization.name}.")
    return found.name
