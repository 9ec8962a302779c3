"""What a campaign found: a table of kinds and calls, the violations, and the tables of docs/faults.md."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.faults.plan import KINDS, Call, is_cell, ordered
from tests.faults.trial import CLEARED, HEALED_INSIDE, MISSED, NEXT_LOAD, REFUSED, RETRIED, Result

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
MARKS = ("<!-- made by make test-faults -->", "<!-- end -->")
ENDINGS = (HEALED_INSIDE, RETRIED, CLEARED, NEXT_LOAD, REFUSED, MISSED)
LETTERS = {HEALED_INSIDE: "i", RETRIED: "r", CLEARED: "c", NEXT_LOAD: "n", REFUSED: "x", MISSED: "–"}


class Report:
    """Collects results."""

    def __init__(self, rows: Iterable[Call]) -> None:
        self.rows = ordered(rows)
        self.results: list[Result] = []
        self.cells: defaultdict[tuple[Call, str], Counter[str]] = defaultdict(Counter)
        self.clocks: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def add(self, result: Result) -> None:
        """Take in a result. Its ending is counted for the trial's first strike, the trial for all of them."""
        self.results.append(result)
        for number, strike in enumerate(result.trial.strikes):
            self.cells[strike.call, strike.kind][result.ending if number == 0 else "beside"] += 1
        if result.trial.skew:
            self.clocks[result.trial.skew][result.ending] += 1

    @property
    def bad(self) -> list[Result]:
        """The results with violations."""
        return [result for result in self.results if result.violations]

    def table(self) -> str:
        """The table of kinds and calls as Markdown: how many trials struck there, and how those ended that began so."""
        lines = ["| call | " + " | ".join(KINDS) + " |", "|---" * (len(KINDS) + 1) + "|"]
        lines += [
            f"| {row} | " + " | ".join(self._cell(row, kind) for kind in KINDS) + " |" for row in self.rows
        ]
        return "\n".join(lines)

    def _cell(self, row: Call, kind: str) -> str:
        if not is_cell(row, kind):
            return "beyond"
        counts = self.cells[row, kind]
        letters = "".join(LETTERS[ending] for ending in ENDINGS if counts[ending])
        return f"{counts.total()} {letters}".strip()

    def clock_table(self) -> str:
        """How loads ended whose clock was off, as Markdown."""
        lines = ["| clock off by | trials | ends |", "|---|---|---|"]
        for skew, endings in sorted(self.clocks.items()):
            lines.append(f"| {skew / 60:+.0f} min | {endings.total()} | {', '.join(sorted(endings))} |")
        return "\n".join(lines)

    def summary(self) -> str:
        """Trials by ending and by kind."""
        endings = Counter(result.ending or "broken" for result in self.results)
        kinds = Counter(strike.kind for result in self.results for strike in result.trial.strikes)
        return (
            f"{len(self.results)} trials: {_listed(endings)}\n{_listed(kinds)}\n"
            f"{len(self.rows)} calls × {len(KINDS)} kinds; {len(self.bad)} trials with violations"
        )


def write_document(report: Report) -> None:
    """Put the campaign's tables between the marks of docs/faults.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    made = (
        f"{MARKS[0]}\n{len(report.results)} trials.\n\n{report.table()}\n\n{report.clock_table()}\n{MARKS[1]}"
    )
    pattern = re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1])
    DOCUMENT.write_text(re.sub(pattern, lambda _: made, text, flags=re.DOTALL), encoding="utf-8")


def documented_calls() -> list[str]:
    """The calls that the table of docs/faults.md has."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]
    return re.findall(r"^\| (\w+ · \S+(?: \d+)?) \|", text, re.MULTILINE)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
