"""How a wait ends, and what the browser is told then."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import pytest

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.attempt import Attempt
from close_tui.callback.certificate import Certificate
from close_tui.callback.exchange import Limits
from close_tui.callback.redirect import Decline
from close_tui.callback.waiting import waiting
from close_tui.errors import Cancelled, Declined, InvalidGrant, PortBusy, RedirectRefused
from close_tui.secret import Secret

from .conftest import PATIENCE_S, Client

CODE = Secret("granted-1")


async def test_the_answer_is_held_until_the_exchange_has_ended(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """The browser learns of success only after it is one, and a reload gets the same end."""
    async with waiting(attempt, certificate, limits=quick()) as wait:
        redirected = asyncio.create_task(client.get(answer))
        reloaded = asyncio.create_task(client.get(answer))
        await wait.code(PATIENCE_S)
        early = await client.get("", path="/callback/done")
        still_held = not redirected.done()
        wait.finish(success=True, sentence="<b>Acme</b> is connected.")
        wait.finish(success=False, sentence="too late")
        done = await client.get("", path="/callback/done")

        assert 404 == early.status
        assert still_held
        assert [303, 303] == [(await redirected).status, (await reloaded).status]
        assert 200 == done.status
        assert "&lt;b&gt;Acme&lt;/b&gt; is connected." in done.body
        assert "Authorized" in done.body


async def test_the_last_page_stays_for_a_while(
    attempt: Attempt, certificate: Certificate, client: Client, answer: str
) -> None:
    """After the redirect has been let go, its page can be fetched for two more seconds."""
    limits = Limits()
    assert 2.0 == limits.linger_s
    leaving = asyncio.Event()

    async def authorize() -> float:
        async with waiting(attempt, certificate, limits=limits) as wait:
            await wait.code(PATIENCE_S)
            wait.finish(success=True, sentence="Acme is connected.")
            leaving.set()
            began = time.monotonic()
        return time.monotonic() - began

    authorizing = asyncio.create_task(authorize())
    redirected = await client.get(answer)
    await leaving.wait()
    done = await client.get("", path="/callback/done")

    assert (303, 200) == (redirected.status, done.status)
    assert limits.linger_s <= await authorizing


async def test_a_failed_exchange_is_shown_as_one(
    attempt: Attempt, certificate: Certificate, client: Client, answer: str
) -> None:
    """One of our errors on the way out becomes the last page, in words, without details."""

    async def authorize() -> None:
        async with waiting(attempt, certificate, limits=Limits(linger_s=PATIENCE_S)) as wait:
            await wait.code(PATIENCE_S)
            raise InvalidGrant("detail-that-stays-here")

    authorizing = asyncio.create_task(authorize())
    redirected = await client.get(answer)
    done = await client.get("", path="/callback/done")
    authorizing.cancel()

    assert (303, 200) == (redirected.status, done.status)
    assert "Not authorized" in done.body
    assert InvalidGrant.title in done.body
    assert "detail" not in done.body
    with pytest.raises(asyncio.CancelledError):
        await authorizing


async def test_leaving_early_tells_the_browser_at_once(
    attempt: Attempt, certificate: Certificate, client: Client, answer: str
) -> None:
    """Cancelled in the middle of the exchange, the held tab gets its page and nothing lingers."""

    async def authorize() -> None:
        async with waiting(attempt, certificate, limits=Limits(linger_s=600.0)) as wait:
            await wait.code(PATIENCE_S)
            authorizing.cancel()
            await asyncio.sleep(PATIENCE_S)

    authorizing = asyncio.create_task(authorize())
    reply = await client.get(answer)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(authorizing, PATIENCE_S)

    assert 200 == reply.status
    assert "stopped waiting" in reply.body


async def test_a_proven_decline_ends_the_wait(
    attempt: Attempt, certificate: Certificate, client: Client, quick: Callable[..., Limits]
) -> None:
    """The consent screen's no comes with our state."""
    query = f"error=access_denied&state={attempt.state.reveal()}"
    redirected = asyncio.create_task(client.get(query))
    with pytest.raises(Declined, match="consent screen"):
        async with waiting(attempt, certificate, limits=quick()) as wait:
            await wait.code(PATIENCE_S)

    assert 303 == (await redirected).status


async def test_who_declines_sees_a_page_of_their_own(
    attempt: Attempt, certificate: Certificate, client: Client
) -> None:
    """Not the one of a failure: nothing went wrong."""
    limits = Limits(linger_s=PATIENCE_S)

    async def authorize() -> None:
        async with waiting(attempt, certificate, limits=limits) as wait:
            await wait.code(PATIENCE_S)

    authorizing = asyncio.create_task(authorize())
    await client.get(f"error=access_denied&state={attempt.state.reveal()}")
    done = await client.get("", path="/callback/done")
    authorizing.cancel()

    assert 200 == done.status
    assert "Access declined" in done.body
    with pytest.raises(asyncio.CancelledError):
        await authorizing


async def test_another_error_of_the_consent_screen_is_named(attempt: Attempt) -> None:
    """``invalid_scope`` is not a person's no; its advice is another one."""
    async with waiting(attempt) as wait:
        wait.paste(f"?error=invalid_scope&state={attempt.state.reveal()}")
        with pytest.raises(Declined, match="invalid_scope") as declined:
            await wait.code(PATIENCE_S)

    assert "settings" in declined.value.advice


async def test_an_unproven_decline_is_told_once_and_ends_nothing(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """The person is asked, however often a page sends it, and the wait goes on."""
    told: list[Decline] = []
    async with waiting(
        attempt, certificate, on_unproven_decline=told.append, limits=quick()
    ) as wait:
        pages = [await client.get("error=access_denied") for _ in range(3)]
        with pytest.raises(RedirectRefused, match="without the proof"):
            wait.paste("?error=access_denied")
        wait.paste(answer)

        assert CODE == await wait.code(PATIENCE_S)
    assert [Decline("access_denied", proven=False)] == told
    assert {400} == {page.status for page in pages}
    assert all("Was access declined?" in page.body for page in pages)


async def test_a_paste_wins_over_the_browser(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """The first valid answer counts; a tab that comes later is told how it ended."""
    async with waiting(attempt, certificate, limits=quick()) as wait:
        wait.paste(f"{client.uri.text}?{answer}")
        with pytest.raises(RedirectRefused, match="has had its answer"):
            wait.paste(answer.replace("granted-1", "granted-2"))
        redirected = asyncio.create_task(client.get(answer.replace("granted-1", "granted-2")))

        assert CODE == await wait.code(PATIENCE_S)
        wait.finish(success=True, sentence="Acme is connected.")
        assert 303 == (await redirected).status


async def test_a_wrong_paste_leaves_the_wait_as_it_was(attempt: Attempt, answer: str) -> None:
    """The reason is raised to whoever pasted; the right one is taken afterwards."""
    async with waiting(attempt) as wait:
        with pytest.raises(RedirectRefused, match="another place"):
            wait.paste(f"https://evil.example.com/callback?{answer}")
        with pytest.raises(RedirectRefused, match="Nothing"):
            wait.paste("")
        wait.paste(answer)

        assert CODE == await wait.code(PATIENCE_S)


async def test_a_redirect_uri_elsewhere_can_only_be_pasted(certificate: Certificate) -> None:
    """A tunnel or a company page is nothing that we could listen on."""
    attempt = Attempt.begin("https://hooks.example.com/close")
    async with waiting(attempt, certificate) as wait:
        assert not wait.listening
        wait.paste(f"https://hooks.example.com/close?code=c&state={attempt.state.reveal()}")

        assert Secret("c") == await wait.code(PATIENCE_S)


async def test_nobody_answers_in_time(attempt: Attempt, answer: str) -> None:
    """The wait ends as cancelled, and an answer that comes afterwards is refused."""
    async with waiting(attempt) as wait:
        with pytest.raises(Cancelled, match="Nobody answered") as late:
            await wait.code(0.01)
        with pytest.raises(RedirectRefused):
            wait.paste(answer)

    assert 3 == late.value.exit_code


async def test_a_person_cancels(attempt: Attempt, answer: str) -> None:
    """Cancel ends the wait at once."""
    async with waiting(attempt) as wait:
        wait.cancel()
        with pytest.raises(Cancelled, match="cancelled"):
            await wait.code(PATIENCE_S)
        with pytest.raises(RedirectRefused):
            wait.paste(answer)


async def test_a_busy_port_leaves_the_attempt_for_pasting(
    attempt: Attempt, certificate: Certificate, uri: RedirectURI, answer: str
) -> None:
    """Nothing has been sent anywhere yet, so the same attempt may be waited for without a port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", uri.port))
        other.listen()
        with pytest.raises(PortBusy):
            async with waiting(attempt, certificate):
                pass
        async with waiting(attempt) as wait:
            wait.paste(answer)

            assert CODE == await wait.code(PATIENCE_S)


async def test_an_attempt_is_waited_for_once(attempt: Attempt) -> None:
    """A second wait for the same state is a mistake."""
    async with waiting(attempt):
        pass

    with pytest.raises(RuntimeError, match="once"):
        async with waiting(attempt):
            pass
