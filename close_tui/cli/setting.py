"""Set: change an OAuth app, and switch automatic refresh for connections or for all."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Final

from close_tui.cli.adding import CLIENT_SECRET, from_env, listen_flag
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import UsageError
from close_tui.operations import names
from close_tui.operations.add import set_app
from close_tui.operations.keep import set_auto_refresh, set_auto_refresh_of_all

_URI: Final = "exactly as registered in Close (default: it stays)"


def set_arguments(parser: ArgumentParser) -> None:
    """Declare ``set app``, ``set connection`` and ``set vault``."""
    what = parser.add_subparsers(dest="what", metavar="app|connection|vault", required=True)
    example(
        parser,
        "close-tui set app reports --secret",
        "close-tui set connection acme --no-auto-refresh",
        "close-tui set vault --auto-refresh",
    )

    app = what.add_parser("app", description="Change an OAuth app; what is not named stays.")
    app.add_argument("name", metavar="NAME", help="name or client id of an app")
    app.add_argument("--redirect-uri", metavar="URI", help=_URI)
    app.add_argument("--pkce", action=BooleanOptionalAction, help="send PKCE, or do not")
    tunnel = app.add_mutually_exclusive_group()
    listen_flag(tunnel, "it stays")
    tunnel.add_argument("--no-listen", action="store_true", help="there is no tunnel any more")
    app.add_argument("--secret", action="store_true", help="store a new client secret")
    from_env(app, "the client secret")
    json_flag(app)
    app.set_defaults(run=run_set_app)
    example(
        app,
        "close-tui set app reports --secret",
        "close-tui set app reports --redirect-uri https://localhost:25674/callback",
        "close-tui set app reports --redirect-uri https://acme.ngrok.app/callback "
        "--listen http://127.0.0.1:8400",
    )

    one = what.add_parser(
        "connection", description="Let connections be refreshed without being asked, or not."
    )
    one.add_argument("names", metavar="NAME", nargs="+", help="name or id of a connection")
    _auto_refresh(one, "renew it in its last five minutes while the app is open, and by --due")
    json_flag(one)
    one.set_defaults(run=run_set_connection)
    example(one, "close-tui set connection acme globex --no-auto-refresh")

    vault = what.add_parser(
        "vault",
        description="Let all connections be refreshed without being asked, or none of them.",
    )
    _auto_refresh(vault, "renew those that are not switched off for themselves")
    json_flag(vault)
    vault.set_defaults(run=run_set_vault)
    example(vault, "close-tui set vault --no-auto-refresh")


def run_set_app(call: Call) -> int:
    """Change an OAuth app."""
    args = call.args
    wants_secret = args.secret or args.from_env is not None
    listen = "" if args.no_listen else args.listen
    if (args.redirect_uri, args.pkce, listen) == (None, None, None) and not wants_secret:
        raise UsageError(
            "Say what to change.",
            advice="--redirect-uri URI, --pkce, --no-pkce, --listen URL, --no-listen, or --secret.",
        )
    with at_desk(call) as session:
        app = names.app(session.desk.vault, args.name)
        secret = None
        if wants_secret:
            session.unlock()
            secret = call.console.secret(CLIENT_SECRET, args.from_env)
        changed = set_app(
            session.desk,
            app,
            redirect_uri=args.redirect_uri,
            pkce=args.pkce,
            listen=listen,
            client_secret=secret,
        )
        return tell(call, [session.run(changed)])


def run_set_connection(call: Call) -> int:
    """Switch automatic refresh of some connections."""
    with at_desk(call) as session:
        vault = session.desk.vault
        found = [names.connection(vault, name) for name in call.args.names]
        with vault.transaction():
            done = [set_auto_refresh(session.desk, each, call.args.auto_refresh) for each in found]
        return tell(call, done)


def run_set_vault(call: Call) -> int:
    """Switch automatic refresh of all connections."""
    with at_desk(call) as session:
        return tell(call, [set_auto_refresh_of_all(session.desk, call.args.auto_refresh)])


def _auto_refresh(parser: ArgumentParser, meaning: str) -> None:
    parser.add_argument("--auto-refresh", action=BooleanOptionalAction, required=True, help=meaning)
