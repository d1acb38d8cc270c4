"""Authorize: from the consent screen through the real https listener to a stored connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_tui.errors import (
    Cancelled,
    Declined,
    Frozen,
    NameTaken,
    PortBusy,
    RedirectRefused,
    UsageError,
    WrongOrganization,
)
from close_tui.model import Result
from close_tui.operations.add import add_app, set_app
from close_tui.operations.authorize import Authorization, authorization, authorize
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import freeze
from close_tui.sandbox import faults, records
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.operations.conftest import Town

Answer = Callable[[Authorization], Awaitable[None]]


async def consent(
    town: Town, url: str, organization: records.Organization | None = None, *, approve: bool = True
) -> str:
    """Answer the consent screen as a person would; return where the browser is sent."""
    async with httpx.AsyncClient() as browser:
        page = (await browser.get(url)).text
        answered = await browser.post(
            f"{town.settings.app_url}/oauth2/authorize/",
            data={
                "consent": page.split('name="consent" value="')[1].split('"')[0],
                "organization": (organization or town.acme).id,
                "decision": "approve" if approve else "decline",
            },
        )
    location: str = answered.headers["location"]
    return location


def browser(town: Town, pages: list[str], **how: Any) -> Answer:
    """Return a person with a browser that trusts the certificate and keeps its last page."""
    visits: set[asyncio.Task[None]] = set()

    async def visit(url: str) -> None:
        back = await consent(town, url, **how)
        context = ssl.create_default_context(cafile=town.settings.home / "certificate.pem")
        async with httpx.AsyncClient(verify=context, follow_redirects=True) as tab:
            pages.append((await tab.get(back)).text)

    async def started(under_way: Authorization) -> None:
        assert under_way.certificate_sha256.count(":") == 31
        assert "" == under_way.not_listening
        visits.add(asyncio.create_task(visit(under_way.url)))

    return started


def paster(town: Town, *answer: Any, **how: Any) -> Answer:
    """Return a person who pastes where the browser was sent."""

    async def started(under_way: Authorization) -> None:
        under_way.paste(await consent(town, under_way.url, *answer, **how))

    return started


async def by_paste(town: Town, *answer: Any, desk: Desk | None = None, **how: Any) -> Result:
    """Authorize by pasting: no listener, no certificate."""
    return await authorize(
        desk or town.desk, town.app, paster(town, *answer), listen=False, seconds=60, **how
    )


@pytest.mark.parametrize("pkce", [True, False])
async def test_the_browser_brings_a_connection(town: Town, pkce: bool) -> None:
    """Approved, exchanged, stored, named after app and organization, and tested."""
    await set_app(town.desk, town.app, pkce=pkce)
    town.app = town.app._replace(pkce=pkce)
    town.world.policies.pkce_required = pkce
    pages: list[str] = []
    # The browser holds the certificate against the real time.
    desk = town.open_desk(clock=time.time)

    done = await authorize(desk, town.app, browser(town, pages), seconds=30)

    stored = town.shown(done.id)
    assert ("authorized", 0, "Acme, as ada@acme.example.") == (
        done.outcome,
        done.exit_code,
        done.detail,
    )
    assert ("reports-acme", "Acme", "Ada Byron", "reports", 1) == (
        stored.name,
        stored.organization.name,
        stored.user.name,
        stored.app,
        stored.generation,
    )
    assert (True, records.SCOPE) == (stored.can_refresh, stored.scope)
    assert "ok" == stored.status(time.time())
    assert [("authorize", "authorized")] == town.told(stored)
    assert "reports-acme is authorized." in pages[0]
    assert "refreshed" == (await refresh(town.desk, done.id)).outcome


async def test_a_decline_ends_the_wait(town: Town) -> None:
    """Nothing is stored, and the browser's last page says so."""
    pages: list[str] = []

    with pytest.raises(Declined):
        await authorize(
            town.open_desk(clock=time.time),
            town.app,
            browser(town, pages, approve=False),
            seconds=30,
        )

    assert [] == town.desk.vault.connections()
    assert "You said no on the consent screen." in pages[0]


async def test_a_pasted_redirect_is_as_good(town: Town) -> None:
    """Without a listener the reason is told; what is not the answer is refused and waited on."""

    async def started(under_way: Authorization) -> None:
        assert "Nothing listens" in under_way.not_listening
        assert "" == under_way.certificate_sha256
        for wrong in ("", "https://elsewhere.example/?code=1", "code=1&state=2"):
            with pytest.raises(RedirectRefused):
                under_way.paste(wrong)
        await paster(town)(under_way)

    done = await authorize(town.desk, town.app, started, listen=False, seconds=60)

    assert "authorized" == done.outcome
    assert not (town.settings.home / "certificate.pem").exists()


async def test_a_redirect_to_another_machine_can_only_be_pasted(town: Town) -> None:
    """No listener is tried where nothing could arrive."""
    await set_app(town.desk, town.app, redirect_uri="https://tunnel.example/callback")
    (app,) = town.desk.vault.apps()

    async with authorization(town.desk, app) as under_way:
        assert "on another host (tunnel.example)" in under_way.not_listening
        assert "--listen http://127.0.0.1:PORT" in under_way.not_listening


async def test_a_tunnel_brings_the_answer(town: Town) -> None:
    """The listener is where the app says; the steps are told in the order they are taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        near = f"127.0.0.1:{taken.getsockname()[1]}"
    uri = "https://tunnel.example/callback"
    known = town.world.add_app("Tunnel", uri)
    words = ("tunnel", known.client_id, Secret(known.client_secret))
    added = await add_app(town.desk, *words, redirect_uri=uri, listen=f"http://{near}")
    app = town.desk.vault.app(added.id)
    assert app is not None
    steps: list[str] = []
    visits: list[asyncio.Task[httpx.Response]] = []

    async def visit(url: str) -> httpx.Response:
        query = (await consent(town, url)).partition("?")[2]
        async with httpx.AsyncClient(timeout=60) as far_end:
            goal = f"http://{near}/callback?{query}"
            return await far_end.get(goal, headers={"Host": "tunnel.example"})

    async def started(under_way: Authorization) -> None:
        under_way.on_code = lambda: steps.append("exchanging")
        under_way.on_granted = lambda: steps.append("checking who")
        assert (f"http://{near}", "") == (under_way.tunnel, under_way.certificate_sha256)
        visits.append(asyncio.create_task(visit(under_way.url)))

    done = await authorize(town.desk, app, started, can_paste=False, seconds=60)
    page = await visits[0]

    assert f"http://{near}" == app.listen
    assert "authorized" == done.outcome
    assert ["exchanging", "checking who"] == steps
    assert (303, "https://tunnel.example/callback/done") == (
        page.status_code,
        page.headers["location"],
    )


async def test_a_busy_near_end_leaves_pasting(town: Town) -> None:
    """And nothing is said to be listening."""
    uri = "https://tunnel.example/callback"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"http://127.0.0.1:{taken.getsockname()[1]}"
        await set_app(town.desk, town.app, redirect_uri=uri, listen=listen)
        (app,) = town.desk.vault.apps()
        async with authorization(town.desk, app) as under_way:
            assert str(taken.getsockname()[1]) in under_way.not_listening
            assert "" == under_way.tunnel


@pytest.mark.parametrize("stored", [True, False])
async def test_a_tunnel_is_for_another_host_only(town: Town, stored: bool) -> None:
    """A redirect URI on this machine is answered over https, never in plain http."""
    refused = pytest.raises(UsageError, match="this machine itself")
    if stored:
        with refused:
            await set_app(town.desk, town.app, listen="http://127.0.0.1:8400")
        return
    with refused:
        async with authorization(town.desk, town.app, tunnel="http://127.0.0.1:8400"):
            pass


async def test_a_tunnel_ends_with_its_redirect_uri(town: Town) -> None:
    """It is kept while other things change, and ends when it is said, or makes no sense."""
    own, other = town.app.redirect_uri, "https://tunnel.example/callback"
    near = "http://localhost:8400"

    async def after(**changes: str | bool) -> str:
        (app,) = town.desk.vault.apps()
        await set_app(town.desk, app, **changes)  # type: ignore[arg-type]
        return town.desk.vault.apps()[0].listen

    assert near == await after(redirect_uri=other, listen=f"{near}/")
    assert near == await after(pkce=False)
    assert near == await after(redirect_uri=f"{other}/2")
    assert "" == await after(redirect_uri=own)
    assert near == await after(redirect_uri=other, listen=near)
    assert "" == await after(listen="")


async def test_a_busy_port_leaves_pasting_or_fails(town: Town) -> None:
    """The reason is told where somebody can paste; elsewhere it is the error."""
    port = int(town.app.redirect_uri.rpartition(":")[2].partition("/")[0])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(PortBusy):
            await authorize(town.desk, town.app, paster(town), can_paste=False)

        async def started(under_way: Authorization) -> None:
            assert str(port) in under_way.not_listening
            assert "" == under_way.certificate_sha256
            await paster(town)(under_way)

        done = await authorize(town.desk, town.app, started, seconds=60)

    assert "authorized" == done.outcome


async def test_a_name_that_means_something_else_is_refused_beforehand(town: Town) -> None:
    """An API key's name, another organization's, a frozen one's: no browser is opened for it."""
    await town.connect_key("key")
    globex = town.connect("globex", organization=town.globex)
    asked = town.sent("authorize")

    with pytest.raises(NameTaken):
        await by_paste(town, name="key")
    with pytest.raises(UsageError, match="globex belongs to Globex"):
        await by_paste(town, name="globex", organization_id=town.acme.id)
    with pytest.raises(WrongOrganization):
        await by_paste(town, town.acme, name="globex")
    freeze(town.desk, globex, "")
    with pytest.raises(Frozen):
        await by_paste(town, name="globex")
    assert asked + 1 == town.sent("authorize")


async def test_nobody_answers_in_time_or_somebody_cancels(town: Town) -> None:
    """Both end the wait, and nothing is stored."""

    async def nobody(_: Authorization) -> None:
        return

    async def cancel(under_way: Authorization) -> None:
        under_way.cancel()

    with pytest.raises(Cancelled, match="Nobody answered within 0s"):
        await authorize(town.desk, town.app, nobody, seconds=0.05)
    with pytest.raises(Cancelled, match="was cancelled"):
        await authorize(town.desk, town.app, cancel, seconds=60)
    assert [] == town.desk.vault.connections()


async def test_an_exchange_that_was_begun_is_finished(town: Town) -> None:
    """Cancelling the wait during the exchange loses no grant: leaving waits until it is stored."""
    town.world.faults.add(faults.late_answer(0.3), "token")
    desk = town.open_desk()
    waiting = asyncio.create_task(by_paste(town, desk=desk))
    async with asyncio.timeout(30):
        while not desk.flights:
            await asyncio.sleep(0.01)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await desk.leave()

    (stored,) = town.desk.vault.connections()
    assert town.is_alive(town.token(stored))


async def test_the_browser_is_opened_with_the_consent_screen(town: Town) -> None:
    """Whether one took it is told."""
    opened: list[str] = []

    def opener(url: str) -> bool:
        opened.append(url)
        return False

    async with authorization(town.desk, town.app, listen=False) as under_way:
        assert not await under_way.open_browser(opener)

    assert [under_way.url] == opened
    assert "code_challenge_method=S256" in under_way.url
