"""Getting ready for a revocation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from close_tui.operations.readiness import get_ready

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_it_loads_and_unlocks_and_sends_nothing(town: Town) -> None:
    """A key in a file is read without a word; Close hears nothing of it."""
    is_locked = await get_ready(town.desk)

    assert not is_locked
    assert {"httpx", "filelock", "close_tui.operations.revoke"} <= sys.modules.keys()
    assert 0 == town.world.journal.count()
