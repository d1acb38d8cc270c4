"""The targets of a revocation at work."""

from __future__ import annotations

from close_tui.leaks import Step
from close_tui.model import Result
from close_tui.tui.widgets.target_list import TargetList

from .conftest import NOW, Shelf, World


def verdict(id_: str, outcome: str, **more: object) -> Result:
    """Return a verdict, 1.2 seconds after the clock's time."""
    return Result(id_, id_, "revoke", outcome, "", at=NOW + 1.2, **more)  # type: ignore[arg-type]


async def test_each_line_goes_from_step_to_verdict(world: World) -> None:
    """A glyph and a word for each; the time is counted from the freeze."""
    targets = [world.connection("acme-reports"), world.connection("acme-sync"), world.key()]
    listed = TargetList(targets, clock=world.clock)
    shelf = Shelf(listed)
    async with shelf.run_test(size=(80, 5)) as pilot:
        listed.take_step(Step("id-acme-reports", "frozen", NOW))
        listed.take_step(Step("id-acme-sync", "refresh_token_revoked", NOW))
        listed.take_result(verdict("id-acme-reports", "dead_proved", http_status=200))
        await pilot.pause()
        lines = shelf.lines()

    assert "✓ acme-reports" in lines[0]
    assert lines[0].endswith("dead, proved 08:00:01Z, 1.2 s")
    assert lines[1].endswith("refresh token revoked")
    assert "· acme-key" in lines[2]
    assert lines[2].endswith("waiting")


async def test_verdicts_are_counted_and_a_later_one_replaces(world: World) -> None:
    """By hand first, dead afterwards: one of them counts."""
    targets = [world.key(), world.connection()]
    listed = TargetList(targets, clock=world.clock)
    async with Shelf(listed).run_test():
        listed.take_result(verdict("id-acme-key", "by_hand"))
        before = listed.counts()
        listed.take_result(verdict("id-acme-key", "dead_proved"))
        after = listed.counts()

        assert (1, 0, 1) == (before["by hand"], before["dead"], before["working"])
        assert (0, 1, 1) == (after["by hand"], after["dead"], after["working"])
        assert ["dead_proved"] == [result.outcome for result in listed.results]
