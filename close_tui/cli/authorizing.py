"""Begin: authorize, in the browser and by pasting at the same time."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

from close_tui.callback.redirect import Decline
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.pasting import Pasting
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, UsageError
from close_tui.model import Result
from close_tui.operations import names
from close_tui.operations.authorize import TIMEOUT_S, Authorization, authorize
from close_tui.text import duration

_REMIND_S: Final = 60.0
_MOST_S: Final = 24 * 3600.0


def authorize_arguments(parser: ArgumentParser) -> None:
    """Declare ``authorize``."""
    parser.add_argument("app", metavar="APP", help="name or client id of an OAuth app")
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="what to call the connection; one that exists is authorized again "
        "(default: APP-ORGANIZATION)",
    )
    parser.add_argument(
        "--organization",
        metavar="orga_…",
        help="the organization that is meant; a grant for another one is revoked and not kept "
        "(default: any)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="open no browser, only show the address"
    )
    parser.add_argument(
        "--paste",
        action="store_true",
        help="do not listen for the browser: read the redirected address from standard input",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=TIMEOUT_S,
        help=f"how long to wait for the answer (default: {TIMEOUT_S:g})",
    )
    json_flag(parser)
    parser.set_defaults(run=run_authorize)
    example(
        parser,
        "close-tui authorize reports",
        "close-tui authorize reports --no-browser --timeout 60 --json",
    )


def run_authorize(call: Call) -> int:
    """Authorize an app for an organization."""
    args, console = call.args, call.console
    if not (console.interactive or args.no_browser or args.paste):
        raise UsageError(
            "Without a terminal no browser is opened.",
            advice="--no-browser prints the address and waits for the browser to come back; "
            "--paste reads the redirected address from standard input.",
        )
    if args.organization is not None and not args.organization.startswith("orga_"):
        raise UsageError("--organization takes an organization's id: orga_…")
    with at_desk(call) as session:
        app = names.app(session.desk.vault, args.app)
        session.unlock()
        wait = _Wait(call)
        under_way = authorize(
            session.desk,
            app,
            wait.started,
            name=args.name,
            organization_id=args.organization,
            listen=not args.paste,
            can_paste=wait.can_paste,
            seconds=args.timeout,
            on_unproven_decline=wait.unproven,
        )
        return tell(call, [session.run(wait.watch(under_way))])


class _Wait:
    """What a person sees and does while the answer is waited for."""

    def __init__(self, call: Call) -> None:
        self._args = call.args
        self._console = call.console
        self.can_paste: bool = call.console.interactive or call.args.paste
        self._pasting: Pasting | None = None
        self._reminders: asyncio.Task[None] | None = None

    async def watch(self, under_way: Coroutine[Any, Any, Result]) -> Result:
        """Wait for the end; when pasting was the only way and ended, say why it brought none."""
        try:
            return await under_way
        except Cancelled:
            if self._pasting and (why := self._pasting.why_ended()):
                raise why from None
            raise
        finally:
            if self._reminders:
                self._reminders.cancel()
                with suppress(asyncio.CancelledError):
                    await self._reminders

    async def started(self, authorization: Authorization) -> None:
        """Show the address and what is to be done with it, and open the browser."""
        console, why = self._console, authorization.not_listening
        if why and not self.can_paste:
            raise UsageError(why, advice="--paste reads the redirected address from stdin.")
        console.note(f"Open: {authorization.url}")
        if why and not self._args.paste:
            console.note(why)
        if authorization.certificate_sha256:
            self._explain(authorization)
        if self.can_paste:
            console.note("The address that the browser ends at can also be pasted here.")
            self._pasting = Pasting(console, authorization, alone=bool(why))
            self._pasting.start()
        self._reminders = asyncio.create_task(self._remind())
        wants_browser = console.interactive and not self._args.no_browser
        if wants_browser and not await authorization.open_browser():
            console.note("No browser could be opened: open the address yourself.")

    def unproven(self, _: Decline) -> None:
        """Say that somebody, perhaps this browser, reports a decline."""
        self._console.note(
            "The browser reports that access was declined, without proof that it is the answer to "
            "this attempt. Still waiting; if it was you, press Ctrl-C."
        )

    def _explain(self, authorization: Authorization) -> None:
        self._console.note(
            "Coming back, the browser warns about the certificate of this machine's own address: "
            "Chrome says “Your connection is not private” (Advanced, Proceed), Firefox “Warning: "
            "Potential Security Risk Ahead” (Advanced, Accept). Compare its SHA-256 first:"
        )
        self._console.note(authorization.certificate_sha256)

    async def _remind(self) -> None:
        left = self._args.timeout
        while left > 0:
            self._console.note(f"Waiting for the answer, {duration(left)} left. Ctrl-C cancels.")
            if not self._console.stderr.isatty():
                return
            await asyncio.sleep(min(left, _REMIND_S))
            left -= _REMIND_S


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ArgumentTypeError(f"not a number: {text!r}") from None
    if not 0 < seconds <= _MOST_S:
        raise ArgumentTypeError("must be more than 0 and at most a day")
    return seconds
