"""What a command loads: never the app, and what only looks loads nothing heavy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_json_shapes import CALLS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Town
    from tests.conftest import Python

RUN = """
import io, json, sys; sys.modules["click"] = None  # with it httpx loads its own command line
from close_tui.cli import main
for call in json.loads(sys.argv[1]):
    sys.stdin = io.StringIO("api_nobody.nothing\\n")
    main(call.split())
    loaded = sys.modules.keys() & {"httpx", "keyring", "asyncio", "textual", "rich"}
    print(json.dumps([call, sorted(loaded)]), file=sys.__stderr__)
"""

LIGHT = (
    "list", "list --json", "show northwind-reports", "show northwind-reports --json", "apps",
    "history", "history northwind-reports --json", "complete zsh x show a",
    "settings path", "settings show --json", "incident list", "incident show last",
)  # fmt: skip


def loaded(python: Python, calls: list[str]) -> dict[str, set[str]]:
    """Run calls one after another in one interpreter; return what was loaded after each."""
    done = python(RUN, json.dumps(calls))
    found = [json.loads(line) for line in done.stderr.splitlines() if line.startswith('["')]
    assert len(calls) == len(found), done.stderr
    return {call: set(names) for call, names in found}


def test_no_command_loads_the_app(
    python: Python, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command is called, in a folder of its own: some of them write a file."""
    monkeypatch.chdir(tmp_path)
    calls = [call for name, call in CALLS.items() if name != "vault destroy"]

    after = loaded(python, [*calls, "demo --help", "exec --help", "authorize --help"])
    names = set().union(*after.values())
    assert {"httpx", "asyncio"} <= names
    assert not names & {"textual", "rich"}


@pytest.mark.parametrize("call", LIGHT)
def test_looking_and_completing_is_light(python: Python, town: Town, call: str) -> None:
    """Neither network nor keyring, nor an event loop."""
    assert {call: set()} == loaded(python, [call])
