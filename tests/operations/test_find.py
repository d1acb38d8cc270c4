"""Find: whose secret stands in a text, however it stands there."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from close_tui.leaks import Found
from close_tui.model import SecretKind
from close_tui.operations.find import find
from close_tui.operations.keep import remove
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.scanning import BLOCK
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.operations.conftest import Town

ODD = "aB3-dE_6gH.iJ9~kL2+mN5/pQ8rS1tU4vW7xY0=="
"""A token of every character that one may have (RFC 6750 §2.1)."""

URLSAFE = "Zx-7_qLm0PwR5tYv-Kc3_BnG8dFhJ2sA6eUiO1-N_a9"
STANDARD = "q/7+Lm0PwR5tYvKc3/BnG8dFhJ2sA+6eUiO1Na9T4w="
PLAIN = "nG8dFhJ2sA6eUiO1Zx7qLm0PwR5tYvKc3B4w9QkT"


def seen(found: Found) -> list[tuple[str, str]]:
    """What was recognized, and of whom."""
    return [(trace.what, trace.name) for trace in found.traces]


def store(town: Town, text: str, name: str = "acme") -> None:
    """Let the vault hold a refresh token of a connection that is not there any more."""
    vault, at = town.desk.vault, town.clock()
    vault.seal(f"conn_{name}", SecretKind.REFRESH_TOKEN, 1, Secret(text), name, at)


def basic(text: str) -> str:
    """Return a Basic header's value (RFC 7617)."""
    return "Basic " + base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "alone": lambda t: t,
    "a line among others": lambda t: f"one\ntwo {t} three\nfour\n",
    "quoted": lambda t: f"token = '{t}';",
    "a variable": lambda t: f"export CLOSE_TOKEN={t}\n",
    "YAML": lambda t: f"token:{t}\n",
    "JSON": lambda t: json.dumps({"a": {"token": t}}),
    "JSON in JSON": lambda t: json.dumps({"body": json.dumps({"url": f"/x?token={t}"})}),
    "JSON with escaped slashes": lambda t: t.replace("/", r"\/"),
    "JSON with escaped everything": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "after an escaped line end": lambda t: f'"first\\n{t}\\tlast"',
    "a header": lambda t: f"authorization: Bearer {t}\r\n",
    "a list": lambda t: f"abc,{t},def",
    "a query": lambda t: f"GET /callback?token={quote(t, safe='')}&state=1 HTTP/1.1",
    "escaped twice": lambda t: f"u=%252Fcallback%253Ftoken%253D{quote(quote(t, safe=''))}%2526",
    "wholly percent-encoded": lambda t: "".join(f"%{ord(c):02X}" for c in t),
    "the end of a sentence": lambda t: f"It is {t}.",
    "coloured": lambda t: f"\x1b[31m{t[:9]}\x1b[1;32m{t[9:]}\x1b[0m",
    "coloured, and written down": lambda t: f'"\\u001b[31m{t}\\u001b[0m"',
    "UTF-16, little-endian": lambda t: f"﻿$env:T='{t}'\r\n".encode("utf-16-le").decode("latin-1"),
    "UTF-16, big-endian": lambda t: f"﻿$env:T='{t}'\r\n".encode("utf-16-be").decode("latin-1"),
    "an environment": lambda t: f"PATH=/usr/bin\0TOKEN={t}\0HOME=/root\0",
    "Basic, as user": lambda t: basic(f"{t}:"),
    "Basic, as password": lambda t: basic(f"oa2client_0123456789:{t}"),
    "Basic in a query": lambda t: quote(f"?authorization={basic(t + ':')}"),
    "base64": lambda t: f"  token: {base64.b64encode(t.encode()).decode()}\n",
    "base64url": lambda t: base64.urlsafe_b64encode(f"{{'t':'{t}'}}".encode()).decode(),
    "broken UTF-8": lambda t: f"\xff\xfe\xc3{t}\xe2\x82",
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_token_is_found_however_it_stands_there(town: Town, form: str) -> None:
    """Whatever characters it is made of."""
    tokens = (PLAIN, URLSAFE, STANDARD, ODD)
    for number, token in enumerate(tokens):
        store(town, token, f"c{number}")
    missed = []
    for number, token in enumerate(tokens):
        text = FORMS[form](token).encode("latin-1" if "\0" in FORMS[form]("x" * 9) else "utf-8")
        if seen(find(town.desk, [text])) != [("refresh_token", f"c{number}")]:
            missed.append(token)

    assert [] == missed


@pytest.mark.parametrize("token", [PLAIN, URLSAFE, STANDARD.rstrip("="), STANDARD])
@pytest.mark.parametrize("glue", ["backup-{}", "my_{}", "v1.{}", "/hooks/{}", "a+{}", "{}.json"])
async def test_a_token_is_found_glued_on_one_side(town: Town, token: str, glue: str) -> None:
    """Dashes, dots and slashes may belong to a token, or not."""
    store(town, token)

    assert [("refresh_token", "acme")] == seen(find(town.desk, [glue.format(token).encode()]))


@pytest.mark.parametrize("glue", ["{}-old", "{}_x", "{}/next", "{}+a"])
async def test_a_token_is_found_before_what_it_is_glued_to(town: Town, glue: str) -> None:
    """The other side."""
    for number, token in enumerate((PLAIN, URLSAFE, STANDARD.rstrip("="))):
        store(town, token, f"c{number}")
        text = glue.format(token).encode()

        assert [("refresh_token", f"c{number}")] == seen(find(town.desk, [text]))


async def test_generations_are_told(town: Town) -> None:
    """What was replaced twice is two generations old; the current one none."""
    connection = town.connect()
    texts = []
    for _ in range(3):
        shown = town.shown(connection.id)
        texts += [town.token(shown), town.access_token(shown)]
        await refresh(town.desk, connection.id)
    now = town.shown(connection.id)
    texts += [town.token(now), town.access_token(now)]
    found = find(town.desk, ["\n".join(texts).encode()])

    told = [(each.what, each.generation, each.behind, each.lines) for each in found.traces]
    assert [
        (what, generation, 4 - generation, (line,))
        for line, (generation, what) in enumerate(
            [(g, w) for g in (1, 2, 3, 4) for w in ("refresh_token", "access_token")], 1
        )
    ] == told


async def test_keys_ids_and_client_secrets_are_told_apart(town: Town) -> None:
    """A key is not its ID as well; an ID alone is one."""
    connection, key = await town.connect_key()
    app = town.registered
    text = f"{key.text}\nid {key.id}\n{basic(f'{app.client_id}:{app.client_secret}')}\n"
    found = find(town.desk, [text.encode()])

    assert {
        ("api_key", "key", (1,)),
        ("key_id", "key", (2,)),
        ("client_id", "reports", (3,)),
        ("client_secret", "reports", (3,)),
    } == {(each.what, each.name, each.lines) for each in found.traces}
    assert connection == next(e.connection for e in found.traces if e.what == "api_key")
    assert town.app == next(e.app for e in found.traces if e.what == "client_secret")
    assert () == found.strangers


async def test_a_locked_vault_is_enough(town: Town) -> None:
    """It stays locked."""
    connection = town.connect()
    text = town.token(connection).encode()
    desk = town.open_desk()

    assert [("refresh_token", "acme")] == seen(find(desk, [text]))
    assert desk.vault.is_locked


async def test_revoked_and_removed_connections_are_recognized(town: Town) -> None:
    """The tombstone and the fingerprint say whose it was; the living come first."""
    revoked = town.connect("revoked")
    removed = town.connect("removed", user=town.bob)
    live = town.connect("live", organization=town.globex)
    text = "\n".join(town.token(each) for each in (revoked, removed, live)).encode()
    await revoke(town.desk, revoked.id)
    remove(town.desk, removed)
    found = find(town.desk, [text])

    assert ["removed", "live", "revoked"] == [each.name for each in found.traces]
    gone, alive, dead = found.traces
    assert (None, None, 1) == (gone.connection, gone.behind, gone.generation)
    assert (0, live.id) == (alive.behind, alive.connection and alive.connection.id)
    assert dead.connection is not None
    assert dead.connection.proved_dead_at is not None


async def test_strangers_are_told_without_their_secrets(town: Town) -> None:
    """A key of ours with another secret is named by its ID."""
    _, key = await town.connect_key()
    secret = "S" * 22
    text = (
        f"api_{'a' * 22}.{secret}\nCLOSE=api_{'a' * 22}.{secret};\napi_{'.b' * 22}c\n"
        f"oa2client_{'d' * 22}\n{key.id}.{secret}\napi_keyAuthenticationMiddlewares\n"
    )
    found = find(town.desk, [text.encode()])

    assert {
        (f"api_{'a' * 22}", (1, 2), 2),
        ("api_…", (3,), 1),
        (f"oa2client_{'d' * 22}", (4,), 1),
    } == set(found.strangers)
    assert [("key_id", (5,), True)] == [
        (each.what, each.lines, each.other_secret) for each in found.traces
    ]
    assert secret not in repr(found)


async def test_a_key_with_another_second_half_is_no_harmless_id(town: Town) -> None:
    """The stored key, its ID alone, and its ID before another second half are three finds."""
    _, key = await town.connect_key()
    other = f"{key.id}.{'S' * 22}"
    found = find(town.desk, [f"{key.text}\n{key.id}\n{other}\n".encode()])

    assert {
        ("api_key", (1,), False, True),
        ("key_id", (2,), False, False),
        ("key_id", (3,), True, True),
    } == {(each.what, each.lines, each.other_secret, each.is_secret) for each in found.traces}


async def test_places_are_counted(town: Town) -> None:
    """The first five lines, and how many in all; also what was read."""
    token = town.token(town.connect())
    text = f"{token} and {token}\n" + f"nothing\n{token}\n" * 9
    found = find(town.desk, [text.encode()])

    assert ((1, 3, 5, 7, 9), 11) == (found.traces[0].lines, found.traces[0].times)
    assert (len(text), 19) == (found.bytes_read, found.lines_read)


@pytest.mark.parametrize("newline", ["\n", " ", ""])
async def test_a_token_across_chunks_and_blocks_is_found(town: Town, newline: str) -> None:
    """Wherever the stream is cut, also within a line that never ends."""
    token = town.token(town.connect())
    noise = random.Random(3)
    for before in (BLOCK - 70, BLOCK - 20, BLOCK - 1, 2 * BLOCK - 30):
        text = "".join(noise.choices("abcdefgh-/.", k=before)) + f"={token}=" + "x" * BLOCK
        text = text.replace("-", newline or "-")
        for step in (1000, 65536, len(text)):
            chunks = [text[at : at + step].encode() for at in range(0, len(text), step)]

            assert [("refresh_token", "acme")] == seen(find(town.desk, chunks))


async def test_without_a_vault_everything_is_a_stranger(empty_town: Town) -> None:
    """And no vault is made."""
    found = find(empty_town.desk, [f"api_{'a' * 22}.{'b' * 22}".encode()])

    assert ((), 1) == (found.traces, len(found.strangers))
    assert not empty_town.settings.home.exists()


async def test_nothing_is_found_in_nothing(town: Town) -> None:
    """No text at all."""
    assert Found((), (), 0, 0) == find(town.desk, [])
    assert Found((), (), 0, 0) == find(town.desk, [b""])
