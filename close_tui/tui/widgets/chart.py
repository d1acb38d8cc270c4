"""What tests have measured, as rows of little bars: the oldest on the left, the newest last.

The bars begin at nothing. Textual's Sparkline begins at the smallest value: a full rate limit, the
same at each test, would look like an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual.content import Content

from close_tui.model import Event, Measure

TESTS: Final = 24
"""How many tests are drawn, at most."""

LOW: Final = 0.2
"""A share of the rate limit below which it is worth a thought."""

_EIGHTHS: Final = "▁▂▃▄▅▆▇█"


def measures(history: Sequence[Event]) -> list[Measure]:
    """Return what the newest tests of a history (newest first) have measured, oldest first."""
    found = []
    for event in history:
        if (one := event.measure) is not None:
            found.append(one)
            if len(found) == TESTS:
                break
    return found[::-1]


def bars(values: Sequence[float], top: float) -> str:
    """Return a bar in one cell for each value, from nothing to ``top``, in eighths.

    >>> bars([0, 50, 100], 100)
    '▁▅█'
    """
    steps = len(_EIGHTHS)
    return "".join(_EIGHTHS[min(steps - 1, int(steps * value / top))] if top else "▁"
                   for value in values)  # fmt: skip


def charts(measured: Sequence[Measure], cells: int) -> Iterator[tuple[str, Content]]:
    """Return rows with a chart of latency and one of headroom; one test makes no chart."""
    measured = measured[-max(1, cells) :]
    if len(measured) < 2:
        return
    latencies = [one.latency_ms for one in measured]
    low, high = min(latencies), max(latencies)
    yield (
        "Latency",
        Content.assemble((bars(latencies, high), "$text-primary"), f"  {low:.0f} to {high:.0f} ms"),
    )
    yield "", Content.styled(f"at the last {len(measured)} tests", "$text-muted")
    shares = [one.headroom for one in measured if one.headroom is not None]
    if len(shares) > 1:
        least = min(shares)
        colour = "$text-warning" if least < LOW else "$text-success"
        yield (
            "Headroom",
            Content.assemble((bars(shares, 1.0), colour), f"  at least {least:.0%} left"),
        )
