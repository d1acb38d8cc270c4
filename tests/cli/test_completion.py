"""Completion: in bash, zsh and fish themselves, with names that would like to be executed."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_tui.cli import main
from close_tui.cli.commands import COMMANDS
from close_tui.cli.completion import table
from close_tui.cli.shell_words import Line, quoted, split

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town
    from tests.conftest import Need, Python

BREAKS = " \t\n\"'><=;|&(:"
"""What bash's COMP_WORDBREAKS is unless somebody changes it."""

PATIENCE_S = 30
SHELLS = ("bash", "zsh", "fish")
READY = "READY>"
LIST = ["close-tui", "list", "--organization"]
HOSTILE = (
    "evil $(touch pwned) `touch pwned`",
    'quote\'d "twice" back\\slash',
    "semi;touch pwned &|<>*?[]{}~#! end",
    "co:lon=equals",
    "株式会社 さくら",
)
START = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--private", "-i"],
}
INSTALLED = {
    "bash": ".local/share/bash-completion/completions/close-tui",
    "zsh": ".zfunc/_close-tui",
    "fish": ".config/fish/completions/close-tui.fish",
}
PREPARE = {
    # What bash-completion does at the first Tab.
    "bash": "PS1={ready}; bind 'set bell-style none'; source ~/" + INSTALLED["bash"],
    "zsh": "PS1={ready}; fpath+=~/.zfunc; autoload -Uz compinit; compinit -u -D; bindkey -e",
    "fish": "function fish_prompt; echo {ready}; end",
}


class Shell:
    """An interactive shell on a terminal, in a folder of its own, that completes close-tui."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.folder = folder
        self._out = folder / "out"
        child, self._terminal = pty.fork()
        if child == 0:
            os.chdir(folder)
            os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            os.environ.update(TERM="xterm", HOME=str(folder))
            os.environ.pop("XDG_CONFIG_HOME", None)
            os.execvp(shell, START[shell])
        self._child = child
        self.screen = ""
        # The prompt must not be in what is typed: the terminal echoes that.
        self.type(PREPARE[shell].format(ready="'REA''DY>'") + "\n")
        self._expect(READY)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode())

    def completed(self, typed: str) -> list[str]:
        """Type a line, press Tab, and return the words that a command would be given."""
        self._out.unlink(missing_ok=True)
        self.type(f"{typed}\t")
        # To the beginning of the line and to its end: the same keys in all three.
        self.type("\x01printf '%s\\n' \x05 > out; touch done\n")
        deadline = time.monotonic() + PATIENCE_S
        while not (self.folder / "done").exists():
            assert time.monotonic() < deadline, self.screen
            self._read(0.05)
        (self.folder / "done").unlink()
        return self._out.read_text(encoding="utf-8").splitlines()

    def _expect(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.screen:
            assert time.monotonic() < deadline, self.screen
            self._read(0.1)

    def _read(self, wait_s: float) -> None:
        if select.select([self._terminal], [], [], wait_s)[0]:
            self.screen += os.read(self._terminal, 65536).decode("utf-8", "replace")

    def close(self) -> None:
        """Leave nothing behind."""
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._terminal)


def named(town: Town, *names: str) -> None:
    """Give the town's connections other names, whatever stands in them."""
    vault = town.vault()
    live = [each for each in vault.connections() if each.revoked_at is None]
    for connection, name in zip(live, names, strict=False):
        vault.database.change("UPDATE connections SET name = ? WHERE id = ?", name, connection.id)
    vault.close()


@pytest.fixture
def shell(tmp_path: Path, need: Need, apart: Run) -> Iterator[Callable[[str], Shell]]:
    """Start a shell with its script, installed as its help says; it is ended at the end."""
    started: list[Shell] = []
    folder = tmp_path / "home"
    folder.mkdir()

    def start(name: str) -> Shell:
        need(name)
        printed = apart("completion", name)
        assert (0, "") == (printed.code, printed.err)
        script = folder / INSTALLED[name]
        script.parent.mkdir(parents=True)
        script.write_text(printed.out, encoding="utf-8")
        started.append(Shell(name, folder))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.mark.real
@pytest.mark.parametrize("name", SHELLS)
def test_commands_flags_and_names_are_completed(
    shell: Callable[[str], Shell], town: Town, name: str
) -> None:
    """A command, one below it, a flag, a value, a name, an organization before a name."""
    here = shell(name)

    assert ["close-tui", "incident"] == here.completed("close-tui inc")
    assert ["close-tui", "vault", "move-key"] == here.completed("close-tui vault mov")
    assert ["close-tui", "list", "--organization"] == here.completed("close-tui list --org")
    assert ["close-tui", "show", "northwind-export"] == here.completed("close-tui show northwind-e")
    assert [*LIST, "Meridian Solar"] == here.completed("close-tui list --organization Me")
    assert ["close-tui", "authorize", "importer"] == here.completed("close-tui authorize im")


@pytest.mark.real
@pytest.mark.parametrize("name", SHELLS)
def test_no_name_is_ever_executed(shell: Callable[[str], Shell], town: Town, name: str) -> None:
    """Whatever stands in it arrives as one word, unchanged, and nothing else happens."""
    named(town, *HOSTILE)
    here = shell(name)

    for hostile in HOSTILE:
        assert ["close-tui", "show", hostile] == here.completed(f"close-tui show {hostile[:2]}")
    for quote in ("'", '"'):
        assert ["close-tui", "show", HOSTILE[0]] == here.completed(f"close-tui show {quote}evil ")
    assert ["close-tui", "show", HOSTILE[3]] == here.completed("close-tui show co:lo")
    assert ["close-tui", "list", "--organization=Brightwater Freight & Sons"] == here.completed(
        "close-tui list --organization=Br"
    )
    assert not list(here.folder.rglob("pwned"))


@pytest.mark.real
@pytest.mark.parametrize("name", SHELLS)
def test_files_and_commands_are_left_to_the_shell(
    shell: Callable[[str], Shell], town: Town, name: str
) -> None:
    """A file where a file is wanted, a command behind ``exec … --``."""
    here = shell(name)
    (here.folder / "leaked log.txt").touch()

    assert ["close-tui", "find", "--file", "leaked log.txt"] == here.completed(
        "close-tui find --file leak"
    )
    assert ["close-tui", "exec", "acme", "--", "sha256sum"] == here.completed(
        "close-tui exec acme -- sha256su"
    )


HELP_OF = sorted({row.path for row in table()} - {"", "remove app"})


@pytest.mark.parametrize("path", HELP_OF)
def test_the_flags_are_those_of_the_help(cli: Run, path: str) -> None:
    """What a command's help names is completed, and nothing else."""
    shown = cli(*path.split(), "--help").out.partition("\nexample")[0].partition("\noptions:")[2]

    flags = {row.text for row in table() if row.path == path and row.what in ("flag", "option")}
    assert flags == set(re.findall(r"(?<![\w./-])--[a-z][a-z-]*(?=[ ,\n])", _listed(shown)))


def _listed(options: str) -> str:
    """Return of a help's options only the lines that begin one."""
    return "\n".join(f"{line} " for line in options.splitlines() if line.startswith("  -"))


@pytest.mark.parametrize("name", SHELLS)
def test_the_help_says_how_it_is_installed(cli: Run, name: str) -> None:
    """In the place that the shells are tried with above; the script's first lines say it too."""
    for shown in (cli("completion", "--help").out, cli("completion", name).out[:400]):
        assert f"close-tui completion {name} > ~/{INSTALLED[name]}" in shown


def test_every_command_is_in_the_table_and_every_seat_has_a_kind() -> None:
    """A NAME that is a connection, an app or an organization is completed as such."""
    rows = table()
    kinds = {(row.path, row.kind) for row in rows if row.what in ("one", "many")}

    assert [command.name for command in COMMANDS] == [
        row.text for row in rows if row.path == "" and row.what == "word"
    ]
    for path in ("show", "history", "test", "refresh", "token", "exec", "revoke", "rotate",
                 "remove", "rename", "set connection"):  # fmt: skip
        assert (path, "connection") in kinds
    assert {("authorize", "app"), ("set app", "app"), ("remove app", "app")} <= kinds
    assert {("add key", ""), ("add app", "")} <= kinds


def ask(capfdbinary: pytest.CaptureFixture[bytes], line: str) -> list[str]:
    """Ask as bash does."""
    rows = "\n".join("\t".join(row) for row in table())
    code = main(["complete", "bash", rows, f"close-tui {line}", BREAKS])
    out, err = capfdbinary.readouterr()
    assert (0, b"") == (code, err)
    return out.decode().splitlines()


def test_what_is_offered_where(capfdbinary: pytest.CaptureFixture[bytes], town: Town) -> None:
    """Names only where a name is wanted, nothing where a person has to think."""

    def offered(line: str) -> list[str]:
        return ask(capfdbinary, line)

    assert ["northwind-export", "northwind-importer", "northwind-reports"] == offered("show nor")
    assert ["northwind-export"] == offered("test sakura-reports northwind-e")
    assert ["northwind-export"] == offered("test --json northwind-e")
    assert [] == offered("show northwind-export nor") == offered("add key nor") == offered("nor")
    assert [] == offered("revoke --reason nor") == offered("rename northwind-export nor")
    assert ["Northwind\\ Dental\\ Group/northwind-reports"] == offered(
        "show Northwind\\ Dental\\ Group/northwind-r"
    )
    assert ["app", "importer"] == [*offered("remove ap"), *offered("remove app im")]
    assert ["--app", "--all"] == offered("revoke --a")
    assert [] == offered("show brightwater-importer")  # it is revoked
    assert [":files"] == offered("vault import ") == offered("find --file ")
    assert [":commands"] == offered("exec acme -- ma") == offered("exec -- ma")
    assert [":files"] == offered("exec acme -- make -f")
    assert ["json", "markdown"] == sorted(offered("incident export last --format "))


def test_hostile_names_arrive_as_one_quoted_line(
    capfdbinary: pytest.CaptureFixture[bytes], town: Town
) -> None:
    """A line break, an escape sequence, a leading dash or colon in the vault's file do nothing."""
    named(town, "a\ntouch pwned", "a\x1b]52;c;x\x07b", "-rf", ":files", "a\u202etxt")

    assert ["a\\ touch\\ pwned", "a\\]52\\;c\\;xb", "atxt"] == ask(capfdbinary, "show a")
    offered = ask(capfdbinary, "show ")
    assert not {"-rf", ":files"} & set(offered)


@pytest.mark.parametrize(
    "argv", [(), ("bash",), ("bash", "x", "y", ""), ("tcsh", "", ""), ("fish", "a\tb")]
)
def test_nonsense_is_answered_with_silence(cli: Run, argv: tuple[str, ...]) -> None:
    """A shell has nobody to tell an error to."""
    done = cli("complete", *argv)

    assert (0, "", "") == (done.code, done.out, done.err)


def test_no_vault_a_broken_one_and_a_locked_one_are_answered_with_silence(
    capfdbinary: pytest.CaptureFixture[bytes], empty_town: Town
) -> None:
    """And nothing is made where nothing is."""
    home = empty_town.settings.home
    assert [] == ask(capfdbinary, "show ")
    assert not home.exists()
    home.mkdir()
    for broken in (b"", b"no database", b"SQLite format 3\0" + b"x" * 5000):
        (home / "vault.db").write_bytes(broken)

        assert [] == ask(capfdbinary, "show ")
        assert ["vault.db"] == [each.name for each in home.iterdir()]


def test_completing_loads_nothing_heavy(python: Python, town: Town) -> None:
    """Neither the key nor the network, and no parser of arguments."""
    done = python(
        "import sys; from close_tui.__main__ import main\n"
        "table = '\\tword\\tshow\\t\\t\\nshow\\tone\\t\\tconnection\\t'\n"
        "sys.argv[1:] = ['complete', 'fish', table, 'show', 'nor']\n"
        "main(); print(sorted(n for n in sys.modules if '.' not in n))"
    )

    assert "northwind-export\tNorthwind Dental Group" == done.stdout.splitlines()[0], done.stderr
    for name in ("argparse", "asyncio", "httpx", "keyring", "textual", "json", "pyrage"):
        assert f"'{name}'" not in done.stdout


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), st.sampled_from("'\" "))
def test_what_is_quoted_reads_as_itself(text: str, quote: str) -> None:
    """By POSIX's rules, also inside a quote that is open already."""
    opened = quote.strip()

    assert ["show", text] == split(f"show {opened}{quoted(text, opened)}{opened} ").words
    if not opened:  # between double quotes shlex keeps the backslash before $ and `
        assert [text] == shlex.split(quoted(text))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("show a:b", Line(["show"], "a:b", 2, "")),
        ("show a\\:b", Line(["show"], "a:b", 0, "")),
        ("show 'a:b", Line(["show"], "a:b", 0, "'")),
        ('show x:"a b', Line(["show"], "x:a b", 2, '"')),
        ("show 'a b' ", Line(["show", "a b"], "", 0, "")),
        ('show "" \'', Line(["show", ""], "", 0, "'")),
        ("show a\\", Line(["show"], "a", 0, "")),
    ],
)
def test_a_line_is_taken_apart_as_readline_does(line: str, expected: Line) -> None:
    """The finished words, the one at the cursor, and where Tab begins to replace it."""
    assert expected == split(line, BREAKS)
