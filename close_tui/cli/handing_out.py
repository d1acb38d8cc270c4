"""Hand out: one secret, for a script. Loads nothing that a fresh one does without."""

from __future__ import annotations

from argparse import ArgumentParser

from close_tui.cli.call import Call
from close_tui.cli.commands import example
from close_tui.cli.naming import IN_FULL, meant_for_use, name_argument
from close_tui.cli.session import Session, at_desk
from close_tui.operations.token import Handed, at_hand, hand_out_named


def token_arguments(parser: ArgumentParser) -> None:
    """Declare ``token``."""
    name_argument(parser, IN_FULL)
    parser.description = (
        f"{parser.description}\nNothing else is on stdout. An access token that expires within "
        "five minutes is\nrefreshed first. For curl, without a secret in its arguments:\n"
        "close-tui token NAME --header | curl -H @- https://api.close.com/api/v1/me/"
    )
    parser.add_argument(
        "--header",
        action="store_true",
        help="print the whole header: Authorization: Bearer … or Authorization: Basic …",
    )
    parser.set_defaults(run=run_token)
    example(parser, "close-tui token acme", "close-tui token acme --header")


def run_token(call: Call) -> int:
    """Print one secret, or the header that carries it."""
    with at_desk(call) as session:
        handed = handed_out(call, session)
    if call.args.header:
        call.console.data(f"Authorization: {handed.credential.header()}")
    else:
        call.console.data(handed.secret.reveal())
    return 0


def handed_out(call: Call, session: Session, to: str = "") -> Handed:
    """Hand out the credential that the call names, and tell people what is to be told."""
    name = meant_for_use(call, session.desk.vault)  # before a passphrase is asked for
    session.unlock()
    handed = at_hand(session.desk, name, to) or _asked_for(session, name, to)
    if handed.warning:
        call.console.warn(f"close-tui: {handed.warning}")
    return handed


def _asked_for(session: Session, name: str, to: str) -> Handed:
    """Hand out what Close has to be asked for first."""
    from close_tui.cli.several import shown  # brings asyncio, which a fresh token does without

    verb = hand_out_named(session.desk, name, to)
    return session.run(shown(session.console, "asking Close for a fresh token", verb))
