"""One verb on several connections: a few at a time, and an answer for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.tui.verbs import AT_ONCE, Verbs

Report = Callable[[str, str | None], None]
"""Called with a connection's id and what is being done to it; None once that has ended."""

_DOING = {"refresh": "refreshing", "test": "testing"}


async def around(
    verbs: Verbs, verb: str, targets: list[Connection], report: Report
) -> list[Result]:
    """Refresh or test all targets, at most ``AT_ONCE`` at the same time; errors are results."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(target: Connection) -> Result:
        report(target.id, "waiting")
        try:
            async with slots:
                report(target.id, _DOING[verb])
                return await verbs.run(_VERBS[verb], target.id)
        except CloseTuiError as error:
            return failed(target, verb, error, verbs.clock())
        finally:
            report(target.id, None)

    return list(await asyncio.gather(*(one(target) for target in targets)))


def failed(target: Connection, verb: str, error: CloseTuiError, at: float) -> Result:
    """Return an error that a verb raised as what happened to one target."""
    return Result(
        id=target.id,
        name=target.name,
        verb=verb,
        outcome=error.outcome,
        detail=str(error),
        advice=error.advice,
        at=at,
        http_status=error.http_status,
        error=error,
    )


async def _refreshed(desk: Desk, connection_id: str) -> Result:
    from close_tui.operations.refresh import refresh

    return await refresh(desk, connection_id)


async def _tested(desk: Desk, connection_id: str) -> Result:
    from close_tui.operations.test import test

    return await test(desk, connection_id)


_VERBS = {"refresh": _refreshed, "test": _tested}
