"""A hostile page in the same Chromium, while an authorization waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Page, Request, Response

from tests.end_to_end.stage import Stage, consent_url

pytestmark = pytest.mark.real

FORGED = "code=forged&state=forged"


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>hostile</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page on another site, which may do what its scripts can."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Blank) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        serving.join()


# Each takes the callback's address, and comes back when the browser is done with it.
ATTACKS = {
    "fetch no-cors": "u => fetch(u, {mode: 'no-cors'}).catch(() => 0)",
    "fetch cors": "u => fetch(u, {mode: 'cors'}).catch(() => 0)",
    "fetch POST": "u => fetch(u, {mode: 'no-cors', method: 'POST', body: 'x'}).catch(() => 0)",
    "beacon": "u => navigator.sendBeacon(u, 'x')",
    "image": """u => new Promise(done => {
        const image = new Image(); image.onload = image.onerror = done; image.src = u; })""",
    "script": """u => new Promise(done => {
        const script = document.createElement('script');
        script.onload = script.onerror = done; script.src = u; document.head.append(script); })""",
    "iframe": """u => new Promise(done => {
        const frame = document.createElement('iframe');
        frame.onload = done; frame.src = u; document.body.append(frame); })""",
    "form in an iframe": """u => new Promise(done => {
        const frame = document.createElement('iframe'); frame.name = 'f' + document.forms.length;
        document.body.append(frame);
        const form = document.createElement('form');
        form.method = 'post'; form.action = u; form.target = frame.name; document.body.append(form);
        frame.onload = done; form.submit(); })""",
    "a hundred images": """u => Promise.all([...Array(100).keys()].map(n => new Promise(done => {
        const image = new Image(); image.onload = image.onerror = done; image.src = u + '&' + n;
        })))""",
}


@asynccontextmanager
async def _promptly(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(20):
            yield
    except TimeoutError:
        pytest.fail(f"{what} was never answered")


async def _in_a_window(page: Page, script: str, callback: str) -> int:
    """Let the hostile page open a window, and return the status that is shown there."""
    async with page.expect_popup() as opening:
        await page.evaluate(script, callback)
    window = await opening.value
    await window.wait_for_load_state()
    status = await window.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")
    await window.close()
    return int(status)


async def test_the_true_redirect_succeeds_after_everything_a_hostile_page_can_do(
    stage: Stage, page: Page, elsewhere: str
) -> None:
    """Each attack reaches the listener and is refused, and none ends the wait or is believed."""
    stage.add_app()
    child = stage.start("authorize", "reporting", "--no-browser")
    url = await asyncio.to_thread(consent_url, child)
    assert page.context.browser is not None
    person = await page.context.browser.new_context()
    sent: list[str] = []
    answered: set[int] = set()

    def note_request(request: Request) -> None:
        if request.url.startswith(stage.app.redirect_uri):
            sent.append(request.resource_type)

    def note_response(
        response: Response,
    ) -> None:  # of some, as of images, Chromium keeps the answer back
        if response.url.startswith(stage.app.redirect_uri):
            answered.add(response.status)

    hostile, true = await person.new_page(), await person.new_page()
    hostile.on("request", note_request)
    hostile.on("response", note_response)
    await hostile.goto(elsewhere)
    for query in (FORGED, "error=access_denied", ""):
        for name, attack in ATTACKS.items():
            async with _promptly(f"{name} {query}"):
                await hostile.evaluate(attack, f"{stage.app.redirect_uri}?{query}")
    opened = [
        await _in_a_window(hostile, "u => window.open(u)", f"{stage.app.redirect_uri}?{query}")
        for query in ("error=access_denied", FORGED, "")
    ]
    posted = await _in_a_window(
        hostile,
        """u => { const form = document.createElement('form');
        form.method = 'post'; form.action = u; form.target = '_blank';
        document.body.append(form); form.submit(); }""",
        f"{stage.app.redirect_uri}?{FORGED}",
    )
    before = child.poll()

    await true.goto(url)
    await true.get_by_label("Globex").check()
    await true.get_by_role("button", name="Approve").click()
    await true.wait_for_url("https://localhost:*/callback/done")
    _, stderr = await asyncio.to_thread(child.communicate, None, 60)

    assert before is None, "the wait ended before its answer"
    assert {403, 405} == answered
    assert {"fetch", "ping", "image", "script", "document"} <= set(sent)
    assert 300 <= len(sent)
    assert [400, 400, 400] == opened
    assert 405 == posted
    assert 0 == child.returncode, stderr
    assert 1 == stderr.count("without proof")
    assert ["reporting-globex"] == [each["name"] for each in stage.json("list")["connections"]]
