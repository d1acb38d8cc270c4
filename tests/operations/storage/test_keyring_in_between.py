"""A real GNOME Keyring that locks, or goes away, while connections are being refreshed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from tests.vault.conftest import session  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.vault.conftest import Session

pytestmark = pytest.mark.real

RUNNING = """
import asyncio, json, sys, time
from close_tui.model import Grant, Tokens
from close_tui.operations.add import add_app
from close_tui.operations.desk import Desk
from close_tui.operations.grant import keep
from close_tui.operations.refresh import refresh
from close_tui.secret import Secret
from close_tui.settings import Settings

async def main():
    client_id, client_secret, access_token, refresh_token, *whose = json.loads(input())
    async with Desk(Settings.from_environment()) as desk:
        uri = "https://localhost:25673/callback"
        await add_app(desk, "reports", client_id, Secret(client_secret), redirect_uri=uri)
        (app,) = desk.vault.apps()
        tokens = Tokens(Secret(access_token), Secret(refresh_token), time.time() + 3600)
        client = desk.vault.client(app)
        kept = await keep(
            desk, app, client, Grant(tokens, *whose), name="acme", organization_id=None
        )
        print(desk.vault.place_kind, kept.outcome, flush=True)
        for _ in sys.stdin:
            result = await refresh(desk, kept.id)
            print(result.outcome, desk.vault.connection(kept.id).generation, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def world() -> World:
    """A Close with one organization."""
    made = World(policies=Policies(rate_limit=1_000_000))
    acme = made.add_organization("Acme")
    made.add_user("ada@acme.example", "Ada Byron", [acme])
    made.add_app("Reports", "https://localhost:25673/callback")
    return made


@pytest.fixture
def worker(session: Session, world: World) -> Iterator[subprocess.Popen[str]]:  # noqa: F811
    """A process that keeps its vault's key in the keyring, and refreshes when told."""
    session.start_keyring(unlocked=True)
    (app,), (ada,) = world.apps.values(), world.users.values()
    (acme,) = world.organizations.values()
    granted = world.authorize_directly(app, ada, acme)
    with running(world) as url:
        session.variables |= {"CLOSE_TUI_API_URL": url, "CLOSE_TUI_APP_URL": url}
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", RUNNING],
            env=session.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = [app.client_id, app.client_secret, granted.access_token, granted.refresh_token]
        assert "keyring authorized" == ask(child, json.dumps([*told, acme.id, ada.id]))
        yield child
        child.communicate()
    assert 0 == child.returncode


def ask(child: subprocess.Popen[str], words: str) -> str:
    """Say a line to the process that goes on running, and return its answer."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{words}\n")
    child.stdin.flush()
    return child.stdout.readline().strip()


@pytest.mark.parametrize("how", ["locked", "gone"])
def test_who_has_the_key_goes_on_and_who_has_not_is_told(
    session: Session,  # noqa: F811
    world: World,
    worker: subprocess.Popen[str],
    how: str,
) -> None:
    """A new process says locked, exit code 7, and sends nothing; afterwards nothing is lost."""
    assert "refreshed 2" == ask(worker, "refresh")
    if how == "locked":
        session.lock()
    else:  # also its bus, which would start it anew
        session.stop_keyring()
        bus = session.variables.pop("DBUS_SESSION_BUS_ADDRESS")

    assert "refreshed 3" == ask(worker, "refresh")
    sent = len(world.journal.entries())
    code, said, complaint = close_tui(session, "refresh", "acme")
    assert (7, "") == (code, said), complaint
    if how == "locked":
        assert complaint.startswith("close-tui: The vault is locked: The keyring is locked.\n")
        assert "Unlock your keyring" in complaint
    assert sent == len(world.journal.entries())
    code, listed, complaint = close_tui(session, "list", "--json")
    assert (0, "acme") == (code, json.loads(listed)["connections"][0]["name"]), complaint

    if how == "gone":
        session.variables["DBUS_SESSION_BUS_ADDRESS"] = bus
    session.stop_keyring()
    session.start_keyring(unlocked=True)
    assert "refreshed 4" == ask(worker, "refresh")
    code, said, complaint = close_tui(session, "refresh", "acme")
    assert 0 == code, complaint
    code, token, complaint = close_tui(session, "token", "acme")
    assert (0, True) == (code, world.is_alive(token.strip())), complaint
    assert 4 == world.journal.count(route="refresh", outcome="rotated")
    assert 4 == world.journal.count(route="refresh")


def close_tui(session: Session, *words: str) -> tuple[int, str, str]:  # noqa: F811
    """Call the command line in the session."""
    code = "import sys\nfrom close_tui.cli import main\nsys.exit(main(sys.argv[1:]))"
    return session.python(code, *words)
