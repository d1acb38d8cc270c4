"""Looking: list, show, apps, history."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from close_tui.cli.columns import width
from close_tui.model import Status

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town
    from tests.conftest import Python

LIST_KEYS = [
    "id", "name", "description", "kind", "organization", "user", "app", "status", "expires_at",
    "expires_in_s", "generation", "last_test", "fingerprint", "auto_refresh", "imported_at",
    "revocability",
]  # fmt: skip


def test_the_list_shows_every_status_as_glyph_and_word(cli: Run, town: Town) -> None:
    """Off the terminal it is aligned, whole and without colour."""
    done = cli("list")

    assert (0, "") == (done.code, done.err)
    assert all(status.value.replace("_", " ") in done.out for status in Status)
    assert "\x1b" not in done.out
    heading, *lines = done.out.splitlines()
    assert 10 == len(lines)
    kinds = {width(line.partition(" OAuth ")[0]) for line in lines if " OAuth " in line}
    assert {heading.index("KIND") - 1} == kinds


def test_the_list_in_json_has_the_published_shape(cli: Run, town: Town) -> None:
    """One line of ASCII, the same keys for every connection, UTC times with the seconds left."""
    answer = cli("list", "--json").json

    connections = {each["name"]: each for each in answer["connections"]}
    assert ["schema_version", "connections", "vault"] == list(answer)
    assert {"auto_refresh": True, "clock_skew": None} == answer["vault"]
    assert 1 == answer["schema_version"]
    assert 10 == len(connections)
    assert all(LIST_KEYS == list(each) for each in connections.values())
    assert {status.value for status in Status} == {each["status"] for each in connections.values()}
    key, token = connections["northwind-export"], connections["northwind-reports"]
    assert (None, None, None, "api_key") == tuple(
        key[name] for name in ("app", "expires_at", "expires_in_s", "kind")
    )
    assert ("reports", "oauth", 2) == (token["app"], token["kind"], token["generation"])
    assert 2700 < token["expires_in_s"] <= 2880
    assert token["expires_at"].endswith("Z")
    assert 0 == connections["sakura-reports"]["expires_in_s"]
    assert {"at", "outcome", "http_status"} == set(key["last_test"])
    assert 16 == len(key["fingerprint"])


def test_one_organization_by_id_or_name(cli: Run, town: Town) -> None:
    """Both choose the same; an organization without connections is not found."""
    meridian = town.demo.organizations[2]

    by_id = cli("list", "--json", "--organization", meridian.id)
    by_name = cli("list", "--json", "--organization", meridian.name.lower())
    unknown = cli("list", "--organization", "Globex")

    assert 3 == len(by_id.json["connections"]) == len(by_name.json["connections"])
    assert (5, "") == (unknown.code, unknown.out)


def test_a_filter_is_the_apps(cli: Run, town: Town) -> None:
    """Terms of the language narrow the list; what it does not know is a usage error."""
    keys = cli("list", "--json", "--filter", "kind:key -status:revoked").json["connections"]
    none = cli("list", "--filter", "name:nobody")
    wrong = cli("list", "--filter", "colour:red")

    assert keys
    assert {"api_key"} == {each["kind"] for each in keys}
    assert (0, "") == (none.code, none.out)
    assert "No connection fits this filter." in none.err
    assert (2, "") == (wrong.code, wrong.out)
    assert "There is no field 'colour'." in wrong.err


def test_a_person_is_told_how_many_need_them(terminal: Callable[..., Terminal], town: Town) -> None:
    """And how to see only those, unless all that is listed does; a script reads no word of it."""
    everything = terminal("list").end()
    needing = terminal("list", "--filter", "status:needs_you").end()

    assert "need you: close-tui list --filter status:needs_you" in everything.err
    assert "" == needing.err


def test_an_empty_vault_teaches_how_to_begin(cli: Run, empty_town: Town) -> None:
    """Both ways, with the redirect URI; stdout stays empty, and nothing is made."""
    done = cli("list")

    assert (0, "") == (done.code, done.out)
    assert "close-tui add key NAME" in done.err
    assert "https://localhost:25673/callback" in done.err
    assert [] == cli("list", "--json").json["connections"]
    assert not empty_town.settings.home.exists()


def test_showing_one_connection(cli: Run, town: Town) -> None:
    """Everything that is known, no secret among it; by name or id."""
    words = cli("show", "brightwater-reports")
    answer = cli("show", "brightwater-reports", "--json").json["connection"]
    by_id = cli("show", answer["id"])

    assert 0 == words.code
    assert ["Brightwater", "reports", "all.full_access"] == [
        word
        for word in ("Brightwater", "reports", "all.full_access", "CANARY")
        if word in words.out
    ]
    assert "expiring" == answer["status"]
    assert answer["can_refresh"] is True
    assert words.out.split("expires")[0] == by_id.out.split("expires")[0]


def test_an_unknown_name_is_5(cli: Run, town: Town) -> None:
    """Also where there is no vault; the words are on stderr."""
    done = cli("show", "nobody")

    assert (5, "") == (done.code, done.out)
    assert "close-tui: Not found: There is no connection named 'nobody'." in done.err


def test_without_a_vault_a_name_is_5(cli: Run, empty_town: Town) -> None:
    """Nothing was ever stored: the advice says how to begin."""
    done = cli("show", "acme")

    assert 5 == done.code
    assert "There is no vault yet" in done.err


def test_apps_are_listed_without_their_secrets(cli: Run, town: Town) -> None:
    """Name, client id, redirect URI, PKCE, and how many connections need it."""
    done, answer = cli("apps"), cli("apps", "--json").json

    assert "https://localhost:25673/callback" in done.out
    assert ["importer", "reports"] == [each["name"] for each in answer["apps"]]
    assert ["id", "name", "client_id", "redirect_uri", "pkce", "listen", "connections"] == list(
        answer["apps"][0]
    )
    assert 4 == answer["apps"][1]["connections"]


def test_history_newest_first_and_of_one_connection(cli: Run, town: Town) -> None:
    """The requests of a revocation too, and its reason; what was removed goes by its last name."""
    everything = cli("history", "--json").json["events"]
    assert 0 == cli("remove", "brightwater-importer", "--yes").code
    one = cli("history", "brightwater-importer", "--json").json["events"]

    times = [each["at"] for each in everything]
    assert sorted(times, reverse=True) == times
    sent = [each["detail"].partition(" with")[0] for each in one if each["verb"] == "request"]
    others = [each["verb"] for each in one if each["verb"] != "request"]
    assert ["remove", "revoke", "freeze", "refresh", "authorize"] == others
    me, revoke = "GET /api/v1/me/", "POST /oauth2/revoke/"
    assert [me, revoke, revoke, me] == sent
    assert "Replaced by the API key" == one[1]["reason"]
    assert "Replaced by the API key" in cli("history", "brightwater-importer").out
    assert 5 == cli("history", "nobody").code


def test_looking_needs_no_key(cli: Run, town: Town) -> None:
    """The vault's key is gone, and list, show and history work as before."""
    assert town.settings.identity_file is not None
    town.settings.identity_file.unlink()

    assert [0, 0, 0, 0] == [
        cli(*words).code for words in (["list"], ["show", "sakura-reports"], ["apps"], ["history"])
    ]


def test_looking_loads_nothing_heavy(python: Python, town: Town) -> None:
    """No network, no event loop, no keyring, no terminal library."""
    for command in ("list", "show sakura-reports", "apps", "history"):
        done = python(
            "import sys, json; from close_tui.cli import main\n"
            "for words in (sys.argv[1:], [*sys.argv[1:], '--json']): assert 0 == main(words)\n"
            "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))",
            *command.split(),
        )

        assert 0 == done.returncode, done.stderr
        loaded = set(json.loads(done.stdout.splitlines()[-1]))
        assert not loaded & {
            "asyncio", "httpx", "keyring", "textual", "rich", "pyrage", "filelock", "cryptography",
            "ssl", "socket", "subprocess", "logging",
        }  # fmt: skip


def test_hostile_names_do_not_reach_the_terminal(cli: Run, empty_town: Town) -> None:
    """Escapes and bidi controls in what Close says, and in what is typed, are gone."""
    world = empty_town.demo.world
    evil = world.add_organization("Evil\x1b]52;c;aGk=\x07 \u202eInc\u200b [red]")
    user = world.add_user("e\x1b[31m@evil.example", "E\x9b31m Vil", [evil])
    key = world.add_api_key(user, evil)

    added = cli("add", "key", "evil", "--description", "a\x1b[2Jb", stdin=f"{key.text}\n")
    shown = [cli(*words) for words in (["list"], ["show", "evil"], ["history"], ["test", "evil"])]
    typed = cli("show", "\x1b[31m\u202eevil")

    assert 0 == added.code, added.err
    for done in (added, *shown, typed):
        assert not [c for c in done.out + done.err if c in "\x1b\x07\x9b\u202e\u200b"]
    assert "Evil]52;c;aGk= Inc [red]" in shown[0].out
    assert 5 == typed.code


def test_the_history_tells_which_process_did_it_and_what_a_test_measured(
    cli: Run, town: Town
) -> None:
    """The command, without what it was given, and the process id; latency and headroom."""
    cli("test", "brightwater-reports")
    newest = cli("history", "brightwater-reports", "--json").json["events"][0]
    words = cli("history", "brightwater-reports").out

    assert f"cli test {os.getpid()}" == newest["process"]
    assert newest["latency_ms"] > 0
    assert 0 < newest["headroom"] <= 1
    assert f"cli test {os.getpid()}" in words
