"""Where the key lives is chosen once; afterwards nothing changes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from close_tui.errors import (
    ForeignIdentity,
    IdentityMissing,
    NoPlaceForIdentity,
    PlaceContradicted,
    UnsafePlace,
    VaultError,
    VaultLocked,
    VaultNotWritable,
)
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.in_file import InFile
from close_tui.vault.in_keyring import InKeyring
from close_tui.vault.in_passphrase import InPassphrase
from close_tui.vault.places import choose, pinned, read_passphrase
from close_tui.vault.sealing import Identity
from close_tui.vault.vault import Vault


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    """A private file with a passphrase."""
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("correct horse\nsecond line\n")
    return path


# Choosing


def test_the_identity_file_comes_first(settings: Settings, passphrase_file: Path) -> None:
    """Then the passphrase file; what a person typed comes last."""
    both = settings._replace(passphrase_file=passphrase_file)
    typed = Secret("typed")

    first = choose(both, "v1", new_passphrase=typed, may_use_keyring=True)
    second = choose(
        both._replace(identity_file=None), "v1", new_passphrase=typed, may_use_keyring=True
    )
    last = choose(Settings(settings.home), "v1", new_passphrase=typed, may_use_keyring=False)

    assert isinstance(first, InFile)
    assert isinstance(second, InPassphrase)
    assert isinstance(last, InPassphrase)
    assert settings.home / "key.age" == second.path == last.path


def test_where_the_first_variable_chose_the_second_does_not_contradict(
    settings: Settings, passphrase_file: Path, clock: Callable[[], float]
) -> None:
    """A vault made with both variables set opens with both variables set."""
    both = settings._replace(passphrase_file=passphrase_file)

    Vault.make(both, at=clock()).close()
    vault = Vault.open(both)
    vault.unlock()

    assert "file" == vault.place_kind
    vault.close()


@pytest.mark.parametrize("typed", [None, Secret("")])
def test_without_a_place_the_three_ways_are_named(typed: Secret | None, settings: Settings) -> None:
    """No keyring, no file, no passphrase (an empty one is none): nothing in plain text."""
    with pytest.raises(NoPlaceForIdentity) as caught:
        Vault.make(Settings(settings.home), at=0, new_passphrase=typed)

    assert 7 == caught.value.exit_code
    assert "keyring cannot be used: " in str(caught.value)
    for way in ("system keyring", "CLOSE_TUI_PASSPHRASE_FILE", "CLOSE_TUI_IDENTITY_FILE"):
        assert way in caught.value.advice
    assert not (settings.home / "vault.db").exists()


# The pin


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        ("keyring", "CLOSE_TUI_IDENTITY_FILE"),
        ("keyring", "CLOSE_TUI_PASSPHRASE_FILE"),
        ("passphrase", "CLOSE_TUI_IDENTITY_FILE"),
        ("file", "CLOSE_TUI_PASSPHRASE_FILE"),
    ],
)
def test_a_variable_that_contradicts_the_pin_is_an_error(
    kind: str, variable: str, settings: Settings, passphrase_file: Path
) -> None:
    """The variable is named, and how to go on; it never changes the place."""
    if variable == "CLOSE_TUI_PASSPHRASE_FILE":
        settings = settings._replace(identity_file=None, passphrase_file=passphrase_file)

    with pytest.raises(PlaceContradicted, match=variable) as caught:
        pinned(settings, "v1", kind, "keyring.backends.kwallet", Secret("typed"))

    assert 7 == caught.value.exit_code
    assert f"Unset {variable}" in caught.value.advice


def test_a_contradiction_changes_nothing(
    vault: Vault, settings: Settings, passphrase_file: Path
) -> None:
    """A vault with its key in a file stays one, and opens again without the variable."""
    before = (settings.home / "vault.db").read_bytes()
    contradicting = Settings(settings.home, passphrase_file=passphrase_file)

    opened = Vault.open(contradicting)
    with pytest.raises(PlaceContradicted):
        opened.unlock()
    opened.close()
    made = Vault.make(contradicting, at=0, new_passphrase=Secret("typed"))

    assert "file" == made.place_kind
    assert made.is_locked
    assert before == (settings.home / "vault.db").read_bytes()
    assert not (settings.home / "key.age").exists()
    made.close()


def test_each_pin_leads_to_its_place(settings: Settings, passphrase_file: Path) -> None:
    """The variable may name the file anew when it has moved; otherwise the pin knows it."""
    bare = Settings(settings.home)
    with_file = bare._replace(passphrase_file=passphrase_file)

    keyring = pinned(bare, "v1", "keyring", "keyring.backends.SecretService", None)
    typed = pinned(bare, "v1", "passphrase", "", Secret("typed"))
    read = pinned(with_file, "v1", "passphrase", "", None)
    file = pinned(bare, "v1", "file", "/somewhere/key.txt", None)
    moved = pinned(settings, "v1", "file", "/somewhere/key.txt", None)

    assert isinstance(keyring, InKeyring)
    assert "vault-identity-v1:v1" == keyring.user
    assert isinstance(typed, InPassphrase)
    assert isinstance(read, InPassphrase)
    assert isinstance(file, InFile)
    assert Path("/somewhere/key.txt") == file.path
    assert isinstance(moved, InFile)
    assert settings.identity_file == moved.path


def test_a_missing_passphrase_is_locked(settings: Settings) -> None:
    """Nobody is asked here: the front end is told how a passphrase can be given."""
    with pytest.raises(VaultLocked, match="opened with a passphrase") as caught:
        pinned(Settings(settings.home), "v1", "passphrase", "", None)

    assert "CLOSE_TUI_PASSPHRASE_FILE" in caught.value.advice


def test_a_keyring_that_is_not_on_the_list_is_refused() -> None:
    """A changed file cannot make us import and call any module."""
    with pytest.raises(VaultError, match=r"not known: 'keyring\.backends\.null'"):
        pinned(Settings(Path("/x")), "v1", "keyring", "keyring.backends.null", None)


# The identity file


def test_a_missing_identity_file_is_made_privately(tmp_path: Path) -> None:
    """Naming a file that does not exist yet makes it, 0600, in age's own form."""
    path = tmp_path / "new.txt"

    vault = Vault.make(Settings(tmp_path / "home", identity_file=path), at=0)

    assert f"# close-tui's vault\n{vault.key().reveal()}\n" == path.read_text()
    assert 0o600 == path.stat().st_mode & 0o777
    vault.close()


def test_an_identity_file_that_cannot_be_made_leaves_no_vault(tmp_path: Path) -> None:
    """A key that is nowhere would make a vault that nobody opens."""
    settings = Settings(tmp_path / "home", identity_file=tmp_path / "missing" / "key.txt")

    with pytest.raises(VaultNotWritable, match=r"key\.txt cannot be made"):
        Vault.make(settings, at=0)

    assert not (tmp_path / "home" / "vault.db").exists()


@pytest.mark.parametrize(
    ("content", "mode", "error", "words"),
    [
        (None, 0o600, IdentityMissing, "No such file"),
        (b"AGE-SECRET-KEY-1X", 0o644, UnsafePlace, "Other users may read"),
        (b"", 0o600, IdentityMissing, "no age identity"),
        (b"# AGE-SECRET-KEY-1X\nage1qqq\n", 0o600, IdentityMissing, "no age identity"),
        (b"\xff\xfe\x00", 0o600, IdentityMissing, "not UTF-8 text"),
        (b"AGE-SECRET-KEY-1QQQ\n", 0o600, ForeignIdentity, "not an age X25519 identity"),
    ],
)
def test_an_identity_file_that_cannot_be_used(
    content: bytes | None,
    mode: int,
    error: type[VaultError],
    words: str,
    vault: Vault,
    settings: Settings,
) -> None:
    """Missing, shared, empty, something else: each says what it is, and the list stays."""
    assert settings.identity_file is not None
    settings.identity_file.unlink()
    if content is not None:
        settings.identity_file.write_bytes(content)
        settings.identity_file.chmod(mode)
    opened = Vault.open(settings)

    with pytest.raises(error, match=words) as caught:
        opened.unlock()

    assert 7 == caught.value.exit_code
    assert caught.value.advice
    assert "AGE-SECRET-KEY-1QQQ" not in str(caught.value)
    assert [] == opened.connections()
    opened.close()


def test_an_existing_identity_is_taken_with_comments_and_spaces(tmp_path: Path) -> None:
    """A new vault takes the first identity of the file; the file stays as it is."""
    path = tmp_path / "key.txt"
    first, second = Identity.generate().secret, Identity.generate().secret
    text = f"# mine\n\n  {first.reveal()}  \r\n{second.reveal()}\n"
    path.touch(mode=0o600)
    path.write_text(text)

    assert f"{first.reveal()}\n{second.reveal()}" == InFile(path).read(0).reveal()
    assert first == InFile(path).identity().secret
    InFile(path).write(first)
    with pytest.raises(IdentityMissing, match="holds another identity"):
        InFile(path).write(second)
    assert text.replace("\r", "") == path.read_text().replace("\r", "")


# The passphrase file


@pytest.mark.parametrize("content", ["correct horse", "correct horse\r\n", "correct horse\nmore"])
def test_the_passphrase_is_the_first_line(content: str, tmp_path: Path) -> None:
    """Whatever an editor puts at its end; spaces belong to it."""
    path = tmp_path / "phrase"
    path.touch(mode=0o600)
    path.write_text(f" {content}")

    assert Secret(" correct horse") == read_passphrase(path)


@pytest.mark.parametrize(
    ("content", "mode", "error"),
    [
        (None, 0o600, IdentityMissing),
        (b"", 0o600, IdentityMissing),
        (b"\nsecond", 0o600, IdentityMissing),
        (b"\xff", 0o600, IdentityMissing),
        (b"phrase", 0o640, UnsafePlace),
    ],
)
def test_a_passphrase_file_that_cannot_be_used(
    content: bytes | None, mode: int, error: type[VaultError], tmp_path: Path
) -> None:
    """Missing, empty, not text, shared: an error that names the file."""
    path = tmp_path / "phrase"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)

    with pytest.raises(error, match="phrase"):
        read_passphrase(path)
