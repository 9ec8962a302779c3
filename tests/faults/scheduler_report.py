"""What a campaign under a real scheduler found: the table of kinds, which docs/kills.md keeps of a recorded one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.scheduler_rounds import Trial

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "kills.md"
MARKS = ("<!-- made by make test-faults SCHEDULER_TRIALS=… WRITE_DOCS=1 -->", "<!-- end -->")
HEADER = ("kind", "trials", "what it found", "loaded again", "violations")
HEADLINE = re.compile(
    r"Seed .+: (?P<trials>\d+) trials in \d+ minutes, (?:(?P<struck>\d+) struck, )?"
    r"(?P<violations>\d+) violations, (?P<broken>\d+) rounds broken off\."
)
BROKEN = "Broken off: "


def report(trials: Sequence[Trial], broken: Sequence[str], *, seed: str, minutes: float) -> str:
    """The campaign in a sentence and a table, as Markdown."""
    struck, violations = _struck(trials), sum(len(trial.problems) for trial in trials)
    said = (
        f"Seed {seed}: {len(trials)} trials in {minutes:.0f} minutes, {struck} struck, {violations} violations, "
        f"{len(broken)} rounds broken off."
    )
    return "\n".join([said, "", *table(trials), *(f"\n{BROKEN}{each}" for each in broken)])


def so_far(trials: Sequence[Trial], broken: Sequence[str]) -> str:
    """How a campaign stands, while it goes on."""
    bad = sum(bool(trial.problems) for trial in trials)
    return f"{len(trials)} trials, {_struck(trials)} struck, {bad} with violations, {len(broken)} rounds broken off"


def _struck(trials: Sequence[Trial]) -> int:
    return sum(trial.is_struck for trial in trials)


def table(trials: Sequence[Trial]) -> list[str]:
    """Trials by kind: what the kill found the load doing, how often a load had to be run again, what was violated."""
    kinds = sorted({trial.kind for trial in trials})
    rows = [_row(kind, [trial for trial in trials if trial.kind == kind]) for kind in kinds]
    return [_line(HEADER), _line(["---"] * len(HEADER)), *map(_line, [*rows, _row("all", trials)])]


def _row(name: str, trials: Sequence[Trial]) -> list[str]:
    found = Counter(trial.met for trial in trials)
    return [
        name,
        str(len(trials)),
        "" if name == "all" else ", ".join(f"{what} {count}" for what, count in sorted(found.items())),
        str(sum(bool(trial.recovered) for trial in trials)),
        str(sum(len(trial.problems) for trial in trials)),
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write_document(text: str) -> None:
    """Put a report between the marks of docs/kills.md."""
    pattern = re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1])
    made = f"{MARKS[0]}\n{text}\n{MARKS[1]}"
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(re.sub(pattern, lambda _: made, document, flags=re.DOTALL), encoding="utf-8")


def documented() -> str:
    """What docs/kills.md holds between the marks."""
    return DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]


def rows_of(text: str) -> dict[str, list[str]]:
    """The rows of a report's table, by kind."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row for row in rows[2:]}


class Pace:
    """How far a campaign is, and how long the rest will take if it goes on as it went."""

    def __init__(self, rounds: int) -> None:
        self.rounds, self.done, self._spent = rounds, 0, 0.0

    def text(self, seconds: float) -> str:
        """Count a round that took so long, and say what is left."""
        self.done, self._spent = self.done + 1, self._spent + seconds
        left = (self.rounds - self.done) * self._spent / self.done / 60
        return f"round {self.done} of {self.rounds}, {seconds:.0f} s; about {left:.0f} min left"
