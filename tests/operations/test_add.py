"""Adding API keys and OAuth apps, and changing apps."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import (
    AlreadyStored,
    InUse,
    NameTaken,
    NotFound,
    Refused,
    Unavailable,
    Unreachable,
    UsageError,
)
from close_tui.model import Organization, SecretKind
from close_tui.operations.add import add_app, add_key, recognized_key, remove_app, set_app
from close_tui.sandbox import faults
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.operations.conftest import Town

KEY = "api_" + "a" * 22 + "." + "b" * 22
URI = "https://localhost:25673/callback"


async def test_a_key_is_stored_with_whose_it_is(empty_town: Town) -> None:
    """Organization, user, headroom and latency are filled in from ``/me/``."""
    town = empty_town
    key = town.world.add_api_key(town.ada, town.globex)

    added = await add_key(town.desk, "globex", Secret(f" {key.text}\n"), "  for\x1b[31m exports ")

    stored = town.shown(added.id)
    assert ("added", 0, "Globex, as ada@acme.example.") == (
        added.outcome,
        added.exit_code,
        added.detail,
    )
    assert Organization(town.globex.id, "Globex") == stored.organization
    assert (town.ada.id, "ada@acme.example", "Ada Byron") == stored.user
    assert (key.id, None, "for[31m exports") == (
        stored.key_id,
        stored.expires_at,
        stored.description,
    )
    assert ("ok", [("add", "added")]) == (town.status(stored), town.told(stored))
    assert stored.last_check is not None
    assert stored.last_check.rate_limit is not None
    assert key.text == town.token(stored, SecretKind.API_KEY)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(None, Refused), (faults.UNAVAILABLE, Unavailable), (faults.DROPPED, Unreachable)],
)
async def test_a_key_that_close_does_not_answer_for_is_not_stored(
    empty_town: Town, fault: faults.Fault | None, error: type[Exception]
) -> None:
    """Refused, unavailable or unreachable: no connection, no secret, no fingerprint."""
    if fault:
        empty_town.world.faults.add(fault)

    with pytest.raises(error):
        await add_key(empty_town.desk, "acme", Secret(KEY))

    vault = empty_town.desk.vault
    assert [] == vault.connections()
    assert [] == vault.database.rows("SELECT 1 FROM secrets UNION SELECT 1 FROM fingerprints")
    assert [] == vault.history()


BASIC = b64encode(f"{KEY}:".encode()).decode()


@pytest.mark.parametrize(
    "pasted",
    [
        KEY,
        f"  {KEY}\n",
        f'"{KEY}"',
        f"CLOSE_API_KEY={KEY}",
        f'export CLOSE_API_KEY="{KEY}"\n',
        f"API_KEY = '{KEY}'",
        f"CLOSE_API_KEY: {KEY}",
        f"Authorization: Basic {BASIC}",
        f"basic {BASIC}",
        f"-H 'Authorization: Basic {BASIC}'",
        f"curl -u {KEY}: https://api.close.com/api/v1/me/",
        f"curl https://api.close.com/api/v1/me/ --user '{KEY}:'",
        f'"close_api_key": "{KEY}",',
        f"CLOSE_API_KEY={KEY} # production",
        f"`{KEY}`",
        f"<{KEY}>",
        f"{KEY}:",
        f"The key is {KEY}, do not tell.",
        f"\u200b{KEY}\ufeff",
        f"curl -s \\\n  -H 'Authorization: Basic {BASIC}' \\\n  https://api.close.com/api/v1/me/",
    ],
)
def test_a_key_is_recognized_in_what_is_usually_pasted(pasted: str) -> None:
    """Bare, quoted, or as a line of a shell's or an environment file."""
    assert KEY == recognized_key(Secret(pasted)).reveal()


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "api_",
        KEY[:-23],
        f"{KEY} {KEY}",
        f"{KEY}x, longer than one",
        f"{KEY}.{'b' * 22}",
        f"{KEY}\x00",
        f"{KEY[:-1]}é",
        f"{KEY}\x1b]52;c;aGk=\x07",
        KEY + " " * 400_000 + "x",
        "A" * 400_000,
        f"curl -u {KEY}: -u api_other.{'b' * 22}: https://api.close.com/",
        f"curl https://api.close.com/{KEY}",
        "Basic " + b64encode(f"{KEY}:password".encode()).decode(),
        "Basic " + b64encode(b"\xff\xfe\xfd\xfc\xfb\xfa:").decode(),
        "Basic ====",
    ],
    ids=range(17),
)
def test_what_is_not_a_key_is_refused_without_being_shown(pasted: str) -> None:
    """Empty, cut, doubled, with control characters, or huge: a usage error that quotes nothing."""
    with pytest.raises(UsageError) as caught:
        recognized_key(Secret(pasted))

    assert "That does not look like a Close API key." == str(caught.value)


def test_the_id_of_a_key_is_told_from_the_key() -> None:
    """Close shows the id for ever, and the key once: the one is easily taken for the other."""
    with pytest.raises(UsageError) as caught:
        recognized_key(Secret(KEY.partition(".")[0]))

    assert caught.value.advice.startswith("It is the ID of one")


async def test_a_name_or_key_that_is_there_already_is_refused(town: Town) -> None:
    """The name is refused before anything is sent, the same key with the name that it has."""
    _, key = await town.connect_key("acme")
    sent = town.sent("me")

    with pytest.raises(NameTaken, match="named acme already"):
        await add_key(town.desk, "acme", Secret(KEY))
    assert sent == town.sent("me")
    with pytest.raises(AlreadyStored, match="stored already, as acme"):
        await add_key(town.desk, "other", Secret(key.text))
    assert 1 == len(town.desk.vault.connections())


async def test_an_app_is_stored_as_it_is_registered(empty_town: Town) -> None:
    """Client id, redirect URI and PKCE are kept, the secret is sealed."""
    desk = empty_town.desk

    added = await add_app(desk, "reports", " oa2client_1 ", Secret(" s3cret\n"), pkce=False)

    app = desk.vault.app(added.id)
    assert app is not None
    assert ("reports", "oa2client_1", URI, False, 0, "") == app[1:]
    assert Secret("s3cret") == desk.vault.client(app).client_secret


@pytest.mark.parametrize(
    "around",
    ["{}", '"{}"', "'{}',", "CLOSE_THIS={}", "export CLOSE_THIS='{}'", '"client_this": "{}",'],
)
async def test_an_app_s_id_and_secret_are_taken_out_of_what_is_usually_pasted(
    empty_town: Town, around: str
) -> None:
    """Quotes and names around them would be found out by Close only, after the consent screen."""
    client_id, secret = f"oa2client_{'a' * 22}", "b" * 48
    pasted = Secret(f" {around.format(secret)}\n")

    added = await add_app(empty_town.desk, "reports", around.format(client_id), pasted)

    app = empty_town.desk.vault.app(added.id)
    assert app is not None
    assert client_id == app.client_id
    assert Secret(secret) == empty_town.desk.vault.client(app).client_secret


async def test_a_secret_of_another_shape_is_kept_as_it_is(empty_town: Town) -> None:
    """Nobody knows that a quote does not belong to it."""
    added = await add_app(empty_town.desk, "reports", "oa2client_1", Secret("'s3=cret'"))

    app = empty_town.desk.vault.app(added.id)
    assert app is not None
    assert Secret("'s3=cret'") == empty_town.desk.vault.client(app).client_secret


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"redirect_uri": "http://localhost:25673/callback"}, "plain http"),
        ({"redirect_uri": "localhost"}, "must begin with https"),
        ({"client_id": "oa2client 1"}, "not a client id"),
        ({"client_id": " "}, "needs the client ID"),
        ({"client_secret": Secret("\n")}, "needs the client secret"),
        ({"name": ""}, "needs a name"),
        ({"client_secret": Secret("two words")}, "not a client secret"),
        ({"client_secret": Secret("x" * 1001)}, "not a client secret"),
        ({"name": "-rf"}, "does not begin with a dash"),
    ],
)
async def test_an_app_that_close_would_refuse_is_refused(
    empty_town: Town, changed: dict[str, object], words: str
) -> None:
    """Plain http, nonsense and hostile names never get as far as making a vault."""
    arguments = {"name": "reports", "client_id": "oa2client_1", "client_secret": None, **changed}

    with pytest.raises(UsageError, match=words):
        await add_app(empty_town.desk, **arguments)  # type: ignore[arg-type]
    assert not empty_town.settings.home.exists()


async def test_an_app_is_changed_where_it_was_asked(town: Town) -> None:
    """What is not named stays; a new secret takes the old one's place."""
    changed = await set_app(town.desk, town.app, pkce=False, client_secret=Secret("new"))

    app = town.desk.vault.app(town.app.id)
    assert app is not None
    assert (town.app.redirect_uri, False) == (app.redirect_uri, app.pkce)
    assert Secret("new") == town.desk.vault.client(app).client_secret
    assert "a new client secret." in changed.detail


async def test_an_app_in_use_is_not_removed(town: Town) -> None:
    """Its secret is needed to revoke; what was known before the last connection does not count."""
    before = town.app
    town.connect()

    with pytest.raises(InUse, match="1 connection cannot be refreshed"):
        remove_app(town.desk, before)
    assert before.id in {app.id for app in town.desk.vault.apps()}


async def test_an_app_that_nothing_needs_is_forgotten(town: Town) -> None:
    """Its secret is destroyed; removing it again finds nothing."""
    removed = remove_app(town.desk, town.app)

    assert ("removed", "Forgotten here. In Close it still exists.") == (
        removed.outcome,
        removed.detail,
    )
    assert [] == town.desk.vault.database.rows("SELECT 1 FROM secrets")
    with pytest.raises(NotFound):
        remove_app(town.desk, town.app)
