"""JSON: what is published of each command's shape, held against what it prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.cli import json_shapes
from close_tui.model import OUTCOMES, Status
from tests.cli.examples import parsers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Call, Consented, Run, Town

PUBLISHED = {
    command: set(keys.split(", "))
    for command, keys in re.findall(r"^- ``(.+)``: (.+)$", json_shapes.__doc__ or "", re.MULTILINE)
}
RESULTS = {"results"}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
KEY = "northwind-export"
OAUTH = "northwind-reports"

CALLS = {
    "list": "list",
    "show": f"show {OAUTH}",
    "apps": "apps",
    "history": "history",
    "add key": "add key another",
    "add app": "add app another --client-id oa2client_0123456789abcdefghijkl",
    "import": "import --dry-run -",
    "set app": "set app reports --no-pkce",
    "set connection": f"set connection {OAUTH} sakura-reports --no-auto-refresh",
    "set vault": "set vault --no-auto-refresh",
    "test": "test --all",
    "refresh": "refresh --all",
    "find": "find",
    "revoke": f"revoke {OAUTH} {KEY} --yes",
    "revoke --dry-run": "revoke --all --dry-run",
    "incident list": "incident list",
    "incident show": "incident show last",
    "incident export": "incident export last --format json",
    "incident close": "incident close last --reason done",
    "rotate": f"rotate {KEY}",
    "reconnect": "reconnect --app reports --organization ORG",
    "reconnect --dry-run": "reconnect --dry-run",
    "remove": f"remove {KEY} --yes",
    "rename": f"rename {KEY} another",
    "vault check": "vault check",
    "vault export": "vault export NEWFILE --passphrase-from-env PW",
    "vault import": "vault import EXPORT --passphrase-from-env PW",
    "vault rekey": "vault rekey",
    "vault move-key": "vault move-key file KEYFILE",
    "vault destroy": "vault destroy --yes --even-if-alive",
    "certificate show": "certificate show",
    "certificate trust": "certificate trust --yes",
    "certificate trust --dry-run": "certificate trust --dry-run",
    "certificate untrust": "certificate untrust",
    "certificate untrust --dry-run": "certificate untrust --dry-run",
    "certificate renew": "certificate renew",
    "settings show": "settings show",
    "settings path": "settings path",
    "doctor": "doctor --offline",
}
"""A call for each command with ``--json``; ``authorize`` has a test of its own."""

ALWAYS = {
    "results": "id name verb outcome detail advice at http_status exit_code answer",
    "connections": "id name organization user app",
    "organization": "id name",
    "user": "id email",
    "events": "at connection_id connection verb outcome http_status detail reason incident",
    "apps": "name client_id",
    "findings": "subject level detail advice",
    "plan": "id name kind organization user app key_id revocability sends missing provable detail "
    "why_not also",
    "incidents": "id reason operator opened_at ended_at seconds is_open verdicts",
    "found": "file what name generation behind connection app lines times detail advice",
    "strangers": "file hint lines times",
    "targets": "connection_id connection organization user kind app key_id fingerprint generation "
    "frozen_at verdict detail ended_at seconds sent",
    "sent": "at request credential generation http_status outcome seconds",
    "settings": "name value origin variable default",
    "certificate": "file origin sha256 not_before not_after names is_due",
    "stores": "id browser name trusted trusted_at old_trusted",
    "steps": "id name browser commands",
}
"""Keys that programs rely on; more may come, none may go."""


def walk(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give every value with the name it stands under; elements have the name of their list."""
    yield name, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from walk(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from walk(name, each)


def check(answer: Any, keys: set[str]) -> None:
    """Fail unless an answer is as it is published."""
    assert {"schema_version", *keys} == set(answer)
    assert json_shapes.SCHEMA_VERSION == answer["schema_version"]
    for name, value in walk("", answer):
        if isinstance(value, dict):
            assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in value), value
            if name in ALWAYS:
                assert set(ALWAYS[name].split()) <= set(value), name
        elif isinstance(value, list):
            shapes = {frozenset(each) for each in value if isinstance(each, dict)}
            assert len(shapes) <= 1, f"the elements of {name} differ"
        elif (name == "at" or name.endswith("_at")) and value is not None:
            assert RFC3339.fullmatch(value), f"{name}: {value}"
        elif name == "status":
            assert value in set(Status)
    for result in answer.get("results", ()):
        assert result["outcome"] in OUTCOMES
        assert result["exit_code"] in range(9)


SPEAK_TEXT = {
    "token": "prints one secret, to be sent on as it is",
    "exec": "its output is the command's",
    "completion": "a script for a shell",
    "demo": "opens the app",
    "settings edit": "opens an editor",
    "vault identity": "prints one secret, to be sent on as it is",
}
"""The only commands without ``--json``, and why."""


def test_every_command_speaks_json_or_has_a_reason() -> None:
    """Groups of commands do nothing by themselves."""
    silent = {
        name
        for name, parser in parsers()
        if parser.get_default("run")
        and not any("--json" in action.option_strings for action in parser._actions)
    }

    assert set(SPEAK_TEXT) == silent


def test_every_command_with_json_is_called() -> None:
    """And what is published is no other."""
    speak = {
        name
        for name, parser in parsers()
        if any("--json" in action.option_strings for action in parser._actions)
    }

    assert speak - {"authorize"} == {each for each in CALLS if "--dry-run" not in each}
    assert set(PUBLISHED) <= set(CALLS)


@pytest.mark.parametrize("command", CALLS)
def test_a_shape_is_as_published(
    cli: Run, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Fixed keys, one line of ASCII, the version, times, statuses and outcomes."""
    monkeypatch.setenv("PW", "correct horse")
    key = town.demo.world.add_api_key(town.demo.users[0], town.demo.organizations[0])
    stdin = "secret" * 8 if command == "add app" else key.text
    if command == "find":
        stdin = f"{town.demo.api_keys[0].text} and {key.text}"
    export = tmp_path / "export.age"
    if command == "vault import":
        assert 0 == cli("vault", "export", str(export), "--passphrase-from-env", "PW").code
    places = {
        "EXPORT": str(export),
        "KEYFILE": str(tmp_path / "key.txt"),
        "NEWFILE": str(tmp_path / "new.age"),
        "ORG": town.demo.organizations[0].id,
    }
    words = [places.get(word, word) for word in CALLS[command].split()]

    done = cli(*words, *([] if "json" in words else ["--json"]), stdin=stdin)

    assert done.out, done.err
    check(done.json, PUBLISHED.get(command, RESULTS))


def test_authorize_is_as_published(
    town: Town, started: Callable[..., Call], consented: Consented
) -> None:
    """One result, with who answered."""
    call = started("authorize", "reports", "--paste", "--json", "--name", "another")
    answer = consented(call.said("Open: "), town.demo.organizations[0].id)

    check(call.end(f"{answer}\n").json, RESULTS)


def test_a_long_answer_in_pieces_is_the_same_to_the_letter() -> None:
    """Any number of elements, one batch or several, reads as if it had been made whole."""
    for count in (0, 1, 100, 101, 250):
        listed: list[json_shapes.Shape] = [{"name": f"ä{n}", "at": None} for n in range(count)]
        whole = json_shapes.dumps(connections=listed, vault={"auto_refresh": True})

        assert whole == "".join(
            json_shapes.pieces("connections", listed, vault={"auto_refresh": True})
        )
