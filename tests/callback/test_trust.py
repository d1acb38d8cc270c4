"""Trust, given and taken back: real certutil and real databases, and the tools of other systems."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.callback import trust_record
from close_tui.callback.certificate import Certificate, ensure, renew
from close_tui.callback.trust import FILE_NAME, Outcome, Trust, standings
from close_tui.callback.trust_stores import Machine, Ran, run
from close_tui.callback.trust_tools import shell_line, wanted
from close_tui.errors import TrustUnknown
from tests.callback.machines import Tools, database, listing, user
from tests.conftest import NOW

if TYPE_CHECKING:
    from tests.conftest import Need, Python

INI = "[Profile{n}]\nName={name}\nIsRelative=1\nPath={name}\n"


@pytest.fixture(autouse=True)
def tool(need: Need) -> None:
    """NSS's certutil."""
    need("certutil")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where close-tui keeps its things."""
    return tmp_path / "close-tui"


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A user's home folder."""
    (tmp_path / "person").mkdir()
    return tmp_path / "person"


@pytest.fixture
def certificate(home: Path) -> Certificate:
    """The installation's certificate."""
    return ensure(home, clock=lambda: NOW)


def profiles(person: Path, *names: str, root: str = ".mozilla/firefox") -> list[Path]:
    """Make Firefox profiles."""
    folder = person / root
    made = [database(folder / name) for name in names]
    ini = "".join(INI.format(n=n, name=name) for n, name in enumerate(names))
    (folder / "profiles.ini").write_bytes(os.fsencode(ini))
    return made


def at(home: Path, machine: Machine, **how: Any) -> Trust:
    """Return what gives and takes trust."""
    return Trust(home, machine, clock=lambda: NOW, **how)


def outcomes(done: list[Outcome]) -> dict[str, str]:
    """Return what became of each store."""
    return {each.store.name: each.outcome for each in done}


def test_every_store_is_told_and_untold(home: Path, person: Path, certificate: Certificate) -> None:
    """Chromium as a peer, each Firefox profile as an authority; afterwards all is as before."""
    native = database(person / ".pki" / "nssdb")
    snap = database(person / "snap" / "chromium" / "current" / ".pki" / "nssdb")
    flat = database(person / ".var" / "app" / "com.google.Chrome" / ".pki" / "nssdb")
    first, second = profiles(person, "abc.default", "abc.work")
    (packed,) = profiles(person, "p.default", root="snap/firefox/common/.mozilla/firefox")
    (moved,) = profiles(person, "m.default", root=".config/mozilla/firefox")
    every = [native, snap, flat, first, second, packed, moved]
    before = [listing(each) for each in every]
    trust = at(home, user(person))

    given = trust.give(certificate)
    after = [listing(each) for each in every]
    again = trust.give(certificate)
    taken = trust.take()

    nickname = wanted(certificate.pem).nickname
    assert 7 == len(given)
    assert {"added"} == {each.outcome for each in given}
    assert ["P,,"] * 3 + ["C,,"] * 4 == [
        line.split()[-1] for shown in after for line in shown.splitlines() if nickname in line
    ]
    assert {"skipped"} == {each.outcome for each in again}
    assert [()] * 7 == [each.commands for each in again]
    assert {"removed"} == {each.outcome for each in taken}
    assert before == [listing(each) for each in every]
    assert [] == trust_record.read(home)
    assert [] == trust.take()


def test_only_what_it_has_done_is_undone(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """A certificate of somebody else, and that of another installation, stay."""
    folder = database(person / ".pki" / "nssdb")
    other_home = home.with_name("other")
    other = ensure(other_home)
    at(other_home, user(person)).give(other)
    before = listing(folder)

    trust = at(home, user(person))
    trust.give(certificate)
    trust.take()

    assert before == listing(folder)
    assert wanted(other.pem).nickname in before


def test_a_missing_database_is_made_where_a_browser_would(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """Chromium is installed and was never started."""
    trust = at(home, user(person, programs=("certutil", "chromium")))

    (given,) = trust.give(certificate)
    (taken,) = trust.take()

    folder = person / ".pki" / "nssdb"
    assert ("added", "removed") == (given.outcome, taken.outcome)
    assert ["mkdir", "certutil", "certutil"] == [command[0] for command in given.commands]
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert "close-tui" not in listing(folder)


def test_a_renewal_takes_the_old_one_out(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """Trust is not carried over by itself; the same command carries it and cleans up."""
    folder = database(person / ".pki" / "nssdb")
    trust = at(home, user(person))
    trust.give(certificate)
    new = renew(home)

    (standing,) = standings(home, new, user(person))
    (given,) = trust.give(new)
    shown = listing(folder)

    assert (False, True) == (standing.trusts, standing.old)
    assert "added" == given.outcome
    assert wanted(certificate.pem).nickname not in shown
    assert wanted(new.pem).nickname in shown
    assert [wanted(new.pem)] == [each.what for each in trust_record.read(home)]


@pytest.mark.parametrize("name", ["with space", "it's", 'a"b', "-n", "ünï", "two\nlines", "$(id)"])
def test_any_name_of_a_profile_will_do(
    home: Path, person: Path, certificate: Certificate, name: str
) -> None:
    """A name is one word of a command, and the printed line says the same to a shell."""
    folder = database(person / ".mozilla" / "firefox" / name)
    trust = at(home, user(person))
    planned = [
        shell_line(each) for step in trust.plan_giving(certificate) for each in step.commands
    ]

    shells = subprocess.run(["bash", "-ec", "\n".join(planned)], check=False)
    by_shell = listing(folder)
    trust.give(certificate)
    (taken,) = trust.take()

    assert all("\n" not in line for line in planned)
    assert 0 == shells.returncode
    assert wanted(certificate.pem).nickname in by_shell
    assert ("removed", True) == (taken.outcome, taken.store.name.isprintable())


def test_a_profile_outside_and_one_that_is_gone(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """An absolute path is taken as it is; a folder that is not there is no profile."""
    outside = database(person / "disk" / "fox")
    folder = person / ".mozilla" / "firefox"
    folder.mkdir(parents=True)
    ini = f"[Profile0]\nName=out\nIsRelative=0\nPath={outside}\n[Profile1]\nPath=gone\n[Install]\n="
    (folder / "profiles.ini").write_text(ini)

    given = at(home, user(person)).give(certificate)

    assert {"Firefox (out)": "added"} == outcomes(given)


def test_one_that_is_locked_does_not_stop_the_others(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """It says so, nothing is recorded as done, and the next time it works."""
    busy, _free = profiles(person, "busy", "free")
    trust = at(home, user(person))
    held = sqlite3.connect(busy / "cert9.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    first = trust.give(certificate)
    held.close()
    second = trust.give(certificate)

    assert {"Firefox (busy)": "failed", "Firefox (free)": "added"} == outcomes(first)
    assert "Close the browser" in first[0].advice
    assert {"Firefox (busy)": "added", "Firefox (free)": "skipped"} == outcomes(second)


def test_a_profile_with_a_primary_password_is_left_as_it_was(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """Nobody is asked for it; the command is given for where it can be typed."""
    folder = database(person / ".mozilla" / "firefox" / "locked", password="open sesame 1")
    before = listing(folder)

    (given,) = at(home, user(person)).give(certificate)

    assert ("failed", True) == (given.outcome, "password" in given.detail)
    assert f"certutil -d sql:{folder} -A" in given.advice
    assert before == listing(folder)
    assert [] == trust_record.read(home)


def test_without_certutil_the_package_is_named(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """For each store, and nothing is recorded."""
    profiles(person, "one")

    (given,) = at(home, user(person, programs=())).give(certificate)

    assert ("failed", "certutil is not installed.") == (given.outcome, given.detail)
    assert "libnss3-tools" in given.advice
    assert "nss-tools" in given.advice
    assert [] == trust_record.read(home)


def test_what_certutil_complains_of_is_told(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """In its own words, made harmless."""
    profiles(person, "one")

    def failing(command: object) -> Ran:
        return Ran(255, err="certutil: \x1b[31mno\nspace: SEC_ERROR_LIBRARY_FAILURE")

    (given,) = at(home, user(person, runner=failing)).give(certificate)

    assert "failed" == given.outcome
    assert "certutil: [31mno space: SEC_ERROR_LIBRARY_FAILURE" == given.detail


def test_a_tool_that_says_yes_and_does_nothing_is_not_believed(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """The store is asked afterwards."""
    profiles(person, "one")

    def idle(command: Any) -> Ran:
        return run(command) if "-L" in command else Ran(0)

    (given,) = at(home, user(person, runner=idle)).give(certificate)

    assert ("failed", True) == (given.outcome, "is not there" in given.detail)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2, "trusted": []}',
        b'{"version": 1, "trusted": [{}]}',
        b'{"version": 1, "trusted": 7}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_record_is_named_and_can_be_made_anew(
    home: Path, person: Path, certificate: Certificate, damage: bytes
) -> None:
    """Nothing is run by it; moved away, trust finds what is there, and it can be taken back."""
    folder = database(person / ".pki" / "nssdb")
    trust = at(home, user(person))
    trust.give(certificate)
    record = home / trust_record.FILE_NAME
    record.write_bytes(damage)
    for verb in (trust.take, lambda: trust.give(certificate), trust.plan_taking):
        with pytest.raises(TrustUnknown, match="damaged") as unknown:
            verb()
        assert "certificate trust" in unknown.value.advice
    record.rename(home / "away")

    again, taken = trust.give(certificate), trust.take()

    assert ["skipped", "removed"] == [each[0].outcome for each in (again, taken)]
    assert "close-tui" not in listing(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nickname", "-L"),
        ("sha1", "-x"),
        ("kind", "rm"),
        ("browser", "x"),
        ("path", "a\0b"),
        ("at", "soon"),
    ],
)
def test_a_record_that_was_tampered_with_runs_nothing(
    home: Path, person: Path, certificate: Certificate, field: str, value: str
) -> None:
    """What it names becomes words of a command."""
    database(person / ".pki" / "nssdb")
    at(home, user(person)).give(certificate)
    record = home / trust_record.FILE_NAME
    content = json.loads(record.read_text())
    content["trusted"][0][field] = value
    record.write_text(json.dumps(content))

    with pytest.raises(TrustUnknown):
        at(home, user(person, runner=_never)).take()


def _never(command: object) -> Ran:
    raise AssertionError(command)


def test_the_record_is_the_owners_and_says_what_was_run(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """0600; every command, word for word; the certificate's file holds no key."""
    database(person / ".pki" / "nssdb")
    told: list[tuple[str, ...]] = []

    at(home, user(person), about_to=told.append).give(certificate)

    (entry,) = trust_record.read(home)
    assert tuple(told) == entry.commands
    assert (0o600, NOW) == (
        stat.S_IMODE((home / trust_record.FILE_NAME).stat().st_mode),
        entry.at,
    )
    assert certificate.pem == (home / FILE_NAME).read_text()


def test_before_a_command_is_run_it_is_recorded(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """A crash in the middle can be undone."""
    folder = database(person / ".pki" / "nssdb")

    def dying(command: Any) -> Ran:
        ran = run(command)
        if "-A" in command:
            raise KeyboardInterrupt
        return ran

    with pytest.raises(KeyboardInterrupt):
        at(home, user(person, runner=dying)).give(certificate)
    half = listing(folder)
    (taken,) = at(home, user(person)).take()

    assert "close-tui" in half
    assert "removed" == taken.outcome
    assert "close-tui" not in listing(folder)


def test_what_is_gone_is_forgotten(home: Path, person: Path, certificate: Certificate) -> None:
    """A profile that was deleted, or whose owner has removed the certificate by hand."""
    one, two = profiles(person, "one", "two")
    trust = at(home, user(person))
    trust.give(certificate)
    (one / "cert9.db").unlink()
    nickname = wanted(certificate.pem).nickname
    subprocess.run(["certutil", "-d", f"sql:{two}", "-D", "-n", nickname], check=True)

    seen = standings(home, certificate, user(person))
    taken = trust.take()

    assert [False, False] == [each.trusts for each in seen]
    assert {"Firefox (one)": "skipped", "Firefox (two)": "skipped"} == outcomes(taken)
    assert [] == trust_record.read(home)


def test_only_the_named_browser(home: Path, person: Path, certificate: Certificate) -> None:
    """Giving and taking."""
    database(person / ".pki" / "nssdb")
    profiles(person, "one")
    at(home, user(person)).give(certificate)

    taken = at(home, user(person), browsers=["firefox"]).take()

    assert {"Firefox (one)": "removed"} == outcomes(taken)
    assert ["Chromium"] == [each.store.name for each in trust_record.read(home)]


def test_a_home_that_cannot_be_written_changes_nothing(
    python: Python, unprivileged: tuple[str, ...], home: Path, person: Path
) -> None:
    """Without a record it could not be undone."""
    folder = database(person / ".pki" / "nssdb")
    ensure(home)
    home.chmod(0o500)
    code = """
import sys, shutil
from pathlib import Path
from close_tui.callback.certificate import look
from close_tui.callback.trust import Trust
from close_tui.callback.trust_stores import Machine, run
from close_tui.errors import CertificateBroken
home, person = map(Path, sys.argv[1:])
machine = Machine("linux", {}, person, run, shutil.which)
try:
    Trust(home, machine, clock=lambda: 0.0).give(look(home))
except CertificateBroken as error:
    print(error)
"""
    done = python(code, home, person, prefix=unprivileged)
    home.chmod(0o700)

    assert "cannot be written: Permission denied." in done.stdout, done.stderr
    assert "close-tui" not in listing(folder)


def test_a_database_that_cannot_be_written_says_so(
    python: Python, unprivileged: tuple[str, ...], home: Path, person: Path
) -> None:
    """A read-only HOME: the outcome is that store's own, nothing is recorded."""
    folder = database(person / ".pki" / "nssdb")
    ensure(home)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o500 if path == folder else 0o400)
    code = """
import sys, shutil
from pathlib import Path
from close_tui.callback.certificate import look
from close_tui.callback.trust import Trust
from close_tui.callback.trust_record import read
from close_tui.callback.trust_stores import Machine, run
home, person = map(Path, sys.argv[1:])
machine = Machine("linux", {}, person, run, shutil.which)
(one,) = Trust(home, machine, clock=lambda: 0.0).give(look(home))
print(one.outcome, one.detail, read(home))
"""
    done = python(code, home, person, prefix=unprivileged)
    folder.chmod(0o700)

    assert done.stdout.startswith("failed "), done.stderr
    assert "SEC_ERROR_READ_ONLY" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def test_two_processes_at_once_end_with_one_record(
    python: Python, home: Path, person: Path, certificate: Certificate
) -> None:
    """Each store holds it once, and one untrust undoes all."""
    folders = profiles(person, "one", "two", "three")
    before = [listing(each) for each in folders]
    command = [
        "-m",
        "close_tui",
        "--quiet",
        "certificate",
        "trust",
        "--yes",
        "--browser",
        "firefox",
    ]
    env = {**os.environ, "HOME": str(person), "CLOSE_TUI_HOME": str(home)}
    racing = [subprocess.Popen([sys.executable, *command], env=env) for _ in range(3)]

    assert [0, 0, 0] == [each.wait(60) for each in racing]
    assert 3 == len(trust_record.read(home))
    at(home, user(person)).take()
    assert before == [listing(each) for each in folders]


@pytest.fixture(params=["darwin", "win32"])
def elsewhere(request: pytest.FixtureRequest, person: Path) -> tuple[Machine, Tools]:
    """A Mac, and a Windows machine, whose tools do what they are documented to do."""
    tools = Tools()
    return user(person, platform=request.param, runner=tools, programs=()), tools


def test_macos_and_windows_commands(
    home: Path, person: Path, certificate: Certificate, elsewhere: tuple[Machine, Tools]
) -> None:
    """As their documentation has them; asked twice, nothing is run twice."""
    machine, tools = elsewhere
    trust = at(home, machine)
    given, again, taken = trust.give(certificate), trust.give(certificate), trust.take()

    sha1, file = wanted(certificate.pem).sha1, str(home / FILE_NAME)
    keychain = str(person / "Library" / "Keychains" / "login.keychain-db")
    expected: dict[str, list[tuple[str, ...]]] = {
        "darwin": [
            ("security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", keychain, file),
            ("security", "delete-certificate", "-Z", sha1, "-t", keychain),
        ],
        "win32": [
            ("certutil", "-user", "-addstore", "Root", file),
            ("certutil", "-user", "-delstore", "Root", sha1),
        ],
    }
    assert ["added", "skipped", "removed"] == [each[0].outcome for each in (given, again, taken)]
    assert expected[machine.platform] == tools.changes


def test_a_person_who_says_no_to_the_system(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """MacOS asks for the password; refused, nothing is recorded."""
    no = Ran(1, err="SecTrustSettingsSetTrustSettings: The authorization was canceled by the user.")
    tools = Tools({"add-trusted-cert": no})

    (given,) = at(home, user(person, platform="darwin", runner=tools)).give(certificate)

    assert ("failed", True) == (given.outcome, "canceled by the user" in given.detail)
    assert [] == trust_record.read(home)


def test_firefox_on_macos_and_windows(home: Path, person: Path, certificate: Certificate) -> None:
    """Profiles are found; Windows' own certutil is not NSS's."""
    mac, win = "Library/Application Support/Firefox", "AppData/Roaming/Mozilla/Firefox"
    profiles(person, "Profiles/mac", root=mac)
    profiles(person, "Profiles/win", root=win)
    system = {"SYSTEMROOT": "/usr/bin"}  # certutil is found in Windows' own folder
    on_mac = at(home, user(person, platform="darwin"), browsers=["firefox"]).give(certificate)
    on_windows = at(
        home, user(person, platform="win32", environment=system), browsers=["firefox"]
    ).give(certificate)

    assert {"Firefox (Profiles/mac)": "added"} == outcomes(on_mac)
    assert {"Firefox (Profiles/win)": "failed"} == outcomes(on_windows)


def test_without_browsers_there_is_nothing(
    home: Path, person: Path, certificate: Certificate
) -> None:
    """Neither a database nor a program."""
    assert [] == at(home, user(person)).give(certificate)
