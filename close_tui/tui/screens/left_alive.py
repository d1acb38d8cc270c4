"""What a revocation may leave alive at Close, and how a person ends it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from close_tui.model import Connection
from close_tui.operations.plan import advice, is_settled, newer_may_live

if TYPE_CHECKING:
    from close_tui.leaks import Revocability


def advised(plan: Revocability) -> Revocability:
    """Return a plan that says, with the reason why a death cannot be proved, what is left to do."""
    more = advice(plan.why_not)
    return plan._replace(why_not=f"{plan.why_not} {more}") if more else plan


def left_words(connections: Iterable[Connection], now: float) -> str:
    """Say of a destroyed vault how much it has left alive; nothing can be tried again there."""
    left = sum(newer_may_live(one) or not is_settled(one, now) for one in connections)
    return f"{left} may live on: only Close can end {'it' if left == 1 else 'them'}" if left else ""
