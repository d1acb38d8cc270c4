"""Adding: keys and apps; secrets by prompt, standard input or a variable, never by argv."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

GONE = "api_0000000000000000000000.0000000000000000000000"


def key_of(town: Town) -> str:
    """Return an API key that Close accepts."""
    return town.demo.api_keys[0].text


def test_a_key_on_standard_input_is_tested_and_stored(cli: Run, empty_town: Town) -> None:
    """Whose it is comes from Close; the vault is made on the way."""
    done = cli("add", "key", "acme", "--description", "nightly", stdin=f"{key_of(empty_town)}\n")

    assert 0 == done.code, done.err
    assert "Northwind Dental Group, as mara@halloran.example" in done.out
    assert "its key lives in the identity file" in done.err
    assert "ok" == empty_town.status("acme")
    assert "nightly" == cli("show", "acme", "--json").json["connection"]["description"]


def test_a_key_from_a_variable(cli: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--from-env`` names the variable; without it being set, nothing is sent."""
    missing = cli("add", "key", "acme", "--from-env", "ACME_KEY")
    monkeypatch.setenv("ACME_KEY", key_of(empty_town))
    done = cli("add", "key", "acme", "--from-env", "ACME_KEY", "--json")

    assert (2, "") == (missing.code, missing.out)
    assert "ACME_KEY is not set" in missing.err
    assert {"acme": "added"} == done.outcomes


def test_a_refused_key_is_1_and_not_stored(cli: Run, empty_town: Town) -> None:
    """Close says 401; the list stays empty and the key is not shown."""
    done = cli("add", "key", "acme", stdin=GONE)

    assert (1, "") == (done.code, done.out)
    assert "Close refused the credential" in done.err
    assert GONE[5:] not in done.err
    assert [] == cli("list", "--json").json["connections"]


@pytest.mark.parametrize("given", ["", "\n", "hunter2\n", "x" * 20_000])
def test_what_is_no_key_is_2(cli: Run, empty_town: Town, given: str) -> None:
    """Nothing is sent, and nothing of it is shown."""
    done = cli("add", "key", "acme", stdin=given)

    assert (2, "") == (done.code, done.out)
    assert 0 == empty_town.demo.world.journal.count()
    assert "hunter2" not in done.err


def test_a_key_on_the_command_line_is_refused_and_not_repeated(cli: Run, empty_town: Town) -> None:
    """It says why: others can see a command line."""
    done = cli("add", "key", "acme", GONE)

    assert (2, "") == (done.code, done.out)
    assert "secrets never go on the command line" in done.err
    assert GONE not in done.err


def test_a_vault_without_a_place_for_its_key_is_7(
    cli: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No keyring, no identity file, no passphrase file: the three ways are named."""
    monkeypatch.delenv("CLOSE_TUI_IDENTITY_FILE")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    done = cli("add", "key", "acme", stdin=key_of(empty_town))

    assert (7, "") == (done.code, done.out)
    for way in ("keyring", "CLOSE_TUI_PASSPHRASE_FILE", "CLOSE_TUI_IDENTITY_FILE"):
        assert way in done.err


def test_a_taken_name_is_1(cli: Run, town: Town) -> None:
    """Nothing is replaced."""
    done = cli("add", "key", "sakura-reports", stdin=town.demo.api_keys[2].text)

    assert 1 == done.code
    assert "That name is taken" in done.err


def test_an_app_is_added_and_changed(cli: Run, empty_town: Town) -> None:
    """Its secret comes on standard input, also the new one; what is not named stays."""
    app = empty_town.demo.apps[0]
    added = cli(
        "add", "app", "reports", "--client-id", app.client_id, "--no-pkce", stdin=app.client_secret
    )
    changed = cli(
        "set", "app", "reports", "--pkce", "--redirect-uri", "https://127.0.0.1:9000/back"
    )
    replaced = cli("set", "app", "reports", "--secret", "--json", stdin="another")
    nothing = cli("set", "app", "reports")

    assert (0, 0, 2) == (added.code, changed.code, nothing.code)
    assert {"reports": "ok"} == replaced.outcomes
    (stored,) = cli("apps", "--json").json["apps"]
    assert ("https://127.0.0.1:9000/back", True) == (stored["redirect_uri"], stored["pkce"])
    assert app.client_secret not in added.out + added.err


def test_a_redirect_uri_that_close_refuses_is_2(cli: Run, empty_town: Town) -> None:
    """Plain http is not accepted by Close, and the advice says what to write."""
    done = cli(
        "add", "app", "a", "--client-id", "oa2client_x", "--redirect-uri", "http://localhost/",
        stdin="secret",
    )  # fmt: skip

    assert 2 == done.code
    assert "https://" in done.err


@pytest.mark.parametrize(
    ("client_id", "uri"),
    [("two words", "https://localhost:25673/callback"), ("oa2client_x", "http://localhost/")],
)
def test_what_is_wrong_with_an_app_is_said_before_anything_is_asked_or_made(
    cli: Run, empty_town: Town, client_id: str, uri: str
) -> None:
    """Nobody chooses a passphrase and pastes a secret to hear of a typing error then."""
    done = cli("add", "app", "a", "--client-id", client_id, "--redirect-uri", uri, stdin="secret")

    assert 2 == done.code
    assert not empty_town.settings.home.exists()


def test_a_terminal_asks_without_showing(
    empty_town: Town, terminal: Callable[..., Terminal]
) -> None:
    """The prompt is hidden: the key is typed and never on the screen."""
    key = key_of(empty_town)
    screen = terminal("add", "key", "acme")
    screen.expect("API key (Close shows it once")
    screen.type_hidden(key)
    done = screen.end()

    assert 0 == done.code, done.err
    assert "acme" in done.out
    assert key not in done.err + done.out


def test_ctrl_c_at_the_prompt_is_3(empty_town: Town, terminal: Callable[..., Terminal]) -> None:
    """Nothing is sent and nothing is stored."""
    screen = terminal("add", "key", "acme")
    screen.expect("API key (Close shows it once")
    screen.interrupt()
    done = screen.end()

    assert (3, "") == (done.code, done.out)
    assert "Cancelled" in done.err
    assert 0 == empty_town.demo.world.journal.count()
