"""What can go wrong on the way, by switch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import Final


class FaultKind(StrEnum):
    """The ways in which an answer can go wrong."""

    LATENCY = "latency"
    LATE_ANSWER = "late_answer"
    DROPPED = "dropped"
    ANSWER_LOST = "answer_lost"
    STATUS = "status"
    EMPTY = "empty"
    NON_JSON = "non_json"
    HUGE = "huge"
    SLOW = "slow"
    RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong.

    Attributes:
        kind: which.
        acts: whether the request is carried out before the answer goes wrong.
        seconds: to wait (LATENCY, LATE_ANSWER, RATE_LIMITED), or for each byte (SLOW).
        status: HTTP status (STATUS).
        size: bytes of body (HUGE).

    """

    kind: FaultKind
    acts: bool = False
    seconds: float = 0.0
    status: int = 200
    size: int = 0

    @property
    def acting(self) -> Fault:
        """The same fault, but the request is carried out first."""
        return replace(self, acts=True)


DROPPED: Final = Fault(FaultKind.DROPPED)
"""The connection is dropped before anything is done."""

ANSWER_LOST: Final = Fault(FaultKind.ANSWER_LOST, acts=True)
"""The request is carried out, then the connection is dropped without an answer."""

UNAVAILABLE: Final = Fault(FaultKind.STATUS, status=503)
"""503 with an empty body."""

BAD_GATEWAY: Final = Fault(FaultKind.STATUS, status=502)
"""502 with an empty body."""

EMPTY: Final = Fault(FaultKind.EMPTY)
"""200 with an empty body."""

NON_JSON: Final = Fault(FaultKind.NON_JSON)
"""200 with a proxy's page."""


def latency(seconds: float) -> Fault:
    """Wait before anything is done, then go on as usual."""
    return Fault(FaultKind.LATENCY, acts=True, seconds=seconds)


def late_answer(seconds: float) -> Fault:
    """Carry the request out, then wait before answering."""
    return Fault(FaultKind.LATE_ANSWER, acts=True, seconds=seconds)


def server_error(status: int) -> Fault:
    """Answer a status with an empty body."""
    return Fault(FaultKind.STATUS, status=status)


def slow(seconds_per_byte: float) -> Fault:
    """Carry the request out and send the true body byte by byte."""
    return Fault(FaultKind.SLOW, acts=True, seconds=seconds_per_byte)


def huge(size: int = 64 * 1024 * 1024) -> Fault:
    """Answer 200 with a body of that many bytes, its length not announced."""
    return Fault(FaultKind.HUGE, size=size)


def rate_limited(seconds: float) -> Fault:
    """Answer 429 and ask to wait."""
    return Fault(FaultKind.RATE_LIMITED, seconds=seconds)


@dataclass(slots=True)
class _Switch:
    fault: Fault
    route: str | None
    times: int | None
    organization_id: str | None
    client_id: str | None


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._switches: list[_Switch] = []
        self._lock = Lock()

    def add(
        self,
        fault: Fault,
        route: str | None = None,
        *,
        times: int | None = 1,
        organization_id: str | None = None,
        client_id: str | None = None,
    ) -> None:
        """Play a fault at the next ``times`` requests (None: at all) that match.

        ``route`` is a word of :class:`close_tui.sandbox.journal.Entry`; None matches every one.
        """
        with self._lock:
            self._switches.append(_Switch(fault, route, times, organization_id, client_id))

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._switches.clear()

    @property
    def waiting(self) -> int:
        """How many are switched on and have not yet played out."""
        with self._lock:
            return len(self._switches)

    def take(
        self, route: str, *, organization_id: str | None, client_id: str | None
    ) -> tuple[Fault, ...]:
        """Return the faults for one request, in the order they were added, and count them down.

        At most one that ends the request; delays add up before it.
        """
        taken: list[Fault] = []
        with self._lock:
            for switch in self._switches:
                wanted = (
                    switch.route in (None, route)
                    and switch.organization_id in (None, organization_id)
                    and switch.client_id in (None, client_id)
                )
                ended = any(fault.kind not in _DELAYS for fault in taken)
                if not wanted or (ended and switch.fault.kind not in _DELAYS):
                    continue
                taken.append(switch.fault)
                if switch.times is not None:
                    switch.times -= 1
            self._switches = [switch for switch in self._switches if switch.times != 0]
        return tuple(taken)


_DELAYS: Final = frozenset({FaultKind.LATENCY, FaultKind.LATE_ANSWER})
