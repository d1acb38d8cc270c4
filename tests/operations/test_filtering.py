"""The filter language: what each term picks out, and what is refused."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_tui.model import Check, Connection, Intent, Kind, Organization, Status, User
from close_tui.operations.filtering import FilterRefused, parse, unfinished

NOW = 1000.0
LIMIT_S = 0.2
"""Some ten times what it takes on a machine that does nothing else."""


def made(name: str, **changes: Any) -> Connection:
    """Make a connection that is ok."""
    one = Connection(
        id=f"conn_{name}",
        name=name,
        description="Nightly export",
        kind=Kind.OAUTH,
        organization=Organization("orga_1", "Acme GmbH"),
        user=User("user_1", "ada@acme.example", "Ada Byron"),
        app="reporting",
        app_id="app_1",
        key_id=None,
        scope="",
        expires_at=NOW + 3600,
        generation=1,
        fingerprint="",
        can_refresh=True,
        created_at=0.0,
        last_check=Check(NOW, "ok", 200, 1.0, None, 1),
    )
    return one._replace(**changes)


GLOBEX = Organization("orga_2", "Globex: Überseehandel")
ALL = [
    made("zap"),
    made("late", organization=GLOBEX, expires_at=NOW + 60, description="a:b -c"),
    made("gone", organization=GLOBEX, expires_at=NOW - 5, app="billing"),
    made("key", kind=Kind.API_KEY, app=None, key_id="api_4711", expires_at=None),
    made("dead", revoked_at=NOW - 9, expires_at=NOW + 60),
    made("lost", intent=Intent(1, 1, 0.0, None), user=User("user_2", "bob@globex.example")),
    made("refused", last_check=Check(NOW, "rejected", 401, 1.0, None, 1)),
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "zap late gone key dead lost refused"),
        ("   ", "zap late gone key dead lost refused"),
        ("ACME zap", "zap"),
        ("überseehandel", "late gone"),
        ("api_4711", "key"),
        ("bob@", "lost"),
        ("nightly zap", "zap"),
        ("needs you", "lost refused"),
        ("refused", "refused"),
        ("authorize", ""),
        ('"nightly zap"', ""),
        ('"a:b -c"', "late"),
        ("org:globex", "late gone"),
        ("org:ORGA_2", "late gone"),
        ('org:"acme gmbh" kind:key', "key"),
        ('ORG:"Globex: Über', "late gone"),
        ("app:bill", "gone"),
        ("-app:rep", "gone key"),
        ("user:user_2", "lost"),
        ("user:byron name:z", "zap"),
        ("status:expired", "gone"),
        ("status:expir", "late gone"),
        ("status:ok", "zap key"),
        ("status:needs-you", "lost refused"),
        ("status:refresh_unknown", "lost"),
        ("status:refused", "refused"),
        ("status:authorize", ""),
        ("kind:api_key", "key"),
        ("kind:oauth -status:ok -org:globex", "dead lost refused"),
        ("expires<10m", "late gone"),
        ("expires>10m", "zap lost refused"),
        ("expires<59s", "gone"),
        ("expires<1m1s", "late gone"),
        ("expires>0.5h -zap", "lost refused"),
        ("-expires<1d", "key dead"),
        ("Expires<1D", "zap late gone lost refused"),
        ("-nightly", "late"),
        ('-"nightly export"', "late"),
        ("a<b", ""),
    ],
)
def test_terms_pick_out(text: str, names: str) -> None:
    """Each term narrows; the order stays."""
    found = [one.name for one in parse(text).matching(ALL, NOW)]

    assert names.split() == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("orga:acme", "There is no field 'orga'."),
        ("https://close.com", "There is no field 'https'."),
        ("org:", "org: of what?"),
        ('org:""', "org: of what?"),
        ("status:fine", "No status is 'fine'."),
        ("kind:token", "No kind is 'token'."),
        ("expires<", "expires: when?"),
        ("expires:10m", "'10m' is no time."),
        ("expires<10", "'10' is no time."),
        ("expires<10 m", "'10' is no time."),
        ("expires>-1h", "'-1h' is no time."),
        ("expires<٣m", "'٣m' is no time."),
        ("expires < 10m", "expires<10m has no spaces."),
        ("\x1b[31m:x", "There is no field '[31m'."),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    """In one short sentence, before anything is looked at."""
    with pytest.raises(FilterRefused) as caught:
        parse(f"zap {text}")

    assert said == str(caught.value)


@given(st.text())
def test_every_line_is_understood_or_refused(text: str) -> None:
    """Nothing else can come of it; what is found is a part of what there is, in its order."""
    try:
        found = parse(text).matching(ALL, NOW)
    except FilterRefused:
        return

    assert [one for one in ALL if one in found] == found


@given(st.text(), st.sampled_from(ALL))
def test_a_quoted_part_of_a_name_always_finds_it(text: str, one: Connection) -> None:
    """Whatever a name holds, it can be looked for by quoting it."""
    name = " ".join(text.replace('"', "").split())
    found = parse(f'"{name}"' if name else "").matching([one._replace(name=name)], NOW)

    assert [name] == [each.name for each in found]


@given(st.lists(st.sampled_from(["zap", "org:globex", "expires<10m", "status:ok", '"a:b"'])))
def test_a_dash_turns_a_term_round(terms: list[str]) -> None:
    """A term and its opposite share nothing, and leave nothing out."""
    for term in terms:
        with_it = parse(term).matching(ALL, NOW)
        without = parse(f"-{term}").matching(ALL, NOW)

        assert [] == [one for one in with_it if one in without]
        assert len(ALL) == len(with_it) + len(without)


@given(st.lists(st.sampled_from(["zap", "org:acme", "expires>10m", "-dead", "kind:key"])))
def test_order_and_spaces_mean_nothing(terms: list[str]) -> None:
    """All terms must hold, in whatever order they stand."""
    one, other = "  ".join(terms), " ".join(reversed(terms))

    assert parse(one).matching(ALL, NOW) == parse(other).matching(ALL, NOW)


def test_every_status_can_be_asked_for() -> None:
    """By the word that ``list --json`` uses."""
    for status in Status:
        found = parse(f"status:{status}").matching(ALL, NOW)

        assert [one for one in ALL if one.status(NOW) is status] == found


def test_ten_thousand_are_filtered_while_a_finger_lifts() -> None:
    """No term takes longer than the eye."""
    many = [made(f"acme-{number}") for number in range(10_000)]
    for text in ("7 ada -99", "org:acme status:ok expires<2h", "nothing like it"):
        before = perf_counter()
        parse(text).matching(many, NOW)

        assert perf_counter() - before < LIMIT_S


@pytest.mark.parametrize(
    ("line", "before", "is_word"),
    [
        ("zap status:", "zap", False),
        ("-kind:", "", False),
        ("expires<", "", False),
        ("zap expires<1", "zap", False),
        ("expires>1h3", "", False),
        ("zap stat", "zap", True),
        ("expires", "", True),
    ],
)
def test_a_term_may_still_be_on_its_way(line: str, before: str, *, is_word: bool) -> None:
    """What it may become is said, and what stands before it means something already."""
    found = unfinished(line)

    assert found is not None
    assert (before, is_word) == (found.before, found.is_word)
    assert found.hint.endswith(".")


@pytest.mark.parametrize(
    "line", ["", "acme", "s", "status:ok", "status: ", "expires<10m", "expires<x", "stat ", '"stat']
)
def test_other_terms_are_as_they_are(line: str) -> None:
    """They hold or are refused; nothing is waited for."""
    assert unfinished(line) is None
