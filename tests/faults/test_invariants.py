"""Each invariant sees what it is there for, in a course of events that would break it, and lets a right course be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.invariants import ledger_history, repeated, unchecked
from tests.faults.timeline import Delivery, Event, Ingestion, LedgerWrite, Look, Scene, Statement
from tests.support.tables import sales_table

TABLE = sales_table()
JANUARY = "account1/data/sales/year=2024/month=01/sales_data_2024_01.csv"
MONTH = "year = 2024 AND month = 1"
ADD = "ALTER TABLE `t` ADD IF NOT EXISTS PARTITION (year = 2024, month = 1) LOCATION 's3://b/'"
CHECK = f"SELECT year, month, count(*) FROM t WHERE ({MONTH}) GROUP BY year, month"


def scene(**how: bool) -> Any:
    """As much of a scene as these invariants look at."""
    return Scene(None, "account1", None, None, ("2024-01",), **how)  # type: ignore[arg-type]


def line(revision: int, etag: str = "a", **more: Any) -> dict[str, Any]:
    """January's line in the ledger: checked."""
    plain = {"figures": {}, "query_execution_id": "q", "failure": "", "published_at": None}
    objects = [{"key": JANUARY, "etag": etag}]
    return {"revision": revision, "fingerprint": etag, "objects": objects, "checked_at": "t", **plain, **more}


def ledger(**written: Any) -> LedgerWrite:
    return LedgerWrite({"2024-01": line(**written)})


DELIVERED = [Delivery(JANUARY, "a"), Look()]
LOADED: list[Event] = [
    *DELIVERED,
    Statement("add", ADD, "SUCCEEDED"),
    Statement("check", CHECK, "SUCCEEDED"),
    ledger(revision=1),
    Ingestion("sightline-1", "COMPLETED", 3),
    ledger(revision=1, published_at="t"),
]


def all_of(events: list[Event], **how: Any) -> list[str]:
    return [
        *ledger_history(events),
        *repeated(events, scene(**how)),
        *unchecked(TABLE, events, is_overtaken=scene(**how).is_overtaken),
    ]


def test_a_load_that_did_everything_once_is_right() -> None:
    assert all_of(LOADED) == []


def test_a_load_that_attached_to_what_it_had_started_is_right() -> None:
    again = [Statement("check", CHECK, "SUCCEEDED"), Ingestion("sightline-1", "COMPLETED", 3)]

    assert all_of([*LOADED[:4], again[0], *LOADED[4:6], again[1], LOADED[6]]) == []


def test_another_attempt_after_a_failure_is_right() -> None:
    first = Statement("cancelled", CHECK, "CANCELLED")

    assert all_of([*LOADED[:3], first, *LOADED[3:]]) == []


def test_a_check_of_what_was_delivered_meanwhile_is_right() -> None:
    again: list[Event] = [Delivery(JANUARY, "b"), Look(), Statement("again", CHECK, "SUCCEEDED")]

    assert all_of([*LOADED[:4], *again, ledger(revision=1, etag="b"), *LOADED[5:6]]) == []


OVERTAKEN: list[Event] = [*LOADED[:5], Look(), Delivery(JANUARY, "b"), LOADED[5]]


def test_a_file_written_between_the_gates_look_and_the_ingestion_is_beyond_any_client() -> None:
    assert all_of(OVERTAKEN, is_overtaken=True) == []
    assert all_of(OVERTAKEN) == ["ingestion sightline-1 began while 2024-01 was unchecked"]


@pytest.mark.parametrize(
    "meanwhile", [[Delivery(JANUARY, "b"), Look()], [Delivery(JANUARY, "b")]], ids=["seen", "not looked at"]
)
def test_a_file_that_the_gate_has_seen_or_has_not_looked_at_is_not(meanwhile: list[Event]) -> None:
    events = [*LOADED[:5], *meanwhile, LOADED[5]]

    assert all_of(events, is_overtaken=True) == ["ingestion sightline-1 began while 2024-01 was unchecked"]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([*LOADED[:4], Statement("other", CHECK, "SUCCEEDED"), *LOADED[4:]], "2 statements of the same work"),
        ([*LOADED[:3], Statement("other", ADD, "SUCCEEDED"), *LOADED[3:]], "2 statements of the same work"),
        ([*LOADED[:6], Ingestion("sightline-2", "COMPLETED", 3), LOADED[6]], "2 ingestions of the same work"),
        ([*LOADED[:5], Delivery(JANUARY, "b"), *LOADED[5:]], "began while 2024-01 was unchecked"),
        ([*LOADED[:4], *LOADED[5:6], *LOADED[4:5]], "began while 2024-01 was unchecked"),
        ([*LOADED, LedgerWrite({})], "lost its line"),
        ([*LOADED, ledger(revision=0)], "set revision 1 back to 0"),
        (
            [*LOADED, ledger(revision=1, checked_at="later", published_at="t")],
            "written twice, with other content",
        ),
        ([*LOADED, ledger(revision=1)], "was published, and a later write lost that"),
        ([*LOADED, ledger(revision=2, checked_at="later")], "checked twice for the same fingerprint"),
    ],
    ids=[
        "check twice",
        "partition twice",
        "ingestion twice",
        "delivered after the check",
        "ingested before the check",
        "line lost",
        "revision back",
        "written twice",
        "publication lost",
        "checked twice",
    ],
)
def test_a_course_of_events_that_may_not_be_is_seen(events: list[Event], found: str) -> None:
    assert any(found in violation for violation in all_of(events)), all_of(events)
