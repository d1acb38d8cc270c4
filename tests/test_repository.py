"""What is kept in the repository: no secret, and nothing that a test has left behind."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEY = re.compile(
    rb"AGE-SECRET-KEY-1[A-Z0-9]{58}|-----BEGIN (?:EC |RSA )?PRIVATE KEY-----\n[A-Za-z0-9+/]"
)
TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "SECURITY.md", "close_tui", "pyproject.toml", "screenshots", "tests",
}  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> list[Path]:
    """The files that git keeps."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_private_key_is_kept(kept: list[Path]) -> None:
    """Neither an age identity nor a certificate's key, not even one made for a test."""
    assert [] == [path for path in kept if path.is_file() and KEY.search(path.read_bytes())]


def test_the_top_holds_what_belongs_there(kept: list[Path]) -> None:
    """A file that a test drops into the working directory is noticed."""
    assert TOP == {path.relative_to(ROOT).parts[0] for path in kept}
