"""The board that refreshes and tests: progress above the list, and a summary that waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from close_tui.model import Connection, Result
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.removing import Removes

LOOK_S: Final = 1.0
"""Seconds between two looks at the vault while a round goes on."""

_DOING: Final = {"refresh": "Refreshing", "test": "Testing"}
_DONE: Final = {"refresh": "Refreshed", "test": "Tested"}
_LEFT_OUT: Final = {"refresh": "cannot be refreshed", "test": "revoked or frozen"}


class RunsRounds(Removes):
    """Calls a verb on several connections while everything else can still be done.

    One connection's answer is a dialog, as somebody waits for it. Of several the summary stays
    above the list until L shows each answer, or esc takes it away.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L", "results", "Results", id="main.results",
                tooltip="Show what the last refresh or test of several came to, worst first."),
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._results: list[Result] = []
        self._said: dict[str, str] = {}
        self._last_look_s = 0.0

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer the results once there are some."""
        if action == "results":
            return bool(self._results)
        return super().check_action(action, parameters)

    async def run_round(self, verb: str, targets: list[Connection], *, left_out: int = 0) -> None:
        """Call a verb on all targets at once, show progress, then the results.

        ``left_out``: how many were chosen with them that it is not possible for.
        """
        from close_tui.tui.screens.results import Results
        from close_tui.tui.screens.rounds import around

        busy = self.connection_list.busy
        targets = [target for target in targets if target.id not in busy]
        if not targets or not await open_vault(self.app, self.verbs):
            return
        many = len(targets) + left_out > 1
        done = 0

        def report(connection_id: str, doing: str | None) -> None:
            nonlocal done
            self.connection_list.set_busy(connection_id, doing)
            if doing is None:
                done += 1
                self._look_now_and_then()
            if many:
                self._say(verb, f"{_DOING[verb]}: {done} of {len(targets)} done")

        results = await around(self.verbs, verb, targets, report)
        self.look()
        if many:
            self._results = results
            self._say(verb, round_words(verb, results, left_out))
            self.refresh_bindings()
        elif verb == "refresh" and results[0].exit_code == 0:
            words = f"{results[0].name}: {results[0].detail}"
            self.notify(words, title="Refreshed", markup=False)
        else:
            await self.app.push_screen_wait(Results(self.verbs, results))

    def action_results(self) -> None:
        """Show each answer of the last round."""
        from close_tui.tui.screens.results import Results

        self._forget_summary()
        self.app.push_screen(Results(self.verbs, self._results))

    def action_back(self) -> None:
        """Take the summary away first."""
        if not self._forget_summary():
            super().action_back()

    def _forget_summary(self) -> bool:
        """Take the summaries of rounds away that have ended; tell whether there were any."""
        over = [verb for verb, words in self._said.items() if not words.startswith(_DOING[verb])]
        for verb in over:
            self._say(verb, "")
        return bool(over)

    def _look_now_and_then(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._last_look_s >= LOOK_S:
            self._last_look_s = now
            self.look()

    def _say(self, verb: str, words: str) -> None:
        if words:
            self._said[verb] = words
        else:
            self._said.pop(verb, None)
        everything = " · ".join(self._said.values())
        failed = any(not _is_fine(each) for each in self._results)
        is_over = not any(said.startswith(_DOING[each]) for each, said in self._said.items())
        self.say("rounds", everything, "warning" if failed and is_over else "info")


def round_words(verb: str, results: list[Result], left_out: int = 0) -> str:
    """Say what a round came to, how many had no part in it, and where each answer is."""
    counts = Counter(each.outcome.replace("_", " ") for each in results if not _is_fine(each))
    fine = sum(map(_is_fine, results))
    parts = [f"{fine} fine"] if fine else []
    parts += [f"{count} {outcome}" for outcome, count in counts.most_common()]
    if left_out:
        parts.append(f"{left_out} left out ({_LEFT_OUT[verb]})")
    return f"{_DONE[verb]} {len(results)}: {', '.join(parts)}. L shows each answer"


def _is_fine(result: Result) -> bool:
    return result.exit_code == 0
