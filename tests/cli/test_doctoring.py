"""The doctor on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import Fault, FaultKind
from close_tui.settings import settings_file

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town


def test_a_machine_that_is_well_ends_with_0(cli: Run, town: Town) -> None:
    """Warnings included; the report is data, so that it can be sent into a file."""
    done = cli("doctor")

    assert 0 == done.code, done.out
    marks = {line.split()[1] for line in done.out.splitlines() if not line.startswith(" ")}
    assert {"ok", "warning"} == marks
    assert "✓ ok       PKCE          The server lists S256.\n" in done.out
    assert not any(secret in done.out for secret in town.secrets())


def test_a_problem_ends_with_1_and_is_shown_with_advice(cli: Run, town: Town) -> None:
    """Also what is wrong in the settings, which other commands only mention; once."""
    settings_file().touch(mode=0o600)
    settings_file().write_text('api_ur = "x"\n', encoding="utf-8")

    done = cli("doctor", "--offline")

    assert 1 == done.code
    problem = done.out.index("✕ problem  settings")
    assert "'api_ur' is not a setting. Did you mean api_url?" in done.out[problem:]
    assert " Correct it: close-tui settings edit\n" in done.out[problem:]
    assert "" == done.err


def test_json_has_one_element_for_each_finding(cli: Run, town: Town) -> None:
    """With fixed keys."""
    done = cli("doctor", "--json", "--offline")

    assert (0, 1, True) == (done.code, done.json["schema_version"], done.json["offline"])
    assert {("subject", "level", "detail", "advice")} == {tuple(e) for e in done.json["findings"]}
    assert {"ok", "warning"} == {each["level"] for each in done.json["findings"]}
    assert not any(each["subject"] == "API" for each in done.json["findings"])


def test_names_in_the_vault_stay_there(cli: Run, town: Town) -> None:
    """What is printed can be pasted where everybody reads it."""
    done = cli("doctor")
    everything = cli("list", "--json").json["connections"]

    for each in everything:
        for name in (each["name"], each["organization"]["name"], each["user"]["email"]):
            assert name not in done.out


def test_on_a_terminal_it_says_what_it_waits_for(
    terminal: Callable[..., Terminal], town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond half a second, on stderr; the terminal is described although stdout is a pipe."""
    town.demo.world.faults.add(Fault(FaultKind.LATENCY, seconds=1.5), "metadata")
    monkeypatch.setenv("TERM", "xterm-256color")

    call = terminal("doctor")
    call.expect("Looking at")
    done = call.end()

    assert 0 == done.code, done.out
    assert "Close's API" in done.err
    assert "xterm-256color, " in done.out
