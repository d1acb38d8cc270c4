"""Help: every command says what it does, with options, defaults and an example that parses."""

from __future__ import annotations

import re
import shlex
from argparse import _SubParsersAction
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.cli.commands import COMMANDS, DEFAULT_NAME, EXIT_CODES, parse
from close_tui.errors import CloseTuiError
from close_tui.model import OUTCOMES
from tests.cli.examples import parsers

if TYPE_CHECKING:
    from tests.cli.conftest import Run


PARSERS = dict(parsers())


def test_the_commands_are_those_that_are_published(cli: Run) -> None:
    """The top-level help lists all of them in groups, and the exit codes."""
    done = cli("--help")

    assert (0, "") == (done.code, done.err)
    listed = re.findall(r"^  ([a-z]+) +[A-Z]", done.out, re.MULTILINE)
    assert [command.name for command in COMMANDS] == listed
    assert list(range(9)) == [
        int(code) for code in re.findall(r"^  (\d)  ", done.out, re.MULTILINE)
    ]


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("refrsh", "no command 'refrsh'. Did you mean refresh?"),
        ("auth", "no command 'auth'. Did you mean authorize?"),
        ("ls", "no command 'ls'. Did you mean list?"),
        ("help", "no command 'help'. Did you mean --help?"),
        ("xyzzy", "no command 'xyzzy'. close-tui --help lists them."),
        (f"api_{'a' * 22}.{'b' * 22}", "no command 'api_****'."),
    ],
)
def test_a_command_that_does_not_exist_is_told_from_those_that_do(
    cli: Run, word: str, words: str
) -> None:
    """In a line, and not by all the names there are."""
    done = cli(word)

    assert (2, "") == (done.code, done.out)
    assert words in done.err
    assert 2 == len(done.err.splitlines())


def test_every_exit_code_that_is_used_is_published() -> None:
    """Of outcomes and of errors."""
    published = {code for code, _ in EXIT_CODES}

    def below(kind: type[CloseTuiError]) -> Iterator[type[CloseTuiError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    assert {each.exit_code for each in below(CloseTuiError)} | set(OUTCOMES.values()) <= published


@pytest.mark.parametrize("name", PARSERS)
def test_help_has_a_sentence_and_examples_that_parse(cli: Run, name: str) -> None:
    """What an example shows is accepted by the same parser."""
    done = cli(*name.split(), "--help")

    assert (0, "") == (done.code, done.err)
    assert re.search(r"^[A-Z][^\n]+\.", done.out, re.MULTILINE)
    _, _, examples = done.out.partition("example")
    lines = [line.strip() for line in examples.splitlines()[1:]]
    assert lines
    for line in lines:
        program, *words = shlex.split(line.partition(" > ")[0])
        assert "close-tui" == program
        assert name.split() == words[: len(name.split())] or name in ("add", "set", "vault")
        assert callable(parse(words).run)


@pytest.mark.parametrize("name", PARSERS)
def test_every_option_is_explained_with_its_default(name: str) -> None:
    """Each has words, and one that takes a value says what holds without it."""
    for action in PARSERS[name]._actions:
        if isinstance(action, _SubParsersAction):
            continue
        assert action.help, f"{name} {action.dest}"
        if action.option_strings and action.nargs != 0 and not action.required:
            assert "default" in action.help, f"{name} {action.dest}"


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("list", "--nonsense"),
        ("list", "--js"),
        ("add",),
        ("add", "app", "reports"),
        ("rename", "one"),
        ("vault",),
    ],
)
def test_a_wrong_call_is_2_with_words_on_stderr(cli: Run, words: tuple[str, ...]) -> None:
    """Options are not guessed from their beginnings."""
    done = cli(*words)

    assert (2, "") == (done.code, done.out)
    assert "close-tui:" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--quiet", "exec", "--", "true"),
        ("exec", "--quiet", "--", "true"),
        ("exec", "acme", "--", "true", "--quiet"),
        ("vault", "--quiet", "check"),
        ("vault", "check", "--quiet"),
    ],
)
def test_quiet_stands_anywhere_before_the_command_of_exec(words: tuple[str, ...]) -> None:
    """What stands behind ``--`` is that command's; a NAME may be left out all the same."""
    args = parse(words)

    assert (words[-1] != "--quiet" or words[0] != "exec") == getattr(args, "quiet", False)
    if "exec" in words:
        assert args.name == ("acme" if "acme" in words else DEFAULT_NAME)
        assert "true" == args.words[-1 if "acme" not in words else -2]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("revoke", "--org", "Acme"), "--organization"),
        (("revoke", "acme", "--dryrun"), "--dry-run"),
    ],
)
def test_an_unknown_option_is_told_by_its_command(
    cli: Run, words: tuple[str, ...], meant: str
) -> None:
    """With the usage of that command, and the option that may have been meant."""
    done = cli(*words)

    assert 2 == done.code
    assert done.err.startswith("usage: close-tui revoke ")
    assert f"(did you mean {meant}?)" in done.err


def test_a_hostile_argument_is_shown_harmless(cli: Run) -> None:
    """The complaint holds no escape sequence."""
    done = cli("list", "--\x1b]52;c;aGk=\x07")

    assert 2 == done.code
    assert "\x1b" not in done.err
