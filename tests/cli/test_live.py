"""One line for each target, kept up to date where a terminal can."""

from __future__ import annotations

import io
import os

import pytest

from close_tui.cli.console import Console
from close_tui.cli.live import Live
from close_tui.leaks import Step
from close_tui.model import Connection, Kind, Organization, Result, User


class Screen(io.StringIO):
    """A terminal of a size that remembers what was written."""

    def isatty(self) -> bool:
        """It is one."""
        return True

    def fileno(self) -> int:
        """The size of this is asked for."""
        return 99

    def rows(self) -> list[str]:
        """Return the lines as a terminal shows them; it knows what Live writes and no more."""
        rows, at, column = [""], 0, 0
        text = self.getvalue()
        while text:
            if text.startswith("\x1b["):
                end = next(n for n, c in enumerate(text) if c.isalpha())
                number, what, text = text[2:end], text[end], text[end + 1 :]
                if what == "K":
                    rows[at] = rows[at][:column]
                else:
                    at += int(number) * (1 if what == "B" else -1)
                continue
            character, text = text[0], text[1:]
            if character == "\n":
                at, column = at + 1, 0
                rows += [""] * (at + 1 - len(rows))
            elif character == "\r":
                column = 0
            else:
                rows[at] = rows[at][:column].ljust(column) + character + rows[at][column + 1 :]
                column += 1
        return rows


def target(number: int, name: str = "") -> Connection:
    """Return a connection."""
    return Connection(
        id=f"conn_{number}",
        name=name or f"acme-{number}",
        description="",
        kind=Kind.OAUTH,
        organization=Organization("orga_1", "Acme"),
        user=User("user_1", "ada@acme.example"),
        app="reports",
        app_id="app_1",
        key_id=None,
        scope="",
        expires_at=1.0,
        generation=1,
        fingerprint="",
        can_refresh=True,
        created_at=0.0,
    )


def dead(number: int) -> Result:
    """Return a verdict."""
    return Result(f"conn_{number}", f"acme-{number}", "revoke", "dead_proved", "Dead.")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal of 40 by 5."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((40, 5)))
    return Screen()


def live(screen: io.StringIO, count: int, term: str = "xterm") -> Live:
    """Show so many targets on it."""
    console = Console(io.StringIO(), io.StringIO(), screen, {"TERM": term})
    return Live(console, [target(number) for number in range(count)])


def test_each_target_has_a_line_that_is_kept_up_to_date(screen: Screen) -> None:
    """Steps and verdicts are written over what stood there, cut to the terminal."""
    shown = live(screen, 3)
    for number in range(3):
        shown.step(Step(f"conn_{number}", "frozen", 0.0))
    shown.step(Step("conn_2", "refresh_token_revoked", 0.0))
    shown.verdict(dead(0))

    assert [
        "acme-0: dead proved.",
        "acme-1: frozen, nothing refreshes it a…",
        "acme-2: Close accepted the revocation …",
        "",
    ] == screen.rows()


def test_a_terminal_that_is_too_low_gets_verdicts_only(screen: Screen) -> None:
    """One line each as they come: nothing is written over what has scrolled away."""
    shown = live(screen, 5)
    shown.step(Step("conn_0", "frozen", 0.0))
    shown.verdict(dead(3))

    assert "acme-3: dead proved.\n" == screen.getvalue()


def test_why_one_may_live_is_said_at_once(screen: Screen) -> None:
    """While others are at work or a key is watched, the reason stands beside the verdict."""
    shown = live(screen, 2, term="dumb")
    shown.verdict(dead(1)._replace(outcome="failed", detail="Close answers 503."))

    assert "acme-1: failed: Close answers 503.\n" == screen.getvalue()


def test_a_terminal_that_cannot_go_up_gets_a_line_for_each_step(screen: Screen) -> None:
    """No escape is written to it."""
    shown = live(screen, 2, term="dumb")
    shown.step(Step("conn_1", "frozen", 0.0))
    shown.verdict(dead(1))

    assert (
        "acme-1: frozen, nothing refreshes it any more.\nacme-1: dead proved.\n"
        == screen.getvalue()
    )


def test_nothing_is_shown_where_nobody_looks() -> None:
    """Off the terminal stderr stays silent; strangers are ignored."""
    nowhere = io.StringIO()
    shown = live(nowhere, 1)
    shown.step(Step("conn_0", "frozen", 0.0))
    shown.step(Step("conn_9", "frozen", 0.0))

    assert "" == nowhere.getvalue()
