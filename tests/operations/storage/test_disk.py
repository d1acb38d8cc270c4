"""A disk that is full, fails to sync, or holds a locked database, in the middle of a refresh."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultBusy
from close_tui.model import INTENT_GRACE_S, SecretKind
from close_tui.operations.refresh import refresh
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.operations.conftest import Meddling
from tests.operations.storage.watched import DURABLE

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Need, Python
    from tests.operations.conftest import Town

ROOT = Path(__file__).parents[3]

REFRESH = """
import asyncio, ctypes, json, platform, resource, struct, sys, time
from pathlib import Path
from close_tui.model import Grant, Tokens
from close_tui.operations.add import add_app
from close_tui.operations.desk import Desk, Pauses
from close_tui.operations.grant import keep
from close_tui.operations.refresh import refresh
from close_tui.secret import Secret
from close_tui.settings import Settings
from tests.operations.storage.watched import WatchedNetwork

disk, identity, url, how, when, told = sys.argv[1:]
client_id, client_secret, access_token, refresh_token, *whose = json.loads(told)
filler = Path(disk) / "filler"

def fill_the_disk():
    desk.vault.database.forget_deleted()  # no room is left in the write-ahead log either
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                pass

def limit_the_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))

def fail_to_sync():
    # seccomp: fsync and fdatasync answer EIO in this thread from now on, as a dying disk does.
    fsync, fdatasync = {"x86_64": (74, 75), "aarch64": (82, 83)}[platform.machine()]
    code = b"".join(struct.pack("HBBI", *each) for each in (
        (0x20, 0, 0, 0), (0x15, 2, 0, fsync), (0x15, 1, 0, fdatasync),
        (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050005),
    ))
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 5, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        sys.exit(77)

spoil = {"disk": fill_the_disk, "limit": limit_the_file_size, "fsync": fail_to_sync}[how]

def mend():
    filler.unlink(missing_ok=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def at_step(step):
    if step == "after /oauth2/token/" and when == "after":
        spoil()

def say(result):
    print(json.dumps([result.outcome, result.exit_code, result.detail, list(desk.unsaved)]))

async def main():
    global desk
    settings = Settings(Path(disk) / "home", url, url, Path(identity))
    network = WatchedNetwork(at_step, lambda *_: None)
    pauses = Pauses(commit=(0.01,), rescue=0.6)
    async with Desk(settings, transport=network, pauses=pauses) as desk:
        uri = "https://localhost:25673/callback"
        await add_app(desk, "reports", client_id, Secret(client_secret), redirect_uri=uri)
        (app,) = desk.vault.apps()
        tokens = Tokens(Secret(access_token), Secret(refresh_token), time.time() + 3600)
        client = desk.vault.client(app)
        kept = await keep(
            desk, app, client, Grant(tokens, *whose), name="acme", organization_id=None
        )
        if when == "before":
            spoil()
        say(await refresh(desk, kept.id))
        if how == "fsync":
            return [say(each) for each in await desk.leave()]
        mend()
        globals()["when"] = ""
        say(await refresh(desk, kept.id))

asyncio.run(main())
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "disk"
    made.mkdir(mode=0o700)
    return made


class Close:
    """A sandbox with one organization, and what a child must be told to work at it."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world
        (app,), (ada,) = world.apps.values(), world.users.values()
        (acme,) = world.organizations.values()
        grant = world.authorize_directly(app, ada, acme)
        told = [app.client_id, app.client_secret, grant.access_token, grant.refresh_token]
        self.told = json.dumps([*told, acme.id, ada.id])

    def sent(self) -> int:
        """Return how many refreshes were asked for."""
        return self.world.journal.count(route="refresh")


@pytest.fixture
def close() -> Iterator[Close]:
    """A sandbox in a thread of its own."""
    world = World(policies=Policies(rate_limit=1_000_000))
    acme = world.add_organization("Acme")
    world.add_user("ada@acme.example", "Ada Byron", [acme])
    world.add_app("Reports", "https://localhost:25673/callback")
    with running(world) as url:
        yield Close(url, world)


@pytest.mark.real
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", ["disk", "limit"])
def test_without_room_nothing_is_spent_or_what_came_is_kept(
    python: Python, need: Need, disk: Path, settings: Settings, close: Close, how: str, when: str
) -> None:
    """Full before: nothing is sent. Full after the answer: kept in memory, and saved with room."""
    prefix: tuple[str, ...] = ()
    if how == "disk":
        inside = (need("unshare"), "--mount", "--map-root-user", "sh", "-c")
        mount = f'mount -t tmpfs -o size=1m,mode=700 tmpfs "{disk}" && exec "$@"'
        if subprocess.run([*inside, mount, "sh", "true"], capture_output=True).returncode:
            pytest.skip("mounting is not permitted here; a limit of the file size is the same")
        prefix = (*inside, mount, "sh")

    done = python(
        REFRESH, disk, settings.identity_file, close.url, how, when, close.told,
        prefix=prefix, PYTHONPATH=str(ROOT),
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    (outcome, code, detail, unsaved), (again, *_, left) = map(json.loads, done.stdout.splitlines())
    assert ("failed", 7) == (outcome, code), detail
    assert ("no room" if how == "disk" else "reported an error") in detail
    assert (when == "after") == bool(unsaved) == detail.startswith("The new tokens were received")
    assert ("refreshed", []) == (again, left)
    assert 1 == close.sent()


@pytest.mark.real
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_disk_that_does_not_sync_is_not_believed(
    python: Python, disk: Path, settings: Settings, close: Close, when: str
) -> None:
    """``fsync`` fails: nothing is sent, or what came is not called stored; the loss is known."""
    done = python(
        REFRESH, disk, settings.identity_file, close.url, "fsync", when, close.told,
        PYTHONPATH=str(ROOT),
    )  # fmt: skip

    if done.returncode == 77:
        pytest.skip("system calls cannot be filtered here")
    assert 0 == done.returncode, done.stderr
    outcome, code, detail, unsaved = json.loads(done.stdout.splitlines()[0])
    assert ("failed", 7) == (outcome, code)
    assert "The disk reported an error." in detail
    assert ({"before": 0, "after": 1}[when], when == "after") == (close.sent(), bool(unsaved))
    vault = Vault.open(settings._replace(home=disk / "home"))
    vault.unlock()
    (kept,) = vault.connections()
    secret = vault.secret(kept, SecretKind.REFRESH_TOKEN)
    assert secret is not None
    if not close.world.is_alive(secret.reveal()):
        assert "are lost" in done.stdout.splitlines()[1]
        assert kept.intent is not None
        late = kept.intent.started_at + INTENT_GRACE_S + 1
        assert "refresh_unknown" == kept.status(late)
    vault.close()


async def test_a_database_that_another_program_holds_stops_before_spending(town: Town) -> None:
    """Exit code 6, nothing sent; a moment later it works."""
    connection = await town.tested()
    await town.desk.unlock()
    town.desk.vault.database._sqlite.execute("PRAGMA busy_timeout = 20")
    other = _holding(town)

    failed = await refresh(town.desk, connection.id)

    other.close()
    assert isinstance(failed.error, VaultBusy)
    assert (6, 0, "ok") == (failed.exit_code, town.sent(), town.status(connection))
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_a_database_that_is_locked_when_the_answer_comes_gets_it_later(town: Town) -> None:
    """The pair is kept until the other program lets go."""
    connection = await town.tested()
    others: list[sqlite3.Connection] = []

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        desk.vault.database._sqlite.execute("PRAGMA busy_timeout = 20")
        others.append(_holding(town))
        return answer

    desk = town.open_desk(transport=Meddling(after))
    failed = await refresh(desk, connection.id)
    others.pop().close()

    assert (6, [connection.id]) == (failed.exit_code, list(desk.unsaved))
    assert "refreshed" == (await refresh(desk, connection.id)).outcome
    assert (1, True) == (town.sent(), town.is_alive(town.token(connection)))


def _holding(town: Town) -> sqlite3.Connection:
    """Hold the database as another program would: in the middle of a write."""
    other = sqlite3.connect(town.settings.home / "vault.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_every_change_of_the_protocol_is_watched() -> None:
    """What the crash and kill tests wrap is all that can change what is stored."""
    assert {"begin_refresh", "replace_tokens", "freeze", "revoked", "remove", "record"} <= DURABLE
    assert not {"connections", "secret", "transaction"} & DURABLE
