"""Mistakes in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.base import Refusal, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


SHOWN_PROBLEMS = 100
"""Of a file's mistakes in one message: more are counted."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a settings file: where it is, what is wrong there and what is allowed."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.path, self.message) if part)


@dataclass(eq=False)
class SettingsError(Refusal):
    """The settings cannot be used; every mistake that was found is in `problems`."""

    problems: Sequence[Problem]

    def __str__(self) -> str:
        count = "1 mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        shown = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        more = len(self.problems) - len(shown)
        rest = [f"… and {more:,} more"] if more else []
        return "\n".join([f"{count} in the settings; mend the lines named.", *shown, *rest])


@dataclass(eq=False)
class UnknownAccount(Refusal):
    """A workload account that accounts.yaml does not have."""

    name: str
    known: Sequence[str]

    def __str__(self) -> str:
        known = ", ".join(self.known) or "none"
        return (
            f'No account "{self.name}" in accounts.yaml.{did_you_mean(self.name, self.known)} Known: {known}.'
        )
