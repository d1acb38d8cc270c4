"""A machine for the doctor to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from close_tui.operations.doctor import examine
from close_tui.operations.doctor_case import Case, Terminal
from close_tui.settings import Settings, Told
from close_tui.vault.checking import Finding
from tests.conftest import NOW

HERE = Terminal(True, 120, 40, "utf-8")
PLAIN = {"TERM": "xterm-256color", "HOME": "/home/ada", "USER": "ada"}


def case(
    settings: Settings,
    *,
    environment: Mapping[str, str] = PLAIN,
    origins: Mapping[str, str] = {},
    problems: tuple[str, ...] = (),
    terminal: Terminal = HERE,
    **more: Any,
) -> Case:
    """Return a look at a home, at the time where every clock starts."""
    told = Told(settings, settings.home / "settings.toml", origins, problems)
    return Case(told, terminal, environment, **{"clock": lambda: NOW, **more})


async def found(a_case: Case, **how: Any) -> dict[str, Finding]:
    """Return what the doctor finds, by subject; each comes once."""
    findings = await examine(a_case, **how)
    by_subject = {each.subject: each for each in findings}
    assert len(by_subject) == len(findings), findings
    return by_subject


def levels(findings: Mapping[str, Finding]) -> dict[str, str]:
    """Return how each subject is."""
    return {subject: each.level for subject, each in findings.items()}
