"""An incident as Markdown, ready to paste into a post-mortem.

Everything that was stored stands in code spans: there neither markup nor links nor mentions count,
wherever the text is pasted. Times are UTC. It holds no secret, since no event does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from close_tui.leaks import DEAD, LEAVES_NEWER, Incident, Target
from close_tui.model import Event
from close_tui.text import clean, duration, rfc3339

VERDICTS: Final = {
    "dead_proved": "dead, proved",
    "already_revoked": "already revoked",
    "accepted_not_proved": "accepted, not proved",
    "failed": "failed, still alive",
    "by_hand": "to be deleted by hand",
    "": "pending",
}
"""What is said of each verdict."""

REMOVE_APP: Final = "Remove the app's access in Close: Settings → Developer → OAuth Apps."
"""What ends whatever an authorization has ever granted, where nothing here can."""

_HELD: Final = "held"
_KINDS: Final = {"oauth": "authorization", "api_key": "API key"}


def verdict(word: str) -> str:
    """Return a verdict as it is said; one that is not ours as it stands."""
    return VERDICTS.get(word) or clean(word).replace("_", " ")


def verdicts(incident: Incident) -> list[tuple[str, int]]:
    """Return each verdict word and how many targets have it, ours first and in their order."""
    counted = Counter(each.verdict for each in incident.targets)
    order = [word for word in VERDICTS if word in counted]
    return [(word, counted[word]) for word in (*order, *sorted(set(counted) - set(order)))]


def summary(incident: Incident) -> str:
    """Return the verdicts in a few words: ``3 dead, proved · 1 pending``."""
    said = [f"{count} {verdict(word)}" for word, count in verdicts(incident)]
    return " · ".join(said) or "no targets"


def took(seconds: float | None) -> str:
    """Return a length of time as it is measured: ``0.412 s``, ``41.2 s``, ``4m 05s``; a dash."""
    if seconds is None:
        return "–"
    if seconds >= 60:
        return duration(seconds)
    return f"{seconds:.3f} s" if seconds < 10 else f"{seconds:.1f} s"


def left_to_do(target: Target, quoted: Callable[[str], str] = str) -> str:
    """Say what must still be done about a target; empty when it is over.

    ``quoted`` makes a stored text fit for where the sentence will stand.
    """
    if target.is_over:
        return ""
    if target.continued_in:
        return f"Taken up again in {quoted(target.continued_in)}."
    if target.kind == "api_key":
        key = quoted(target.key_id) if target.key_id else "this key"
        return f"Delete {key} in Close: Settings → Developer → API Keys."
    if target.verdict == "accepted_not_proved":
        return f"Close accepted the revocation. {_doubt(target)}"
    if target.is_out_of_reach:
        return f"The vault was destroyed, so nothing here can end it. {REMOVE_APP}"
    return "Still alive as far as is known. Try again: close-tui revoke --pending"


def _doubt(target: Target) -> str:
    """Say what may live on although a revocation was accepted, and what ends it."""
    if target.why in LEAVES_NEWER or (target.why == _HELD and target.is_out_of_reach):
        return f"Somebody may hold newer tokens. {REMOVE_APP}"
    if target.why == _HELD:
        return (
            "Another close-tui held it, so newer tokens may come. Try again: "
            "close-tui revoke --pending"
        )
    return "An access token that it did not end expires within the hour."


def limits(incident: Incident) -> str:
    """Say what the proofs do not prove; empty where no refresh token was revoked."""
    proved = (
        each
        for target in incident.targets
        if target.verdict in DEAD
        for each in target.sent
        if each.credential == "refresh_token"
    )
    if not any(proved):
        return ""
    return (
        "Proved means: every access token that was stored here is refused. Whoever had a refresh "
        "token and the app's client secret may have renewed before the freeze; if both leaked, "
        "remove the app's access in Close and replace the client secret."
    )


def markdown(incident: Incident, last_hash: str) -> str:
    """Return the whole record; ``last_hash`` is that of its last event, in hex."""
    parts = [
        f"# Incident {_code(incident.id)}",
        _summary(incident),
        "## Verdicts",
        _table(
            ("Connection", "Organization", "User", "What", "Frozen", "Verdict", "Time to verdict"),
            [_row(each) for each in incident.targets],
        ),
        *filter(None, [limits(incident)]),
        *_open(incident),
        "## What was done",
    ]
    told: dict[str, list[Event]] = {}
    for event in incident.events:
        told.setdefault(clean(event.connection_id), []).append(event)
    for number, each in enumerate(incident.targets, 1):
        timeline = _timeline(incident, told[each.connection_id])
        parts += [f"### {number}. {_code(each.name)}", _facts(each), timeline]
    parts += [*_afterwards(incident), "## Record", _record(incident, last_hash)]
    return "\n\n".join(parts) + "\n"


def _summary(incident: Incident) -> str:
    who = incident.operator
    ended = _moment(incident.ended_at) if incident.ended_at is not None else "–"
    rows = [
        ("Reason", _cell(incident.reason)),
        ("Operator", f"{_cell(who.name)} on {_cell(who.host)}"),
        ("Opened", _moment(incident.opened_at)),
        ("Last verdict", ended),
        ("Time to the last verdict", took(incident.seconds)),
        ("Connections", str(len(incident.targets))),
        ("Verdicts", summary(incident)),
        ("State", "**open**" if incident.is_open else "closed"),
    ]
    if incident.closed_at is not None:
        rows.append(("Closed by hand", _moment(incident.closed_at)))
        rows.append(("Why it was closed", _cell(incident.closed_for)))
    return _table(("Incident", _cell(incident.id)), rows)


def _row(target: Target) -> tuple[str, ...]:
    return (
        _cell(target.name),
        _cell(target.organization or target.organization_id),
        _cell(target.user),
        _KINDS.get(target.kind, "–"),
        _moment(target.frozen_at),
        _said(target.verdict),
        took(target.seconds),
    )


def _open(incident: Incident) -> Iterator[str]:
    left = [(each, left_to_do(each, _code)) for each in incident.targets if not each.is_over]
    if left:
        yield "## What is left to do"
        yield "\n".join(f"- {_code(each.name)}: {todo}" for each, todo in left)


def _facts(target: Target) -> str:
    facts = [
        ("organization", target.organization_id),
        ("app", target.app),
        ("key ID", target.key_id),
        ("fingerprint", target.fingerprint),
        ("generation", str(target.generation) if target.generation else None),
        ("connection", target.connection_id),
    ]
    return " · ".join(f"{name} {_code(value)}" for name, value in facts if value)


def _timeline(incident: Incident, told: Sequence[Event]) -> str:
    rows = [
        (
            _moment(event.at),
            f"+{took(max(0.0, event.at - incident.opened_at))}",
            _cell(event.detail or event.verb),
            str(event.http_status or "–"),
            _said(event.outcome) if event.verb == "revoke" else _cell(event.outcome),
        )
        for event in told
    ]
    return _table(("UTC", "Since the start", "What", "HTTP", "Result"), rows)


def _afterwards(incident: Incident) -> Iterator[str]:
    said = [
        f"At {_moment(event.at)} {_AFTERWARDS[event.verb, event.outcome]}"
        for event in incident.events
        if event.connection_id is None and (event.verb, event.outcome) in _AFTERWARDS
    ]
    if said:
        yield "## Afterwards"
        yield "\n".join(f"- {each}" for each in said)


_AFTERWARDS: Final = {
    ("destroy", "ok"): "the vault was destroyed: what is left to do can only be done in Close.",
    ("incident", "closed"): "it was closed by hand: a person has seen to what is left.",
}


def _record(incident: Incident, last_hash: str) -> str:
    bars = " In the tables a bar of a stored text is written ¦." if _has_bar(incident) else ""
    return (
        f"From {len(incident.events)} events in the history of close-tui, where each carries the "
        "hash of the one before (`close-tui vault check` verifies them). SHA-256 of the last event "
        f"of this incident: {_code(last_hash)}.{bars}"
    )


def _has_bar(incident: Incident) -> bool:
    stored = [incident.reason, incident.closed_for, *incident.operator]
    for each in incident.targets:
        stored += [each.name, each.organization or each.organization_id, each.user, each.verdict]
    for event in incident.events:
        stored += [event.detail or event.verb, event.outcome]
    return any("|" in text for text in stored)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _said(word: str) -> str:
    return VERDICTS[word] if word in VERDICTS else _cell(word)


def _moment(at: float | None) -> str:
    return (rfc3339(at) or "–").replace("T", " ")


def _cell(stored: str) -> str:
    """Return stored text for a cell: a bar would end it, in code as well."""
    return _code(stored.replace("|", "¦"))


def _code(stored: str) -> str:
    """Return stored text as a code span (CommonMark 0.31 §6.1), or a dash for none."""
    text = clean(stored, 400)
    if not text:
        return "–"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"
