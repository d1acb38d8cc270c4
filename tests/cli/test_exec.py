"""Exec: a command with one credential in its environment, and this process for itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

PATIENCE_S = 60
SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
STALE = {
    "CLOSE_API_KEY": "api_stale.key",
    "CLOSE_ACCESS_TOKEN": "stale-token",
    "CLOSE_ORGANIZATION_ID": "orga_stale",
}
PROCESS = """
import json, os
from pathlib import Path
fds = {}
for each in Path("/proc/self/fd").iterdir():
    try:
        fds[int(each.name)] = os.readlink(each)
    except OSError:
        pass
print(json.dumps({
    "pid": os.getpid(),
    "argv": Path("/proc/self/cmdline").read_text().split(chr(0)),
    "fds": fds,
    "umask": os.umask(0),
    "blocked": Path("/proc/self/status").read_text().split("SigBlk:")[1].split()[0],
    "textual": os.environ.get("TEXTUAL"),
}))
"""
BARE = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
"""Runs a command as ``exec`` does, with nothing of close-tui in between."""


def start(name: str, *words: str, **more: str) -> subprocess.Popen[str]:
    """Begin ``close-tui exec``."""
    return subprocess.Popen(
        [sys.executable, "-m", "close_tui", "exec", name, "--", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **more},
    )


def end(process: subprocess.Popen[str], stdin: str = "") -> tuple[int, str, str]:
    """Wait for the end of a command; its exit code, what it said, and its errors."""
    out, err = process.communicate(stdin, timeout=PATIENCE_S)
    return process.returncode, out, err


def environment(name: str, **before: str) -> dict[str, str]:
    """Return what a command finds in its environment."""
    code, out, err = end(start(name, sys.executable, "-c", SHOW, **before))
    assert (0, "") == (code, err)
    found: dict[str, str] = json.loads(out)
    return found


def test_the_environment_holds_one_credential_and_nothing_stale(town: Town) -> None:
    """A key or a token, and the organization; everything else as it was, but no way to more."""
    key = environment("northwind-export", **STALE)
    token = environment("northwind-reports", **STALE)

    northwind = town.demo.organizations[0].id
    expected = {k: v for k, v in os.environ.items() if k != "CLOSE_TUI_IDENTITY_FILE"}
    given = expected | {"CLOSE_ORGANIZATION_ID": northwind}
    assert given | {"CLOSE_API_KEY": town.demo.api_keys[0].text} == key
    assert town.demo.world.is_alive(token["CLOSE_ACCESS_TOKEN"])
    assert given | {"CLOSE_ACCESS_TOKEN": token["CLOSE_ACCESS_TOKEN"]} == token


@pytest.mark.parametrize("variable", ["CLOSE_TUI_IDENTITY_FILE", "CLOSE_TUI_PASSPHRASE_FILE"])
def test_the_vaults_key_is_not_passed_on(town: Town, variable: str) -> None:
    """The command was given one credential, and not all of them."""
    assert variable not in environment("northwind-export", CLOSE_TUI_PASSPHRASE_FILE="/nowhere")


def test_a_token_that_is_due_is_refreshed_first(town: Town) -> None:
    """As ``token`` does it; the history says where it went."""
    before = town.demo.world.journal.count(route="refresh")
    token = environment("sakura-reports")["CLOSE_ACCESS_TOKEN"]
    vault = town.vault()
    (event,) = vault.history(limit=1)
    vault.close()

    assert town.demo.world.is_alive(token)
    assert before + 1 == town.demo.world.journal.count(route="refresh")
    assert ("sakura-reports", "token") == (event.connection, event.verb)
    assert f"Handed out to the command {Path(sys.executable).name}." == event.detail


def test_a_warning_comes_before_the_commands_own_words(cli: Run, town: Town) -> None:
    """The token could not be refreshed and has not expired."""
    town.demo.world.faults.add(UNAVAILABLE, "refresh")
    code, out, err = end(start("brightwater-reports", "sh", "-c", "echo out; echo err >&2"))

    assert (0, "out\n") == (code, out)
    assert err.startswith("close-tui: The token could not be refreshed")
    assert err.endswith("err\n")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_the_command_takes_the_place_of_close_tui(town: Town) -> None:
    """The same process: no secret in its arguments, no file of ours, signals and umask as ever."""
    os.umask(0o027)
    words = [sys.executable, "-c", PROCESS]
    bare = subprocess.run(
        [sys.executable, "-c", BARE, *words],
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    process = start("sakura-reports", *words, TEXTUAL="devtools")
    code, out, err = end(process)
    said, plain = json.loads(out), json.loads(bare.stdout)

    assert (0, "") == (code, err)
    assert (process.pid, [*words, ""]) == (said["pid"], said["argv"])
    assert plain["fds"].keys() == said["fds"].keys()
    assert not [each for each in said["fds"].values() if str(town.settings.home) in each]
    assert (0o027, "devtools") == (said["umask"], said["textual"])
    assert "0" * 16 == said["blocked"]


def test_nobody_reads_and_the_pipe_breaks_as_it_should(town: Town) -> None:
    """SIGPIPE, which Python ignores, is the command's own again."""
    code, out, err = end(start("northwind-export", "sh", "-c", "yes | head -n 1"))

    assert (0, "y\n", "") == (code, out, err)


@pytest.mark.parametrize("expected", [0, 1, 4, 8, 77])
def test_the_exit_code_is_the_commands(town: Town, expected: int) -> None:
    """Whatever close-tui itself means by the number; input and output are the command's too."""
    words = ("sh", "-c", f"cat; exit {expected}")

    assert (expected, "in\n", "") == end(start("northwind-export", *words), "in\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_reaches_the_command(town: Town, number: signal.Signals) -> None:
    """And how it ended is what the caller sees."""
    process = start("northwind-export", "sh", "-c", "echo ready; exec sleep 100")
    assert process.stdout is not None
    assert "ready\n" == process.stdout.readline()
    process.send_signal(number)

    assert -number == end(process)[0]


def test_ctrl_c_on_the_terminal(town: Town, terminal: Callable[..., Terminal]) -> None:
    """It is the command that answers."""
    trap = "trap 'exit 42' INT; echo ready >&2; while :; do sleep 0.05; done"
    screen = terminal("exec", "northwind-export", "--", "sh", "-c", trap)
    screen.expect("ready")
    screen.interrupt()

    assert 42 == screen.end().code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("meridian-calls", 4),
        ("brightwater-importer", 4),
        ("meridian-reports", 4),
        ("nobody", 5),
    ],
)
def test_nothing_is_run_without_a_credential(
    town: Town, tmp_path: Path, name: str, expected: int
) -> None:
    """Frozen, revoked, to be authorized again, unknown: close-tui's own code, and its words."""
    touched = tmp_path / "touched"
    code, out, err = end(start(name, "touch", str(touched)))

    assert (expected, "") == (code, out)
    assert err.startswith("close-tui: ")
    assert not touched.exists()


def test_a_locked_vault_is_7(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked off the terminal."""
    monkeypatch.setenv("CLOSE_TUI_IDENTITY_FILE", "/nowhere/identity.txt")

    assert 7 == end(start("northwind-export", "true"))[0]


def command_not_found(_: Path) -> str:
    """Name a command that nobody has."""
    return "close-tui-has-no-such-command"


def path_not_found(folder: Path) -> str:
    """Name a path where nothing is."""
    return str(folder / "nothing")


def not_executable(folder: Path) -> str:
    """Make a file that is not a program."""
    made = folder / "notes.txt"
    made.write_text("notes", encoding="utf-8")
    return str(made)


def folder_itself(folder: Path) -> str:
    """Name a folder."""
    return str(folder)


def no_program(folder: Path) -> str:
    """Make an executable file that the system cannot run."""
    made = folder / "broken"
    made.write_bytes(b"\x00\x01\x02")
    made.chmod(0o700)
    return str(made)


@pytest.mark.parametrize(
    ("make", "expected", "handed_out"),
    [
        (command_not_found, 127, False),
        (path_not_found, 127, False),
        (not_executable, 126, False),
        (folder_itself, 126, False),
        (no_program, 126, True),
    ],
)
def test_what_cannot_be_started(
    town: Town, tmp_path: Path, make: Callable[[Path], str], expected: int, handed_out: bool
) -> None:
    """127 and 126 as in every shell; where it can be seen before, nothing is handed out."""
    code, out, err = end(start("northwind-export", make(tmp_path)))
    vault = town.vault()
    last = vault.history(limit=1)[0].verb
    vault.close()

    assert (expected, "") == (code, out)
    assert err.startswith("close-tui: ")
    assert handed_out == (last == "token")


@pytest.mark.parametrize("words", [("acme",), ("acme", "--"), (), ("--",)])
def test_without_a_command_it_is_2(cli: Run, words: Sequence[str]) -> None:
    """Before anything is looked at."""
    done = cli("exec", *words)

    assert (2, "") == (done.code, done.out)
    assert "close-tui" in done.err


def test_the_commands_own_options_are_its_own(town: Town) -> None:
    """Also --help, -h, a second --, and names of options of ours."""
    words = ("echo", "--help", "-h", "--", "--json", "--dev")

    assert (0, "--help -h -- --json --dev\n", "") == end(start("northwind-export", *words))
