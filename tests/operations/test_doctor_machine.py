"""The doctor on the interpreter, the terminal and the settings."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from close_tui import __version__
from close_tui.operations import doctor_machine
from close_tui.operations.doctor_case import Terminal
from close_tui.settings import CLOSE_API_URL, CLOSE_APP_URL, Settings
from tests.operations.checkup import PLAIN, case

CLOSE = Settings(Path("/nowhere"), CLOSE_API_URL, CLOSE_APP_URL)


def test_versions_are_told() -> None:
    """Of close-tui, of Python, of what it stands on."""
    ours, libraries = doctor_machine.python(case(CLOSE))

    assert ("ok", "ok") == (ours.level, libraries.level)
    assert __version__ in ours.detail
    assert f"Python {platform.python_version()}" in ours.detail
    assert "textual 8." in libraries.detail


def test_a_library_that_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name, and what to do."""
    monkeypatch.setattr(doctor_machine, "_LIBRARIES", ("httpx", "no-such-library"))

    _, missing, libraries = doctor_machine.python(case(CLOSE))

    assert ("problem", "Missing: no-such-library.") == (missing.level, missing.detail)
    assert "httpx" in libraries.detail


@pytest.mark.parametrize(
    ("terminal", "more", "level", "words"),
    [
        (Terminal(False), {}, "ok", "None here"),
        (Terminal(True, 120, 40, "utf-8"), {}, "ok", "xterm-256color, 120×40, 256 colours, utf-8"),
        (Terminal(True, 80, 24, "UTF8"), {"COLORTERM": "truecolor"}, "ok", "all colours"),
        (Terminal(True, 80, 24, "utf-8"), {"NO_COLOR": "1"}, "ok", "no colours (NO_COLOR)"),
        (Terminal(True, 80, 24, "utf-8"), {"TMUX": "/tmp/x"}, "ok", "utf-8, tmux"),
        (Terminal(True, 80, 24, "utf-8"), {"SSH_CONNECTION": "192.0.2.1"}, "ok", "over ssh"),
        (Terminal(True, 79, 24, "utf-8"), {}, "warning", "79×24"),
        (Terminal(True, 200, 23, "utf-8"), {}, "warning", "200×23"),
        (Terminal(True, 80, 24, "ANSI_X3.4-1968"), {}, "warning", "ANSI_X3.4-1968"),
        (Terminal(True, 80, 24, "utf-8"), {"TERM": "dumb"}, "warning", "dumb"),
        (Terminal(True, 80, 24, "utf-8"), {"TERM": ""}, "warning", "no TERM"),
    ],
)
def test_the_terminal_is_judged(
    terminal: Terminal, more: dict[str, str], level: str, words: str
) -> None:
    """Too small, too plain, or without the signs that are written: a warning with advice."""
    looked = case(CLOSE, terminal=terminal, environment={**PLAIN, **more})

    (finding,) = doctor_machine.terminal(looked)

    assert level == finding.level
    assert words in finding.detail
    assert "192.0.2.1" not in finding.detail
    assert (level == "warning") == bool(finding.advice)


def test_mistakes_in_the_settings_are_problems() -> None:
    """Each of them; what is set is named, without its value."""
    origins = {"home": "environment", "api_url": "default", "redirect_uri": "file"}

    (well,) = doctor_machine.settings(case(CLOSE, origins=origins))
    wrong = list(doctor_machine.settings(case(CLOSE, problems=("one", "two"))))

    assert ("ok", "Set: home, redirect_uri.") == (well.level, well.detail)
    assert [("problem", "one"), ("problem", "two")] == [(w.level, w.detail) for w in wrong]


def test_an_address_that_is_not_close_s_is_a_warning() -> None:
    """Without the address itself: it may be somebody's own."""
    elsewhere = CLOSE._replace(api_url="https://staging.acme.example")

    *_, finding = doctor_machine.settings(case(elsewhere))

    assert ("addresses", "warning") == (finding.subject, finding.level)
    assert "acme" not in finding.detail
