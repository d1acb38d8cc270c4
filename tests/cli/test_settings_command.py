"""Settings on the command line: shown with their origin, edited with one's own editor."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.settings import SETTINGS, settings_file

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town


def write(text: str) -> Path:
    """Write the settings file that the environment leads to."""
    path = settings_file()
    path.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def test_show_tells_value_and_origin(cli: Run) -> None:
    """Of every setting; a value that is not set is a dash."""
    path = write("authorize_wait_s = 60\n")

    done = cli("settings", "show")

    assert 0 == done.code
    lines = {line.split()[0]: line.split() for line in done.out.splitlines()[1:]}
    assert [each.name for each in SETTINGS] == list(lines)
    assert ["authorize_wait_s", "60", "file", "CLOSE_TUI_AUTHORIZE_WAIT_S"] == lines[
        "authorize_wait_s"
    ]
    assert ["identity_file", "–", "default"] == lines["identity_file"][:3]
    assert "environment" == lines["api_url"][2]
    assert f"File: {path}\n" == done.err


def test_show_in_json(cli: Run) -> None:
    """Types as in TOML; what is not set is null."""
    done = cli("settings", "show", "--json")

    assert (0, 1, [], False) == (
        done.code,
        done.json["schema_version"],
        done.json["problems"],
        done.json["exists"],
    )
    shown = {each["name"]: each for each in done.json["settings"]}
    assert {"name", "value", "origin", "variable", "default"} == set(shown["home"])
    assert (300.0, "default") == (
        shown["authorize_wait_s"]["value"],
        shown["authorize_wait_s"]["origin"],
    )
    assert shown["passphrase_file"]["value"] is None


def test_theme_and_keys_are_shown(cli: Run) -> None:
    """Keys as words for people, as an object in JSON."""
    write('theme = "nord"\n[keys]\nmain.refresh = "R,f5"\nmain.test = "f6"\n')

    lines = cli("settings", "show").out.splitlines()
    in_json = cli("settings", "show", "--json").json["settings"]

    assert ["theme", "nord", "file", "CLOSE_TUI_THEME"] == lines[-2].split()
    assert lines[-1].startswith("keys ")
    assert "main.refresh=R,f5 main.test=f6" in lines[-1]
    values = {each["name"]: each["value"] for each in in_json}
    assert ("nord", {"main.refresh": "R,f5", "main.test": "f6"}) == (
        values["theme"],
        values["keys"],
    )


def test_a_mistake_is_shown_and_is_an_error_here(cli: Run) -> None:
    """Where the file is what one asks about."""
    write('api_ur = "x"\n')

    done = cli("settings", "show")
    in_json = cli("settings", "show", "--json")

    assert (1, 1) == (done.code, in_json.code)
    assert "line 1: 'api_ur' is not a setting. Did you mean api_url?" in done.err
    assert 1 == len(in_json.json["problems"])


def test_a_mistake_stops_no_other_command(cli: Run, town: Town) -> None:
    """It is said on stderr, every time, and the answer is as ever."""
    before = cli("list", "--json")
    write('api_ur = "x"\n')

    done = cli("list", "--json")

    assert (0, before.json["connections"]) == (done.code, done.json["connections"])
    assert "'api_ur' is not a setting" in done.err


def test_path_tells_where_it_is(cli: Run, monkeypatch: pytest.MonkeyPatch, guarded: Path) -> None:
    """In the home that is named, else with the user's settings."""
    assert f"{guarded / 'close-tui' / 'settings.toml'}\n" == cli("settings", "path").out

    monkeypatch.delenv("CLOSE_TUI_HOME")

    assert f"{guarded / 'config' / 'close-tui' / 'settings.toml'}\n" == cli("settings", "path").out


def test_without_a_terminal_no_editor_is_started(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A script would wait for it forever."""
    monkeypatch.setenv("VISUAL", f"touch {tmp_path / 'started'} ")

    done = cli("settings", "edit")

    assert 2 == done.code
    assert not (tmp_path / "started").exists()
    assert not settings_file().exists()


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Call ``settings edit`` on a terminal, with an editor; returns the code and the screen."""

    def run(editor: str, variable: str = "VISUAL") -> tuple[int, str]:
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", "false")
        monkeypatch.setenv(variable, editor)
        master, slave = pty.openpty()
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "close_tui", "settings", "edit"],
                stdin=slave,
                stdout=slave,
                stderr=slave,
            )
            os.close(slave)
            screen = b""
            while chunk := _read(master):
                screen += chunk
            return process.wait(60), screen.decode()
        finally:
            os.close(master)

    return run


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux says EIO when the last process has left the terminal
        return b""


def editor(tmp_path: Path, append: str) -> str:
    """Return an editor's command, in a folder with a space, that adds a line."""
    script = tmp_path / "my editor"
    script.write_text(f'#!/bin/sh\n[ "$1" = --wait ] && echo \'{append}\' >> "$2"\n')
    script.chmod(0o700)
    return f"'{script}' --wait"


@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_edit_makes_the_file_and_checks_it(
    edit: Callable[..., tuple[int, str]], tmp_path: Path, variable: str
) -> None:
    """With all that can be set in it; the words of the editor's command are kept apart."""
    code, screen = edit(editor(tmp_path, "authorize_wait_s = 60"), variable)

    assert (0, True) == (code, "The settings are fine." in screen), screen
    text = settings_file().read_text(encoding="utf-8")
    assert all(each.variable in text for each in SETTINGS)
    assert text.endswith("authorize_wait_s = 60\n")
    assert 0o600 == settings_file().stat().st_mode & 0o777


def test_edit_keeps_a_mistake_and_says_it(
    edit: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """What was typed is not thrown away."""
    code, screen = edit(editor(tmp_path, "authorise_wait_s = 60"))

    assert 1 == code
    assert "Did you mean authorize_wait_s?" in screen
    assert "authorise_wait_s" in settings_file().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("false", "'false' ended with 1"),
        ("/nowhere/at/all", "cannot be started: No such file or directory"),
        ("'unclosed", "cannot be read as a command"),
    ],
)
def test_an_editor_that_fails_is_named(
    edit: Callable[..., tuple[int, str]], command: str, words: str
) -> None:
    """And nothing else happens."""
    code, screen = edit(command)

    assert (1, True) == (code, words in screen), screen


def test_the_redirect_uri_of_a_new_app_is_a_setting(cli: Run, empty_town: Town) -> None:
    """A flag still wins."""
    write('redirect_uri = "https://localhost:1234/cb"\n')
    secret = "x" * 48

    cli("add", "app", "one", "--client-id", "oa2client_1", stdin=secret)
    uri = "https://localhost:5678/cb"
    cli("add", "app", "two", "--client-id", "oa2client_2", "--redirect-uri", uri, stdin=secret)

    apps = {each["name"]: each["redirect_uri"] for each in cli("apps", "--json").json["apps"]}
    assert {"one": "https://localhost:1234/cb", "two": uri} == apps


def test_how_long_authorize_waits_is_a_setting(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with the code for nobody having answered."""
    monkeypatch.setenv("CLOSE_TUI_AUTHORIZE_WAIT_S", "1")
    (app, *_) = cli("apps", "--json").json["apps"]

    done = cli("authorize", app["name"], "--no-browser")

    assert 3 == done.code
    assert "1s left" in done.err
