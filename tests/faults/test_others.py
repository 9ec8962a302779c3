"""A second load may refuse because of the first one, or of a bad file: nothing else is excused."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.others import Others, is_excused
from tests.faults.plan import Call, Strike, Trial
from tests.faults.watch import Killed, Watch

OUTDATED = (
    "AirflowFailException: PlanOutdated: The plan of this run is older than what the ledger knows of 2024-01."
)
HELD = "AirflowFailException: GateHeld: Data set d was not refreshed. Held by 2024-01 ({why})."
REFUSED = (
    "AirflowFailException: SourceRefused: 2024-01: BadValues: s3://b/k: values that Athena would read as NULL"
)


@pytest.mark.parametrize(
    ("text", "is_bad", "excused"),
    [
        (OUTDATED, False, True),
        (HELD.format(why="it was never checked"), False, True),
        (HELD.format(why="its partition is gone from the catalog; the next load mends it"), False, True),
        (HELD.format(why="its source objects changed after the check"), False, False),
        (HELD.format(why="FiguresDiffer: Athena does not read"), False, False),
        (REFUSED, False, False),
        (OUTDATED.replace("AirflowFailException: ", "LedgerContended: "), False, False),
        ("AirflowFailException: AccessRefused: GateHeld: it was never checked", False, False),
        (REFUSED, True, True),
        (HELD.format(why="its source objects changed after the check"), True, True),
        ("AirflowFailException: AccessRefused: the role may not read it", True, False),
        ("ClientError: An error occurred (ThrottlingException)", True, False),
    ],
)
def test_what_a_second_load_may_refuse(text: str, is_bad: bool, excused: bool) -> None:
    assert is_excused(f"check_row_count (try 1): {text}", is_bad=is_bad) is excused


def test_a_second_load_may_not_succeed_where_a_file_is_bad() -> None:
    ended: Any = SimpleNamespace(errors=[], is_success=True)
    others = Others(make=lambda: ended, runs=[ended])
    trial = Trial(
        "1/0", "next month, bad", (Strike("second load", Call("inspect_source", "s3", "GetObject")),)
    )

    assert list(others.problems(trial, is_bad=True)) == ["a second load succeeded although a file is bad"]
    assert list(others.problems(trial, is_bad=False)) == []


def test_no_call_of_a_thread_goes_out_any_more_that_was_ended() -> None:
    watch, goes_on, found = Watch(), threading.Event(), list[Any]()

    def call() -> None:
        watch._before(SimpleNamespace(headers={}), "before-send.s3.GetObject")

    def run() -> None:
        with watch.over([]):
            goes_on.wait()
            with pytest.raises(Killed):
                call()
            found.append("ended")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    watch.end_other_threads()
    goes_on.set()
    thread.join()

    assert found == ["ended"]
    with watch.over([]) as passage:
        call()
    assert passage.counts["s3", "GetObject"] == 1
