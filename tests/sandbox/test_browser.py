"""The pages in a real Chromium: its own rules hold as well (form-action, Sec-Fetch-Site)."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from close_tui.sandbox.seed import Demo, demo_world
from close_tui.sandbox.server import serve

pytestmark = pytest.mark.real


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """Give a page of a headless Chromium in which the redirect URI answers."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page(color_scheme="dark", viewport={"width": 390, "height": 800})
        await page.route("https://localhost:25673/**", lambda route: route.fulfill(body="back"))
        yield page
        await browser.close()


@pytest.fixture
def demo() -> Demo:
    """Give a demo world."""
    return demo_world(random=random.Random(3))


@pytest.mark.parametrize("decision", ["Approve", "Decline"])
async def test_a_person_answers_the_consent_page(page: Page, demo: Demo, decision: str) -> None:
    """Approve needs an organization, Decline does not; both come back to the redirect URI."""
    chosen = demo.organizations[3]
    async with serve(demo.world) as url:
        query = f"client_id={demo.apps[0].client_id}&response_type=code&state=xyz"
        await page.goto(f"{url}/oauth2/authorize/?{query}")
        await page.get_by_role("button", name="Approve").click()
        stays = page.url
        width = await page.evaluate("document.documentElement.scrollWidth")
        if decision == "Approve":
            await page.get_by_label(chosen.name).check()
            assert await page.locator(f'input[value="{chosen.id}"]').is_checked()
        await page.get_by_role("button", name=decision).click()
        await page.wait_for_url(re.compile(r"^https://localhost:25673/callback\?"))

    assert "/oauth2/authorize/" in stays
    assert width <= 390
    assert ("code=" if decision == "Approve" else "error=access_denied") in page.url
    assert page.url.endswith("&state=xyz")


async def test_a_person_deletes_an_api_key(page: Page, demo: Demo) -> None:
    """The row disappears and the key is dead; the others stay."""
    first, *others = demo.api_keys
    async with serve(demo.world) as url:
        await page.goto(f"{url}/settings/developer/api-keys/")
        await page.get_by_role("button", name=f"Delete API key {first.name}").click()
        await page.get_by_text(first.id).wait_for(state="detached")
        left = await page.get_by_role("button", name="Delete").count()

    assert len(others) == left
    assert not demo.world.is_alive(first.text)
    assert all(demo.world.is_alive(key.text) for key in others)
