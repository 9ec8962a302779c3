"""The root of the tree, its two families, and the words they share."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A sentence naming the closest of the known words, with a space before it; empty when none is close."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


def one_line(text: str, longest: int = 0) -> str:
    """Text from outside as a message may hold it: on one line, whatever it is made of; 0: however long it is."""
    escaped = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )
    return f"{escaped[: longest - 1]}…" if 0 < longest < len(escaped) else escaped


def named(error: Exception) -> str:
    """An error's text after its name, by which the documents know it, as a traceback's last line has it."""
    return f"{type(error).__name__}: {error}"


class SightlineError(Exception):
    """What happened, to what, and what to do next: `MESSAGE`, filled in with the facts of the dataclass."""

    MESSAGE: ClassVar[str] = ""

    def __str__(self) -> str:
        return self.MESSAGE.format(**_written(vars(self))) if self.MESSAGE else super().__str__()

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between Airflow's processes, however their constructors look."""
        return _rebuilt, (type(self), self.args, vars(self))


def _written(facts: dict[str, Any]) -> dict[str, Any]:
    """Several of something are written with commas; one of anything is left to the message's own format."""
    return {
        name: ", ".join(map(str, fact)) if isinstance(fact, tuple | list) else fact
        for name, fact in facts.items()
    }


def _rebuilt(kind: type[SightlineError], args: tuple[object, ...], facts: dict[str, Any]) -> SightlineError:
    error = kind.__new__(kind, *args)
    vars(error).update(facts)
    return error


class Refusal(SightlineError):  # noqa: N818 - it names a family, not one error
    """A retry cannot help: somebody has to mend a file, a grant or a setting first."""


class Transient(SightlineError):  # noqa: N818 - it names a family, not one error
    """A retry may help."""


@dataclass(eq=False)
class Killed(Transient):
    """The task was killed before it had started what it was about to start, or while that was being started."""

    what: str
    MESSAGE = "The task was killed. {what}"
