"""Import: API keys out of what people have, each tested first, each stored once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from close_tui.close.credential import Basic
from close_tui.errors import CloseTuiError, NoVault, RateLimited, UsageError
from close_tui.model import Answer, Organization, Result
from close_tui.operations import names
from close_tui.operations.add import store_key
from close_tui.operations.foreign.candidates import Candidate
from close_tui.secret import Secret
from close_tui.text import clean, numbered, plain_name

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk

AT_ONCE: Final = 8
"""How many keys are tested at the same time."""

_NAMELESS: Final = "close"


class Imported(NamedTuple):
    """What became of one candidate; ``is_stored`` once the vault has its key."""

    candidate: Candidate
    result: Result
    is_stored: bool


async def import_keys(
    desk: Desk,
    found: Sequence[Candidate],
    *,
    dry_run: bool = False,
    offline: bool = False,
    tested: Callable[[], None] = lambda: None,
) -> list[Imported]:
    """Store each key that Close accepts, under its own name or its organization's, in this order.

    Goes on past every error. ``dry_run`` stores nothing and needs neither a vault nor its key;
    ``offline`` asks Close nothing, and is for a dry run only. Otherwise the vault is there and
    unlocked. ``tested`` is called for each key that Close was asked about. Outcomes: ``added``,
    ``skipped`` (stored already, found twice, in a comment), ``rejected`` and the others of a
    test, ``failed``.
    """
    if offline and not dry_run:
        raise UsageError("A key that was not tested is not stored.", advice="Say --dry-run too.")
    work = _Work(desk, dry_run)
    firsts: dict[Secret, Candidate] = {}
    for each in found:
        if each.key is not None and not each.why_not and not work.stored_as(each.key):
            firsts.setdefault(each.key, each)
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(key: Secret) -> Answer | CloseTuiError:
        async with gate:
            answer = await _asked(desk, key)
        tested()
        return answer

    asked = [] if offline else await asyncio.gather(*map(ask, firsts))
    answers = dict(zip(firsts, asked, strict=False))
    results = [work.settle(each, firsts, answers) for each in found]
    return [
        Imported(each, result, work.is_stored(each.key))
        for each, result in zip(found, results, strict=True)
    ]


async def _asked(desk: Desk, key: Secret) -> Answer | CloseTuiError:
    """Ask Close whose key it is; where Close asks to slow down, wait, but not for ever."""
    left = desk.pauses.rate_limit
    while True:
        try:
            return await desk.close.me(Basic(key))
        except RateLimited as error:
            if error.retry_after > left:
                return error
            left -= error.retry_after
            await asyncio.sleep(error.retry_after)
        except CloseTuiError as error:
            return error


class _Work:
    """What is stored, what names are taken, and what becomes of one candidate after another."""

    def __init__(self, desk: Desk, dry_run: bool) -> None:
        self._desk = desk
        self._dry_run = dry_run
        self._added: dict[Secret, str] = {}
        try:
            live = [each for each in desk.vault.connections() if each.revoked_at is None]
        except NoVault:
            self._live: dict[str, str] | None = None
            self._taken: set[str] = set()
        else:
            self._live = {each.id: each.name for each in live}
            self._taken = set(self._live.values())

    def stored_as(self, key: Secret) -> str | None:
        """Return the name of the live connection that has this key."""
        if self._live is None:
            return None
        held = self._desk.vault.held(key.sha256)
        return next((self._live[each.owner] for each in held if each.owner in self._live), None)

    def settle(
        self,
        each: Candidate,
        firsts: dict[Secret, Candidate],
        answers: dict[Secret, Answer | CloseTuiError],
    ) -> Result:
        """Store one key, or say why it is not stored."""
        name = mended(each.name) or where(each)
        if each.key is None or each.why_not:
            return self._result(name, "skipped" if each.key else "failed", each.why_not)
        first = firsts.get(each.key)
        if first is None:
            stored = self.stored_as(each.key) or ""
            return self._result(stored, "skipped", f"It is stored already, as {stored}.")
        if first is not each:
            name = self._added.get(each.key, name)
            return self._result(name, "skipped", f"The same key as in {where(first)}.")
        answer = answers.get(each.key)
        if isinstance(answer, CloseTuiError):
            return self._failure(name, answer)
        return self._store(each, each.key, answer)

    def is_stored(self, key: Secret | None) -> bool:
        """Tell whether the vault has a key by now."""
        return key is not None and (key in self._added or self.stored_as(key) is not None)

    def _store(self, each: Candidate, key: Secret, answer: Answer | None) -> Result:
        name = numbered(mended(each.name) or _name_of(answer), self._taken)
        if self._dry_run:
            self._taken.add(name)
            return self._result(name, "added", "Not tested." if answer is None else _whose(answer))
        assert answer is not None
        try:
            result = store_key(self._desk, name, key, answer)
        except CloseTuiError as error:
            return self._failure(name, error)
        self._taken.add(name)
        self._added[key] = name
        return result._replace(verb="import")

    def _failure(self, name: str, error: CloseTuiError) -> Result:
        failed = self._result(name, error.outcome, str(error))
        return failed._replace(advice=error.advice, http_status=error.http_status, error=error)

    def _result(self, name: str, outcome: str, detail: str) -> Result:
        return Result("", name, "import", outcome, detail, at=self._desk.clock())


def where(each: Candidate) -> str:
    """Return where a candidate stands, for people: ``clients.csv, line 3``."""
    place = clean(each.place, 60) if each.line is None else f"line {each.line}"
    return ", ".join(filter(None, (clean(each.source, 60), place)))


def mended(foreign: str) -> str:
    """Return a name as it may be in a vault, as near to the foreign one as can be; or nothing."""
    name = clean(foreign, names.NAME_LIMIT).replace("/", "-").lstrip("- ")
    return name if any(map(str.isalnum, name)) else ""


def _name_of(answer: Answer | None) -> str:
    organization = _organization(answer)
    return plain_name(organization.name or organization.id or _NAMELESS)


def _whose(answer: Answer) -> str:
    organization = _organization(answer)
    whose = organization.name or organization.id or "no organization"
    return f"{whose}, as {answer.user.email or answer.user.id}."


def _organization(answer: Answer | None) -> Organization:
    """Close's own habit for a key, which belongs to one user in one organization."""
    return answer.organizations[0] if answer and answer.organizations else Organization("", "")
