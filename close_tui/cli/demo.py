"""Try: the app on a Close of its own, in a home of its own; nothing real is touched."""

from __future__ import annotations

import shlex
import signal
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from close_tui.cli.call import Call, open_app
from close_tui.cli.commands import example
from close_tui.errors import CloseTuiError
from close_tui.settings import DEMO_PREFIX

if TYPE_CHECKING:
    from close_tui.cli.console import Console
    from close_tui.sandbox.seed import Demo
    from close_tui.settings import Settings


class NoSandbox(CloseTuiError):
    """The sandbox cannot listen on this machine."""

    title = "The demo cannot begin"


def demo_arguments(parser: ArgumentParser) -> None:
    """Declare ``demo``."""
    parser.add_argument(
        "--serve",
        action="store_true",
        help="only run the sandbox, and print the variables that point close-tui at it",
    )
    parser.description = (
        f"{parser.description}\nNothing real is touched: close-tui brings a small Close of its own "
        "that lives as\nlong as the demo does. Authorizing works, in your browser."
    )
    parser.set_defaults(run=run_demo)
    example(parser, "close-tui demo", "close-tui demo --serve")


def run_demo(call: Call) -> int:
    """Run the app on the sandbox, or the sandbox alone."""
    with _ended_by_signals():
        if call.args.serve:
            with suppress(KeyboardInterrupt):
                _serve(call.console)
            return 0
        return _show(call.console, call.settings)


def _show(console: Console, own: Settings) -> int:
    """Run the app in a vault of its own, with the colours and keys of the person at it."""
    from close_tui.cli.demo_vault import DemoClock, build
    from close_tui.sandbox.seed import demo_world

    clock = DemoClock()
    demo = demo_world(clock=clock)
    with _home() as home, _running(demo) as url:
        settings = build(home, url, demo, clock)
        return open_app(console, settings._replace(theme=own.theme, keys=own.keys))


def _serve(console: Console) -> None:
    from close_tui.sandbox.seed import demo_world

    demo = demo_world()
    app, key = demo.apps[0], demo.api_keys[0]
    with _home() as home, _running(demo) as url:
        variables = {
            "CLOSE_TUI_API_URL": url,
            "CLOSE_TUI_APP_URL": url,
            "CLOSE_TUI_HOME": home,
            "CLOSE_TUI_IDENTITY_FILE": home / "identity.txt",
        }
        for name, value in variables.items():
            console.data(f"export {name}={shlex.quote(str(value))}")
        console.data(f"# an OAuth app: client id {app.client_id}, secret {app.client_secret}")
        console.data(f"#   redirect URI {app.redirect_uri}")
        console.data(f"# an API key: {key.text}")
        console.flush()
        console.note("The sandbox is running; Ctrl-C ends it and forgets everything.")
        while True:
            time.sleep(3600)


@contextmanager
def _home() -> Iterator[Path]:
    """Give a folder that is ours alone and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=DEMO_PREFIX, ignore_cleanup_errors=True) as home:
        yield Path(home)


@contextmanager
def _running(demo: Demo) -> Iterator[str]:
    """Serve the demo's world; gives its address."""
    from close_tui.sandbox.server import running

    with ExitStack() as stack:
        try:
            url = stack.enter_context(running(demo.world))
        except OSError as error:
            raise NoSandbox(f"Nothing can listen on 127.0.0.1: {error.strerror}.") from None
        yield url


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM, and the end of the terminal, clean up like Ctrl-C."""

    def end(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    signals = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {each: signal.signal(each, end) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
