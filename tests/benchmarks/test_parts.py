"""Goals, documents and the pieces of the parts."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks import documents, inspecting, parsing, querying
from benchmarks.__main__ import PARTS
from benchmarks.engine import Row
from benchmarks.goals import GOALS, Goal
from benchmarks.parsing import accounts_file
from benchmarks.report import Report, Table
from benchmarks.samples import Sample
from demo.evidence import column_total
from tests.support.settings_files import load

AT_LEAST = Goal("part", "how much faster", 1.4, is_minimum=True)
AT_MOST = Goal("part", "how much slower", 1.2)
NOTHING = Goal("part", "statements", 0, unit="")


@pytest.mark.parametrize(
    ("goal", "figure", "verdict"),
    [
        (AT_LEAST, 1.4, "met"),
        (AT_LEAST, 0.7, "missed by 50%"),
        (AT_MOST, 1.2, "met"),
        (AT_MOST, 1.8, "missed by 50%"),
        (NOTHING, 0, "met"),
        (NOTHING, 2, "missed by 2"),
    ],
    ids=["least", "below the least", "most", "above the most", "none", "some"],
)
def test_a_goal_says_met_or_by_how_much_it_is_missed(goal: Goal, figure: float, verdict: str) -> None:
    assert goal.verdict(figure) == verdict


def test_a_sample_shows_its_median_and_its_spread() -> None:
    assert Sample.of([3.0, 1.0, 8.0]).text(1) == "3.0 (1.0–8.0)"
    assert Sample.of([2.0, 2.0]).text(1) == "2.0"


def test_every_goal_belongs_to_a_part_and_every_part_has_goals() -> None:
    assert {goal.part for goal in GOALS.values()} == set(PARTS)


def test_the_document_has_a_section_for_each_part_with_its_goals_as_they_are() -> None:
    document = documents.DOCUMENT.read_text(encoding="utf-8")

    for part in PARTS:
        (section,) = re.findall(f"<!-- measured: {part} -->(.*?)<!-- end: {part} -->", document, re.DOTALL)
        for goal in GOALS.values():
            is_there = f"| {goal.text} | {goal.wanted} |" in section
            assert is_there == (goal.part == part), goal.text


def test_a_report_without_a_figure_for_each_goal_of_its_part_is_refused() -> None:
    with pytest.raises(ValueError, match="parsing"):
        Report("parsing", [], {"parsing_1": 1.0})


def test_writing_a_section_leaves_the_others_alone() -> None:
    document = (
        "a\n<!-- measured: parsing -->\nold\n<!-- end: parsing -->\nb\n<!-- measured: daily -->\nkept\n"
    )
    report = Report(
        "parsing", [Table("What took how long:", ("x",), [("1",)])], dict.fromkeys(parsing_goals(), 1.1)
    )

    written = documents.replaced(document, report, runs=5)

    assert "old" not in written
    assert "kept" in written
    assert "| 1 account: Sightline / bare loop | at most 1.20 × | 1.10 × | met |" in written
    assert documents.replaced(written, report, runs=5).count("What took how long:") == 1


def parsing_goals() -> list[str]:
    return [name for name, goal in GOALS.items() if goal.part == "parsing"]


def test_the_generated_accounts_have_no_mistakes(tmp_path: Path) -> None:
    settings = load(tmp_path, accounts_file(3))

    assert not settings.problems
    assert [account.name for account in settings.workload_accounts] == ["account1", "account2", "account3"]


def test_both_ways_of_parsing_give_as_many_dags_and_tasks(tmp_path: Path) -> None:
    environment = parsing.environment(tmp_path, 2)

    # parse() refuses any other number of Dags and tasks.
    found = {way: parsing.parse(file, environment, 2) for way, file in parsing.FILES.items()}

    assert {figures["tasks"] for figures in found.values()} == {12}


def test_a_large_file_holds_the_sums_that_are_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"

    said = inspecting.write_file(file, 1)

    with file.open(newline="") as text:
        records = list(csv.DictReader(text))
    assert int(said["rows"]) == len(records)
    assert Decimal(said["total_sales"]) == column_total(records, "total_sales")


def test_the_engines_goals_are_held_against_the_large_file() -> None:
    def row(size: int, statement: str, ours: float, peak: float) -> Row:
        return Row(f"sales_{size}.csv", statement, Sample.of([ours]), Sample.of([1.0]), Sample.of([peak]))

    rows = [
        row(100, "count", 9, 200),
        row(100, "sum", 9, 200),
        row(1000, "count", 1.2, 210),
        row(1000, "sum", 2, 210),
    ]

    assert querying.report(rows, 1000).figures == {
        "engine_count": 1.2,
        "engine_sum": 2.0,
        "engine_memory": 1.05,
    }
