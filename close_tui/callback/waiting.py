"""The wait for the browser: the listener and the paste field race for one answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from close_tui.callback.attempt import Attempt
from close_tui.callback.declines import PRIVATE, declined
from close_tui.callback.redirect import Code, Decline
from close_tui.errors import Cancelled, CloseTuiError, RedirectRefused
from close_tui.secret import Secret
from close_tui.text import duration

if TYPE_CHECKING:
    # Pasting alone needs neither TLS nor HTTP.
    from close_tui.callback.certificate import Certificate
    from close_tui.callback.exchange import Limits, Request, Response
    from close_tui.callback.pages import Page
    from close_tui.callback.tunnel import Tunnel

_UNPROVEN: Final = (
    "That says that access was declined, but without the proof that it belongs to this attempt."
)
_UNANSWERED: Final = (
    "Authorize again. If Close showed an error and did not send the browser back: compare the "
    f"app's client id and redirect URI with those in Close. {PRIVATE}"
)


def _nobody(_: Decline) -> None:
    """Tell nobody."""


class Wait:
    """One attempt that waits for its answer, from the browser or from a person who pastes it.

    Attributes:
        attempt: what is waited for.
        listening: whether the browser can come back by itself; otherwise only pasting helps.

    """

    def __init__(
        self,
        attempt: Attempt,
        *,
        listening: bool,
        on_unproven_decline: Callable[[Decline], None],
        tunnel: Tunnel | None = None,
    ) -> None:
        self.attempt = attempt
        self.listening = listening
        self._tunnel = tunnel
        self._on_unproven_decline = on_unproven_decline
        self._told = False
        loop = asyncio.get_running_loop()
        self._verdict: asyncio.Future[Code | Decline | None] = loop.create_future()
        self._end: asyncio.Future[tuple[Page, bool]] = loop.create_future()
        self._browser_came = False

    async def code(self, seconds: float) -> Secret:
        """Wait for the authorization code.

        Raises Declined when the consent screen said no, Cancelled after :meth:`cancel` and when
        nobody answers within ``seconds``.
        """
        try:
            async with asyncio.timeout(seconds):
                verdict = await asyncio.shield(self._verdict)
        except TimeoutError:
            self.attempt.close()
            raise Cancelled(
                f"Nobody answered within {duration(seconds)}.", advice=_UNANSWERED
            ) from None
        if verdict is None:
            raise Cancelled("The authorization was cancelled.")
        if isinstance(verdict, Decline):
            raise declined(verdict)
        return verdict.secret

    def paste(self, text: str) -> None:
        """Take a pasted redirect; a RedirectRefused says why not, and the wait goes on."""
        verdict = self.attempt.accept_pasted(text)
        if isinstance(verdict, Decline) and not verdict.proven:
            self._tell(verdict)
            raise RedirectRefused(_UNPROVEN, advice="If you declined, cancel; otherwise wait.")
        self._settle(verdict)

    def cancel(self) -> None:
        """Give up: the wait ends with Cancelled, and no answer is taken any more."""
        self.attempt.close()
        self._settle(None)

    def finish(self, *, success: bool, sentence: str) -> None:
        """Say how the exchange ended, for the browser's last page; only the first call counts."""
        from close_tui.callback import pages

        self._finish(pages.ended(success=success, sentence=sentence), stays=True)

    async def respond(self, request: Request) -> Response:
        """Answer one request to the listener; a true answer is held until the end is known."""
        from close_tui.callback import pages
        from close_tui.callback.exchange import Refusal, Response
        from close_tui.callback.rules import check

        uri = self.attempt.redirect_uri
        check(request, uri, self._tunnel)
        if request.path == uri.done_path:
            if not self._end.done():
                raise Refusal(HTTPStatus.NOT_FOUND)
            return Response(HTTPStatus.OK, self._end.result()[0])
        # A tab that is reloaded comes back with the same answer and gets the same end.
        if not (self.attempt.answered and self.attempt.recognizes(request.query)):
            try:
                verdict = self.attempt.accept(request.query)
            except RedirectRefused:
                raise Refusal(HTTPStatus.BAD_REQUEST) from None
            if isinstance(verdict, Decline) and not verdict.proven:
                self._tell(verdict)
                return Response(HTTPStatus.BAD_REQUEST, pages.unproven_decline())
            self._settle(verdict)
        self._browser_came = True
        page, stays = await asyncio.shield(self._end)
        if stays:
            return Response(HTTPStatus.SEE_OTHER, location=uri.origin + uri.done_path)
        return Response(HTTPStatus.OK, page)

    def close(self, error: BaseException | None) -> bool:
        """End the wait, however it ended; tell whether the browser has a last page to fetch."""
        from close_tui.callback import pages

        self.attempt.close()
        self._settle(None)
        if _is_no(self._verdict.result()):
            self._finish(pages.declined(), stays=True)
        elif isinstance(error, CloseTuiError):
            self.finish(success=False, sentence=f"{error.title}.")
        else:
            self._finish(pages.stopped(), stays=False)
        return self._browser_came and self._end.result()[1]

    def _settle(self, verdict: Code | Decline | None) -> None:
        if not self._verdict.done():
            self._verdict.set_result(verdict)

    def _finish(self, page: Page, *, stays: bool) -> None:
        if not self._end.done():
            self._end.set_result((page, stays))

    def _tell(self, decline: Decline) -> None:
        """Tell of an unproven decline once: a hostile page could send a thousand."""
        if not self._told and not self._verdict.done():
            self._told = True
            self._on_unproven_decline(decline)


@asynccontextmanager
async def waiting(
    attempt: Attempt,
    certificate: Certificate | None = None,
    *,
    tunnel: Tunnel | None = None,
    on_unproven_decline: Callable[[Decline], None] = _nobody,
    limits: Limits | None = None,
) -> AsyncIterator[Wait]:
    """Put an attempt up for its answer; with a certificate the browser can bring it by itself.

    So it can through a ``tunnel``, which needs no certificate of ours.

    The listener is bound (or PortBusy raised) before the body runs, and gone when the block has
    been left, in whatever way. A redirect URI that is not loopback, or no certificate, means
    that the answer can only be pasted. Leaving after :meth:`Wait.finish`, or with one of our
    errors, takes ``linger_s`` seconds if a browser waits for the last page.
    """
    if attempt.redirect_uri.is_loopback:
        tunnel = None
    else:
        certificate = None
    listening = certificate is not None or tunnel is not None
    wait = Wait(
        attempt, listening=listening, on_unproven_decline=on_unproven_decline, tunnel=tunnel
    )
    if not listening:
        attempt.claim()
        try:
            yield wait
        finally:
            wait.close(None)
        return
    from close_tui.callback.certificate import ssl_context
    from close_tui.callback.exchange import Limits
    from close_tui.callback.listener import Listener

    limits = limits or Limits()
    context = ssl_context(certificate) if certificate else None
    place = tunnel or attempt.redirect_uri
    async with Listener(place, context, wait.respond, limits) as listener:
        # Not before the port is ours: after PortBusy the attempt can still be pasted.
        attempt.claim()
        error: BaseException | None = None
        try:
            yield wait
        except BaseException as raised:
            error = raised
            raise
        finally:
            lingers = wait.close(error)
            await listener.settle()
            if lingers:
                await asyncio.sleep(limits.linger_s)


def _is_no(verdict: Code | Decline | None) -> bool:
    """Tell a person's no (RFC 6749 §4.1.2.1) from what else can end a consent screen."""
    return isinstance(verdict, Decline) and verdict.error == "access_denied"
