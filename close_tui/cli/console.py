"""The three streams: data goes to stdout, words for people to stderr, answers come from stdin."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TextIO, cast

from close_tui.errors import Cancelled, CloseTuiError, UsageError
from close_tui.secret import Secret
from close_tui.text import clean

SECRET_LIMIT: Final = 16 * 1024
"""Characters of a secret on standard input; more is refused."""

_LINE_LIMIT: Final = 2000


class NotWritten(CloseTuiError):
    """Standard output takes no more: a full disk, a device that is gone."""

    title = "The output could not be written"


class Console:
    """Where a command reads and writes, and what its environment says.

    ``is_quiet`` keeps to themselves the words that nobody needs: :meth:`note` and progress.
    """

    def __init__(
        self, stdin: TextIO, stdout: TextIO, stderr: TextIO, environment: Mapping[str, str]
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environment = environment
        self.is_quiet = False

    @classmethod
    def of_process(cls) -> Console:
        """Return the streams of this process; what a stream cannot show is written as escapes.

        A stream that was closed by the caller (``0<&-``) is empty, or goes nowhere.
        """
        # In this order each takes the number it should have, before a file of ours can.
        sys.stdin = sys.stdin or _nowhere("r")
        sys.stdout = sys.stdout or _nowhere("w")
        sys.stderr = sys.stderr or _nowhere("w")
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: stdin is a terminal, and questions can be seen."""
        return self.stdin.isatty() and self.stderr.isatty()

    def in_colour(self, stream: TextIO) -> bool:
        """Tell whether a stream takes colour: a terminal, and nobody objects (no-color.org).

        CLICOLOR_FORCE, other than 0, makes every stream one that does (bixense.com/clicolors).
        """
        env = self.environment
        if env.get("NO_COLOR"):
            return False
        if env.get("CLICOLOR_FORCE", "0") not in ("", "0"):
            return True
        return stream.isatty() and env.get("TERM") != "dumb"

    @property
    def shows_progress(self) -> bool:
        """Whether stderr takes lines that come and go: a terminal, and nobody wants it quiet."""
        return self.stderr.isatty() and not self.is_quiet

    def data(self, line: str) -> None:
        """Write a line of what was asked for."""
        self.write(f"{line}\n")

    def write(self, text: str) -> None:
        """Write text as it is; NotWritten where it cannot be, BrokenPipeError: nobody reads."""
        with _writing():
            self.stdout.write(text)

    def flush(self) -> None:
        """Let nothing wait in memory; errors as for :meth:`write`."""
        with _writing():
            self.stdout.flush()

    def note(self, line: str) -> None:
        """Tell a person something, in one line; nothing when they want it quiet."""
        if not self.is_quiet:
            self.warn(line)

    def warn(self, line: str) -> None:
        """Tell what is never kept back: what is wrong, or what a person is asked to do."""
        self.flush()
        self.stderr.write(f"{clean(line, _LINE_LIMIT)}\n")
        self.stderr.flush()

    def error(self, error: CloseTuiError) -> None:
        """Say what went wrong and what to do."""
        message = str(error)
        self.warn(f"close-tui: {error.title}" + (f": {message}" if message != error.title else ""))
        if error.advice:
            self.warn(error.advice)

    # Asking. Only where `interactive`.

    def pose(self, question: str) -> None:
        """Write a question; whoever calls this reads the answer."""
        self.flush()
        self.stderr.write(f"{clean(question, _LINE_LIMIT)} ")
        self.stderr.flush()

    def ask(self, question: str) -> str:
        """Ask for one line; Cancelled when there is none any more."""
        self.pose(question)
        answer = self.stdin.readline()
        if not answer:
            self.stderr.write("\n")
            raise Cancelled("There was no answer.")
        return answer.strip()

    def agrees(self, question: str) -> bool:
        """Ask a question whose answer is no unless it is yes."""
        return is_yes(self.ask(f"{question} [y/N]"))

    def ask_secret(self, question: str) -> Secret:
        """Ask for a line that is not shown; refused where it would be."""
        import getpass
        import warnings

        self.flush()
        self.stderr.flush()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                return Secret(getpass.getpass(f"{question}: ", self.stderr))
        except getpass.GetPassWarning:
            raise UsageError(
                "This terminal cannot hide what is typed.",
                advice="Give the secret on standard input, or name a variable: --from-env VAR.",
            ) from None
        except EOFError:
            raise Cancelled("There was no answer.") from None

    def secret(self, question: str, variable: str | None = None) -> Secret:
        """Take a secret: from an environment variable, a hidden prompt, or standard input."""
        if variable is not None:
            return self._from_environment(variable)
        given = self.ask_secret(question) if self.interactive else self._from_stdin()
        if not given:
            raise UsageError(
                "No secret was given.",
                advice="It is read from standard input, or from a variable: --from-env VAR.",
            )
        return given

    def _from_environment(self, variable: str) -> Secret:
        given = self.environment.get(variable)
        if not given:
            raise UsageError(f"The environment variable {variable} is not set, or empty.")
        return Secret(given.strip("\r\n"))

    def _from_stdin(self) -> Secret:
        if self.stdin.isatty():
            raise UsageError(
                "The question would not be seen: standard error is not a terminal.",
                advice="Give the secret on standard input, or name a variable: --from-env VAR.",
            )
        try:
            line = self.stdin.readline(SECRET_LIMIT + 1)
        except UnicodeDecodeError:
            raise UsageError("Standard input is not text.") from None
        if len(line) > SECRET_LIMIT:
            raise UsageError("The line on standard input is too long to be a secret.")
        return Secret(line.strip("\r\n"))


def is_yes(answer: str) -> bool:
    """Tell whether an answer to a question whose answer is no means yes."""
    return answer.lower() in ("y", "yes")


def _nowhere(mode: str) -> TextIO:
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotWritten(f"Standard output: {error.strerror}.") from None
