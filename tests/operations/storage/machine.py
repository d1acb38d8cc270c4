"""Two processes, one vault, one Close, and everything that can happen to them, in any order.

A rule is only what happens; what must always be true stands in the invariants.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from close_tui.errors import CloseTuiError, VaultError
from close_tui.model import Grant, Result, Tokens
from close_tui.operations.desk import Desk
from close_tui.operations.grant import keep
from close_tui.operations.keep import remove
from close_tui.operations.refresh import MOST_ATTEMPTS, refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from close_tui.sandbox import faults, records
from close_tui.secret import Secret
from tests.operations.storage.seat import HASTY, PATIENT
from tests.operations.storage.stage import Stage, outcome

SEATS = st.sampled_from(["A", "B"])
TROUBLE = st.sampled_from(
    [
        *(faults.ANSWER_LOST, faults.DROPPED),
        *(faults.UNAVAILABLE, faults.BAD_GATEWAY, faults.rate_limited(3)),
        *(faults.NON_JSON, faults.NON_JSON.acting, faults.EMPTY.acting, faults.huge(2 << 20)),
    ]
)
WEATHER = st.sampled_from(
    ["an hour", "our clock ahead", "our clock behind", "401", "omitted refresh token"]
)


def is_alive(stage: Stage) -> bool:
    """Tell whether the connection can be refreshed without a person: dead ones teach little."""
    shown = stage.shown()
    if shown is None or (shown.intent and shown.intent.attempts >= MOST_ATTEMPTS):
        return False
    return (shown.frozen_at, shown.revoked_at, shown.refused_at) == (None, None, None)


def is_full(stage: Stage) -> bool:
    """Tell whether a process cannot write, or will not be able to."""
    return any(seat.is_full or seat.is_full_after_answer for seat in stage.living())


class Machine(Stage):
    """One authorization after another, in the hands of two processes."""

    def begin(self) -> None:
        """The first authorization."""
        self.authorize("A")

    @precondition(is_alive)
    @rule(name=SEATS)
    def refresh(self, name: str) -> None:
        """One process refreshes."""
        self.act(name)

    @precondition(lambda self: not is_alive(self))
    @rule(name=SEATS)
    def refresh_in_vain(self, name: str) -> None:
        """One process refreshes what needs a person; unless it still holds tokens, it is told."""
        held = self.current in self.seats[name].desk.unsaved
        (result,) = self.act(name)
        assert held or outcome(result) != "refreshed"

    @precondition(is_alive)
    @rule()
    def refresh_at_once(self) -> None:
        """Both refresh what both have just seen: the server is asked once at most."""
        seen = self.shown()
        asked = self.world.journal.count(route="refresh")
        generation = seen.generation if seen else None

        async def verb(desk: Desk, connection_id: str) -> Result:
            return await refresh(desk, connection_id, generation)

        results = self.act("A", "B", verb=verb)
        refreshed = [outcome(each) for each in results].count("refreshed")
        if refreshed and not is_full(self):
            assert self.world.journal.count(route="refresh") - asked <= 1
            assert 1 == refreshed

    @precondition(is_alive)
    @rule(name=SEATS)
    def test(self, name: str) -> None:
        """One process asks who it is."""
        self.act(name, verb=call_me)

    @rule(name=SEATS)
    def restart(self, name: str) -> None:
        """A process is left, which waits and saves, and starts again."""
        seat = self.seats[name]
        seat.connect()
        close = seat.desk._close
        seat.desk.pauses = seat.desk.pauses._replace(rescue=0.05 if seat.is_full else 30)
        lost = [each for each in self.run(seat.desk.leave()) if isinstance(each.error, VaultError)]
        seat.desk._close = close
        self.run(seat.disconnect())
        # Leaving loses tokens only where they cannot be stored, and says so.
        assert seat.is_full or not lost
        if seat.desk.unsaved:
            self.unknown.add(records.fingerprint(self.stored()[1]))
        seat.vanish()
        seat.sit_down()

    @precondition(is_alive)
    @rule(name=SEATS, step=st.integers(1, 14))
    def crash(self, name: str, step: int) -> None:
        """A process ends in the middle of a refresh."""
        self.seats[name].crash_in = step
        self.act(name)
        self.seats[name].crash_in = 0

    # What happens to them

    @precondition(is_alive)
    @rule(name=SEATS, fault=TROUBLE)
    def refresh_in_trouble(self, name: str, fault: faults.Fault) -> None:
        """Something goes wrong on the way to Close, or back."""
        self.world.faults.add(fault, "refresh")
        self.act(name)
        self.world.faults.clear()

    @precondition(is_alive)
    @rule(name=SEATS)
    def refresh_too_slowly(self, name: str) -> None:
        """Close acts, and its answer comes when nobody waits any more."""
        self.seats[name].limits = HASTY
        self.world.faults.add(faults.late_answer(2), "refresh")
        self.act(name)
        self.world.faults.clear()
        self.seats[name].limits = PATIENT

    @precondition(lambda self: is_alive(self) and not is_full(self))
    @rule(name=SEATS, later=st.booleans(), lasts=st.integers(1, 3))
    def fill_the_disk(self, name: str, later: bool, lasts: int) -> None:
        """A process cannot write for a while: from now on, or from the next answer on."""
        seat = self.seats[name]
        seat.is_full, seat.is_full_after_answer, seat.lasts = not later, later, lasts
        sent = self.world.journal.count(route="refresh")
        self.act(name)
        if not later:
            assert sent == self.world.journal.count(route="refresh")

    @precondition(is_alive)
    @rule(name=SEATS)
    def lock_the_keyring(self, name: str) -> None:
        """The key is out of reach: who has it goes on, who starts anew sends nothing."""
        away = self.identity.rename(self.identity.with_name("away"))
        self.act(name)
        seat = self.seats[name]
        if not seat.desk.unsaved:
            seat.vanish()
            seat.sit_down()
            sent = len(self.world.journal.entries())
            (result,) = self.act(name)
            assert sent == len(self.world.journal.entries())
            assert outcome(result) in ("failed", "skipped")
        away.rename(self.identity)

    @rule(weather=WEATHER, omits=st.booleans())
    def change_the_weather(self, weather: str, omits: bool) -> None:
        """Time passes, a clock is set, an access token dies, Close keeps its refresh token."""
        match weather:
            case "an hour":
                self.now.advance(3600)
                self.server_now.advance(3600)
            case "our clock ahead" | "our clock behind":
                self.now.advance(86400 if weather == "our clock ahead" else -86400)
            case "401":
                if token := self.stored()[0]:
                    self.world.kill(token)
            case _:
                self.policies.omit_refresh_token = omits

    # How an authorization begins and ends

    @rule(name=SEATS)
    def authorize(self, name: str) -> None:
        """A person authorizes in the browser: the same connection again, or a new one."""
        self.seats[name].make_room()
        omits, self.policies.omit_refresh_token = self.policies.omit_refresh_token, False
        given = self.world.authorize_directly(self.registered, self.ada, self.acme)
        self.policies.omit_refresh_token = omits
        pair = (given.access_token, given.refresh_token or "")
        self.pairs.add(pair)
        tokens = Tokens(Secret(pair[0]), Secret(pair[1]), self.now() + 3600)
        before = self.shown()

        async def verb(desk: Desk, _: str) -> Result:
            vault = await desk.unlock()
            (app,) = vault.apps()
            grant = Grant(tokens, self.acme.id, self.ada.id)
            return await keep(
                desk, app, vault.client(app), grant, name=None, organization_id=self.acme.id
            )

        seat = self.seats[name]

        async def act() -> Result | CloseTuiError:
            seat.connect()
            try:
                return await verb(seat.desk, "")
            except CloseTuiError as error:
                return error
            finally:
                await seat.disconnect()

        result = self.run(act())
        if isinstance(result, Result):
            self.current = result.id
            assert pair == self.stored()
        else:
            # A revocation is not finished: what was granted is not kept.
            assert before is not None
            assert before.frozen_at is not None
            assert not self.world.is_alive(pair[1])

    @rule(name=SEATS, how=st.sampled_from(["revoked", "crash", "removed"]), step=st.integers(1, 30))
    def end(self, name: str, how: str, step: int) -> None:
        """A connection is revoked, perhaps not to the end; or it is forgotten here."""
        if how == "removed":
            self._remove(name)
            return
        self.seats[name].crash_in = step if how == "crash" else 0
        family = self.stored()[1]
        (result,) = self.act(name, verb=revoke)
        self.seats[name].crash_in = 0
        after = self.shown()
        if after is not None and after.revoked_at is not None:
            self.ended.setdefault(after.id, after.generation)
        if outcome(result) == "dead_proved" and family:
            self.proved.add(family)

    def _remove(self, name: str) -> None:
        shown, seat = self.shown(), self.seats[name]
        if shown is not None and not seat.is_full:
            remove(seat.desk, shown)
            self.ended[shown.id] = -1

    # What must always be true

    @invariant()
    def a_token_is_spent_twice_only_after_an_unknown_answer(self) -> None:
        """And then exactly once more."""
        again: dict[str, int] = {}
        for entry in self.world.journal.entries(route="refresh"):
            if entry.outcome in ("spent", "reuse_detected", "repeated"):
                assert entry.presented is not None
                assert entry.presented in self.unknown, entry
                again[entry.presented] = again.get(entry.presented, 0) + 1
        assert all(times == 1 for times in again.values()), again

    @invariant()
    def the_two_tokens_belong_together(self) -> None:
        """Never a new access token with an old refresh token, unless Close gave none."""
        pair = self.stored()
        assert pair in self.pairs or pair == ("", "")

    @invariant()
    def what_was_delivered_is_stored(self) -> None:
        """To a living process with a vault that can be written."""
        shown = self.shown()
        waiting = any(self.current in seat.desk.unsaved for seat in self.living())
        if shown is None or shown.revoked_at is not None or waiting:
            return
        if shown.intent is None and shown.refused_at is None:
            found = self.world.grants._spent.get(self.stored()[1])
            assert found is None or not self.world.is_alive(found.successor.refresh_token or "")

    @invariant()
    def what_has_ended_does_not_come_back(self) -> None:
        """No later generation, no name on the list, no secret that was not there."""
        for connection_id, generation in self.ended.items():
            shown = self.vault.connection(connection_id)
            assert (shown.generation if shown else -1) == generation or shown is None
            assert shown is None or shown.revoked_at is not None

    @invariant()
    def what_is_proved_dead_is_dead(self) -> None:
        """No refresh token of that consent is accepted, not even one that nobody has seen."""
        grants = self.world.grants
        families = {token.family_id for text in self.proved if (token := grants.find(text))}
        assert not [
            text
            for text, token in grants._tokens.items()
            if token.is_refresh and token.family_id in families and grants.is_live(text)
        ]
