"""What a campaign found: a table of kinds and calls, the violations, and the tables of docs/faults.md."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.faults.plan import KINDS, Call, is_cell, ordered
from tests.faults.trial import CLEARED, HEALED_INSIDE, NEXT_LOAD, REFUSED, RETRIED, Result

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
MARKS = ("<!-- made by make test-faults -->", "<!-- end -->")
LETTERS = {HEALED_INSIDE: "i", RETRIED: "r", CLEARED: "c", NEXT_LOAD: "n", REFUSED: "x"}
BROKEN, BEYOND = "!", "beyond"
CELL = re.compile(rf"(\d+[{''.join(LETTERS.values())}{BROKEN}])+(\+\d+)?|\+\d+|0|{BEYOND}")


class Report:
    """Collects results. A strike that did not land is in no table; a trial whose own strike did not land is none."""

    def __init__(self, rows: Iterable[Call]) -> None:
        self.rows = ordered(rows)
        self.results: list[Result] = []
        self.not_reached: list[Result] = []
        self.cells: defaultdict[tuple[Call, str], Counter[str]] = defaultdict(Counter)
        self.beside: Counter[tuple[Call, str]] = Counter()
        self.clocks: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def add(self, result: Result) -> None:
        """Take in a result. Its ending is counted for the trial's own strike; the other one is counted as beside it."""
        (self.results if result.is_trial else self.not_reached).append(result)
        for number, strike in enumerate(result.trial.strikes):
            cell = strike.call, strike.kind
            if strike not in result.landed:
                continue
            if number == 0:
                self.cells[cell][LETTERS.get(result.ending, BROKEN)] += 1
            else:
                self.beside[cell] += 1
        if result.trial.skew:
            self.clocks[result.trial.skew][result.ending or "broken"] += 1

    @property
    def bad(self) -> list[Result]:
        """The results with violations."""
        return [result for result in self.results if result.violations]

    def missing(self, wanted: int) -> int:
        """How many trials less than were asked for have struck something."""
        return max(0, wanted - len(self.results))

    def table(self) -> str:
        """The table of kinds and calls as Markdown: how many trials struck there, and how they ended."""
        lines = ["| call | " + " | ".join(KINDS) + " |", "|---" * (len(KINDS) + 1) + "|"]
        lines += [
            f"| {row} | " + " | ".join(self._cell(row, kind) for kind in KINDS) + " |" for row in self.rows
        ]
        return "\n".join(lines)

    def _cell(self, row: Call, kind: str) -> str:
        if not is_cell(row, kind):
            return BEYOND
        counts, beside = self.cells[row, kind], self.beside[row, kind]
        ends = "".join(f"{counts[end]}{end}" for end in (*LETTERS.values(), BROKEN) if counts[end])
        return ends + (f"+{beside}" if beside else "") or "0"

    def clock_table(self) -> str:
        """How loads ended whose clock was off, as Markdown."""
        lines = ["| clock off by | trials | ends |", "|---|---|---|"]
        for skew, endings in sorted(self.clocks.items()):
            lines.append(f"| {skew / 60:+.0f} min | {endings.total()} | {', '.join(sorted(endings))} |")
        return "\n".join(lines)

    def counts(self) -> str:
        """How many trials there were, how many held, and what they were."""
        clocks = sum(endings.total() for endings in self.clocks.values())
        struck = {cell for cell, endings in self.cells.items() if endings.total()}
        cells = sum(is_cell(row, kind) for row in self.rows for kind in KINDS)
        return (
            f"{len(self.results)} trials, {len(self.bad)} with violations: {len(self.results) - clocks} that struck "
            f"a call, {self.beside.total()} of them another one, too, and {clocks} with a wrong clock. "
            f"{len(struck)} of {cells} cells were struck. {len(self.not_reached)} more were drawn that did not come to "
            "their call."
        )

    def kinds(self) -> str:
        """How often each kind struck, as a trial's own strike and as another one."""
        own, beside = Counter[str](), Counter[str]()
        for (_, kind), endings in self.cells.items():
            own[kind] += endings.total()
        for (_, kind), count in self.beside.items():
            beside[kind] += count
        return ", ".join(f"{kind} {own[kind]}" + (f"+{beside[kind]}" * bool(beside[kind])) for kind in KINDS)

    def summary(self) -> str:
        """Trials by ending and by kind, and their number."""
        endings = Counter(result.ending or "broken" for result in self.results)
        ends = ", ".join(f"{name} {count}" for name, count in endings.most_common())
        return f"ended: {ends}\nstruck: {self.kinds()}\n{self.counts()}"


def write_document(report: Report, seed: str) -> None:
    """Put the campaign's tables between the marks of docs/faults.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    made = f"{MARKS[0]}\n{report.counts()} Seed {seed}.\n\n{report.table()}\n\n{report.clock_table()}\n{MARKS[1]}"
    pattern = re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1])
    DOCUMENT.write_text(re.sub(pattern, lambda _: made, text, flags=re.DOTALL), encoding="utf-8")


def documented() -> str:
    """What the document holds between the marks."""
    return DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]


def documented_calls() -> list[str]:
    """The calls that the table of docs/faults.md has."""
    return re.findall(r"^\| (\w+ · \S+(?: \d+)?) \|", documented(), re.MULTILINE)


def documented_cells() -> list[str]:
    """What the table says of each call and kind."""
    rows = re.findall(r"^\| \w+ · \S+(?: \d+)? \|(.*)\|$", documented(), re.MULTILINE)
    return [cell.strip() for row in rows for cell in row.split("|")]


def documented_trials() -> tuple[int, int]:
    """How many trials the document tells of, and how many of them with violations."""
    found = re.search(r"(\d+) trials, (\d+) with violations", documented())
    return (int(found[1]), int(found[2])) if found else (0, 0)
