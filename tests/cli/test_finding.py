"""Find: from a leaked text to the connection, and to the next step."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

KEY = f"api_{'a' * 22}.{'S' * 22}"


def test_a_leaked_token_leads_to_its_connection(cli: Run, town: Town) -> None:
    """What, whose, where, and what to do; the token itself is not repeated."""
    token = cli("token", "northwind-reports").out.strip()
    done = cli("find", stdin=f"one\nAuthorization: Bearer {token}\n")
    first, state, line, step = done.out.splitlines()

    assert 0 == done.code
    assert first.startswith("This is the current access token of Northwind")
    assert first.endswith(".")
    assert state.startswith("  northwind-reports: ")
    assert ("  line 2", "  Next: close-tui revoke northwind-reports") == (line, step)
    assert "1 find of this vault; 2 lines read.\n" == done.err
    assert token not in done.out + done.err


def test_several_are_revoked_with_one_command(cli: Run, town: Town) -> None:
    """Each once, however often it leaked, and without what is dead already."""
    tokens = [cli("token", name).out.strip() for name in ("northwind-reports", "northwind-export")]
    dead = cli("token", "sakura-reports").out.strip()
    assert 8 >= cli("revoke", "sakura-reports", "--yes").code
    done = cli("find", stdin="\n".join([*tokens, *tokens, dead]))

    assert (
        "All of them at once: close-tui revoke northwind-reports northwind-export"
        in done.err.splitlines()
    )
    assert "at once" not in cli("find", stdin=tokens[0]).err


def test_a_replaced_token_says_how_old_it_is(cli: Run, town: Town) -> None:
    """A superseded access token may live until its hour ends."""
    token = cli("token", "northwind-reports").out.strip()
    for _ in range(2):
        assert 0 == cli("refresh", "northwind-reports").code
    done = cli("find", stdin=token)

    assert "access token, two generations old, of Northwind" in done.out
    assert "may live until its hour ends. Next: close-tui revoke northwind-reports" in done.out


def test_a_revoked_connection_needs_nothing_more(cli: Run, town: Town) -> None:
    """When it was revoked, and proved dead."""
    token = cli("token", "northwind-reports").out.strip()
    assert 0 == cli("revoke", "northwind-reports", "--yes").code
    done = cli("find", stdin=token)

    assert 0 == done.code
    assert "proved dead at " in done.out
    assert "nothing to do" in done.out
    assert "Next:" not in done.out


def test_a_client_secret_leads_to_all_connections_of_its_app(cli: Run, town: Town) -> None:
    """In a Basic header too."""
    app = next(iter(town.demo.world.apps.values()))
    both = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    done = cli("find", "--json", stdin=f"Authorization: Basic {both}\n")
    found = {each["what"]: each for each in done.json["found"]}

    assert (0, {"client_id", "client_secret"}) == (done.code, set(found))
    assert app.client_id == found["client_secret"]["app"]["client_id"]
    assert "close-tui revoke --app" in found["client_secret"]["advice"]


def test_json_has_fixed_keys(cli: Run, town: Town) -> None:
    """One element for each find, each stranger, each file that was not read."""
    token = cli("token", "northwind-reports").out.strip()
    answer = cli("find", "--json", stdin=f"{token}\n{token} {KEY}").json

    assert {
        "schema_version", "found", "strangers", "unread", "bytes_read", "lines_read",
    } == set(answer)  # fmt: skip
    (found,) = answer["found"]
    assert {
        "file", "what", "name", "generation", "behind", "other_secret", "connection", "app",
        "lines", "times", "detail", "advice",
    } == set(found)  # fmt: skip
    assert (None, "access_token", 0, [1, 2], 2) == (
        found["file"], found["what"], found["behind"], found["lines"], found["times"],
    )  # fmt: skip
    assert "northwind-reports" == found["name"]
    assert "ok" == found["connection"]["status"]
    assert [{"file": None, "hint": KEY[:26], "lines": [2], "times": 1}] == answer["strangers"]
    assert 2 == answer["lines_read"]


def test_a_key_with_our_id_and_another_second_half_is_not_called_safe(cli: Run, town: Town) -> None:
    """It is said to be leaked, and what to do; the ID alone is safe."""
    keys = [each["name"] for each in cli("list", "--json").json["connections"]
            if each["kind"] == "api_key"]  # fmt: skip
    key_id = cli("show", keys[0], "--json").json["connection"]["key_id"]
    other = cli("find", stdin=f"{key_id}.{'S' * 22}\n")
    alone = cli("find", stdin=f"{key_id}\n")

    assert "begins with the key ID of" in other.out
    assert "Its second half is not the one that is stored. Treat it as leaked. Next: " in other.out
    assert "close-tui revoke" in other.out
    assert "afe to share" not in other.out
    assert "Safe to share" in alone.out


def test_a_stranger_alone_is_5_and_said(cli: Run, town: Town) -> None:
    """Its ID is shown, its secret is not."""
    done = cli("find", stdin=f"key: {KEY}\n")

    assert 5 == done.code
    assert f"{KEY[:26]} looks like an API key of Close. It is not in this vault." in done.out
    assert "Nothing of this vault, 1 stranger; 1 line read.\n" == done.err
    assert "S" * 22 not in done.out + done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [("nothing\n", "Nothing of this vault; 1 line read."), ("", "There was nothing to read.")],
)
def test_nothing_found_is_5(cli: Run, town: Town, text: str, said: str) -> None:
    """And nothing on stdout."""
    done = cli("find", stdin=text)

    assert (5, "", f"{said}\n") == (done.code, done.out, done.err)


def test_without_a_vault_strangers_are_told(cli: Run, empty_town: Town) -> None:
    """5, with what to do; no vault is made."""
    done = cli("find", stdin=KEY)

    assert (5, True, True) == (done.code, KEY[:26] in done.out, "no vault yet" in done.err)
    assert not empty_town.settings.home.exists()


def test_the_text_is_not_taken_from_the_command_line(cli: Run, town: Town) -> None:
    """And what stood there is not repeated."""
    done = cli("find", "northwind-secret", KEY)

    assert (2, "") == (done.code, done.out)
    assert "northwind-secret" not in done.err
    assert "api_" not in done.err


def test_several_files_are_told_apart(cli: Run, town: Town, tmp_path: Path) -> None:
    """Each by its name, and with its own line numbers."""
    token = cli("token", "northwind-reports").out.strip()
    log, env = tmp_path / "app.log", tmp_path / ".env"
    log.write_text(f"\n\n{token}\n")
    env.write_text(f"TOKEN={token}\n", encoding="utf-16")
    done = cli("find", "--file", str(log), "--file", str(env))

    assert 0 == done.code
    assert f"  {log}, line 3\n" in done.out
    assert f"  {env}, line 1\n" in done.out


def test_a_file_that_cannot_be_read_loses_nothing(cli: Run, town: Town, tmp_path: Path) -> None:
    """1, and what was found in the others is told."""
    token = cli("token", "northwind-reports").out.strip()
    log = tmp_path / "app.log"
    log.write_text(token)
    paths = [str(tmp_path), str(log), str(tmp_path / "no\x1b[31mne"), "nul\0"]
    done = cli("find", "--json", *(word for path in paths for word in ("--file", path)))

    assert (1, [str(log)]) == (done.code, [each["file"] for each in done.json["found"]])
    assert 3 == len(done.json["unread"])
    assert 3 == done.err.count("Not everything could be read")
    assert "\x1b" not in done.err


def test_a_hostile_text_never_reaches_the_terminal(cli: Run, town: Town) -> None:
    """Neither escape sequences nor markup, and names come cleaned."""
    vault = town.vault()
    vault.database.change("UPDATE organizations SET name = ?", "Acme\x1b]52;c;aGk=\x07\u202e")
    vault.close()
    token = cli("token", "northwind-reports").out.strip()
    done = cli("find", stdin=f"\x1b]52;c;aGk=\x07[@click=x]\x1b[31m{token}\x1b[0m\x9b {KEY}\x07")

    assert 0 == done.code
    assert "This is the current access token of Acme" in done.out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.out + done.err)


def test_a_person_is_told_how_to_paste(town: Town, terminal: Callable[..., Terminal]) -> None:
    """Enter, then Ctrl-D."""
    screen = terminal("find")
    screen.expect("Paste the text, then press Enter and Ctrl-D.")
    screen.type(f"key = {KEY}")
    os.write(screen._master, b"\x04")
    done = screen.end()

    assert (5, True) == (done.code, f"{KEY[:26]} looks like" in done.out)


def test_what_takes_long_shows_how_far_it_is(
    cli: Run, town: Town, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    """On a terminal only, and the line is cleared at the end."""
    log, pipe = tmp_path / "app.log", tmp_path / "slow"
    log.write_bytes(b"nothing " * 2_000_000)
    os.mkfifo(pipe)

    def drip() -> None:
        with pipe.open("wb", buffering=0) as file:
            for _ in range(12):
                file.write(b"nothing " * 40_000)
                time.sleep(0.1)

    writer = threading.Thread(target=drip, daemon=True)
    writer.start()
    screen = terminal("find", "--file", str(pipe))
    screen.expect("MB read …")
    done = screen.end()
    writer.join()

    assert 5 == done.code
    assert done.err.rstrip().endswith("\x1b[KNothing of this vault; 1 line read.")
    assert "MB read" not in cli("find", "--file", str(log)).err
