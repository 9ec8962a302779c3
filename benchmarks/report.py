"""What a part of the benchmark found: tables, and the figures that have goals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.goals import GOALS
from demo.progress import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GOALS_HEADER = ("goal", "wanted", "measured", "")


@dataclass(frozen=True)
class Table:
    """A table of measurements with a line above it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """For a terminal."""
        return f"{self.title}\n\n{table(self.header, self.rows)}\n"

    def markdown(self) -> str:
        """For the document."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join([f"{self.title}\n", *("| " + " | ".join(line) + " |" for line in lines), ""])


@dataclass(frozen=True)
class Report:
    """The tables of one part, and its figures by the names of their goals."""

    part: str
    tables: Sequence[Table]
    figures: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = {name for name, goal in GOALS.items() if goal.part == self.part}
        if set(self.figures) != expected:
            raise ValueError(f"{self.part}: measured {sorted(self.figures)}, goals {sorted(expected)}")

    def all_tables(self) -> list[Table]:
        """The goals first, then what was measured."""
        return [Table("Goals:", GOALS_HEADER, list(self._verdicts())), *self.tables]

    def _verdicts(self) -> Iterable[tuple[str, str, str, str]]:
        for name, figure in self.figures.items():
            goal = GOALS[name]
            yield goal.text, goal.wanted, goal.shown(figure), goal.verdict(figure)
