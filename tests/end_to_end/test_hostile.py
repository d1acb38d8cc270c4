"""Hostile names in a real terminal: its clipboard, its title and its bytes stay ours."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.test_reveal import tmux, until

if TYPE_CHECKING:
    from tests.end_to_end.stage import Stage
    from tests.end_to_end.test_reveal import Tmux

__all__ = ["tmux"]

HOSTILE: Final = (
    "[@click=app.quit]\x1b]52;c;UFdORUQ=\x07\x9d52;c;UFdORUQ=\x9c\x1b]0;PWNED\x07\x1b]2;PWNED\x1b\\"
    "\x1bkPWNED\x1b\\\x1b]8;;https://evil.example\x1b\\\x1b[2J\x1b[?1049l[/x] [bold"
    "\u202e\u200b\U000e0041👩\u200d👧花丸商事e\u0301\u0301" + "x" * 10_000
)
SEEN: Final = "[@cl"
"""How hostile names begin; in a narrow column they are cut soon after that."""

OSC: Final = re.compile(rb"\x1b\](?!22;[a-z]+[\x07\x1b])[^\x07\x1b]*")
"""Any operating system command but 22, by which Textual tells the shape of the pointer."""

TITLE: Final = re.compile(rb"\x1bk")

WALK: Final = (
    ("shift-tab", "BTab"), ("list", "Tab"), ("detail", "Enter"), ("back", "Escape"),
    ("palette", "C-p"), ("its hits", "["), ("back", "Escape"), ("filter", "/"), ("words", "["),
    ("all", "Escape"), ("help", "?"), ("back", "Escape"), ("test", "t"), ("back", "Escape"),
    ("plan", "X"), ("back", "Escape"), ("remove", "D"), ("back", "Escape"), ("choose", "a"),
    ("back", "Escape"), ("rename", "n"), ("back", "Escape"), ("apps", "O"), ("change", "e"),
    ("back", "Escape"), ("back", "Escape"), ("incidents", "I"), ("one", "Enter"),
    ("back", "Escape"), ("back", "Escape"), ("doctor", "H"), ("back", "Escape"), ("vault", "W"),
    ("back", "Escape"), ("settings", ","), ("back", "Escape"), ("rotate", "R"), ("back", "Escape"),
)  # fmt: skip
"""What is gone to, and the key that goes there."""


@pytest.fixture
def hostile(stage: Stage) -> Stage:
    """A home in which everything that has a name has a hostile one, in the file itself too."""
    import sqlite3
    from contextlib import closing

    assert 0 == stage.run("add", "key", "acme-key", stdin=f"{stage.key.text}\n").returncode
    stage.add_app()
    other = stage.world.add_api_key(stage.user, stage.globex)
    assert 0 == stage.run("add", "key", "globex-key", stdin=f"{other.text}\n").returncode
    stage.run("revoke", "globex-key", "--yes", "--reason", HOSTILE.replace("\0", "")[:300])
    with closing(sqlite3.connect(stage.home / "vault.db")) as file, file:
        for table, column in (
            ("organizations", "name"), ("users", "name"), ("users", "email"),
            ("connections", "description"), ("connections", "scope"), ("apps", "listen"),
            ("connections", "key_id"), ("apps", "name"), ("connections", "fingerprint"),
        ):  # fmt: skip
            file.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))
        file.execute("UPDATE connections SET name = ? || id", (HOSTILE,))
        file.execute(
            "INSERT INTO events (at, connection_id, connection, verb, outcome, detail, reason,"
            " incident, facts, process) SELECT 1, id, ?1, ?1, ?1, ?1, ?1, '', ?1, ?1"
            " FROM connections",
            (HOSTILE,),
        )
    return stage


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_terminal_obeys_no_name(hostile: Stage, tmux: Tmux, size: tuple[int, int]) -> None:
    """Its clipboard and title stay, and no sequence is sent to it that is not ours."""
    output = hostile.home.parent / "terminal.raw"
    command = str(Path(sys.executable).with_name("close-tui"))
    width, height = map(str, size)
    tmux("new", "-d", "-n", "ours", "-x", width, "-y", height, f"sleep 1; exec {command}")
    for option, value in (("set-clipboard", "on"), ("allow-rename", "on")):
        tmux("set", "-g", option, value)
    tmux("new-window", "-d", "printf '\\033]52;c;UFdORUQ=\\007'; sleep 9")
    until(lambda: "PWNED" in tmux("list-buffers"))  # it listens to such a sequence
    tmux("delete-buffer")
    tmux("set-buffer", "what was copied before")
    title = tmux("display", "-p", "#{pane_title} #{window_name}")
    tmux("pipe-pane", "-o", f"cat > '{output}'")
    until(lambda: SEEN in tmux("capture-pane", "-p"))
    shown: dict[str, str] = {}
    for where, key in WALK:
        tmux("send-keys", key)
        time.sleep(0.5)
        shown[where] = tmux("capture-pane", "-p")
    alive = "Quit" in shown["back"]
    after = tmux("display", "-p", "#{pane_title} #{window_name}")
    buffers = tmux("list-buffers", "-F", "#{buffer_sample}").splitlines()
    tmux("send-keys", "C-q")
    raw = output.read_bytes()

    assert alive, shown["back"]
    assert len(set(shown.values())) > 15
    assert title == after
    assert ["what was copied before"] == buffers
    assert [] == OSC.findall(raw)
    assert [] == TITLE.findall(raw)
    assert 5 < sum(SEEN in text for text in shown.values())
