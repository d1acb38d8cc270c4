"""Trust in the local address's certificate, in a real Chromium and a real Firefox."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Error, Page, async_playwright

from close_tui.callback.certificate import look, ssl_context
from tests.callback.machines import database, listing
from tests.end_to_end.conftest import CHROMIUM_FLAGS
from tests.end_to_end.stage import Stage, consent_url

if TYPE_CHECKING:
    from tests.conftest import Need

pytestmark = pytest.mark.real


async def test_chromium_warns_until_it_is_told_to_trust(stage: Stage, need: Need) -> None:
    """It warns, trusts, comes back to the callback, and warns again; the database is as before."""
    need("certutil")
    person = Path(stage.environment["HOME"])
    folder = database(person / ".pki" / "nssdb")
    before = listing(folder)
    stage.add_app()

    untrusted = await _visit_while_waiting(stage, need)
    given = stage.json("certificate", "trust", "--yes", "--browser", "chromium")
    said, words = await _authorize(stage, need)
    taken = stage.json("certificate", "untrust")
    again = await _visit_while_waiting(stage, need)

    assert "ERR_CERT_AUTHORITY_INVALID" in untrusted
    assert ["added"] == [each["outcome"] for each in given["results"]]
    assert said.startswith("The browser will not warn: Chromium trusts")
    assert "reporting-globex is authorized" in words
    assert ["removed"] == [each["outcome"] for each in taken["results"]]
    assert "ERR_CERT_AUTHORITY_INVALID" in again
    assert before == listing(folder)


class _Front(ThreadingHTTPServer):
    """Serves a page over TLS; notes which requests come, and which clients do not trust it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.noted: queue.Queue[str] = queue.Queue()
        super().__init__(("127.0.0.1", 0), _Page)
        self._context = context

    def get_request(self) -> tuple[socket.socket, Any]:
        accepted, address = super().get_request()
        accepted.settimeout(10)
        try:
            return self._context.wrap_socket(accepted, server_side=True), address
        except ssl.SSLError as error:
            self.noted.put(error.reason or "")
            raise


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Front)
        self.server.noted.put(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _answering(stage: Stage) -> Iterator[_Front]:
    """Serve with the installation's certificate."""
    found = look(stage.home)
    assert found is not None
    with _Front(ssl_context(found)) as front:
        serving = threading.Thread(target=front.serve_forever, daemon=True)
        serving.start()
        yield front
        front.shutdown()
        serving.join()


def test_firefox_comes_only_once_it_trusts(stage: Stage, need: Need) -> None:
    """A request arrives only from a Firefox that is content with the certificate."""
    need("certutil")
    firefox = need("firefox-esr", "firefox")
    person = Path(stage.environment["HOME"])
    profile = database(person / ".mozilla" / "firefox" / "abc.default")
    (profile.parent / "profiles.ini").write_text("[Profile0]\nName=default\nPath=abc.default\n")
    before = listing(profile)
    stage.json("certificate", "renew")

    with _answering(stage) as front:

        def visit() -> str:
            command = [firefox, "--headless", "--no-remote", "--profile", str(profile)]
            browser = subprocess.Popen(
                [*command, f"https://localhost:{front.server_address[1]}/callback"],
                env={**os.environ, "HOME": str(person)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                return front.noted.get(timeout=90)
            finally:
                os.killpg(browser.pid, signal.SIGTERM)
                browser.wait(30)
                while not front.noted.empty():
                    front.noted.get()

        untrusted = visit()
        given = stage.json("certificate", "trust", "--yes", "--browser", "firefox")
        trusted = visit()
        taken = stage.json("certificate", "untrust")
        again = visit()

    assert "UNKNOWN_CA" in untrusted or "BAD_CERTIFICATE" in untrusted
    assert ["added"] == [each["outcome"] for each in given["results"]]
    assert "/callback" == trusted
    assert ["removed"] == [each["outcome"] for each in taken["results"]]
    assert untrusted == again
    assert before == listing(profile)


async def _authorize(stage: Stage, need: Need) -> tuple[str, str]:
    """Allow access in Chromium; return what it says of the browser, and the browser's last page."""
    child = stage.start("authorize", "reporting", "--no-browser", "--json")
    url = await asyncio.to_thread(consent_url, child)
    assert child.stderr is not None
    said = ""
    while not said.startswith("The browser"):  # the way back is told before
        said = await asyncio.to_thread(child.stderr.readline)
        assert said, "it ended"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=need("chromium"),
            args=list(CHROMIUM_FLAGS),
            env={**os.environ, "HOME": stage.environment["HOME"]},
        )
        page: Page = await browser.new_page()
        await page.goto(url)
        await page.get_by_label("Globex").check()
        await page.get_by_role("button", name="Approve").click()
        await page.wait_for_url("https://localhost:*/callback/done")
        words = await page.inner_text("body")
        await browser.close()
    _, stderr = await asyncio.to_thread(child.communicate, None, 60)
    assert 0 == child.returncode, stderr
    return said, words


async def _visit_while_waiting(stage: Stage, need: Need) -> str:
    """Go where the browser is sent back to; return what Chromium says of it."""
    child = stage.start("authorize", "reporting", "--no-browser")
    await asyncio.to_thread(consent_url, child)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=need("chromium"),
                args=list(CHROMIUM_FLAGS),
                env={**os.environ, "HOME": stage.environment["HOME"]},
            )
            page = await browser.new_page()
            try:
                await page.goto(stage.app.redirect_uri)
            except Error as error:
                return str(error)
            finally:
                await browser.close()
    finally:
        child.terminate()
        await asyncio.to_thread(child.communicate, None, 60)
    return "no warning"
