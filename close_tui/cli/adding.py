"""Begin: add key, add app. Secrets come by prompt, standard input or a variable."""

from __future__ import annotations

from argparse import ArgumentParser, _ActionsContainer

from close_tui.callback.addresses import validate_redirect_uri
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.session import at_desk
from close_tui.cli.several import shown, tell
from close_tui.operations import names
from close_tui.operations.add import add_app, add_key, checked_client_id
from close_tui.settings import DEFAULT_REDIRECT_URI

API_KEY: str = "API key (Close shows it once, under Settings → Developer → API Keys)"
CLIENT_SECRET: str = "Client secret (Close shows it once, when the OAuth app is made)"  # noqa: S105


def add_arguments(parser: ArgumentParser) -> None:
    """Declare ``add key`` and ``add app``."""
    what = parser.add_subparsers(dest="what", metavar="key|app", required=True)
    example(parser, "close-tui add key acme", "close-tui add app reports --client-id oa2client_…")

    key = what.add_parser("key", description="Add an API key, after Close has said whose it is.")
    key.add_argument("name", metavar="NAME", help="what to call the connection")
    key.add_argument(
        "--description", metavar="TEXT", default="", help="a note of yours (default: none)"
    )
    from_env(key, "the API key")
    json_flag(key)
    key.set_defaults(run=run_add_key)
    example(key, "close-tui add key acme", "close-tui add key acme --from-env CLOSE_API_KEY")

    app = what.add_parser("app", description="Add an OAuth app, as it is registered in Close.")
    app.add_argument("name", metavar="NAME", help="what to call the app")
    app.add_argument("--client-id", metavar="ID", required=True, help="oa2client_…, as Close shows")
    app.add_argument(
        "--redirect-uri",
        metavar="URI",
        help="exactly as registered in Close (default: the setting redirect_uri, "
        f"{DEFAULT_REDIRECT_URI})",
    )
    app.add_argument(
        "--no-pkce", dest="pkce", action="store_false", help="do not send PKCE (default: send it)"
    )
    listen_flag(app)
    from_env(app, "the client secret")
    json_flag(app)
    app.set_defaults(run=run_add_app)
    example(
        app,
        "close-tui add app reports --client-id oa2client_…",
        "close-tui add app reports --client-id oa2client_… "
        "--redirect-uri https://acme.ngrok.app/callback --listen http://127.0.0.1:8400",
    )


def run_add_key(call: Call) -> int:
    """Add an API key."""
    args = call.args
    names.checked(args.name)
    with at_desk(call) as session:
        session.prepare()
        key = call.console.secret(API_KEY, args.from_env)
        added = add_key(session.desk, args.name, key, description=args.description)
        return tell(call, [session.run(shown(call.console, "asking Close whose it is", added))])


def run_add_app(call: Call) -> int:
    """Add an OAuth app."""
    args = call.args
    uri = call.settings.redirect_uri if args.redirect_uri is None else args.redirect_uri
    names.checked(args.name)  # before anybody is asked for a secret, and before there is a vault
    checked_client_id(args.client_id)
    validate_redirect_uri(uri)
    with at_desk(call) as session:
        session.prepare()
        secret = call.console.secret(CLIENT_SECRET, args.from_env)
        added = add_app(
            session.desk,
            args.name,
            args.client_id,
            secret,
            redirect_uri=uri,
            pkce=args.pkce,
            listen=args.listen or "",
        )
        return tell(call, [session.run(added)])


def listen_flag(parser: _ActionsContainer, otherwise: str = "nothing does") -> None:
    """Let a tunnel behind the redirect URI have its near end here."""
    parser.add_argument(
        "--listen",
        metavar="URL",
        help="a tunnel or proxy forwards the redirect URI to http://127.0.0.1:PORT: listen there "
        f"(default: {otherwise})",
    )


def from_env(parser: ArgumentParser, what: str) -> None:
    """Let a secret come out of an environment variable."""
    parser.add_argument(
        "--from-env",
        metavar="VAR",
        help=f"take {what} from an environment variable (default: ask, or read standard input)",
    )
