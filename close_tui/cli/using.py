"""Use: test, refresh."""

from __future__ import annotations

from argparse import ArgumentParser

from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import chosen, run_all, shown, target_arguments, tell
from close_tui.errors import UsageError
from close_tui.model import Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.operations.due import due
from close_tui.operations.keep_fresh import refresh_due
from close_tui.operations.refresh import refresh
from close_tui.operations.test import test


def refresh_arguments(parser: ArgumentParser) -> None:
    """Declare ``refresh``."""
    target_arguments(parser, "every OAuth connection that is not revoked or being revoked")
    parser.add_argument(
        "--due",
        action="store_true",
        help="those that expire within five minutes or have expired, need no person, and are not "
        "switched off (close-tui set); says nothing when there are none: for cron and systemd",
    )
    json_flag(parser)
    parser.set_defaults(run=run_refresh)
    example(
        parser,
        "close-tui refresh acme",
        "close-tui refresh --all --json",
        "close-tui refresh --due",
    )


def test_arguments(parser: ArgumentParser) -> None:
    """Declare ``test``."""
    target_arguments(parser, "every connection that is not revoked or being revoked")
    json_flag(parser)
    parser.set_defaults(run=run_test)
    example(
        parser,
        "close-tui test acme",
        "close-tui test --filter 'status:untested'",
        "close-tui test --all --json",
    )


def run_refresh(call: Call) -> int:
    """Refresh the targets."""

    async def verb(desk: Desk, target: Connection) -> Result:
        return await refresh(desk, target.id)

    with at_desk(call) as session:
        if call.args.due:
            return _refresh_due(call, session)
        targets = chosen(call, session, lambda each: _live(each) and each.kind is Kind.OAUTH)
        if targets:
            session.unlock()
        return tell(call, run_all(session, targets, verb, "refresh"))


def _refresh_due(call: Call, session: Session) -> int:
    if call.args.names or call.args.all or call.args.filter is not None:
        raise UsageError("Name the connections, or say --all, --filter or --due.")
    targets = due(session.desk.vault, call.clock())
    if targets:
        session.unlock()
    elif not call.args.json:
        return 0
    verb = refresh_due(session.desk, targets)
    return tell(call, session.run(shown(call.console, "refresh", verb)))


def run_test(call: Call) -> int:
    """Test the targets."""

    async def verb(desk: Desk, target: Connection) -> Result:
        return await test(desk, target.id)

    with at_desk(call) as session:
        targets = chosen(call, session, _live)
        if targets:
            session.unlock()
        return tell(call, run_all(session, targets, verb, "test"))


def _live(connection: Connection) -> bool:
    return connection.revoked_at is None and connection.frozen_at is None
