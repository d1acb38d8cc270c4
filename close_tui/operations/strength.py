"""How long a passphrase would stand against somebody who has the file that it wraps."""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.secret import Secret
from close_tui.text import duration

TRIES_PER_S: Final = 1000
"""What somebody with many machines may try: age's scrypt costs a core about a second each."""

_YEAR_S: Final = 31_557_600
_WEAK_S: Final = 30 * 86_400
_STRONG_S: Final = 100 * _YEAR_S
_MOST: Final = 72
"""Characters that are looked at: looking at more takes long, and they only help."""


class Strength(NamedTuple):
    """``level`` is ``weak``, ``fair`` or ``strong``; ``sentence`` says why, and quotes nothing."""

    level: str
    sentence: str


def strength(passphrase: Secret) -> Strength:
    """Estimate with zxcvbn (Wheeler, USENIX Security 2016), which knows words, names and habits.

    An estimate: what it does not know, a quotation for one, it takes for better than it is.
    """
    from zxcvbn import zxcvbn

    found = zxcvbn(passphrase.reveal()[:_MOST], user_inputs=["close", "closetui", "close-tui"])
    seconds = float(found["guesses"]) / TRIES_PER_S
    level = "weak" if seconds < _WEAK_S else "fair" if seconds < _STRONG_S else "strong"
    why = str(found["feedback"]["warning"] or "")
    said = f"{level.capitalize()}: guessed in {_spoken(seconds)}"
    return Strength(level, f"{said} at {TRIES_PER_S:,} tries a second. {why}".strip())


def _spoken(seconds: float) -> str:
    if seconds < 1:
        return "about a second"
    years = seconds / _YEAR_S
    if years < 1:
        return f"about {duration(seconds)}"
    if years < 1000:
        return f"about {years:.0f} years"
    return "thousands of years" if years < 1e6 else "millions of years"
