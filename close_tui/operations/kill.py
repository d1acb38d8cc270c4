"""Kill: one incident, frozen at once, revoked a few at a time, a verdict for each target."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from close_tui.errors import CloseTuiError, RevocationPending
from close_tui.leaks import Operator, Step
from close_tui.model import Connection, Event, Result
from close_tui.operations.desk import Desk
from close_tui.operations.masking import masked
from close_tui.operations.plan import is_settled, refuse_destroyed
from close_tui.text import clean, rfc3339

if TYPE_CHECKING:
    from close_tui.operations.sending import Round

AT_ONCE: Final = 8
"""How many requests are under way at the same time."""

_OPEN: Final = 128
"""How many targets are worked on at the same time: each holds a file open, for its lock.

Many more than requests, since one that waits for its lock or its rate limit must not keep others.
"""

FROZEN: Final = "Nothing refreshes it any more."

Report = Callable[[Step], None]


def _ignored(_: Result) -> None:
    return None


def who() -> Operator:
    """Return who is at this keyboard: the name of the account, and of the machine."""
    import getpass
    import socket

    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such variable, and no entry for this user
        name = ""
    return Operator(clean(name) or "unknown", clean(socket.gethostname()) or "unknown")


def begin(
    desk: Desk,
    targets: Sequence[Connection],
    reason: str,
    operator: Operator,
    *,
    token: Callable[[], str] = lambda: secrets.token_hex(2),
) -> str:
    """Open an incident and freeze every target, in one transaction; return the incident's id.

    From now on no process refreshes them. Needs neither lock, key nor network. Targets that are
    settled or were removed are left out; where none is left there is no incident and the id is
    empty. ``token`` gives four random hex digits. Raises VaultError; VaultDestroyed, which names
    what may live, where nothing can be revoked any more.
    """
    vault, at = desk.vault, desk.clock()
    refuse_destroyed(vault, targets, at)
    reason = masked(vault, reason)
    with vault.transaction():
        now = [vault.connection(target.id) for target in targets]
        alive = [each for each in now if each is not None and not is_settled(each, at)]
        if not alive:
            return ""
        incident = f"inc-{(rfc3339(at) or '')[:10].replace('-', '')}-{token()}"
        while vault.incident_events(incident):
            incident = f"{incident[:-4]}{token()}"
        count = len(alive)
        facts = {"operator": operator.name, "host": operator.host, "targets": count}
        said = "1 connection is revoked." if count == 1 else f"{count} connections are revoked."
        written = json.dumps(facts, sort_keys=True)
        vault.record(
            Event(at, None, "", "incident", "opened", said, None, reason, incident, written)
        )
        for each in alive:
            _freeze(desk, each, at, reason, incident)
    return incident


async def kill(
    desk: Desk,
    targets: Sequence[Connection],
    incident: str,
    report: Report,
    at_once: int = AT_ONCE,
    *,
    ended: Callable[[Result], None] = _ignored,
) -> list[Result]:
    """Revoke every target, whatever becomes of the others; verdicts in the same order.

    Call :func:`begin` first. An empty ``incident`` continues the one that each target belongs to.
    ``report`` hears every step, ``ended`` every verdict as it comes; both are called in the
    running loop. Verdicts: ``dead_proved``, ``accepted_not_proved``, ``already_revoked``,
    ``failed``, ``by_hand``.
    """
    import asyncio

    from close_tui.operations.sending import Round

    shared, slots = Round(desk, at_once), asyncio.Semaphore(_OPEN)
    opened = desk.vault.incident_events(incident)[:1] if incident else []
    reason = opened[0].reason if opened else ""
    for target in targets:
        if not is_settled(target, desk.clock()):
            report(Step(target.id, "frozen", desk.clock()))

    async def one(target: Connection) -> Result:
        async with slots:
            result = await _killed(desk, target, (incident, reason), report, shared)
        ended(result)
        return result

    return list(await asyncio.gather(*(one(target) for target in targets)))


async def _killed(
    desk: Desk, target: Connection, why: tuple[str, str], report: Report, shared: Round
) -> Result:
    from close_tui.operations.revoke import revoke

    incident, reason = why

    def progress(step: str) -> None:
        if step != "frozen":  # told already, of all of them together
            report(Step(target.id, step, desk.clock()))

    try:
        return await revoke(
            desk, target.id, reason=reason, incident=incident, progress=progress, shared=shared
        )
    except CloseTuiError as error:
        return _failed(desk, target, incident, error)
    except Exception as error:  # noqa: BLE001 - the others must die all the same
        # Only its class: its text, and the locals of its traceback, may hold a secret.
        what = CloseTuiError(f"Something unexpected went wrong ({type(error).__name__}).")
    pending = RevocationPending(what, advice="It stays frozen and is kept. Revoke it again.")
    return _failed(desk, target, incident, pending)


def _failed(desk: Desk, target: Connection, incident: str, error: CloseTuiError) -> Result:
    of = incident or target.incident_id or ""
    desk.record_failure(target, "revoke", error, incident=of)
    return desk.failure(target, "revoke", error)


def _freeze(desk: Desk, now: Connection, at: float, reason: str, incident: str) -> None:
    first = desk.vault.freeze(now.id, at, incident)
    facts = {
        "organization": now.organization.name,
        "organization_id": now.organization.id,
        "user": now.user.email or now.user.id,
        "kind": now.kind.value,
        "app": now.app,
        "key_id": now.key_id,
        "fingerprint": now.fingerprint,
        "generation": now.generation,
    }
    said = FROZEN
    if not first:
        since = now.frozen_at or now.revoked_at
        facts |= {"frozen_before": rfc3339(since), "incident_before": now.incident_id}
        said = f"It was frozen before, at {rfc3339(since)}."
    desk.record(now, "freeze", "ok", said, reason=reason, incident=incident, facts=facts)
