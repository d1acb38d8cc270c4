"""The record in Markdown: complete, and safe wherever it is pasted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from close_tui.leaks import Incident, Operator, Sent, Target
from close_tui.model import Event
from close_tui.operations.incident import derived
from close_tui.operations.incident_text import (
    REMOVE_APP,
    left_to_do,
    limits,
    markdown,
    summary,
    took,
    verdict,
)
from tests.conftest import NOW

HASH = "ab" * 32
GONE = {"is_out_of_reach": True}
ID = "inc-20270115-7f3a"


def told(name: str = "acme", reason: str = "leaked") -> Incident:
    """An incident with a death, an API key and a failure; foreign texts are given."""
    facts = '{"operator": "ada", "host": "laptop", "targets": 3}'
    events = [Event(NOW, None, "", "incident", "opened", "", None, reason, ID, facts)]
    for number, outcome in enumerate(("dead_proved", "by_hand", "failed"), 1):
        of = f"conn_{number}"
        events += [
            Event(NOW, of, name, "freeze", "ok", "Frozen.", None, reason, ID),
            Event(NOW + 0.25, of, name, "request", "ok", f"POST {name}", 200, "", ID),
            Event(NOW + number, of, name, "revoke", outcome, name, 200, "", ID),
        ]
    found = derived(events)
    foreign: dict[str, Any] = {
        "organization": name,
        "user": name,
        "app": name,
        "key_id": "api_1",
        "kind": "oauth",
    }
    targets = [each._replace(**foreign) for each in found.targets]
    targets[1] = targets[1]._replace(kind="api_key")
    return found._replace(targets=tuple(targets))


def parsed(text: str) -> list[Token]:
    """Every token, as GitHub would read it: with tables, and links that were not marked up."""
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(text)
    return [each for token in tokens for each in (token, *(token.children or ()))]


def cells(tokens: list[Token]) -> list[int]:
    """How many cells each row has."""
    rows: list[int] = []
    for each in tokens:
        if each.type == "tr_open":
            rows.append(0)
        elif each.type in ("td_open", "th_open"):
            rows[-1] += 1
    return rows


def test_the_record_is_complete() -> None:
    """Id, reason, who and where, times in UTC, each verdict, what is left, and the hash."""
    text = markdown(told(), HASH)

    for words in (
        f"# Incident `{ID}`", "| Reason | `leaked` |", "| Operator | `ada` on `laptop` |",
        "| Opened | 2027-01-15 08:00:00Z |", "| Last verdict | – |",
        "| Time to the last verdict | – |", "| State | **open** |",
        "1 dead, proved · 1 failed, still alive · 1 to be deleted by hand",
        "| 2027-01-15 08:00:00Z | +0.250 s | `POST acme` | 200 | `ok` |",
        "- `acme`: Delete `api_1` in Close: Settings → Developer → API Keys.",
        "close-tui revoke --pending", f"SHA-256 of the last event of this incident: `{HASH}`",
    ):  # fmt: skip
        assert words in text


PLAIN = [(each.type, each.tag) for each in parsed(markdown(told(), HASH))]

EVIL = [
    "a | b | c", "`", "``` x", "a`b``c", "\\", "x\\|y", "|", "\\`|", "[x](https://evil.example)",
    "https://evil.example", "www.evil.example", "ada@evil.example", "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png)", "@everyone", "# heading", "- item", "$`x`$", "&lt;b&gt;",
    "<!--", "[x]: https://evil.example", "**b** _i_ ~~s~~", "---", "\n\n# heading\n", "\x1b[31m",
    " ` ", "`\\", "a\u2028b",
]  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_a_foreign_text_neither_marks_up_nor_links_nor_breaks_a_table(name: str) -> None:
    """The same tokens as for a plain name, at every place; nobody is notified."""
    tokens = parsed(markdown(told(name, name), HASH))

    assert PLAIN == [(each.type, each.tag) for each in tokens]
    assert not [each for each in tokens if each.type in ("link_open", "html_inline", "image")]
    outside = "".join(each.content for each in tokens if each.type == "text")
    assert "evil" not in outside
    assert "@everyone" not in outside


@given(name=st.text(st.sampled_from("`|\\ <>[]()!#*_~$&@.:/-aw\n") | st.characters(), min_size=1))
def test_no_text_at_all_changes_the_tables(name: str) -> None:
    """Found by trying."""
    text = markdown(told(f"a{name}", f"a{name}"), HASH)

    assert cells(parsed(markdown(told(), HASH))) == cells(parsed(text))


def test_what_is_not_known_is_a_dash() -> None:
    """An incident without a beginning, a target without a verdict."""
    bare = derived([Event(NOW, "conn_1", "", "request", "ok", incident=ID)])
    text = markdown(bare, "")

    assert "| Operator | – on – |" in text
    assert "| – | – | – | – | 2027-01-15 08:00:00Z | pending | – |" in text


def test_a_destroyed_vault_is_said() -> None:
    """After that only Close can end what is left."""
    event = Event(NOW + 9, None, "", "destroy", "ok", "", None, "", ID)
    incident = told()
    text = markdown(incident._replace(events=(*incident.events, event)), HASH)

    assert "At 2027-01-15 08:00:09Z the vault was destroyed" in text


def test_what_a_person_closed_says_when_and_why() -> None:
    """In the summary, and among what came afterwards."""
    event = Event(NOW + 9, None, "", "incident", "closed", "", None, "saw | to it", ID)
    text = markdown(derived([*told().events, event]), HASH)

    assert "| State | closed |" in text
    assert "| Closed by hand | 2027-01-15 08:00:09Z |" in text
    assert "| Why it was closed | `saw ¦ to it` |" in text
    assert "- At 2027-01-15 08:00:09Z it was closed by hand" in text


def test_a_bar_that_was_replaced_is_said() -> None:
    """Only there: elsewhere a broken bar is what was stored."""
    assert "a bar of a stored text is written ¦" in markdown(told("a|b"), HASH)
    assert "a bar of" not in markdown(told("a¦b"), HASH)


@pytest.mark.parametrize(
    ("verdict", "credential", "is_said"),
    [
        ("dead_proved", "refresh_token", True),
        ("dead_proved", "api_key", False),
        ("failed", "refresh_token", False),
    ],
)
def test_what_a_proof_does_not_prove_is_said_once(
    verdict: str, credential: str, is_said: bool
) -> None:
    """Where a refresh token was among what was killed: a thief may have renewed before."""
    sent = Sent(NOW, "POST /oauth2/revoke/", credential, 1, 200, "ok", 0.1)
    killed = target(verdict=verdict, sent=(sent,))
    incident = told()._replace(targets=(killed, killed))

    assert is_said == ("may have renewed before the freeze" in limits(incident))
    assert int(is_said) == markdown(incident, HASH).count("may have renewed before the freeze")


def target(**facts: Any) -> Target:
    """A target that is pending."""
    plain = Target("conn_1", "acme", "", "", "", "oauth", None, None, "", 1, NOW)
    return plain._replace(**facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"verdict": "dead_proved"}, "^$"),
        ({"verdict": "already_revoked"}, "^$"),
        ({"verdict": ""}, "revoke --pending"),
        ({"verdict": "failed"}, "revoke --pending"),
        ({"verdict": "accepted_not_proved"}, "within the hour"),
        ({"verdict": "accepted_not_proved", "why": "expired"}, "within the hour"),
        ({"verdict": "accepted_not_proved", "why": "lost"}, f"newer tokens. {REMOVE_APP}$"),
        ({"verdict": "accepted_not_proved", "why": "refused"}, f"newer tokens. {REMOVE_APP}$"),
        ({"verdict": "accepted_not_proved", "why": "imported"}, f"newer tokens. {REMOVE_APP}$"),
        ({"verdict": "accepted_not_proved", "why": "held"}, "may come. Try again"),
        ({"why": "held", "verdict": "accepted_not_proved", **GONE}, f"{REMOVE_APP}$"),
        ({"verdict": "failed", **GONE}, f"destroyed, so nothing here can end it. {REMOVE_APP}$"),
        ({"kind": "api_key", **GONE}, "Delete this key in Close"),
        ({"kind": "api_key"}, "Delete this key in Close"),
        ({"kind": "api_key", "key_id": "api_1"}, "Delete <api_1> in Close"),
    ],
)
def test_what_is_left_is_said_for_each_verdict(facts: dict[str, Any], words: str) -> None:
    """One sentence, and none for what is over."""
    assert re.search(words, left_to_do(target(**facts), lambda text: f"<{text}>"))


def test_words_and_lengths_of_time() -> None:
    """As short as they can be read."""
    assert ["–", "0.000 s", "0.412 s", "41.2 s", "4m 05s"] == [
        took(each) for each in (None, 0, 0.412, 41.23, 245)
    ]
    assert ["pending", "dead, proved", "strange word"] == [
        verdict(each) for each in ("", "dead_proved", "strange_word\x1b")
    ]
    assert "no targets" == summary(Incident(ID, "", Operator("", ""), NOW, ()))
