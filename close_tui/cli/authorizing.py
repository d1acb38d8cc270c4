"""Begin: authorize, in the browser and by pasting at the same time."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.redirect import Decline
from close_tui.callback.surroundings import look
from close_tui.cli import qr_lines
from close_tui.cli.adding import listen_flag
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.console import is_yes
from close_tui.cli.pasting import Pasting
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, Declined, RedirectRefused, UsageError
from close_tui.model import App, Result
from close_tui.operations import names
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.desk import Desk
from close_tui.operations.elsewhere import Elsewhere
from close_tui.settings import AUTHORIZE_WAIT_S
from close_tui.text import duration

_REMIND_S: Final = 60.0
_DECLINED: Final = (
    "The pasted address says that access was declined, without proof that it belongs to this "
    "attempt. Nothing was stored."
)
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
        help="the organization that is meant; a grant for another one is revoked and not kept, "
        "unless you say so when you are asked (default: any)",
    )
    parser.add_argument(
        "--keep-other",
        action="store_true",
        help="keep a grant for another organization than the one that is meant, as APP-ORGANIZATION"
        " (default: ask on a terminal, revoke it off one)",
    )
    listen_flag(parser, "as it is stored with the app")
    way_arguments(parser)
    json_flag(parser)
    parser.set_defaults(run=run_authorize)
    example(
        parser,
        "close-tui authorize reports",
        "close-tui authorize reports --no-browser --timeout 60 --json",
        "close-tui authorize reports --no-browser --qr",
    )


def way_arguments(parser: ArgumentParser) -> None:
    """Declare how the browser's answer comes back, and how long it is waited for."""
    browser = parser.add_mutually_exclusive_group()
    browser.add_argument(
        "--no-browser", action="store_true", help="open no browser, only show the address"
    )
    browser.add_argument(
        "--browser",
        action="store_true",
        help="open one also over SSH and without a screen (default: not there)",
    )
    parser.add_argument(
        "--qr", action="store_true", help="show the address as a QR code as well, for a phone"
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
        help="how long to wait for the answer (default: the setting authorize_wait_s, "
        f"{AUTHORIZE_WAIT_S:g})",
    )
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help="answer the browser with this certificate of yours, PEM (default: the setting "
        "certificate_file, else close-tui's own)",
    )
    parser.add_argument("--key", metavar="FILE", help="its key, PEM (default: in the same file)")


def run_authorize(call: Call) -> int:
    """Authorize an app for an organization."""
    args = call.args
    require_way(call)
    if args.organization is not None and not args.organization.startswith("orga_"):
        raise UsageError("--organization takes an organization's id: orga_…")
    with at_desk(call) as session:
        app = names.app(session.desk.vault, args.app)
        session.unlock()
        wait = Wait(call, asks=True, tunnel=args.listen)
        under_way = wait.authorize(session.desk, app, args.name, args.organization)
        return tell(call, [session.run(under_way)])


def require_way(call: Call) -> None:
    """UsageError where a browser would be needed and nobody can be asked to use it.

    A certificate that is named here takes the place of the one in the settings.
    """
    args, console = call.args, call.console
    if args.certificate or args.key:
        certificate, key = (
            Path(file).absolute() if file else None for file in (args.certificate, args.key)
        )
        call.settings = call.settings._replace(
            certificate_file=certificate, certificate_key_file=key
        )
    if not (console.interactive or args.no_browser or args.paste):
        raise UsageError(
            "Without a terminal no browser is opened.",
            advice="--no-browser prints the address and waits for the browser to come back; "
            "--paste reads the redirected address from standard input.",
        )


class Wait:
    """What a person sees and does while an answer is waited for, or several after one another.

    Where it ``asks``, a grant for another organization than the one that is meant can be kept.
    """

    def __init__(
        self,
        call: Call,
        begins: Callable[[Authorization], None] = lambda _: None,
        *,
        asks: bool = False,
        tunnel: str | None = None,
    ) -> None:
        self._begins = begins
        self._was_declined = False
        self._asks = asks
        self._tunnel = tunnel
        self._here = look(call.console.environment)
        self._args = call.args
        self._console = call.console
        given: float | None = call.args.timeout
        self._seconds: float = call.settings.authorize_wait_s if given is None else given
        self._can_paste: bool = call.console.interactive or call.args.paste
        self._pasting: Pasting | None = None
        self._reminders: asyncio.Task[None] | None = None

    async def authorize(
        self, desk: Desk, app: App, name: str | None, organization_id: str | None
    ) -> Result:
        """Authorize an app, from the address that is shown to the end.

        When pasting was the only way and ended, the error says why it brought none.
        """
        try:
            return await authorize(
                desk,
                app,
                self._started,
                name=name,
                organization_id=organization_id,
                listen=not self._args.paste,
                tunnel=self._tunnel,
                can_paste=self._can_paste,
                seconds=self._seconds,
                on_unproven_decline=self._unproven,
            )
        except Cancelled:
            if self._pasting and (why := self._pasting.why_ended()):
                if self._was_declined and isinstance(why, RedirectRefused):
                    raise Declined(_DECLINED) from None
                raise why from None
            raise
        finally:
            if self._reminders:
                self._reminders.cancel()
                with suppress(asyncio.CancelledError):
                    await self._reminders

    async def _started(self, authorization: Authorization) -> None:
        """Show the address and what is to be done with it, and open the browser."""
        self._begins(authorization)
        authorization.on_notice = self._console.warn
        if self._asks:
            authorization.on_elsewhere = self._keeps
        why = authorization.not_listening
        if why and not self._can_paste:
            raise UsageError(why, advice="--paste reads the redirected address from stdin.")
        authorization.on_code = lambda: self._now("Exchanging the code …")
        authorization.on_granted = lambda: self._now("Asking Close who it is …")
        self._show(authorization)
        if self._can_paste:
            also = "" if why else "also "
            said = f"The address that the browser ends at can {also}be pasted here."
            self._console.warn(said)
            if self._pasting is None:
                self._pasting = Pasting(self._console)
            self._pasting.turn_to(authorization, alone=bool(why))
        what = "the pasted address" if why else "the answer"
        self._reminders = asyncio.create_task(self._remind(what))
        if self._wants_browser and not await authorization.open_browser():
            self._console.warn("No browser could be opened: open the address yourself.")

    def _show(self, authorization: Authorization) -> None:
        """Show the address, and by which way its answer comes back."""
        console, why = self._console, authorization.not_listening
        if console.interactive and not self._wants_browser and not self._args.no_browser:
            console.warn(self._here.why_not)
        console.warn(f"Open: {authorization.url}")
        if self._args.qr:
            qr_lines.show(console, authorization.url)
        if why and not self._args.paste:
            console.warn(why)
        if authorization.tunnel:
            console.note(f"Listening on {authorization.tunnel} for what the tunnel forwards.")
        elif not why:
            self._tell_of_the_way_back(RedirectURI.parse(authorization.app.redirect_uri))
        if authorization.certificate_sha256:
            self._explain(authorization)

    @property
    def _wants_browser(self) -> bool:
        if not self._console.interactive or self._args.no_browser:
            return False
        return self._here.opens or self._args.browser

    def _tell_of_the_way_back(self, uri: RedirectURI) -> None:
        """Show how a browser on another machine gets back here."""
        if command := self._here.forwarding(uri):
            self._console.warn("So that a browser elsewhere can come back, run this there before:")
            self._console.warn(command)
            if hint := self._here.forwarding_hint(uri):
                self._console.warn(hint)

    def _now(self, words: str) -> None:
        """Say which step has begun; nothing is waited for from a person any more."""
        if self._reminders:
            self._reminders.cancel()
        self._console.note(words)

    async def _keeps(self, found: Elsewhere) -> bool:
        """Ask whether to keep a grant for another organization than the one that is meant."""
        if self._reminders:
            self._reminders.cancel()  # nothing is waited for any more
        self._console.warn(found.sentence)
        if self._args.keep_other or self._pasting is None or not self._console.interactive:
            return bool(self._args.keep_other)
        self._console.pose("Keep it all the same? Otherwise it is revoked at once. [y/N]")
        return is_yes(await self._pasting.answer())

    def _unproven(self, _: Decline) -> None:
        """Say that somebody, perhaps this browser, reports a decline."""
        self._was_declined = True
        if self._args.paste and not self._console.stdin.isatty():
            return  # the input's end ends the wait, and says it
        self._console.warn(
            "The browser reports that access was declined, without proof that it is the answer to "
            "this attempt. Keep waiting, or cancel? Still waiting; if it was you, press Ctrl-C."
        )

    def _explain(self, authorization: Authorization) -> None:
        self._console.warn(authorization.browser_says)
        self._console.warn(f"SHA-256 {authorization.certificate_sha256}")

    async def _remind(self, what: str) -> None:
        left = self._seconds
        while left > 0:
            self._console.note(f"Waiting for {what}, {duration(left)} left. Ctrl-C cancels.")
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
