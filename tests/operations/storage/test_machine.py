"""Whatever happens, in whatever order: no connection is lost that need not be."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from close_tui.sandbox.policies import Reuse
from tests.operations.storage.machine import Machine

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("reuse", list(Reuse))
def test_two_processes_keep_what_they_promise(reuse: Reuse) -> None:
    """Refreshes, faults, crashes, full disks, jumping clocks, revocations, in any order."""
    run_state_machine_as_test(
        type("Story", (Machine,), {"reuse": reuse}),
        settings=settings(
            max_examples=100 if SOAK else 6,
            stateful_step_count=60 if SOAK else 30,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
