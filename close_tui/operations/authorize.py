"""Authorize: from the consent screen to a stored connection (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from close_tui.callback.attempt import Attempt
from close_tui.callback.browser import open_in_browser
from close_tui.callback.redirect import Decline
from close_tui.callback.waiting import Wait, waiting
from close_tui.close.urls import authorize_url
from close_tui.errors import (
    CallbackError,
    CertificateBroken,
    CloseError,
    CloseTuiError,
    Frozen,
    NameTaken,
    UsageError,
)
from close_tui.model import App, Client, Connection, Grant, Result
from close_tui.operations import elsewhere, names, private, server
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.operations.grant import keep
from close_tui.operations.old_grant import Authorized, settled
from close_tui.secret import Secret
from close_tui.settings import AUTHORIZE_WAIT_S

if TYPE_CHECKING:
    from close_tui.callback.certificate import Certificate
    from close_tui.callback.tunnel import Tunnel


@dataclass
class Authorization:
    """One authorization under way: what to show, and what a person can do meanwhile.

    Attributes:
        app: the OAuth app.
        url: the consent screen, with ``state`` and the code challenge; shown, opened, copied.
        seconds: how long an answer is waited for.
        organization_id: the organization that is meant, None when any will do.
        certificate_sha256: of the local address's certificate, as browsers show it; empty when
            nothing listens.
        browser_says: whether the browser will warn of that certificate, and what will be seen.
        not_listening: why only pasting helps; empty while the listener is up.
        tunnel: where the listener waits for what a tunnel forwards; empty without one.
        on_code: called when the answer has come and its code is about to be exchanged.
        on_granted: called when Close has given tokens, and is about to be asked whose they are.
        on_elsewhere: asks whether to keep a grant for another organization than the one that is
            meant; unless it is set, none is kept.
        on_notice: told what else the person should know, in a sentence, whenever that is found.
        revokes_imported: whether to revoke also a replaced grant that was imported, and that
            another machine may be using.
        ended: afterwards, the authorization and what became of the grant that it replaced.

    """

    app: App
    url: str
    seconds: float
    organization_id: str | None
    certificate_sha256: str
    browser_says: str
    not_listening: str
    tunnel: str
    on_code: Callable[[], None] = field(repr=False)
    on_granted: Callable[[], None] = field(repr=False)
    _desk: Desk = field(repr=False)
    _wait: Wait = field(repr=False)
    _client: Client = field(repr=False)
    _name: str | None = field(repr=False)
    on_elsewhere: elsewhere.Decide = field(default=elsewhere.revoke_it, repr=False)
    on_notice: Callable[[str], None] = field(default=lambda _: None, repr=False)
    revokes_imported: bool = False
    ended: Authorized | None = None

    async def open_browser(self, opener: Callable[[str], bool] | None = None) -> bool:
        """Open the consent screen, also where nobody may see it; tell whether a browser took it."""
        return await open_in_browser(self.url, opener=opener, insists=True)

    def paste(self, text: str) -> None:
        """Take the redirected address that a person pasted; RedirectRefused says why not."""
        self._wait.paste(text)

    def cancel(self) -> None:
        """Give up; :meth:`result` raises Cancelled."""
        self._wait.cancel()

    async def result(self) -> Result:
        """Wait for the answer, exchange the code, store the connection; revoke what it replaces.

        Outcome ``authorized``; ``needs_authorization`` when the new tokens died with the old ones,
        which some servers may tie together. Raises Declined, Cancelled, a CloseError, or
        WrongOrganization.
        """
        async with server.watched(self._desk, self.app, lambda said: self.on_notice(said)):
            code = await self._wait.code(self.seconds)
        self.on_code()
        # From here on Close may have granted tokens that nobody else knows of.
        done = await self._desk.shelter(f"authorization {id(self)}", lambda: self._granted(code))
        self._wait.finish(success=True, sentence=f"{done.name} is authorized.")
        return await self._desk.shelter(f"old grant {id(self)}", lambda: self._settled(done))

    async def _settled(self, done: Result) -> Result:
        self.ended = await settled(self._desk, done, imported_too=self.revokes_imported)
        return self.ended.told

    async def _granted(self, code: Secret) -> Result:
        try:
            return await self._exchange(code)
        except elsewhere.GrantedElsewhere as found:
            return await self._decided(found.found)

    async def _exchange(self, code: Secret) -> Result:
        try:
            grant = await self._desk.close.exchange(
                self._client,
                code,
                redirect_uri=self.app.redirect_uri,
                verifier=self._wait.attempt.verifier,
            )
        except CloseError as error:
            error.advice = private.advice_for(error)
            raise
        self.on_granted()
        return await self._keep(grant)

    async def _decided(self, found: elsewhere.Elsewhere) -> Result:
        """Keep a grant for another organization if a person says so, or else revoke it."""
        self._wait.finish(success=False, sentence=_ELSEWHERE)
        try:
            async with elsewhere.undecided(self._desk, found) as found:
                if await elsewhere.decided(self._desk, found, self.on_elsewhere):
                    done = await self._keep(found.grant, found.connection)
                    return done._replace(detail=f"{done.detail} {elsewhere.KEPT}")
        except CloseTuiError as error:
            raise await elsewhere.refused(self._desk, found, error) from None
        raise await elsewhere.refused(self._desk, found)

    async def _keep(self, grant: Grant, set_aside: Connection | None = None) -> Result:
        return await keep(
            self._desk,
            self.app,
            self._client,
            grant,
            # The name that was asked for is that of the organization which was meant.
            name=None if set_aside else self._name,
            organization_id=None if set_aside else self.organization_id,
            set_aside=set_aside,
        )


_ELSEWHERE: Final = (
    "Another organization was picked than the one that was meant. close-tui says what became of it."
)


def _ignore(_: Decline) -> None:
    return None


@asynccontextmanager
async def authorization(
    desk: Desk,
    app: App,
    *,
    name: str | None = None,
    organization_id: str | None = None,
    listen: bool = True,
    tunnel: str | None = None,
    can_paste: bool = True,
    seconds: float = AUTHORIZE_WAIT_S,
    on_unproven_decline: Callable[[Decline], None] = _ignore,
) -> AsyncIterator[Authorization]:
    """Begin an authorization: the listener is up inside the block and gone after it.

    ``tunnel`` takes the place of the app's own ``listen``, this once.

    A ``name`` that an authorization of this app has already means that one: its organization is
    then the one that is meant. Where another program listens on the redirect URI's port, or the
    system refuses it, pasting is left; PortBusy or CallbackError when nobody ``can_paste``.
    """
    await desk.unlock()
    organization_id = _meant(desk, app, name, organization_id)
    client = desk.vault.client(app)
    attempt = Attempt.begin(app.redirect_uri, pkce=app.pkce, organization_id=organization_id)
    near_end = _near_end(app, attempt, tunnel)
    certificate, why = _certificate(desk, attempt, near_end, listen=listen)
    near_end = None if why else near_end
    async with AsyncExitStack() as stack:
        try:
            wait = await stack.enter_async_context(
                waiting(
                    attempt, certificate, tunnel=near_end, on_unproven_decline=on_unproven_decline
                )
            )
        except CallbackError as error:
            # With a broken certificate nobody listens either, and its advice is to mend it.
            if not can_paste or isinstance(error, CertificateBroken):
                raise
            why, near_end = f"{error} {error.advice}", None
            attempt = Attempt.begin(
                app.redirect_uri, pkce=app.pkce, organization_id=organization_id
            )
            wait = await stack.enter_async_context(
                waiting(attempt, None, on_unproven_decline=on_unproven_decline)
            )
        url = authorize_url(
            desk.settings.app_url,
            client_id=app.client_id,
            redirect_uri=app.redirect_uri,
            state=attempt.state,
            challenge=attempt.challenge,
        )
        yield Authorization(
            app=app,
            url=url,
            seconds=seconds,
            organization_id=organization_id,
            certificate_sha256=certificate.sha256 if certificate and wait.listening else "",
            browser_says=await _browser_says(desk, certificate) if wait.listening else "",
            not_listening=why,
            tunnel=near_end.text if near_end else "",
            on_code=lambda: None,
            on_granted=lambda: None,
            _desk=desk,
            _wait=wait,
            _client=client,
            _name=name,
        )


async def authorize(
    desk: Desk,
    app: App,
    started: Callable[[Authorization], Awaitable[None]],
    *,
    name: str | None = None,
    organization_id: str | None = None,
    listen: bool = True,
    tunnel: str | None = None,
    can_paste: bool = True,
    seconds: float = AUTHORIZE_WAIT_S,
    on_unproven_decline: Callable[[Decline], None] = _ignore,
) -> Result:
    """Authorize from beginning to end; ``started`` is awaited once everything is ready."""
    async with authorization(
        desk,
        app,
        name=name,
        organization_id=organization_id,
        listen=listen,
        tunnel=tunnel,
        can_paste=can_paste,
        seconds=seconds,
        on_unproven_decline=on_unproven_decline,
    ) as under_way:
        await started(under_way)
        return await under_way.result()


def _meant(desk: Desk, app: App, name: str | None, organization_id: str | None) -> str | None:
    """Return the organization that is meant, from what was asked and from the name."""
    renewed = _checked_name(desk, app, name)
    if renewed is None:
        return organization_id
    if organization_id not in (None, renewed.organization.id):
        raise UsageError(
            f"{renewed.name} belongs to {renewed.organization.name or renewed.organization.id}, "
            f"not to {organization_id}."
        )
    return renewed.organization.id


def _checked_name(desk: Desk, app: App, name: str | None) -> Connection | None:
    """Return the authorization that is to be renewed, if the name is one; NameTaken otherwise."""
    if name is None:
        return None
    names.checked(name)
    for other in desk.vault.connections():
        if other.name == name and other.revoked_at is None:
            if other.app_id != app.id:
                raise NameTaken(f"There is another connection named {name} already.")
            if other.frozen_at is not None:
                raise Frozen(f"The revocation of {name} is not finished.")
            return other
    return None


def _near_end(app: App, attempt: Attempt, tunnel: str | None) -> Tunnel | None:
    text = app.listen if tunnel is None else tunnel
    if not text:
        return None
    from close_tui.callback.tunnel import Tunnel

    return Tunnel.behind(attempt.redirect_uri, text)


def _certificate(
    desk: Desk, attempt: Attempt, tunnel: Tunnel | None, *, listen: bool
) -> tuple[Certificate | None, str]:
    """Return what the listener shows to browsers, and why there is no listener if there is none."""
    if not listen:
        return None, "Nothing listens: paste the redirected address."
    if tunnel is not None:
        return None, ""  # its far end has the certificate
    if not attempt.redirect_uri.is_loopback:
        return None, (
            f"The redirect URI is on another host ({attempt.redirect_uri.host}), so the browser "
            "cannot come back to this machine: paste the address that it ends at. If a tunnel or "
            "proxy forwards it here, say where to: close-tui set app NAME --listen "
            "http://127.0.0.1:PORT"
        )
    from close_tui.operations.certificate import serving

    try:
        return serving(desk.settings, attempt.redirect_uri.host, desk.clock), ""
    except OSError as error:
        raise CallbackError(f"No certificate can be made: {error.strerror}.") from None


async def _browser_says(desk: Desk, certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import state_of
    from close_tui.operations.certificate_words import expected

    machine = Machine.here()
    return await in_daemon_thread(lambda: expected(state_of(desk.settings, certificate, machine)))
