"""Authorizing in a real Chromium, through the real https listener."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Request

from tests.end_to_end.stage import Stage, consent_url

pytestmark = pytest.mark.real


async def test_approving_in_chromium_stores_the_connection(stage: Stage, page: Page) -> None:
    """Consent page, https callback with a trusted certificate, tokens in the vault."""
    stage.add_app()
    child = stage.start("authorize", "reporting", "--no-browser", "--json")
    await page.goto(await asyncio.to_thread(consent_url, child))
    await page.get_by_label("Globex").check()
    await page.get_by_role("button", name="Approve").click()
    await page.wait_for_url("https://localhost:*/callback/done")
    words = await page.inner_text("body")
    stdout, stderr = await asyncio.to_thread(child.communicate, None, 60)

    assert 0 == child.returncode, stderr
    assert '"outcome": "authorized"' in stdout
    assert "reporting-globex is authorized" in words
    (found,) = stage.json("list")["connections"]
    assert ("reporting-globex", "Globex", "jo@example.com", "ok") == (
        found["name"],
        found["organization"]["name"],
        found["user"]["email"],
        found["status"],
    )
    assert stage.world.is_alive(stage.run("token", "reporting-globex").stdout.strip())


async def test_declining_in_chromium_stores_nothing(stage: Stage, page: Page) -> None:
    """The command ends with exit code 3, the browser is told, and the list stays empty."""
    stage.add_app()
    child = stage.start("authorize", "reporting", "--no-browser")
    await page.goto(await asyncio.to_thread(consent_url, child))
    await page.get_by_role("button", name="Decline").click()
    await page.wait_for_url("https://localhost:*/callback/done")
    words = await page.inner_text("body")
    _, stderr = await asyncio.to_thread(child.communicate, None, 60)

    assert 3 == child.returncode, stderr
    assert "declined" in words.lower()
    assert [] == stage.json("list")["connections"]


async def test_pasting_what_chromium_shows_stores_the_connection(stage: Stage, page: Page) -> None:
    """Where nothing listens, the address in the browser's bar is all that is needed."""
    stage.add_app()
    child = stage.start("authorize", "reporting", "--paste")
    redirected: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def look(request: Request) -> None:
        if "/callback?" in request.url and not redirected.done():
            redirected.set_result(request.url)

    page.on("request", look)
    await page.goto(await asyncio.to_thread(consent_url, child))
    await page.get_by_label("Acme EU").check()
    await page.get_by_role("button", name="Approve").click(no_wait_after=True)
    pasted = await asyncio.wait_for(redirected, 30)
    _, stderr = await asyncio.to_thread(child.communicate, f"{pasted}\n", 60)

    assert 0 == child.returncode, stderr
    assert ["reporting-acme-eu"] == [c["name"] for c in stage.json("list")["connections"]]


async def test_authorizing_again_in_chromium_kills_the_old_grant(stage: Stage, page: Page) -> None:
    """The old refresh and access token are dead at the server, the new ones alive."""
    stage.add_app()
    await _authorized(stage, page, "authorize", "reporting", "--name", "acme")
    old = _living(stage)
    stdout = await _authorized(stage, page, "rotate", "acme")
    new = _living(stage)

    assert (2, 2) == (len(old), len(new))
    assert set() == old & new
    assert '"outcome": "dead_proved"' in stdout
    assert stage.run("token", "acme").stdout.strip() in new
    assert "refreshed" == stage.json("refresh", "acme")["results"][0]["outcome"]


async def _authorized(stage: Stage, page: Page, *command: str) -> str:
    """Allow access to Acme EU in the browser; return what the command says."""
    child = stage.start(*command, "--no-browser", "--json")
    await page.goto(await asyncio.to_thread(consent_url, child))
    await page.get_by_label("Acme EU").check()
    await page.get_by_role("button", name="Approve").click()
    await page.wait_for_url("https://localhost:*/callback/done")
    stdout, stderr = await asyncio.to_thread(child.communicate, None, 60)
    assert 0 == child.returncode, stderr
    return stdout


def _living(stage: Stage) -> set[str]:
    """Return every token that the server accepts."""
    return {text for text in stage.world.grants._tokens if stage.world.is_alive(text)}
