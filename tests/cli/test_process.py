"""The process: private, quiet about secrets, and polite to pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from close_tui.cli import looking, main

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town
    from tests.conftest import Python

CANARY = "CANARYsecret"


def test_a_crash_shows_places_and_no_values(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the message nor a local variable; 1."""

    def crash(call: object) -> int:
        token = CANARY
        try:
            raise ValueError(token)
        except ValueError as error:
            raise KeyError(token) from error

    monkeypatch.setattr(looking, "run_apps", crash)
    done = cli("apps")

    assert (1, "") == (done.code, done.out)
    assert "builtins.KeyError" in done.err
    assert "builtins.ValueError" in done.err
    assert "test_process.py" in done.err
    assert CANARY not in done.err


IN_MAIN = "raise RuntimeError('CANARYsecret')"
IN_THREAD = f"""
import threading
def work(): {IN_MAIN}
thread = threading.Thread(target=work); thread.start(); thread.join()
"""
IN_DEL = f"""
class Bad:
    def __del__(self): {IN_MAIN}
Bad()
"""


@pytest.mark.parametrize("crash", [IN_MAIN, IN_THREAD, IN_DEL])
def test_no_way_to_crash_shows_a_message(python: Python, crash: str) -> None:
    """In the main thread, in another one, and where an exception cannot be raised."""
    done = python(f"from close_tui.cli import process; process.harden()\n{crash}")

    assert "builtins.RuntimeError" in done.stderr
    assert CANARY not in done.stderr


def test_files_are_private_and_nothing_is_dumped(python: Python) -> None:
    """The umask is 077, there is no core file, Textual's log is off."""
    code = (
        "import os, resource; from close_tui.cli import process; process.harden()\n"
        "print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE)[0],"
        " [n for n in os.environ if n.startswith('TEXTUAL')])"
    )
    done = python(code, TEXTUAL_LOG="/tmp/log", TEXTUAL="devtools")

    assert "0o77 0 []\n" == done.stdout


def test_dev_keeps_the_log(monkeypatch: pytest.MonkeyPatch, cli: Run, town: Town) -> None:
    """``--dev`` in front of the command; behind it, it is no option."""
    monkeypatch.setenv("TEXTUAL_LOG", "/nowhere")

    assert 0 == cli("--dev", "apps").code
    assert "TEXTUAL_LOG" in os.environ
    assert 2 == cli("apps", "--dev").code
    assert "TEXTUAL_LOG" not in os.environ


def test_a_reader_that_goes_away_is_no_crash(town: Town) -> None:
    """``close-tui history | true``: nothing on stderr."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "close_tui", "history"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()

    assert (1, b"") == (process.wait(60), err)


def test_ctrl_c_is_3(cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it comes."""

    def interrupted(call: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking, "run_apps", interrupted)

    assert (3, "") == ((done := cli("apps")).code, done.out)


def test_an_ascii_terminal_is_no_crash(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot show is written as escapes."""
    done = subprocess.run(
        [sys.executable, "-m", "close_tui", "list"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"\\u682a" in done.stdout


def test_the_app_needs_a_terminal(cli: Run, town: Town) -> None:
    """Without one, and without a command: 2."""
    done = cli()

    assert (2, "") == (done.code, done.out)
    assert "--help" in done.err


def test_a_wrong_address_is_2(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings from the environment are checked before anything is done."""
    monkeypatch.setenv("CLOSE_TUI_API_URL", "http://close.example")

    assert 2 == cli("list").code


def test_no_secret_is_left_anywhere(cli: Run, town: Town, tmp_path: object) -> None:
    """After a whole life through the command line: no file, no stdout, no stderr has one."""
    calls = [
        cli("list", "--json"),
        cli("test", "--all", "--json"),
        cli("refresh", "--all"),
        cli("add", "key", "another", stdin=town.demo.api_keys[2].text),
        cli("revoke", "--all", "--yes"),
        cli("history", "--json"),
    ]
    written = b"".join(
        path.read_bytes() for path in town.settings.home.rglob("*") if path.is_file()
    )
    said = "".join(done.out + done.err for done in calls)

    assert len(town.secrets()) > 30
    for secret in town.secrets():
        assert secret not in said
        assert secret.encode() not in written
    assert "CANARY" not in said


def test_main_returns_and_does_not_exit(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where argparse would."""
    assert [0, 0, 2] == [main(["--version"]), main(["--help"]), main(["nonsense"])]
    assert "close-tui 0." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        ("add key x 0<&-", 2, "No secret was given."),
        ("list --json >&-", 0, ""),
        ("list --json 2>&-", 0, ""),
        ("list --json 0<&- >&- 2>&-", 0, ""),
        ("list --json >/dev/full", 1, "The output could not be written"),
    ],
)
def test_streams_that_are_closed_or_full_are_no_mistake(
    town: Town, call: str, code: int, said: str
) -> None:
    """What is closed is empty or goes nowhere; what takes no more is said, with 1."""
    words = f'exec "$0" -m close_tui {call}'
    done = subprocess.run(
        ["sh", "-c", words, sys.executable], capture_output=True, text=True, check=False
    )

    assert code == done.returncode
    assert said in done.stderr
    assert "mistake" not in done.stderr
    assert "Exception ignored" not in done.stderr
