"""Pending: what was frozen to be revoked and is not dead yet; it is kept, and tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.operations.plan import is_settled, refuse_destroyed, why_not

if TYPE_CHECKING:
    from close_tui.leaks import Step

_FIRST_S: Final = 5.0
_LONGEST_S: Final = 300.0


def is_pending(connection: Connection, now: float) -> bool:
    """Tell whether a revocation has begun and is not done.

    One that Close has accepted without proof is pending while its access token may live.
    """
    return connection.frozen_at is not None and not is_settled(connection, now)


def pending(connections: Iterable[Connection], now: float) -> list[Connection]:
    """Return those whose revocation has begun and is not done, in the same order."""
    return [each for each in connections if is_pending(each, now)]


async def retry(
    desk: Desk,
    report: Callable[[Step], None],
    *,
    every: bool = False,
    ended: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Try once more what is pending; each continues the incident that it belongs to.

    Of an API key it is only looked whether Close still takes it. What Close has accepted and what
    can never be proved is left to time, unless ``every``. Older grants of live connections are
    tried too; what a person is being asked about is left alone. Empty where there is nothing to
    try. VaultDestroyed where nothing can be tried.
    """
    now = desk.clock()
    refuse_destroyed(desk.vault, pending(desk.vault.connections(), now), now)
    found = [
        each
        for each in pending(desk.vault.connections(), now)
        if every or each.revoked_at is None or not why_not(each, now)
    ]
    results = []
    if found:
        from close_tui.operations.elsewhere import is_undecided

        found = [each for each in found if not await is_undecided(desk, each)]
    if found:
        from close_tui.operations.kill import kill

        results = await kill(desk, found, "", report, ended=ended)
    if desk.vault.old_grants():
        from close_tui.operations.old_grant import retry_old_grants

        results += await retry_old_grants(desk, ended)
    return results


def back_off(tries: int) -> float:
    """Return the seconds to wait after so many tries in a row: 5, then doubled, 300 at most.

    >>> [back_off(tries) for tries in (1, 2, 3, 50)]
    [5.0, 10.0, 20.0, 300.0]
    """
    return min(_FIRST_S * 2.0 ** min(max(tries - 1, 0), 16), _LONGEST_S)
