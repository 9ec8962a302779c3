"""What a campaign tells: only what struck, each cell in the words of the legend, a command for each violation."""

from __future__ import annotations

import pytest

from tests.faults.plan import KINDS, Call, Strike, Trial
from tests.faults.progress import Progress
from tests.faults.report import CELL, Report
from tests.faults.trial import HEALED_INSIDE, MISSED, RETRIED, Result

HERE, THERE = (
    Call("inspect_source", "s3", "PutObject"),
    Call("ingest_data_set", "quicksight", "CreateIngestion"),
)


def result(ending: str, *strikes: Strike, landed: int | None = None, seed: str = "1/7") -> Result:
    """A trial with these strikes, of which the first ones landed; all of them, unless said."""
    return Result(Trial(seed, "new month", strikes), ending, landed=list(strikes[:landed]))


def report(*results: Result) -> Report:
    made = Report([HERE, THERE])
    for each in results:
        made.add(each)
    return made


def cells(made: Report) -> dict[tuple[str, str], str]:
    rows = [line.strip("| ").split(" | ") for line in made.table().splitlines()[2:]]
    return {(row[0], kind): cell for row in rows for kind, cell in zip(KINDS, row[1:], strict=True)}


def test_a_cell_counts_ends_and_what_struck_beside() -> None:
    lost, reset = Strike("lost", HERE), Strike("reset", THERE)

    made = report(result(HEALED_INSIDE, lost), result(RETRIED, lost, reset), result(RETRIED, reset, lost))

    found = cells(made)
    assert found[str(HERE), "lost"] == "1i1r+1"
    assert found[str(THERE), "reset"] == "1r+1"
    assert found[str(HERE), "slow"] == "0"
    assert found[str(THERE), "delivered again"] == "beyond"
    assert [cell for cell in found.values() if not CELL.fullmatch(cell)] == []


def test_what_did_not_land_is_not_counted() -> None:
    lost, reset = Strike("lost", HERE), Strike("reset", THERE)

    made = report(result(MISSED, lost, landed=0), result(RETRIED, lost, reset, landed=1))

    assert cells(made)[str(HERE), "lost"] == "1r"
    assert cells(made)[str(THERE), "reset"] == "0"
    assert made.counts().startswith("1 trials, 0 with violations")
    assert "1 more were drawn" in made.counts()


def test_what_struck_nothing_is_missing() -> None:
    lost = Strike("lost", HERE)

    made = report(result(MISSED, lost, landed=0), result(RETRIED, lost))

    assert made.missing(1) == 0
    assert made.missing(2) == 1


def test_a_violation_is_told_with_the_command_that_runs_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    bad = result(RETRIED, Strike("lost", HERE), seed="9/57")
    bad.violations.append("something twice")

    Progress(10).tell(bad, report(bad), always=False)

    told = capsys.readouterr().out
    assert "VIOLATION something twice" in told
    assert "make test-faults TRIAL=9/57" in told
