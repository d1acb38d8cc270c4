"""The whole product against the sandbox: the installed command, a real browser, a real terminal."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, async_playwright

from close_tui.callback import certificate
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from tests.end_to_end.stage import MARKER, Stage, free_port

if TYPE_CHECKING:
    from tests.conftest import Need

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A served world with two organizations, one user, one OAuth app and one API key."""
    world = World(random=random.Random(7), marker=MARKER)
    acme, globex = world.add_organization("Acme EU"), world.add_organization("Globex")
    user = world.add_user("jo@example.com", "Jo Doe", [acme, globex])
    app = world.add_app("reporting", f"https://localhost:{free_port()}/callback")
    key = world.add_api_key(user, acme)
    for folder in ("user", "home"):
        (tmp_path / folder).mkdir(mode=0o700)
    with running(world) as url:
        environment = {
            **os.environ,
            "HOME": str(tmp_path / "user"),
            "CLOSE_TUI_HOME": str(tmp_path / "home"),
            "CLOSE_TUI_IDENTITY_FILE": str(tmp_path / "user" / "identity.txt"),
            "CLOSE_TUI_API_URL": url,
            "CLOSE_TUI_APP_URL": url,
            "TERM": "xterm-256color",
        }
        yield Stage(world, url, tmp_path / "home", acme, globex, user, app, key, environment)


@pytest.fixture
async def page(stage: Stage, tmp_path: Path, need: Need) -> AsyncIterator[Page]:
    """A page of Debian's Chromium that trusts this installation's certificate, and only it.

    The certificate stands in a scratch NSS database; certificate errors are not ignored.
    """
    browser_home = tmp_path / "browser"
    database = browser_home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    trusted = tmp_path / "certificate.pem"
    trusted.write_text(certificate.ensure(stage.home).pem, encoding="ascii")
    certutil = [need("certutil"), "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run(
        [*certutil, "-A", "-t", "P,,", "-n", "close-tui", "-i", str(trusted)], check=True
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=need("chromium"),
            args=list(CHROMIUM_FLAGS),
            env={**os.environ, "HOME": str(browser_home)},
        )
        yield await browser.new_page()
        await browser.close()
