"""End: rotate, so that a new key or authorization takes the place of one that is to be killed."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from close_tui.cli import json_shapes, key_queue
from close_tui.cli.adding import API_KEY, from_env
from close_tui.cli.authorizing import Wait, require_way, way_arguments
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.live import Live
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import shown, tell
from close_tui.errors import AlreadyRevoked, Cancelled, NotFound
from close_tui.model import Connection, Kind, Result
from close_tui.operations import names
from close_tui.operations.authorize import Authorization
from close_tui.operations.kill import kill, who
from close_tui.operations.reconnect import another_user
from close_tui.operations.rotate import require_rotatable, rotate_key
from close_tui.text import clean

_REASON_LIMIT = 400


def rotate_arguments(parser: ArgumentParser) -> None:
    """Declare ``rotate``."""
    parser.add_argument("name", metavar="NAME", help="name or id of a connection")
    from_env(parser, "the new API key")
    parser.add_argument(
        "--other-user", action="store_true", help="let the new API key be another user's"
    )
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help="why, for the incident (default: none)"
    )
    way_arguments(parser)
    json_flag(parser)
    parser.set_defaults(run=run_rotate)
    parser.description = (
        f"{parser.description}\nAn API key: the new one is tested and takes over the name; the "
        "old one is called NAME-old,\nfrozen, and has to be deleted by hand. An authorization: it "
        "is given anew in the browser,\nthen the old one is revoked."
    )
    example(parser, "close-tui rotate acme", "close-tui rotate acme --from-env NEW_KEY")


def run_rotate(call: Call) -> int:
    """Rotate a connection."""
    with at_desk(call) as session:
        found = names.connection(session.desk.vault, call.args.name, exact=True)
        if found.kind is Kind.API_KEY:
            return _replace_key(call, session, found)
        return _authorize_anew(call, session, found)


def _replace_key(call: Call, session: Session, found: Connection) -> int:
    args, console, desk = call.args, call.console, session.desk
    require_rotatable(found)
    session.unlock()
    key = console.secret(f"New {API_KEY}", args.from_env)
    reason = clean(args.reason, _REASON_LIMIT)
    rotating = rotate_key(desk, found, key, who(), other_user=args.other_user, reason=reason)
    rotated = session.run(shown(console, "asking Close about the new key", rotating))
    old, live = rotated.old, Live(console, [rotated.old])
    if console.interactive:
        console.note(f"{rotated.result.name} has the new key now. The old one must be killed:")
    try:
        work = kill(desk, [old], rotated.incident, live.step, ended=live.verdict)
        results = session.run(work)
    except (KeyboardInterrupt, Cancelled):
        console.warn(
            f"The new key is in place. {old.name} stays frozen: close-tui revoke --pending"
        )
        raise
    if console.interactive:
        results = key_queue.walk(session, results)
    return _tell(call, [rotated.result, *results], rotated.incident)


def _authorize_anew(call: Call, session: Session, found: Connection) -> int:
    if found.revoked_at is not None:
        raise AlreadyRevoked(
            f"{found.name} was revoked.", advice="Authorize it again: close-tui reconnect"
        )
    app = session.desk.vault.app(found.app_id) if found.app_id else None
    if app is None:
        raise NotFound(
            f"The OAuth app of {found.name} was removed.", advice="Add it again: close-tui add app"
        )
    require_way(call)
    session.unlock()
    begun: list[Authorization] = []

    def begins(under_way: Authorization) -> None:
        under_way.revokes_imported = True
        begun.append(under_way)

    wait = Wait(call, begins)
    done = session.run(wait.authorize(session.desk, app, found.name, found.organization.id))
    now = session.desk.vault.connection(done.id)
    if now is not None and now.id != found.id:
        return _tell(call, [another_user(session.desk, found, now)])
    ended = begun[-1].ended
    return _tell(call, [done] if ended is None else [each for each in ended if each is not None])


def _tell(call: Call, results: Sequence[Result], incident: str = "") -> int:
    if call.args.json:
        call.console.data(json_shapes.of_revocation(results, incident))
        return max(each.exit_code for each in results)
    code = tell(call, results)
    if incident:
        call.console.note(f"For the post-mortem: close-tui incident show {incident}")
    return code
