"""docs/bad_input.md: every error that it names is one of ours, and every test exists and guards something."""

from __future__ import annotations

import re

import pytest

from sightline import errors
from sightline.errors import SightlineError
from tests.architecture.syntax import ROOT, functions_of
from tests.guards.table import GUARDS

TEXT = (ROOT / "docs" / "bad_input.md").read_text(encoding="utf-8")
HEAD = ["input", "answer", "error", "test"]
# A vertical bar within a cell is written as \|.
LINES = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in TEXT.splitlines()
    if line.startswith("|")
]
ROWS = [cells for cells in LINES if cells != HEAD and set("".join(cells)) != {"-"}]
NOT_AN_INPUT = {
    "SightlineError", "Refusal", "Transient", "SourceRefused", "Killed",  # families, and what a worker is told
    "UnknownAccount", "LedgerUnreadable", "LedgerContended", "PlanOutdated", "DataSourceFailed",  # no input
    "LineEndsDiffer",  # records that are not lines: no file is known that gets past the other guards
}  # fmt: skip


GUARDING = {test.partition("[")[0] for guard in GUARDS for test in guard.tests}


def test_there_are_rows() -> None:
    assert len(ROWS) > 50
    assert all(len(cells) == len(HEAD) for cells in ROWS), [
        cells for cells in ROWS if len(cells) != len(HEAD)
    ]


@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: cells[0])
def test_a_row_names_one_of_our_errors_and_a_test_that_exists(cells: list[str]) -> None:
    named, tests = re.findall(r"`(\w+)`", cells[2]), re.findall(r"`([^`]+)`", cells[3])

    assert named or cells[2] == "–"
    for name in named:
        assert issubclass(getattr(errors, name), SightlineError)
    assert tests
    for test in tests:
        file, _, function = test.partition("::")
        assert function.partition("[")[0] in functions_of(file)


@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: cells[0])
def test_a_rows_test_was_seen_to_fail_without_its_guard(cells: list[str]) -> None:
    tests = {test.partition("[")[0] for test in re.findall(r"`([^`]+)`", cells[3])}

    assert tests <= GUARDING, "no guard in tests/guards is broken to make it fail"


def test_every_error_of_a_load_has_a_row() -> None:
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, SightlineError) and name not in NOT_AN_INPUT
    }

    assert kinds <= set(re.findall(r"`(\w+)`", "".join(cells[2] for cells in ROWS)))
