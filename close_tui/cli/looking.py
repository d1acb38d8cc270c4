"""Look: list, show, apps, history. Needs no key, no network, and nothing heavy."""

from __future__ import annotations

import gc
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from close_tui.cli import json_shapes as shapes
from close_tui.cli import words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag
from close_tui.cli.naming import meant, name_argument
from close_tui.errors import NotFound
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.filtering import parse
from close_tui.operations.overview import history, overview
from close_tui.operations.plan import word
from close_tui.operations.skew import said
from close_tui.text import clean, rfc3339

if TYPE_CHECKING:
    from close_tui.model import ClockSkew, Connection, Event

_LIST_NARROWS: Final = {5: len("does not expire"), 3: 12, 0: 10}
_LIST_DROPS: Final = (3, 6, 2)
"""Expiry, user and organization give way before the name, which is what one types; user,
revocation and kind go where a terminal is narrow. ``show`` has them all."""

_HISTORY_NARROWS: Final = {6: 20, 5: 8}
_HISTORY_DROPS: Final = (5, 6, 4)


def list_arguments(parser: ArgumentParser) -> None:
    """Declare ``list``."""
    parser.add_argument(
        "--organization", metavar="ORG", help="only this one: its id or name (default: all)"
    )
    parser.add_argument(
        "--filter",
        metavar="FILTER",
        default="",
        help="only what fits all of it: words, org:, app:, user:, name:, status:, kind:, "
        "expires<10m (units s m h d, or >); -word for not, quotes for spaces (default: all)",
    )
    json_flag(parser)
    parser.set_defaults(run=run_list)
    example(
        parser,
        "close-tui list",
        "close-tui list --organization 'Acme Inc' --json",
        "close-tui list --filter 'org:acme -kind:key expires<2h'",
    )


def show_arguments(parser: ArgumentParser) -> None:
    """Declare ``show``."""
    name_argument(parser)
    json_flag(parser)
    parser.set_defaults(run=run_show)
    example(parser, "close-tui show acme")


def apps_arguments(parser: ArgumentParser) -> None:
    """Declare ``apps``."""
    json_flag(parser)
    parser.set_defaults(run=run_apps)
    example(parser, "close-tui apps")


def history_arguments(parser: ArgumentParser) -> None:
    """Declare ``history``."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="only this connection (default: all)"
    )
    json_flag(parser)
    parser.set_defaults(run=run_history)
    example(parser, "close-tui history acme")


@contextmanager
def looking(call: Call) -> Iterator[Desk]:
    """Give a desk for a look at the vault."""
    gc.set_threshold(1_000_000)  # nothing that a look makes is garbage before it ends
    desk = Desk(call.settings, clock=call.clock)
    try:
        yield desk
    finally:
        desk.shut()


def run_list(call: Call) -> int:
    """List the connections."""
    now = call.clock()
    wanted = parse(call.args.filter)
    with looking(call) as desk:
        seen = overview(desk)
    found = _of_organization(seen.connections, call.args.organization)
    found = wanted.matching(found, now)
    if call.args.json:
        listed = (
            shapes.of_connection(each, now, word(each, now, seen.apps_with_secret))
            for each in found
        )
        upkeep = shapes.of_upkeep(seen.keeps_fresh, seen.skew)
        for piece in shapes.pieces("connections", listed, vault=upkeep):
            call.console.write(piece)
        call.console.data("")
    elif found:
        _list(call, found, now, seen.apps_with_secret)
        needing = sum(each.status(now).needs_you for each in found)
        if 0 < needing < len(found) and call.console.stderr.isatty():
            call.console.note(
                f"{needing} of {len(found)} need you: "
                "close-tui list --filter status:needs_you shows only them."
            )
        if wrong := said(seen.skew, now):
            call.console.note(wrong)
    elif seen.connections:
        call.console.note("No connection fits this filter.")
    else:
        _teach(call)
    return 0


def run_show(call: Call) -> int:
    """Show one connection."""
    from close_tui.cli import plan_words
    from close_tui.operations.plan import revocability

    now = call.clock()
    with looking(call) as desk:
        found = meant(call, desk.vault)
        keeps_fresh, skew = desk.vault.keeps_fresh(), desk.vault.clock_skew()
        planned = revocability(found, now, desk.vault.apps_with_secret())
        is_destroyed = desk.vault.destroyed_at is not None
        has_old_grant = found.frozen_at is None and found.id in desk.vault.old_grants()
    if call.args.json:
        shape = shapes.of_connection_in_full(found, now, planned.word)
        upkeep = shapes.of_upkeep(keeps_fresh, skew)
        shape["old_grant_alive"] = has_old_grant
        call.console.data(shapes.dumps(connection=shape, vault=upkeep))
    else:
        facts = _facts(found, now, keeps_fresh=keeps_fresh, skew=skew)
        said = plan_words.sentence(planned)
        if is_destroyed and planned.word != "settled":
            said = "The vault was destroyed: only you can end it, in Close."
        facts.append(("revocation", said))
        if has_old_grant:
            facts.append(("old grant", "still alive; to kill it: close-tui revoke --pending"))
        table(call.console, [(Cell(name, words.DIM), value) for name, value in facts])
    return 0


def run_apps(call: Call) -> int:
    """List the OAuth apps."""
    with looking(call) as desk:
        found = overview(desk).apps
    if call.args.json:
        call.console.data(shapes.dumps(apps=[shapes.of_app(each) for each in found]))
    elif found:
        rows: list[Sequence[Cell | str]] = [
            _heading("NAME", "CLIENT ID", "REDIRECT URI", "PKCE", "CONNECTIONS")
        ]
        for app in found:
            pkce = "on" if app.pkce else "off"
            goal = f"{app.redirect_uri} → {app.listen}" if app.listen else app.redirect_uri
            rows.append((app.name, app.client_id, goal, pkce, str(app.connections)))
        table(call.console, rows)
    else:
        call.console.note("There is no OAuth app yet: close-tui add app NAME --client-id ID")
    return 0


def run_history(call: Call) -> int:
    """Show the history."""
    with looking(call) as desk:
        events = _events(desk, call.args.name)
    if call.args.json:
        call.console.data(shapes.dumps(events=[shapes.of_event(each) for each in events]))
    elif events:
        rows: list[Sequence[Cell | str]] = [
            _heading("WHEN", "CONNECTION", "VERB", "OUTCOME", "HTTP", "BY", "WHAT")
        ]
        for event in events:
            what = f"{event.detail} Reason: {event.reason}" if event.reason else event.detail
            http = str(event.http_status or "–")
            outcome = words.spoken(event.outcome)
            when = words.moment(event.at)
            by = event.process or "–"
            rows.append((when, event.connection or "–", event.verb, outcome, http, by, what))
        drop = _HISTORY_DROPS if call.args.name is None else (1, *_HISTORY_DROPS)
        table(call.console, rows, narrow=_HISTORY_NARROWS, drop=drop)
    else:
        call.console.note("Nothing was done yet.")
    return 0


def _heading(*titles: str) -> list[Cell | str]:
    return [Cell(title, words.BOLD) for title in titles]


def _list(
    call: Call, found: Sequence[Connection], now: float, apps_with_secret: frozenset[str]
) -> None:
    heading = _heading("ORGANIZATION", "NAME", "KIND", "USER", "STATUS", "EXPIRES", "REVOCATION")
    rows = [
        (
            words.whose(each),
            each.name,
            words.kind(each),
            words.person(each),
            words.status(each, now),
            words.expiry(each, now),
            words.revocability(word(each, now, apps_with_secret)),
        )
        for each in found
    ]
    table(call.console, [heading, *rows], narrow=_LIST_NARROWS, drop=_LIST_DROPS)


def _teach(call: Call) -> None:
    note, page = call.console.note, f"{call.settings.app_url}/settings/developer"
    note("There is no connection yet. Two ways to begin:")
    note(
        "1. An API key: make one in Close under Settings → Developer → API Keys "
        f"({page}/api-keys/), then: close-tui add key NAME"
    )
    note(
        "2. OAuth: make an app in Close under Settings → Developer → OAuth Apps "
        f"({page}/oauth-apps) with the redirect URI {call.settings.redirect_uri}, then: "
        "close-tui add app NAME --client-id ID, and: close-tui authorize NAME"
    )
    note("close-tui demo shows it all on invented organizations.")


def _of_organization(found: Sequence[Connection], wanted: str | None) -> list[Connection]:
    if wanted is None:
        return list(found)
    name = wanted.casefold()
    kept = [
        each
        for each in found
        if each.organization.id == wanted or each.organization.name.casefold() == name
    ]
    if not kept:
        raise NotFound(f"There is no connection of an organization {clean(wanted)!r}.")
    return kept


def _events(desk: Desk, name: str | None) -> list[Event]:
    """Return the history; that of a connection that was removed goes by the name it had."""
    if name is None:
        return history(desk)
    try:
        return history(desk, names.connection(desk.vault, name, exact=True).id)
    except NotFound:
        kept = [each for each in history(desk) if name in (each.connection, each.connection_id)]
        return kept or history(desk, names.connection(desk.vault, name).id)


def _imported(found: Connection) -> str | None:
    at = rfc3339(found.imported_at)
    return at and f"{at}; it is not refreshed before it is authorized here (close-tui authorize)"


def _facts(
    found: Connection, now: float, *, keeps_fresh: bool, skew: ClockSkew | None
) -> list[tuple[str, str | Cell]]:
    check = found.last_check
    facts: list[tuple[str, str | Cell]] = [
        ("name", found.name),
        ("id", found.id),
        ("status", words.status(found, now)),
        ("organization", f"{found.organization.name} ({found.organization.id})"),
        ("user", " ".join(filter(None, (found.user.name, found.user.email, found.user.id)))),
        ("kind", words.kind(found)),
        ("fingerprint", found.fingerprint),
        ("expires", words.expiry(found, now)),
        ("generation", str(found.generation)),
        ("added", words.moment(found.created_at)),
    ]
    optional = {
        "description": found.description,
        "key id": found.key_id,
        "app": found.app,
        "auto-refresh": words.auto_refresh(found, keeps_fresh=keeps_fresh),
        "scope": found.scope,
        "frozen": rfc3339(found.frozen_at),
        "revoked": rfc3339(found.revoked_at),
        "proved dead": rfc3339(found.proved_dead_at),
        "refused": rfc3339(found.refused_at),
        "imported": _imported(found),
    }
    facts += [(name, value) for name, value in optional.items() if value]
    if check is not None:
        http = f", HTTP {check.http_status}" if check.http_status else ""
        facts.append(
            ("last test", f"{words.spoken(check.outcome)}{http}, {words.moment(check.at)}")
        )
        if check.rate_limit:
            rate = check.rate_limit
            facts.append(("requests left", f"{rate.remaining:g} of {rate.limit:g}"))
    if (wrong := said(skew, now)) and skew is not None:
        facts.append(("clock", f"{wrong} (seen {words.moment(skew.seen_at)})"))
    return facts
