"""Doctor: what is right and what is not on this machine. Changes nothing, and shows no secret.

What it says can be pasted in public: no name of a connection, organization or person, no home
folder, no password of a proxy.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.operations import (
    doctor_callback,
    doctor_machine,
    doctor_network,
    doctor_vault,
)
from close_tui.operations.desk import in_daemon_thread
from close_tui.operations.doctor_case import Case
from close_tui.settings import SETTINGS
from close_tui.vault.checking import Finding

LIMIT_S: Final = 8.0
"""How long one check may take; they all run at once."""

QUIET_S: Final = 0.5
"""How long nothing is said of what is still being looked at."""

_REMIND_S: Final = 2.0
_SOMEBODYS: Final = re.compile(r"((?:/home|/Users|[A-Za-z]:\\Users)[/\\])[^/\\\s.]+")
_EMAIL: Final = re.compile(r"[^\s@“”()/]+@[^\s@“”()/]+\.[A-Za-z]{2,}")


class Check(NamedTuple):
    """One group of findings, and how a person calls it while it is waited for."""

    name: str
    find: Callable[[Case], Iterable[Finding]]
    needs_network: bool = False


CHECKS: Final = (
    Check("this machine", doctor_machine.python),
    Check("the terminal", doctor_machine.terminal),
    Check("the settings", doctor_machine.settings),
    Check("the vault", doctor_vault.vault),
    Check("the vault's key", doctor_vault.key),
    Check("the keyring", doctor_vault.keyring),
    Check("the certificate", doctor_callback.certificate),
    Check("the redirect URIs", doctor_callback.redirect_uris),
    Check("the proxy", doctor_network.proxy),
    Check("the trust store", doctor_network.trust_store),
    Check("Close's API", doctor_network.api, needs_network=True),
)


async def examine(
    case: Case,
    *,
    offline: bool = False,
    waiting_for: Callable[[tuple[str, ...]], None] = lambda _: None,
    tell: Callable[[str, list[Finding]], None] = lambda _name, _found: None,
    limit_s: float = LIMIT_S,
) -> list[Finding]:
    """Return what was found, in a fixed order. ``offline`` calls nobody.

    ``waiting_for`` is told after half a second, and again from time to time, which checks have not
    ended; ``tell`` what each has found, as soon as it has ended. One that never ends is a warning,
    and does not delay the others.
    """
    hide = _Hiding(case.environment)
    checks = [each for each in CHECKS if not (offline and each.needs_network)]
    tasks = [asyncio.create_task(_bounded(each, case, limit_s), name=each.name) for each in checks]

    def ended(task: asyncio.Task[list[Finding]]) -> None:
        if not task.cancelled():
            tell(task.get_name(), [hide.from_finding(each) for each in task.result()])

    for task in tasks:
        task.add_done_callback(ended)
    pending = set(tasks)
    wait_s = QUIET_S
    try:
        while pending:
            _, pending = await asyncio.wait(pending, timeout=wait_s)
            if pending:
                waiting = [each.name for each in checks if any(_is(t, each) for t in pending)]
                waiting_for(tuple(waiting))
            wait_s = _REMIND_S
    finally:
        for task in pending:
            task.cancel()
    found = [finding for task in tasks for finding in task.result()]
    return [hide.from_finding(each) for each in found]


def _is(task: asyncio.Task[list[Finding]], check: Check) -> bool:
    return task.get_name() == check.name


async def _bounded(check: Check, case: Case, limit_s: float) -> list[Finding]:
    """Run one check in a thread of its own; a mistake in it is a finding too."""
    try:
        async with asyncio.timeout(limit_s):
            return await in_daemon_thread(lambda: list(check.find(case)))
    except TimeoutError:
        said = f"Looking at {check.name} did not end within {limit_s:g} s."
        return [Finding("doctor", "warning", said)]
    except Exception as error:  # noqa: BLE001 - the other checks are worth having
        said = f"Looking at {check.name} failed: {type(error).__name__}."
        return [Finding("doctor", "problem", said, "This is a mistake in close-tui: report it.")]


def _is_path(value: str) -> bool:
    return value.startswith(("/", "~")) and len(value) > 1


class _Hiding:
    """Takes out of a text what tells who its reader is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        named = ((environment.get(each.variable, ""), each.variable) for each in SETTINGS)
        self._named = [(value, f"${name}") for value, name in named if _is_path(value)]
        home = environment.get("HOME") or environment.get("USERPROFILE") or ""
        homes = {home, str(Path(home).resolve())} if len(home) > 1 else set()
        self._homes = sorted(homes, key=len, reverse=True)
        names = {environment.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} - {"root"}
        self._names = [re.escape(name) for name in names if len(name) > 2]

    def from_finding(self, finding: Finding) -> Finding:
        """Return a finding that tells nothing of its reader."""
        return finding._replace(detail=self(finding.detail), advice=self(finding.advice))

    def __call__(self, text: str) -> str:
        for value, name in self._named:
            text = text.replace(value, name)
        for home in self._homes:
            text = re.sub(rf"{re.escape(home.rstrip('/'))}(?![\w.-])", "~", text)
        for name in self._names:
            text = re.sub(rf"(?<![\w-]){name}(?![\w-])", "USER", text)
        text = _SOMEBODYS.sub(r"\1USER", text)
        return _EMAIL.sub("EMAIL", text)
