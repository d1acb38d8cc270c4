"""Proof of death: an unexpired access token that answered after the freeze and gets 401 after.

Never by refreshing, which could bring new tokens to life. Trouble on the way proves nothing.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from close_tui.close.credential import Bearer
from close_tui.errors import CloseError, Refused
from close_tui.model import Answer, Client, Connection, SecretKind
from close_tui.operations import plan
from close_tui.operations.desk import Desk
from close_tui.operations.sending import Sender
from close_tui.operations.test import check_of
from close_tui.operations.use import is_expired
from close_tui.secret import Secret
from close_tui.vault.vault import Vault


class Token(NamedTuple):
    """One token that Close may still accept; ``expires_at`` is None for a refresh token."""

    kind: SecretKind
    generation: int
    expires_at: float | None
    secret: Secret

    def is_expired(self, now: float) -> bool:
        """Tell whether its refusal would say nothing any more."""
        return self.expires_at is not None and self.expires_at <= now


class Means(NamedTuple):
    """What a revocation is made with, newest first: tokens that a newer pair replaced included."""

    connection: Connection
    client: Client
    refresh_tokens: tuple[Token, ...]
    access_tokens: tuple[Token, ...]

    @property
    def witness(self) -> Token | None:
        """The present access token, whose death is the proof."""
        newest = self.access_tokens[0] if self.access_tokens else None
        return newest if newest and newest.generation == self.connection.generation else None


class Proof(NamedTuple):
    """What the access tokens said.

    Attributes:
        dead: whether every one that answered after the freeze gets 401 now.
        lives: whether one of them still answers.
        why_not: why death is not proved, in a sentence; empty when it is.

    """

    dead: bool
    lives: bool
    why_not: str


Answers = dict[int, bool | None]
"""By generation: True at 200, False at 401, None when that is not known."""


async def answering(desk: Desk, sender: Sender, vault: Vault, means: Means) -> Answers:
    """Ask, all at once, which access tokens answer now: only their death can be proved later.

    The present one is not asked again when it was seen to answer since the freeze.
    """
    now = means.connection
    known: Answers = {}
    if means.witness and plan.answered_after_freeze(now):
        known[now.generation] = True
    asked = [
        token
        for token in means.access_tokens
        if token.generation not in known and not token.is_expired(desk.clock())
    ]
    answers = await asyncio.gather(*(_ask(sender, token) for token in asked))
    for token, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Answer) and token is means.witness and now.frozen_at is not None:
            # Kept, so that a revocation which has to be tried again can still be proved.
            vault.checked(now.id, check_of(desk, now, "ok", answer))
        known[token.generation] = True if isinstance(answer, Answer) else answer
    return known


async def prove(desk: Desk, sender: Sender, means: Means, before: Answers) -> Proof:
    """Try the access tokens that answered before, until all get 401 or the tries are used up."""
    now = means.connection
    # A replaced one that could not be asked before may live; the present one would prove nothing.
    wanted = [
        token
        for token in means.access_tokens
        if before.get(token.generation)
        or (token is not means.witness and before.get(token.generation, False) is None)
    ]
    seen = await _seen_alive(desk, sender, wanted)
    if True in seen.values():
        return Proof(dead=False, lives=True, why_not="")
    asked = before.get(now.generation) if means.witness else None
    why = _why_not(desk, means, asked)
    if not why and set(seen.values()) != {False}:
        why = plan.NOT_ASKED
    return Proof(dead=not why, lives=False, why_not=why)


async def _seen_alive(desk: Desk, sender: Sender, wanted: list[Token]) -> Answers:
    """Return what each token said last; those that get 401 are not asked again."""
    seen: Answers = {}
    left = list(wanted)
    for pause in desk.pauses.proof:
        if not left:
            break
        await asyncio.sleep(pause)
        for token in [each for each in left if each.is_expired(desk.clock())]:
            seen[token.generation] = None  # a 401 would prove nothing any more
            left.remove(token)
        answers = await asyncio.gather(*(_ask(sender, token) for token in left))
        for token, answer in zip(list(left), answers, strict=True):
            seen[token.generation] = True if isinstance(answer, Answer) else answer
            if answer is False:
                left.remove(token)
    return seen


async def _ask(sender: Sender, token: Token) -> Answer | bool | None:
    """Return who answers to a token, False at 401, None when that cannot be known."""
    try:
        return await sender.me(token.kind, token.generation, Bearer(token.secret))
    except Refused as error:
        return False if error.is_certain else None
    except CloseError:
        return None


def _why_not(desk: Desk, means: Means, answered: bool | None) -> str:
    """Say why the death of the present tokens could not be proved, whatever was answered."""
    now = means.connection
    if now.intent is not None:
        return plan.LOST
    if now.refused_at is not None:
        return plan.REFUSED
    if now.imported_at is not None:
        return plan.IMPORTED
    if answered is False:
        return plan.DEAD_BEFORE
    if means.witness is None or is_expired(now, desk.clock()):
        return plan.EXPIRED
    return "" if answered else plan.NOT_ASKED
