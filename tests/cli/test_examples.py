"""Every example of every help is run, as it stands there; and again with ``--quiet``."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pyrage
import pytest

from close_tui.cli import main
from close_tui.cli.demo_vault import DemoClock, build
from close_tui.sandbox.seed import demo_world
from close_tui.sandbox.server import running
from close_tui.settings import Settings
from tests.cli.conftest import Done, Town, point
from tests.cli.examples import PASSPHRASE, Place, Screen, browse, lines, shape

ACME = {"northwind-reports": "acme", "brightwater-reports": "globex"}
ACME_KEY = {"northwind-export": "acme"}

Talk = Callable[[Place, Screen], None]


Make = Callable[[str, "Case", str], AbstractContextManager[Place]]


class Case(NamedTuple):
    """What a line needs, and what becomes of it.

    Attributes:
        code: its exit code.
        why: why that is another one than 0.
        stdin: what is sent to it; lines without ``talk`` have no terminal.
        talk: what a person does, where the line is run on a terminal.
        names: what connections are called first.
        prepare: what else is done first.
        kept: how the lines begin that are on stderr with ``--quiet`` too.
        empty: there is no vault yet.

    """

    code: int = 0
    why: str = ""
    stdin: Callable[[Place], str] = lambda _: ""
    talk: Talk | None = None
    names: dict[str, str] = ACME
    prepare: Callable[[Place], None] = lambda _: None
    kept: tuple[str, ...] = ()
    empty: bool = False


def allows(place: Place, screen: Screen) -> None:
    """Open the address that is shown, and allow access."""
    screen.expect("Open: ")
    browse(screen.rest_of_line(), place.town.demo.organizations[0].id)


def agrees(place: Place, screen: Screen) -> None:
    """Answer a question with yes."""
    screen.expect("[y/N] ")
    screen.type("y")


def replaces_key(place: Place, screen: Screen) -> None:
    """Give the new key, then delete the old one in Close."""
    screen.expect("New API key")
    screen.type_hidden(place.new_keys[0].text)
    screen.expect("Key 1 of 1, acme-old: ")
    place.world.delete_api_key(place.old_key().id)


def reconnects(place: Place, screen: Screen) -> None:
    """Allow access for the one that is lost."""
    screen.expect("In the browser, pick ")
    screen.expect("Open: ")
    browse(screen.rest_of_line(), place.town.demo.organizations[2].id)


def chooses_passphrase(place: Place, screen: Screen) -> None:
    """Type a passphrase twice."""
    screen.expect("Passphrase of the export")
    screen.type_hidden(PASSPHRASE)
    screen.expect("The same again")
    screen.type_hidden(PASSPHRASE)


def opens_export(place: Place, screen: Screen) -> None:
    """Type the passphrase."""
    screen.expect("Passphrase of the export")
    screen.type_hidden(PASSPHRASE)


def destroys(place: Place, screen: Screen) -> None:
    """Type the word, then how many are still alive."""
    screen.expect("Type destroy to go on: ")
    screen.type("destroy")
    screen.expect("Type ")
    screen.expect(" to destroy")
    screen.type(screen.shown.rpartition("Type ")[2].split(" ")[0])


def quits(place: Place, screen: Screen) -> None:
    """Look at the app, and leave it."""
    screen.expect("northwind-reports")
    screen.press("q")


def interrupts(place: Place, screen: Screen) -> None:
    """Press Ctrl-C once the variables are there."""
    screen.expect("export CLOSE_TUI_API_URL=")
    screen.expect("an API key: ")
    screen.interrupt()


def exports(place: Place) -> None:
    """Make backup.age, behind the passphrase."""
    file = str(place.folder / "backup.age")
    assert 0 == main(["--quiet", "vault", "export", file, "--passphrase-from-env", "PW"])


def exports_to_key(place: Place) -> None:
    """Make backup.age for the identity in key.txt."""
    identity = pyrage.x25519.Identity.generate()
    (place.folder / "key.txt").write_text(f"{identity}\n", encoding="utf-8")
    words = ["vault", "export", str(place.folder / "backup.age")]
    assert 0 == main(["--quiet", *words, "--recipient", str(identity.to_public())])


def removes_connections(place: Place) -> None:
    """Leave nothing that hangs on the OAuth app."""
    for name in ("acme", "globex", "sakura-reports", "meridian-reports"):
        assert 0 == main(["--quiet", "remove", name, "--yes"])


LEFT = ("meridian-calls: Delete api_",)
"""What a person is still asked to do."""

CASES = {
    "close-tui incident show last": Case(kept=LEFT),
    "close-tui incident show inc-20270115-7f3a": Case(kept=LEFT),
    "close-tui add key acme": Case(empty=True, stdin=lambda place: place.new_keys[0].text),
    "close-tui add key acme --from-env CLOSE_API_KEY": Case(empty=True),
    "close-tui add app reports --client-id oa2client_…": Case(
        empty=True, stdin=lambda place: place.new_app.client_secret
    ),
    "close-tui add app reports --client-id oa2client_… --redirect-uri https://acme.ngrok.app/callback"
    " --listen http://127.0.0.1:8400": Case(
        empty=True, stdin=lambda place: place.new_app.client_secret
    ),
    "close-tui authorize reports": Case(talk=allows),
    "close-tui authorize reports --no-browser --timeout 60 --json": Case(talk=allows),
    "close-tui certificate trust": Case(talk=agrees),
    "close-tui authorize reports --no-browser --qr": Case(talk=allows),
    "close-tui set app reports --secret": Case(stdin=lambda place: place.new_app.client_secret),
    "close-tui test --all --json": Case(4, "one connection must be authorized again"),
    "close-tui refresh --all --json": Case(4, "three must be authorized again"),
    "close-tui find --json": Case(stdin=lambda place: f"seen: {place.old_key().text}\n"),
    "close-tui revoke acme": Case(talk=agrees),
    "close-tui revoke --app reports --yes --reason 'client secret in a public repository'": Case(
        8, "one had expired, so that there was no living access token to prove it with"
    ),
    "close-tui rotate acme": Case(talk=replaces_key, names=ACME_KEY),
    "close-tui rotate acme --from-env NEW_KEY": Case(
        8, "the old key has to be deleted by hand", names=ACME_KEY
    ),
    "close-tui reconnect --app reports": Case(talk=reconnects),
    "close-tui remove acme": Case(talk=agrees),
    "close-tui remove app reports": Case(talk=agrees, prepare=removes_connections),
    "close-tui vault export backup.age": Case(talk=chooses_passphrase),
    "close-tui vault import backup.age --dry-run": Case(talk=opens_export, prepare=exports),
    "close-tui vault import backup.age --identity key.txt": Case(prepare=exports_to_key),
    "close-tui vault move-key keyring": Case(
        7, "there is no keyring where tests run; a real one is moved to in tests/vault"
    ),
    "close-tui vault destroy": Case(8, "API keys are deleted by hand", talk=destroys),
    "close-tui vault destroy --yes --even-if-alive --reason 'laptop stolen'": Case(
        8, "API keys are deleted by hand"
    ),
    "close-tui settings edit": Case(talk=lambda place, screen: None),
    "close-tui demo": Case(talk=quits),
    "close-tui demo --serve": Case(talk=interrupts),
}
LINES = lines()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a place for a line; each call has a world of its own, made from the same seed."""

    @contextmanager
    def made(line: str, case: Case, name: str) -> Iterator[Place]:
        clock = DemoClock()
        with socket.create_server(("127.0.0.1", 0)) as free:
            redirect_uri = f"https://127.0.0.1:{free.getsockname()[1]}/callback"
        demo = demo_world(clock=clock, random=random.Random(7), redirect_uri=redirect_uri)
        home, folder = tmp_path / name / "home", tmp_path / name / "work"
        home.mkdir(mode=0o700, parents=True)
        folder.mkdir()
        monkeypatch.setenv("PW", PASSPHRASE)
        monkeypatch.setenv("HOME", str(tmp_path / name))
        with running(demo.world) as url:
            settings = Settings(home, url, url, home / "identity.txt")
            if not case.empty:
                settings = build(home, url, demo, clock)
            point(monkeypatch, settings)
            found = Place(Town(settings, demo, clock), folder, line)
            if not case.empty:
                found.name(case.names)
            case.prepare(found)
            yield found

    return made


def ended(place: Place, case: Case, *, quiet: bool) -> Done:
    """Run a line to its end."""
    if case.talk is None:
        return place.run(quiet=quiet, stdin=case.stdin(place))
    with place.screen(quiet=quiet) as screen:
        case.talk(place, screen)
        return screen.end()


SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
FIRSTS = {line.split()[1]: line for line in reversed(LINES)}
QUIET = set(LINES if SOAK else FIRSTS.values())


def test_every_case_is_an_example() -> None:
    """What is listed above still stands in a help, and an exit code other than 0 has a reason."""
    assert set(CASES) <= set(LINES)
    assert [] == [line for line, case in CASES.items() if bool(case.code) != bool(case.why)]


@pytest.mark.parametrize("line", LINES)
def test_an_example_does_what_it_shows(line: str, place: Make) -> None:
    """With ``--quiet`` too: the same data and exit code, and on stderr only what is wrong.

    Quietly, ``make test`` runs the first example of each command, ``make soak`` all of them.
    """
    case = CASES.get(line, Case())
    with place(line, case, "loud") as loudly:
        loud = ended(loudly, case, quiet=False)
    assert case.code == loud.code, loud.err or loud.out[-2000:]
    if line not in QUIET:
        return
    with place(line, case, "quiet") as quietly:
        quiet = ended(quietly, case, quiet=True)

    assert case.code == quiet.code, quiet.err or quiet.out[-2000:]
    if case.talk is None:
        assert shape(loud.out) == shape(quiet.out)
        said = quiet.err.splitlines()
        assert set(said) <= set(loud.err.splitlines()) or case.code
        assert case.code or all(line.startswith(case.kept) for line in said), said
    elif case.talk is not quits:
        assert len(quiet.out.splitlines()) <= len(loud.out.splitlines())
