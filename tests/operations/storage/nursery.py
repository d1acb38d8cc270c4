"""A process that bears children, and tells how each of them ended; told what to do on stdin.

Each line is an order in JSON: a verb, where it works, and at which step SIGKILL comes (0: never).
A child that lives tells the steps it took. Forking saves every child the imports.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, cast

from close_tui.leaks import Operator
from close_tui.model import Grant, Tokens
from close_tui.operations.desk import Desk, Pauses
from close_tui.operations.grant import keep
from close_tui.operations.kill import begin, kill
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.rotate import rotate_key
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.operations.storage.watched import WatchedNetwork, WatchedStore


def main() -> None:
    """Work the orders off, one after another."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _live(order)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            _say(signal.Signals(os.WTERMSIG(status)).name)
        elif status:
            _say("failed")


def _live(order: dict[str, Any]) -> None:
    steps: list[str] = []

    def at_step(step: str) -> None:
        steps.append(step)
        if len(steps) == order["kill_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        asyncio.run(_act(order, at_step))
        _say(json.dumps(steps))
        code = 0
    finally:
        os._exit(code)


async def _act(order: dict[str, Any], at_step: Any) -> None:
    settings = Settings(
        Path(order["home"]), order["url"], order["url"], Path(order["identity_file"])
    )
    network = WatchedNetwork(at_step, lambda *_: None)
    pauses = Pauses(proof=(0.0, 0.05, 0.1))
    async with Desk(settings, clock=lambda: order["now"], pauses=pauses, transport=network) as desk:
        desk._vault = cast("Vault", WatchedStore(Vault.open(settings), at_step))
        await desk.unlock()
        if order["verb"] == "refresh":
            await refresh(desk, order["connection"])
        elif order["verb"] == "rotate":
            connection = desk.vault.connection(order["connection"])
            assert connection is not None
            await rotate_key(desk, connection, Secret(order["key"]), Operator("jo", "desk-7"))
        elif order["verb"] == "revoke":
            await revoke(desk, order["connection"])
        elif order["verb"] == "kill":
            targets = [each for each in desk.vault.connections() if each.id in order["connections"]]
            incident = begin(desk, targets, "leaked", Operator("ada", "laptop"))
            await kill(desk, targets, incident, lambda _: None)
        else:
            (app,) = desk.vault.apps()
            access_token, refresh_token, organization_id, user_id = order["grant"]
            tokens = Tokens(Secret(access_token), Secret(refresh_token), order["now"] + 3600)
            grant = Grant(tokens, organization_id, user_id)
            client = desk.vault.client(app)
            await keep(desk, app, client, grant, name=None, organization_id=None)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
