"""The certificate for the local address: look at it, have browsers trust it, make it anew."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from close_tui.callback import certificate as ours
from close_tui.callback import own_certificate
from close_tui.callback.certificate import Certificate
from close_tui.callback.trust import Outcome, Standing, Step, Trust, standings
from close_tui.callback.trust_stores import BROWSERS, Machine
from close_tui.callback.trust_tools import Command
from close_tui.errors import CloseTuiError, TrustUnknown, UsageError
from close_tui.model import Result
from close_tui.settings import Settings


class State(NamedTuple):
    """What is known of the certificate.

    Attributes:
        certificate: the one in use; None where none was made yet, or it is unusable.
        problem: why it is unusable.
        standings: how each browser's store stands to it.
        unknown: why that is not known.
        is_passing: whether it is a demo's, and gone afterwards.

    """

    certificate: Certificate | None
    problem: CloseTuiError | None
    standings: tuple[Standing, ...]
    unknown: TrustUnknown | None
    is_passing: bool = False

    @property
    def is_brought(self) -> bool:
        """Whether it is its owner's own."""
        return self.certificate is not None and self.certificate.is_brought

    @property
    def trusted(self) -> list[Standing]:
        """The stores that trust it."""
        return [each for each in self.standings if each.trusts]

    @property
    def old(self) -> list[Standing]:
        """The stores that trust one which it has replaced, and not it."""
        return [each for each in self.standings if each.old and not each.trusts]


class Done(NamedTuple):
    """What became of one store, and the commands that were run for it."""

    result: Result
    commands: tuple[Command, ...]


def present(settings: Settings) -> Certificate | None:
    """Return the certificate in use as it is, None where none was made yet; makes nothing.

    CertificateBroken when it is unusable.
    """
    return _brought(settings) or ours.look(settings.home)


def serving(settings: Settings, host: str, clock: Callable[[], float]) -> Certificate:
    """Return the certificate to answer with at a host: its owner's own, or ours, made if needed.

    CertificateBroken where a browser could not be content with it.
    """
    brought = _brought(settings)
    if brought is None:
        return ours.ensure(settings.home, clock=clock)
    own_certificate.check(brought, host, clock())
    return brought


def look(settings: Settings, machine: Machine, *, ask: bool = True) -> State:
    """Return what is known; changes nothing. Without ``ask`` the record of trust is believed."""
    found, problem = None, None
    try:
        found = present(settings)
    except CloseTuiError as error:
        problem = error
    if found is not None and found.is_brought:
        return State(found, None, (), None)
    return _state(settings, found, problem, machine, ask=ask)


def state_of(settings: Settings, certificate: Certificate, machine: Machine) -> State:
    """Return what is known of this certificate, which is in use."""
    if certificate.is_brought:
        return State(certificate, None, (), None)
    return _state(settings, certificate, None, machine, ask=True)


def plan_trust(
    settings: Settings,
    machine: Machine,
    clock: Callable[[], float],
    browsers: Collection[str] = BROWSERS,
) -> list[Step]:
    """Return what :func:`trust` would run for each store. The certificate is made if needed."""
    _refuse(settings, "trusted")
    certificate = ours.ensure(settings.home, clock=clock)
    return _trust(settings, machine, clock, browsers).plan_giving(certificate)


def trust(
    settings: Settings,
    machine: Machine,
    clock: Callable[[], float],
    browsers: Collection[str] = BROWSERS,
    about_to: Callable[[Command], None] = lambda _: None,
) -> list[Done]:
    """Have the browsers trust the certificate, and forget the one that it has replaced.

    Outcomes ``added``, ``skipped`` (trusted already), ``failed``; trouble with one store says
    nothing about the others. Blocks while tools run, and while the system asks a person.
    """
    _refuse(settings, "trusted")
    certificate = ours.ensure(settings.home, clock=clock)
    at_work = _trust(settings, machine, clock, browsers, about_to)
    return [_done("trust", each, clock) for each in at_work.give(certificate)]


def plan_untrust(
    settings: Settings,
    machine: Machine,
    clock: Callable[[], float],
    browsers: Collection[str] = BROWSERS,
) -> list[Step]:
    """Return what :func:`untrust` would run for each store."""
    return _trust(settings, machine, clock, browsers).plan_taking()


def untrust(
    settings: Settings,
    machine: Machine,
    clock: Callable[[], float],
    browsers: Collection[str] = BROWSERS,
    about_to: Callable[[Command], None] = lambda _: None,
) -> list[Done]:
    """Undo what :func:`trust` has done, and nothing else.

    Outcomes ``removed``, ``skipped`` (it was not there any more), ``failed``.
    """
    at_work = _trust(settings, machine, clock, browsers, about_to)
    return [_done("untrust", each, clock) for each in at_work.take()]


def renew(settings: Settings, clock: Callable[[], float]) -> Certificate:
    """Make the certificate anew, before its time; browsers must then be told to trust it again."""
    _refuse(settings, "renewed")
    return ours.renew(settings.home, clock=clock)


def _brought(settings: Settings) -> Certificate | None:
    if settings.certificate_file is None:
        if settings.certificate_key_file is not None:
            raise UsageError(
                "There is a key for a certificate, and no certificate.",
                advice="Name both: certificate_file and certificate_key_file in the settings, or "
                "--certificate and --key.",
            )
        return None
    return own_certificate.load(settings.certificate_file, settings.certificate_key_file)


def _refuse(settings: Settings, what: str) -> None:
    """UsageError where the certificate is not ours, or will not be there for long."""
    if settings.certificate_file is not None:
        raise UsageError(
            f"The certificate in use is your own, and not {what} by close-tui.",
            advice="Do that where it came from (mkcert -install; your company's CA). Without the "
            "setting certificate_file close-tui makes one itself.",
        )
    if settings.is_passing and what == "trusted":
        raise UsageError(
            "This is a demo: its certificate goes with it, and the trust would stay.",
            advice="Accept the browser's warning here.",
        )


def _state(
    settings: Settings,
    certificate: Certificate | None,
    problem: CloseTuiError | None,
    machine: Machine,
    *,
    ask: bool,
) -> State:
    try:
        found = tuple(standings(settings.home, certificate, machine, ask=ask))
    except TrustUnknown as error:
        return State(certificate, problem, (), error, settings.is_passing)
    return State(certificate, problem, found, None, settings.is_passing)


def _trust(
    settings: Settings,
    machine: Machine,
    clock: Callable[[], float],
    browsers: Collection[str],
    about_to: Callable[[Command], None] = lambda _: None,
) -> Trust:
    return Trust(settings.home, machine, clock=clock, browsers=browsers, about_to=about_to)


def _done(verb: str, outcome: Outcome, clock: Callable[[], float]) -> Done:
    store = outcome.store
    result = Result(
        id=store.id,
        name=store.name,
        verb=verb,
        outcome=outcome.outcome,
        detail=outcome.detail,
        advice=outcome.advice,
        at=clock(),
    )
    return Done(result, outcome.commands)
