"""What ``import close_tui`` offers: api_key, auth, errors, and nothing that costs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import close_tui
from close_tui import errors
from tests.library.conftest import FRESH, FROZEN, KEY

if TYPE_CHECKING:
    from tests.conftest import Python
    from tests.library.conftest import Town

ROOT = Path(close_tui.__file__).parent

TYPED = """
import httpx
import close_tui
from close_tui.errors import NeedsAuthorization

reveal_type(close_tui.api_key("acme"))
reveal_type(close_tui.auth("acme"))
client = httpx.Client(auth=close_tui.auth("acme"))
loop_client = httpx.AsyncClient(auth=close_tui.auth("acme"))
error: type[close_tui.errors.CloseTuiError] = NeedsAuthorization
close_tui.auth(1)
close_tui.nonsense
"""


def test_an_api_key_for_any_client(town: Town) -> None:
    """The text itself; the history says where it went."""
    assert town.demo.api_keys[0].text == close_tui.api_key(KEY)
    assert 1 == town.times_handed_out(KEY)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (FRESH, errors.UsageError),
        (FROZEN, errors.Frozen),
        ("nobody", errors.NotFound),
        (KEY[:-1], errors.NotFound),
    ],
)
def test_no_api_key(town: Town, name: str, error: type[Exception]) -> None:
    """Of an authorization, of what is frozen, of what is not there, of a name only begun."""
    with pytest.raises(error):
        close_tui.api_key(name)


def test_no_vault_at_all(guarded: Path) -> None:
    """Naming a connection reads nothing; using it does."""
    auth = close_tui.auth("acme")

    assert "close_tui.auth('acme')" == repr(auth)
    with pytest.raises(errors.NoVault):
        close_tui.api_key("acme")


def test_an_api_key_needs_no_httpx(town: Town, python: Python) -> None:
    """Nor anything else that speaks to a network or paints a screen."""
    done = python(
        f"import sys, close_tui; close_tui.api_key({KEY!r})\n"
        "print(sorted({'httpx', 'textual', 'rich', 'argparse', 'keyring'} & set(sys.modules)))"
    )

    assert ("[]\n", "") == (done.stdout, done.stderr)


def test_what_is_offered_is_what_is_typed() -> None:
    """The stub for type checkers names the same."""
    stub = (ROOT / "__init__.pyi").read_text(encoding="utf-8")
    typed = re.findall(r"import \w+ as (\w+)|^(\w+):", stub, re.MULTILINE)

    assert sorted(close_tui.__all__) == sorted(a or b for a, b in typed)
    assert all(getattr(close_tui, name) for name in close_tui.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        close_tui.nonsense  # type: ignore[attr-defined] # noqa: B018


def test_a_type_checker_sees_it(tmp_path: Path) -> None:
    """It accepts what is meant and refuses what is not."""
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(TYPED, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-color-output"]
    done = subprocess.run(
        [*command, "--config-file=", f"--cache-dir={tmp_path}", str(program)],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.partition("program.py:")[2] for line in done.stdout.splitlines()[:-1]]

    assert 4 == len(said), done.stdout
    assert said[0].endswith('note: Revealed type is "str"')
    assert said[1].endswith('note: Revealed type is "close_tui.library.http_auth.ConnectionAuth"')
    assert "incompatible type" in said[2]
    assert 'no attribute "nonsense"' in said[3] or "attr-defined" in said[3]
