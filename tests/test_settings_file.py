"""What the settings file may say; its mistakes are named, and stop nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import UsageError
from close_tui.settings import (
    AUTHORIZE_WAIT_S,
    CLOSE_API_URL,
    DEFAULT_REDIRECT_URI,
    SETTINGS,
    THEME,
    Settings,
    Told,
    read,
    settings_file,
)

if TYPE_CHECKING:
    from tests.conftest import Python


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The settings file of a home, not made yet."""
    return tmp_path / "settings.toml"


def told(file: Path, text: str | bytes, **environment: str) -> Told:
    """Write a file and read the settings."""
    file.touch(mode=0o600)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read({"CLOSE_TUI_HOME": str(file.parent), **environment})


def test_every_setting_has_a_field_and_a_variable() -> None:
    """The table and the tuple cannot drift apart; no name comes twice."""
    assert Settings._fields == tuple(each.name for each in SETTINGS)
    assert [f"CLOSE_TUI_{each.name.upper()}" for each in SETTINGS] == [
        each.variable for each in SETTINGS
    ]


def test_the_file_gives_every_setting(file: Path) -> None:
    """All kinds of value; paths are relative to the file's own folder, and ~ is the home."""
    found = told(
        file,
        """
        home = "elsewhere"
        api_url = "https://api.example/"
        app_url = "http://localhost:8000"
        identity_file = "~/key.txt"
        passphrase_file = "/etc/phrase"
        redirect_uri = "https://localhost:1/cb"
        authorize_wait_s = 60
        certificate_file = "mine.pem"
        certificate_key_file = "/etc/mine-key.pem"
        theme = "nord"
        [keys]
        main.refresh = "R,f5"
        "main.test" = "f6"
        """,
        CLOSE_TUI_HOME=str(file.parent),
    )

    assert () == found.problems
    expected = Settings(
        home=file.parent,  # the environment found the file, and wins
        api_url="https://api.example",
        app_url="http://localhost:8000",
        identity_file=Path("~/key.txt").expanduser(),
        passphrase_file=Path("/etc/phrase"),
        redirect_uri="https://localhost:1/cb",
        authorize_wait_s=60.0,
        certificate_file=file.parent / "mine.pem",
        certificate_key_file=Path("/etc/mine-key.pem"),
        theme="nord",
        keys=(("main.refresh", "R,f5"), ("main.test", "f6")),
    )
    assert expected == found.settings
    assert {"home": "environment"} | dict.fromkeys(Settings._fields[1:], "file") == found.origins


def test_without_a_home_in_the_environment_the_file_may_move_it(guarded: Path) -> None:
    """The file then lies with the user's settings, and a relative path beside it."""
    env = {"PATH": os.environ["PATH"]}
    file = settings_file(env)
    file.parent.mkdir(parents=True)
    file.write_text('home = "vault"\n', encoding="utf-8")

    found = read(env)

    assert guarded / "config" / "close-tui" / "settings.toml" == file
    assert (file.parent / "vault", "file") == (found.settings.home, found.origins["home"])


def test_the_environment_wins_over_the_file(file: Path) -> None:
    """An empty variable says nothing."""
    found = told(
        file,
        'api_url = "https://file.example"\nauthorize_wait_s = 60',
        CLOSE_TUI_API_URL="https://environment.example",
        CLOSE_TUI_AUTHORIZE_WAIT_S="",
    )

    assert "https://environment.example" == found.settings.api_url
    assert 60.0 == found.settings.authorize_wait_s
    assert ("environment", "file", "default") == (
        found.origins["api_url"],
        found.origins["authorize_wait_s"],
        found.origins["app_url"],
    )


@pytest.mark.parametrize(
    ("text", "line", "name", "hint"),
    [
        ('\napi_ur = "x"', 2, "api_ur", "Did you mean api_url?"),
        ('# a\n\n"API-URL"="x"', 3, "API-URL", "Did you mean api_url?"),
        ('home = "~"\n[tui]\ntheme = "x"', 2, "tui", "close-tui settings show lists them."),
        ("tui.theme = 1", 1, "tui", "close-tui settings show lists them."),
        ("[[apps]]\n", 1, "apps", "settings show"),
        ('"\\u001b[31m" = 1', 1, "[31m", "settings show"),
    ],
)
def test_unknown_names_are_named(file: Path, text: str, line: int, name: str, hint: str) -> None:
    """With their line and the nearest name that is known; never with their value."""
    found = told(file, text)

    (problem,) = found.problems
    assert problem.startswith(f"{file}, line {line}: {name!r} is not a setting.")
    assert hint in problem


def test_a_secret_in_the_file_is_not_repeated(file: Path) -> None:
    """Whoever writes a key here is told of its name, in whichever way it is wrong."""
    for text in ('api_key = "CANARY"', 'api_url = "https://u:CANARY@x"', 'api_key = CANARY"'):
        found = told(file, text)

        assert 1 == len(found.problems)
        assert "CANARY" not in str(found.problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api_url = 7", "line 1: api_url must be text, in quotes, and not empty."),
        ('api_url = ""', "api_url must be text"),
        ('api_url = "http://api.close.com"', "api_url must begin with https://"),
        ("home = ['x']", "home must be text"),
        ('redirect_uri = "http://localhost:1/cb"', "redirect_uri must begin with https://"),
        ('\nauthorize_wait_s = "soon"', "line 2: authorize_wait_s must be a number of seconds"),
        ("authorize_wait_s = true", "must be a number of seconds"),
        ("authorize_wait_s = nan", "must be a number of seconds"),
        ("authorize_wait_s = 0", "must be a number of seconds"),
        ("authorize_wait_s = 1e9", "must be a number of seconds"),
    ],
)
def test_a_wrong_value_leaves_the_default(file: Path, text: str, words: str) -> None:
    """A mistake in a file does not keep anybody from revoking; it is said, and that is all."""
    found = told(file, text)

    (problem,) = found.problems
    assert words in problem
    assert problem.endswith("The default is used.")
    assert Settings(home=file.parent) == found.settings


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"api_url = ", "is not TOML: Invalid value"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * 70_000, "is too large to be one"),
        (b"a = " + b"[" * 10_000, "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_not_used(file: Path, raw: bytes, words: str) -> None:
    """All of it: half of a file could mean anything."""
    found = told(file, raw)

    (problem,) = found.problems
    assert problem.startswith(f"{file} {words}")
    assert problem.endswith("Its settings are not used.")
    assert CLOSE_API_URL == found.settings.api_url


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_not_used(file: Path, mode: int) -> None:
    """They could send every secret to an address of theirs."""
    file.touch()
    file.chmod(mode)

    found = told(file, 'api_url = "https://evil.example"')

    assert CLOSE_API_URL == found.settings.api_url
    assert "can be written by other users (chmod 600 closes it)" in found.problems[0]


def test_a_folder_in_the_place_of_the_file_is_said(file: Path) -> None:
    """It is not taken for a missing file."""
    file.mkdir()

    found = read({"CLOSE_TUI_HOME": str(file.parent)})

    assert "cannot be read: Is a directory" in found.problems[0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CLOSE_TUI_AUTHORIZE_WAIT_S", "soon"), ("CLOSE_TUI_REDIRECT_URI", "http://localhost:1/")],
)
def test_a_mistake_in_the_environment_is_an_error(variable: str, value: str) -> None:
    """Somebody has just said it: they are there to correct it."""
    with pytest.raises(UsageError, match=variable) as caught:
        read({"CLOSE_TUI_HOME": "/nowhere", variable: value})

    assert f"Correct or unset {variable}." == caught.value.advice


def test_without_a_file_nothing_is_said() -> None:
    """The defaults hold."""
    found = read({"CLOSE_TUI_HOME": "/nowhere/at/all"})

    assert () == found.problems
    assert (DEFAULT_REDIRECT_URI, AUTHORIZE_WAIT_S) == (
        found.settings.redirect_uri,
        found.settings.authorize_wait_s,
    )


def test_without_a_file_no_parser_is_loaded(python: Python, tmp_path: Path) -> None:
    """Reading the settings is on the way of every command."""
    unwanted = {"tomllib", "platformdirs", "difflib", "close_tui.settings_file"}
    code = "import sys; from close_tui.settings import read; read()\n"
    code += f"print(sorted({unwanted} & set(sys.modules)))"
    done = python(code, CLOSE_TUI_HOME=str(tmp_path), CLOSE_TUI_API_URL="", CLOSE_TUI_APP_URL="")

    assert "[]\n" == done.stdout, done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('theme = "textual-drak"', "theme is not a built-in theme. Did you mean textual-dark?"),
        ('theme = "CANARY"', "theme is not a built-in theme. There are: textual-dark, "),
        ("theme = 3", "theme must be text, in quotes, and not empty."),
        ("keys = 3", 'keys must be a table of texts, such as "main.refresh" = "f5,r".'),
        ('keys = ["CANARY"]', "keys must be a table of texts"),
        ('[keys]\nmain.refresh = "r"\nmain.test = ["CANARY"]', "keys must be a table of texts"),
        ('[keys]\nmain.test = ""', "keys must be a table of texts"),
        ('[[keys]]\nmain.test = "CANARY"', "keys must be a table of texts"),
    ],
)
def test_looks_that_cannot_be_are_named(file: Path, text: str, said: str) -> None:
    """With the nearest theme, and without what was written; the defaults hold."""
    found = told(file, text)

    (problem,) = found.problems
    assert f"{file}, line 1: {said}" in problem
    assert "CANARY" not in problem
    assert (THEME, ()) == (found.settings.theme, found.settings.keys)


def test_the_environment_gives_looks_too(file: Path) -> None:
    """Keys are words there, and win as a whole."""
    found = told(
        file,
        '[keys]\nmain.sort = "f7"',
        CLOSE_TUI_THEME="gruvbox",
        CLOSE_TUI_KEYS="main.refresh=R,f5  main.test==",
    )

    assert () == found.problems
    assert "gruvbox" == found.settings.theme
    assert (("main.refresh", "R,f5"), ("main.test", "=")) == found.settings.keys


@pytest.mark.parametrize("variable", ["CLOSE_TUI_THEME", "CLOSE_TUI_KEYS"])
def test_looks_in_the_environment_stop_nothing(file: Path, variable: str) -> None:
    """Nobody's token waits for a colour: it is a problem, and what the file says holds."""
    found = told(file, 'theme = "nord"\nkeys = { main.sort = "f7" }', **{variable: "CANARY"})

    (problem,) = found.problems
    assert problem.startswith(f"{variable} ")
    assert "CANARY" not in problem
    assert ("nord", (("main.sort", "f7"),)) == (found.settings.theme, found.settings.keys)
