"""The filter language: which connections a line of words picks out. Values in, values out.

Terms are separated by spaces and must all hold::

    acme                words: in name, organization, user, app, description, key id or status
    "two words"         spaces, colons and a leading dash lose their meaning in quotes
    org:acme            organization, by a part of its name or id; likewise app:, user: and name:
    status:expired      a status or its beginning, or needs_you
    kind:key            oauth or key
    expires<10m         expires in less, or has expired; units s m h d; > for later
    -kind:key           a dash in front: not that
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from close_tui.errors import UsageError
from close_tui.model import Connection, Kind, Status
from close_tui.text import clean

HELP: Final = 'words  org: app: user: name: status: kind:  expires<10m  -not  "two words"'
"""The language in one line, which fits into 80 columns."""

TERMS: Final = (
    ("acme berlin", "both words, anywhere: name, organization, user, app, description, status"),
    ('"two words"', "these words as they stand; in quotes : and - mean nothing"),
    ("org:acme", "a part of its organization; likewise app: user: name:"),
    ("status:expired", "its status, or the beginning of it, or needs_you"),
    ("kind:key", "key or oauth"),
    ("expires<10m", "expires within ten minutes, or has; s m h d, and > for later"),
    ("-kind:key", "everything but that"),
)
"""The language by example, and what each means."""


class FilterRefused(UsageError):
    """A filter that cannot be understood; the message is short enough for one line."""

    title = "Filter not understood"


Test: TypeAlias = Callable[[Connection, float], bool]


class Filter(NamedTuple):
    """A filter that was understood.

    Attributes:
        words: what must occur somewhere, casefolded.
        barred: what must not.
        tests: what else must hold, of a connection at a time.

    """

    words: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()

    def matching(
        self,
        connections: Iterable[Connection],
        now: float,
        texts: Iterable[str] | None = None,
    ) -> list[Connection]:
        """Return those for which everything holds, in their order.

        ``texts`` may give what :func:`text` returns for each of them, out of a memory.
        """
        found = list(connections)
        if self.words or self.barred:
            pairs = list(zip(found, map(text, found) if texts is None else texts, strict=True))
            for word, is_wanted in (
                *((w, True) for w in self.words),
                *((w, False) for w in self.barred),
            ):
                # Most words are no part of any status, which then need not be worked out.
                said = [status for status, words in _STATUS_WORDS.items() if word in words]
                pairs = [
                    pair
                    for pair in pairs
                    if (word in pair[1] or (bool(said) and pair[0].status(now) in said))
                    is is_wanted
                ]
            found = [one for one, _ in pairs]
        for test in self.tests:
            found = [one for one in found if test(one, now)]
        return found


def parse(line: str) -> Filter:
    """Understand a filter; FilterRefused says what is not understood, and what there is."""
    words: list[str] = []
    barred: list[str] = []
    tests: list[Test] = []
    for term in _terms(line):
        if term.field:
            test = _test(term)
            tests.append(_not(test) if term.is_barred else test)
        elif term.value[:1] in ("<", ">") and words[-1:] == ["expires"]:
            raise FilterRefused("expires<10m has no spaces.")
        else:
            (barred if term.is_barred else words).append(term.value.casefold())
    return Filter(tuple(words), tuple(barred), tuple(tests))


class Unfinished(NamedTuple):
    """A line whose last term may still be on its way to something else.

    Attributes:
        before: the line without that term.
        hint: what it may become.
        is_word: whether it means something as it stands.

    """

    before: str
    hint: str
    is_word: bool


def unfinished(line: str) -> Unfinished | None:
    """Tell what the last term may become while it is typed: ``status:``, ``expires<1``, ``stat``.

    None where it needs nothing more.
    """
    last = next(reversed(list(_terms(line))), None)
    if last is None or line[-1:].isspace():
        return None
    before, typed = line[: last.place].strip(), last.value.casefold()
    is_time = last.field == "expires" and not _DURATION.fullmatch(typed)
    if is_time and last.sign in "<>" and _BEGUN.fullmatch(typed):
        return Unfinished(before, _HINTS["expires"], is_word=False)
    if last.field in _HINTS and not typed:
        return Unfinished(before, _HINTS[last.field], is_word=False)
    if not last.field and len(typed) > 1 and '"' not in line[last.place :]:
        for field, hint in _HINTS.items():
            if field.startswith(typed):
                sign = "" if field == "expires" else ":"
                return Unfinished(before, f"{field}{sign}  {hint}", is_word=True)
    return None


# Terms


class _Term(NamedTuple):
    """One term: ``sign`` is what stands between field and value; no field: a word."""

    place: int
    field: str
    sign: str
    value: str
    is_barred: bool


_TERM: Final = re.compile(
    r"""\s*(?P<bar>-(?=[^\s]))?(?:(?P<field>[^\s":<>]+)(?P<sign>[:<>]))?"""
    r"""(?P<value>"[^"]*"?|[^\s"]*)"""
)


def _terms(line: str) -> Iterator[_Term]:
    """Cut a line into terms; a quote that is still open goes to the end."""
    place, end = 0, len(line.rstrip())
    while place < end:
        found = _TERM.match(line, place)
        if found is None or found.end() == place:  # pragma: no cover - something always matches
            break
        start, place = place, found.end()
        field, sign, quoted = found["field"] or "", found["sign"] or "", found["value"]
        value = " ".join(quoted.strip('"').split())
        if field and sign in "<>" and field.casefold() != "expires":
            field, sign, value = "", "", f"{field}{sign}{value}"
        if value or field:
            yield _Term(start, field.casefold(), sign, value, bool(found["bar"]))


# What the fields mean


def _test(term: _Term) -> Test:
    if term.field == "expires":
        return _expires(term)
    make = _FIELDS.get(term.field)
    if make is None:
        raise FilterRefused(
            f"There is no field {clean(term.field, 20)!r}.",
            advice=f"There are {', '.join(_FIELDS)} and expires; quotes make it a word.",
        )
    if not term.value:
        raise FilterRefused(f"{term.field}: of what?", advice=_HINTS.get(term.field, ""))
    return make(term.value.casefold())


def _not(test: Test) -> Test:
    return lambda one, now: not test(one, now)


def _name(value: str) -> Test:
    return lambda one, _: value in one.name.casefold()


def _organization(value: str) -> Test:
    return lambda one, _: _in(value, one.organization)


def _user(value: str) -> Test:
    return lambda one, _: _in(value, one.user)


def _app(value: str) -> Test:
    return lambda one, _: one.app is not None and value in one.app.casefold()


def _in(value: str, texts: Iterable[str]) -> bool:
    return any(value in each.casefold() for each in texts)


def _status(value: str) -> Test:
    wanted = value.replace(" ", "_").replace("-", "_")
    states = {each for each in Status if each.startswith(wanted)}
    states |= {each for each, word in _ALSO.items() if word.replace(" ", "_").startswith(wanted)}
    if "needs_you".startswith(wanted):
        states |= {each for each in Status if each.needs_you}
    if not states:
        raise FilterRefused(f"No status is {clean(value, 20)!r}.", advice=_HINTS["status"])
    return lambda one, now: one.status(now) in states


def _kind(value: str) -> Test:
    wanted = value.replace(" ", "_").replace("-", "_")
    kinds = {kind for name, kind in _KINDS.items() if name.startswith(wanted)}
    if not kinds:
        raise FilterRefused(f"No kind is {clean(value, 20)!r}.", advice=_HINTS["kind"])
    return lambda one, _: one.kind in kinds


def _expires(term: _Term) -> Test:
    if term.sign == ":" or not _DURATION.fullmatch(term.value):
        what = f"{clean(term.value, 20)!r} is no time." if term.value else "expires: when?"
        raise FilterRefused(what, advice=_HINTS["expires"])
    span = sum(float(n) * _UNITS[unit] for n, unit in _AMOUNT.findall(term.value.casefold()))
    if term.sign == "<":
        return lambda one, now: _left(one, now, _LATE) < span
    return lambda one, now: _left(one, now, _EARLY) > span


def _left(one: Connection, now: float, otherwise: float) -> float:
    """Return the seconds until it expires; what cannot expire is neither soon nor late."""
    if one.expires_at is None or one.revoked_at is not None:
        return otherwise
    return one.expires_at - now


_LATE: Final = float("inf")
_EARLY: Final = float("-inf")
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_AMOUNT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[smhd])+", re.IGNORECASE)
_BEGUN: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[smhd])*(?:[0-9]+\.?[0-9]*)?")
_KINDS: Final = {"oauth": Kind.OAUTH, "key": Kind.API_KEY, "api_key": Kind.API_KEY}
_FIELDS: Final[dict[str, Callable[[str], Test]]] = {
    "org": _organization,
    "app": _app,
    "user": _user,
    "name": _name,
    "status": _status,
    "kind": _kind,
}
_PART: Final = "A part of it, in quotes when it has spaces."
_HINTS: Final = {
    "org": _PART,
    "app": _PART,
    "user": _PART,
    "name": _PART,
    "status": f"One of {', '.join(Status)}, needs_you.",
    "kind": "oauth or key.",
    "expires": "For example expires<10m or expires>2h; units s m h d.",
}


# What words are looked for in


_ALSO: Final = {Status.REJECTED: "refused (401)", Status.NEEDS_AUTHORIZATION: "authorize again"}
"""How the list of the app has it."""

_STATUS_WORDS: Final = {
    each: "\n".join(
        (
            each.value,
            each.replace("_", " "),
            _ALSO.get(each, ""),
            "needs you" if each.needs_you else "",
        )
    )
    for each in Status
}


def text(one: Connection) -> str:
    """Return the text of a connection that stands still, casefolded: where words are looked for."""
    user, organization = one.user, one.organization
    return (
        f"{one.name}\n{organization.name}\n{organization.id}\n{user.email}\n{user.name}\n"
        f"{one.app or 'api key'}\n{one.key_id or ''}\n{one.description}"
    ).casefold()
