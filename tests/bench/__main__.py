"""Run the benchmarks: ``make bench``. Exit code 1 when a figure is over its budget."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from close_tui.cli.several import AT_ONCE
from tests.bench import (
    authorizing,
    completing,
    confirming,
    finding,
    killing,
    looking,
    refreshing,
    tokens,
)
from tests.bench.timing import Figure, Limit, compare, until_shown, whole_process
from tests.bench.vaults import FIRST_NAME, environment_of

RUNS = 15
BARE_WORD = "bare-first-paint"
BARE_APP = f"""
from textual.app import App, ComposeResult
from textual.widgets import Static

class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("{BARE_WORD}")

Bare().run()
"""


def figures(folder: Path) -> Iterator[Figure | Limit]:
    """Measure everything, in vaults under a folder."""
    close_tui = str(Path(sys.executable).with_name("close-tui"))
    few = environment_of(folder / "10", 10)
    many = environment_of(folder / "1000", 1000)
    most = environment_of(folder / "10000", 10_000)
    bare = [sys.executable, "-c", BARE_APP]
    imports = [sys.executable, "-c", "import argparse, json, sqlite3"]
    for name, environment, budget in (
        ("10", few, 1.35),
        ("1,000", many, 1.45),
        ("10,000", most, 1.8),
    ):
        yield compare(
            f"start to the first name, {name} connections / a bare Textual app",
            until_shown([close_tui], FIRST_NAME, environment),
            until_shown(bare, BARE_WORD, environment),
            budget=budget,
            runs=RUNS,
        )
    yield compare(
        "list --json, 10 connections / python -c 'import argparse, json, sqlite3'",
        whole_process([close_tui, "list", "--json"], few),
        whole_process(imports, few),
        budget=2.2,
        runs=RUNS * 2,
    )
    yield compare(
        "list --json, 10,000 connections / the same",
        whole_process([close_tui, "list", "--json"], most),
        whole_process(imports, few),
        budget=9.0,
        runs=RUNS,
    )
    yield from looking.keys(few, most)
    yield from looking.at_rest(folder, most, bare)
    with tokens.handed_out() as (ours, floor):
        yield compare(
            "token, its vault's key in the Secret Service / python -m keyring get",
            ours,
            floor,
            budget=0.9,
            runs=RUNS,
        )
    yield compare(
        "completion of a name, 10 connections / python -c 'import argparse, json, sqlite3'",
        completing.a_name(close_tui, few),
        whole_process(imports, few),
        budget=2.0,
        runs=RUNS * 2,
    )
    yield compare(
        "find in 100 MB of log, half of its words new / grep -Eo … | sort -u | wc -l",
        *finding.whole_log(folder, many),
        budget=3.0,
        runs=RUNS // 5,
    )
    with refreshing.one(folder / "one") as (ours, floor):
        yield compare(
            "one refresh without its network / one SQLite commit with fsync",
            ours,
            floor,
            budget=6.0,
            runs=RUNS * 20,
        )
    with authorizing.returned(folder / "authorize") as (ours, floor):
        yield compare(
            "the browser's redirect to the stored connection, without Close / a bare TLS GET",
            ours,
            floor,
            budget=6.0,
            runs=authorizing.RUNS,
        )
    with refreshing.many(folder / "many") as (ours, floor):
        yield compare(
            f"{refreshing.MANY} refreshes, {AT_ONCE} at once / the same calls in httpx",
            ours,
            floor,
            budget=1.25,
            runs=RUNS // 3,
        )
    with killing.many(folder / "kill") as (ours, floor):
        yield compare(
            f"{killing.TARGETS} killed with proof, 8 at once / the same calls in httpx",
            ours,
            floor,
            budget=1.5,
            runs=killing.RUNS,
        )
    with confirming.confirmed(folder / "confirm") as (ours, floor):
        yield compare(
            "confirming key to the first revocation / j to the next one's details",
            ours,
            floor,
            budget=1.0,
            runs=confirming.RUNS,
        )


def main() -> int:
    """Print one line a figure."""
    os.umask(0o077)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(Path(folder)):
            failed += not figure.holds
            print(f"{'ok  ' if figure.holds else 'OVER'} {figure.line}  {figure.name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
