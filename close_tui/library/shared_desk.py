"""One desk for each vault that a process uses, in a thread of its own, for all its threads.

It is set up at the first use. A fork finds none: SQLite's locks belong to the process that took
them, and a child that went on with its parent's open database could write into a log that others
have deleted. So before a fork every desk is left, and whoever needs one afterwards sits down anew.
The end of the process waits (bounded) for refreshes under way.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from typing import Any, Concatenate, ParamSpec, TypeVar

from close_tui.operations.background import Background
from close_tui.operations.desk import LEAVE_WAIT_S, Desk
from close_tui.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


class _Desks:
    """The threads of one process, and the verbs that they are at."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.threads: dict[Settings, Background] = {}
        self.under_way: set[Future[Any]] = set()

    def leave(self) -> None:
        """End every thread, after what it was asked to do; the caller holds the lock."""
        wait(list(self.under_way), LEAVE_WAIT_S)
        while self.threads:
            self.threads.popitem()[1].stop()


_desks = _Desks()


def submit(
    settings: Settings,
    verb: Callable[Concatenate[Desk, P], Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Future[T]:
    """Start a verb at this process's desk for some settings and return its future."""
    desks = _desks
    with desks.lock:
        thread = desks.threads.get(settings)
        if thread is None:
            thread = desks.threads[settings] = Background(lambda: Desk(settings, program="library"))
            thread.start()
        asked = thread.submit(verb, *args, **kwargs)
        desks.under_way.add(asked)
    asked.add_done_callback(desks.under_way.discard)
    return asked


def leave() -> None:
    """Leave every desk of this process; the next use sits down anew."""
    with _desks.lock:
        _desks.leave()


def _before_fork() -> None:
    # Held until the fork is done, so that no other thread sits down in between.
    _desks.lock.acquire()
    _desks.leave()


def _after_fork_in_parent() -> None:
    _desks.lock.release()


def _after_fork_in_child() -> None:
    global _desks
    _desks = _Desks()  # the parent's lock is held by a thread that is not here


atexit.register(leave)
if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
