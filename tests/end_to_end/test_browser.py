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
