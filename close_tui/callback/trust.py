"""Give browsers trust in the certificate, and take it back: each store for itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.callback import trust_record, trust_tools
from close_tui.callback.certificate import Certificate, write
from close_tui.callback.trust_record import Entry
from close_tui.callback.trust_stores import BROWSERS, Machine, Ran, Store, stores
from close_tui.callback.trust_tools import Command, Wanted, wanted
from close_tui.errors import CallbackError, CertificateBroken

FILE_NAME: Final = "certificate.crt"
"""The certificate without its key: this is what the tools are shown."""

_LOCK_S: Final = 30.0
_NOTHING_LEFT: Final = "Nothing of it was left there."


class Step(NamedTuple):
    """What is to be run for one store."""

    store: Store
    commands: tuple[Command, ...]


class Outcome(NamedTuple):
    """What became of one store.

    Attributes:
        store: which.
        outcome: ``added``, ``removed``, ``skipped`` (nothing was to be done) or ``failed``.
        detail: one sentence.
        advice: what to do next; empty when all is well.
        commands: what was run.

    """

    store: Store
    outcome: str
    detail: str
    advice: str
    commands: tuple[Command, ...]


class Standing(NamedTuple):
    """How one store stands to the certificate.

    Attributes:
        store: which.
        trusts: whether it was told to trust the certificate, and still holds it.
        since: when it was told, None when never.
        old: whether it was told to trust one that the certificate has replaced.

    """

    store: Store
    trusts: bool
    since: float | None
    old: bool


def standings(
    home: Path, certificate: Certificate | None, machine: Machine, *, ask: bool = True
) -> list[Standing]:
    """Return how each store stands; TrustUnknown when the record is damaged.

    Every recorded store is asked whether it still holds it; without ``ask`` the record is believed.
    """
    what = wanted(certificate.pem) if certificate else None
    entries = trust_record.read(home)
    recorded = {(each.store.id, each.what.sha256): each for each in entries}
    every = {each.store.id: each.store for each in entries if not each.store.is_gone}
    every |= {store.id: store for store in stores(machine)}
    found = []
    for store in every.values():
        entry = recorded.get((store.id, what.sha256)) if what else None
        trusts = entry is not None and not store.is_gone
        if trusts and ask and entry is not None:
            trusts = trust_tools.holds(store, entry.what, machine) is not False
        old = any(each.store.id == store.id and each.what != what for each in entries)
        found.append(Standing(store, trusts, entry.at if entry and trusts else None, old))
    return found


class Trust:
    """One look at a home and its machine, and what is done about it.

    Args:
        home: where the record lies.
        machine: whose browsers.
        clock: wall clock, Unix seconds.
        browsers: only these of :data:`BROWSERS`.
        about_to: told every command that changes something, before it is run.

    """

    def __init__(
        self,
        home: Path,
        machine: Machine,
        *,
        clock: Callable[[], float],
        browsers: Collection[str] = BROWSERS,
        about_to: Callable[[Command], None] = lambda _: None,
    ) -> None:
        self._home = home
        self._machine = machine
        self._clock = clock
        self._browsers = browsers
        self._about_to = about_to
        self._entries: list[Entry] = []
        self._ran: list[Command] = []

    def plan_giving(self, certificate: Certificate) -> list[Step]:
        """Return what :meth:`give` would run; nothing for a store that the record calls done."""
        what, file = wanted(certificate.pem), self._home / FILE_NAME
        entries = trust_record.read(self._home)
        with suppress(OSError):  # for who runs the commands by hand
            write(file, certificate.pem.encode("ascii"))
        steps = []
        for store in self._stores():
            of_store = [each for each in entries if each.store.id == store.id]
            commands = [
                trust_tools.removing(store, each.what) for each in of_store if each.what != what
            ]
            if store.is_gone or what not in [each.what for each in of_store]:
                commands += trust_tools.adding(store, what, file)
            steps.append(Step(store, tuple(commands)))
        return steps

    def plan_taking(self) -> list[Step]:
        """Return what :meth:`take` would run."""
        return [
            Step(each.store, (trust_tools.removing(each.store, each.what),))
            for each in trust_record.read(self._home)
            if each.store.browser in self._browsers and not each.store.is_gone
        ]

    def give(self, certificate: Certificate) -> list[Outcome]:
        """Make every store trust the certificate, and forget those that it has replaced."""
        what, file = wanted(certificate.pem), self._home / FILE_NAME
        with self._alone():
            self._save(lambda: write(file, certificate.pem.encode("ascii")))
            outcomes = [self._give(store, what, file) for store in self._stores()]
            for entry in [each for each in self._entries if each.store.is_gone]:
                self._forget(entry)
        return outcomes

    def take(self) -> list[Outcome]:
        """Undo what was recorded, and nothing else."""
        with self._alone():
            of_browsers = [each for each in self._entries if each.store.browser in self._browsers]
            return [self._take(each) for each in of_browsers]

    def _stores(self) -> list[Store]:
        return [store for store in stores(self._machine) if store.browser in self._browsers]

    def _give(self, store: Store, what: Wanted, file: Path) -> Outcome:
        self._ran = []
        if store.kind == "nss" and trust_tools.certutil(self._machine) is None:
            return self._told(store, Ran(127), ("certutil", "-d", "sql:"))
        for old in [each for each in self._entries if each.store.id == store.id]:
            if old.what != what and (failed := self._out(old)):
                return failed
        if trust_tools.holds(store, what, self._machine):
            self._remember(Entry(store, what, self._clock(), ()))
            return self._ended(store, "skipped", "Trusted already.")
        commands = trust_tools.adding(store, what, file)
        # Before anything is done: whatever happens from here on can be undone.
        self._remember(Entry(store, what, self._clock(), tuple(commands)))
        for command in commands:
            if (ran := self._run(command)).code:
                return self._cleared(Entry(store, what, 0.0, ()), ran, command)
        if trust_tools.holds(store, what, self._machine) is False:
            ran = Ran(1, err=f"{commands[-1][0]} said yes, and the certificate is not there")
            return self._cleared(Entry(store, what, 0.0, ()), ran, commands[-1])
        more = " Restart Firefox if it is open." if store.browser == "firefox" else ""
        return self._ended(store, "added", f"Trusted from now on.{more}")

    def _cleared(self, entry: Entry, why: Ran, command: Command) -> Outcome:
        """Leave nothing of what did not work: certutil stores first, and asks for trust then."""
        if trust_tools.holds(entry.store, entry.what, self._machine):
            self._run(trust_tools.removing(entry.store, entry.what))
        if trust_tools.holds(entry.store, entry.what, self._machine) is False:
            self._forget(entry)
        return self._told(entry.store, why, command)

    def _take(self, entry: Entry) -> Outcome:
        self._ran = []
        store = entry.store
        if store.is_gone:
            self._forget(entry)
            return self._ended(store, "skipped", f"It is not there any more. {_NOTHING_LEFT}")
        if store.kind == "nss" and trust_tools.certutil(self._machine) is None:
            return self._told(store, Ran(127), ("certutil", "-d", "sql:"))
        if trust_tools.holds(store, entry.what, self._machine) is False:
            self._forget(entry)
            return self._ended(store, "skipped", "It did not hold the certificate any more.")
        return self._out(entry) or self._ended(store, "removed", "Not trusted any more.")

    def _out(self, entry: Entry) -> Outcome | None:
        """Take one certificate out of its store; the Outcome says why that failed."""
        if trust_tools.holds(entry.store, entry.what, self._machine) is not False:
            command = trust_tools.removing(entry.store, entry.what)
            ran = self._run(command)
            if trust_tools.holds(entry.store, entry.what, self._machine) is not False:
                ran = ran if ran.code else Ran(1, err=f"{command[0]} said yes, and it is there")
                return self._told(entry.store, ran, command)
        self._forget(entry)
        return None

    def _run(self, command: Command) -> Ran:
        self._about_to(command)
        self._ran.append(command)
        return self._machine.run(command)

    def _told(self, store: Store, ran: Ran, command: Command) -> Outcome:
        detail, advice = trust_tools.complaint(ran, command, self._machine)
        return self._ended(store, "failed", detail, advice)

    def _ended(self, store: Store, outcome: str, detail: str, advice: str = "") -> Outcome:
        return Outcome(store, outcome, detail, advice, tuple(self._ran))

    def _remember(self, entry: Entry) -> None:
        known = [each for each in self._entries if _same(each, entry)]
        if known and not entry.commands:
            return
        self._forget(entry, then=[entry])

    def _forget(self, entry: Entry, then: list[Entry] | None = None) -> None:
        kept = [each for each in self._entries if not _same(each, entry)] + (then or [])
        self._save(lambda: trust_record.save(self._home, kept))
        self._entries = kept

    def _save(self, writing: Callable[[], None]) -> None:
        try:
            writing()
        except OSError as error:
            raise CertificateBroken(
                f"{self._home} cannot be written: {error.strerror}.",
                advice="Without a record trust could not be taken back: nothing more is changed. "
                "Make the folder writable and leave some space, then try again.",
            ) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off other processes, and read what they have recorded."""
        from filelock import FileLock, Timeout

        name = f"{trust_record.FILE_NAME}.lock"
        lock = FileLock(
            self._home / name, _LOCK_S, 0o600, thread_local=False, fallback_to_soft=False
        )

        def begin() -> None:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                raise CallbackError(
                    "Another close-tui is changing what the browsers trust.",
                    advice="Wait a moment and try again.",
                ) from None

        self._save(begin)
        try:
            self._entries = trust_record.read(self._home)
            yield
        finally:
            lock.release()


def _same(one: Entry, other: Entry) -> bool:
    return (one.store.id, one.what) == (other.store.id, other.what)
