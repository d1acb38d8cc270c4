"""What the parts of a list's lines look like."""

from __future__ import annotations

import pytest

from close_tui.tui.widgets.line_looks import PLAIN, Circumstances, Look, look

CALM = Circumstances(focused=False, light=False, no_color=False, ansi=False)


@pytest.mark.parametrize(
    ("part", "here", "expected"),
    [
        ("error", CALM, Look("text-error", style="bold")),
        ("error", CALM._replace(no_color=True), Look("foreground", style="bold")),
        ("full", CALM._replace(light=True), Look("success-darken-2 70%", "foreground 10%")),
        ("highlighted", CALM._replace(focused=True), Look(ground="primary 20%")),
        ("highlighted", CALM._replace(focused=True, no_color=True), Look(ground="foreground 20%")),
        ("highlighted", CALM._replace(ansi=True), Look(ground="ansi_default", style="underline")),
        ("muted", CALM._replace(ansi=True, no_color=True), Look("ansi_default", style="dim")),
        ("", CALM, PLAIN),
    ],
)
def test_a_part_looks_as_the_circumstances_have_it(
    part: str, here: Circumstances, expected: Look
) -> None:
    """The terminal's own colours come before no colour, and that before the theme."""
    assert expected == look(part, here)
