"""From what a person types to a connection or an app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from close_tui.errors import Ambiguous, NotFound, UsageError
from close_tui.model import App, Connection
from close_tui.text import clean, numbered

if TYPE_CHECKING:
    from close_tui.vault.protocol import Store

NAME_LIMIT = 64

_MOST: Final = 8
"""How many names an error holds."""


def connection(vault: Store, name: str, *, exact: bool = False) -> Connection:
    """Return the connection that a person means.

    By name (a live one before a revoked one), by id, by ``organization/name`` with the
    organization's id or name, or by the beginning of a live one's name, in ``organization/name``
    of either part. What is written out in full comes before what is only begun. ``exact`` takes
    no beginnings: they are for what does no harm to the wrong one. NotFound, and Ambiguous with
    who may be meant.
    """
    if not name.strip():
        raise NotFound("No connection has an empty name.")
    everything = vault.connections()
    by_id = [c for c in everything if c.id == name]
    found = by_id or _live_first([c for c in everything if c.name == name])
    if not found:
        found, begun = _looser(everything, name)
        if exact and begun and found:
            raise NotFound(
                f"There is no connection named {clean(name)!r}.",
                advice=f"Did you mean {_listed(found)}? Here a name is written out in full.",
            )
    if not found:
        raise NotFound(
            f"There is no connection named {clean(name)!r}.", advice=_near(everything, name)
        )
    if len(found) > 1:
        raise _ambiguous(name, found)
    return found[0]


def app(vault: Store, name: str, *, exact: bool = False) -> App:
    """Return the OAuth app with this name, id or client id, or whose name begins so.

    ``exact`` takes no beginnings. NotFound, and Ambiguous with which may be meant.
    """
    if not name.strip():
        raise NotFound("No OAuth app has an empty name.")
    everything = vault.apps()
    for candidate in everything:
        if name in (candidate.name, candidate.id, candidate.client_id):
            return candidate
    begun = [each for each in everything if _begins(each.name, name)]
    if begun and not exact:
        if len(begun) > 1:
            raise Ambiguous(
                f"{clean(name)!r} may mean {listed([each.name for each in begun])}.",
                advice="Write more of the name.",
            )
        return begun[0]
    raise NotFound(
        f"There is no OAuth app named {clean(name)!r}.",
        advice=f"Did you mean {listed([each.name for each in begun])}? "
        "Here a name is written out in full."
        if begun
        else "close-tui apps lists them; close-tui add app NAME adds one.",
    )


def listed(words: Sequence[str]) -> str:
    """Return names as a sentence can hold them: at most eight, and how many more there are."""
    shown = ", ".join(clean(each) for each in words[:_MOST])
    return shown if len(words) <= _MOST else f"{shown} and {len(words) - _MOST} more"


def _looser(everything: Sequence[Connection], name: str) -> tuple[list[Connection], bool]:
    """Return what a name means that is nobody's, and whether it only begins theirs."""
    live = [c for c in everything if c.revoked_at is None]
    whose, slash, called = name.rpartition("/")
    if not slash:
        return [c for c in live if _begins(c.name, name)], True
    if not (whose and called):
        return [], False
    theirs = [c for c in everything if _is_of(c, whose)]
    if found := _live_first([c for c in theirs if c.name == called]):
        return found, False
    for group in (theirs, [c for c in live if _may_be_of(c, whose)]):
        alive = [c for c in group if c.revoked_at is None]
        if found := [c for c in alive if c.name == called]:
            return found, True
        if found := [c for c in alive if _begins(c.name, called)]:
            return found, True
    return [], False


def _near(everything: Sequence[Connection], name: str) -> str | None:
    """Say which may be meant by nobody's name: an organization's, or a slip of the hand."""
    live = [c for c in everything if c.revoked_at is None]
    if theirs := [c for c in live if _is_of(c, name)] or [c for c in live if _may_be_of(c, name)]:
        return f"That is an organization. Did you mean {_listed(theirs)}?"
    from difflib import get_close_matches  # only who is lost waits for it

    by_name = {c.name.casefold(): c.name for c in live}
    near = get_close_matches(name.casefold(), by_name, n=3, cutoff=0.75)
    return f"Did you mean {' or '.join(by_name[each] for each in near)}?" if near else None


def _live_first(found: list[Connection]) -> list[Connection]:
    return [c for c in found if c.revoked_at is None] or found


def _is_of(c: Connection, whose: str) -> bool:
    return c.organization.id == whose or c.organization.name.casefold() == whose.casefold()


def _may_be_of(c: Connection, whose: str) -> bool:
    return c.organization.id.startswith(whose) or _begins(c.organization.name, whose)


def _begins(name: str, beginning: str) -> bool:
    """An empty beginning, such as an unset variable leaves, is nobody's."""
    return bool(beginning) and name.casefold().startswith(beginning.casefold())


def _ambiguous(name: str, found: list[Connection]) -> Ambiguous:
    if any(c.revoked_at is not None for c in found):  # several have had the name before
        ids = listed([c.id for c in found])
        return Ambiguous(f"{len(found)} revoked connections were named {clean(name)!r}: {ids}.")
    return Ambiguous(
        f"{clean(name)!r} may mean {_listed(found)}.",
        advice="Write more of the name, or organization/name.",
    )


def _listed(found: Sequence[Connection]) -> str:
    return listed([c.name for c in found])


def checked(name: str) -> str:
    """Return a new name if it may be one: 1 to 64 visible characters, no leading dash or slash."""
    if len(name) > NAME_LIMIT:
        raise UsageError(f"A name has at most {NAME_LIMIT} characters.")
    if not name:
        raise UsageError("It needs a name.")
    if name != clean(name):
        raise UsageError("A name is one line of visible characters, without spaces at its ends.")
    if name.startswith("-") or "/" in name:
        raise UsageError("A name does not begin with a dash and has no slash.")
    return name


def default_name(vault: Store, wanted: str, own_id: str = "") -> str:
    """Return a name that is free: the wanted one, or with the first number that is.

    What the connection with ``own_id`` is called counts as free.
    """
    taken = {c.name for c in vault.connections() if c.revoked_at is None and c.id != own_id}
    return numbered(wanted, taken)
