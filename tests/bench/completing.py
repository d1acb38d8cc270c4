"""Completion: what a shell waits for at Tab, with a name as the answer."""

from __future__ import annotations

from collections.abc import Mapping

from close_tui.cli.completion import table
from tests.bench.timing import Timed, whole_process


def a_name(close_tui: str, environment: Mapping[str, str]) -> Timed:
    """Time the completion of a connection's name in bash."""
    rows = "\n".join("\t".join(row) for row in table())
    return whole_process(
        [close_tui, "complete", "bash", rows, "close-tui show aaa", " \t\n\"'><=;|&(:"], environment
    )
