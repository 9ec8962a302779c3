"""Each invariant sees what it is there for, in a course of events that would break it, and lets a right course be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.invariants import unchecked
from tests.faults.repeated import ledger_history, repeated
from tests.faults.timeline import Delivery, Event, Ingestion, LedgerWrite, Look, Scene, Statement
from tests.support.tables import sales_table

TABLE = sales_table()
FOLDER = "account1/data/sales/year=2024/month=01/"
JANUARY = f"{FOLDER}sales_data_2024_01.csv"
PARTITION = "PARTITION (year = 2024, month = 1)"
RIGHT = f"LOCATION 's3://{TABLE.bucket}/{FOLDER}'"
ADD = f"ALTER TABLE `t` ADD IF NOT EXISTS\n{PARTITION} {RIGHT}"
DROP = f"ALTER TABLE `t` DROP {PARTITION}"
MOVE = f"ALTER TABLE `t` {PARTITION}\nSET LOCATION 's3://{TABLE.bucket}/elsewhere/'"
MEND = f"ALTER TABLE `t` {PARTITION}\nSET {RIGHT}"
CHECK = "SELECT year, month, count(*) FROM t WHERE (year = 2024 AND month = 1) GROUP BY year, month"
NOON = datetime(2024, 2, 1, 12, tzinfo=UTC)


def scene(**how: bool) -> Any:
    """As much of a scene as these invariants look at."""
    nothing: Any = None
    return Scene(nothing, "account1", nothing, nothing, ("2024-01",), **how)


def line(revision: int, etag: str = "a", **more: Any) -> dict[str, Any]:
    """January's line in the ledger: checked."""
    plain = {"figures": {}, "query_execution_id": "q", "failure": "", "published_at": None}
    objects = [{"key": JANUARY, "etag": etag}]
    return {"revision": revision, "fingerprint": etag, "objects": objects, "checked_at": "t", **plain, **more}


def ledger(**written: Any) -> LedgerWrite:
    return LedgerWrite({"2024-01": line(**written)})


def statement(name: str, sql: str, state: str = "SUCCEEDED", *, at: int = 0, seconds: int = 1) -> Statement:
    """A statement that was begun so many seconds after noon and ran so long."""
    began = NOON + timedelta(seconds=at)
    return Statement(name, sql, state, began, began + timedelta(seconds=seconds))


def ingestion(name: str, state: str = "COMPLETED", *, at: int = 0, seconds: int = 1) -> Ingestion:
    began = NOON + timedelta(seconds=at)
    return Ingestion(f"sightline-{name}", state, 3, began, began + timedelta(seconds=seconds))


DELIVERED: list[Event] = [Delivery(JANUARY, "a"), Look()]
CHECKED: list[Event] = [*DELIVERED, statement("add", ADD), statement("check", CHECK), ledger(revision=1)]
LOADED: list[Event] = [*CHECKED, ingestion("1"), ledger(revision=1, published_at="t")]
REOPENED = ledger(revision=2, checked_at=None)
CHECKED_AGAIN = ledger(revision=3, checked_at="later")


def all_of(events: list[Event], **how: Any) -> list[str]:
    return [
        *ledger_history(events, TABLE, scene(**how)),
        *repeated(events, TABLE, scene(**how)),
        *unchecked(TABLE, events, is_overtaken=scene(**how).is_overtaken),
    ]


@pytest.mark.parametrize(
    "events",
    [
        LOADED,
        [*CHECKED, statement("check", CHECK), ingestion("1"), ingestion("1"), LOADED[-1]],
        [*DELIVERED, statement("0", ADD, "CANCELLED"), statement("add", ADD, at=2), *CHECKED[3:]],
        [*CHECKED, ingestion("0", "FAILED"), ingestion("1", at=2), LOADED[-1]],
        [*CHECKED[:4], Delivery(JANUARY, "b"), Look(), statement("2", CHECK), ledger(revision=1, etag="b")],
        [*LOADED, statement("by hand", DROP), REOPENED, statement("2", ADD), statement("3", CHECK), CHECKED_AGAIN],
        [*LOADED, statement("by hand", MOVE), REOPENED, statement("2", MEND), statement("3", CHECK), CHECKED_AGAIN],
        [*LOADED, statement("by hand", DROP), REOPENED, statement("2", ADD), CHECKED_AGAIN, ingestion("2")],
        [*CHECKED, ingestion("1"), ledger(revision=2, failure="another", unproved="1"), ingestion("2")],
        [*CHECKED[:4], ledger(revision=1, checked_at=None, failure="differs"), statement("2", CHECK)],
        [
            *LOADED,
            *(Delivery(JANUARY, "b"), Look(), statement("2", CHECK), ledger(revision=2, etag="b", checked_at="u")),
            *(Delivery(JANUARY, "a"), Look(), statement("3", CHECK), ledger(revision=3, checked_at="v")),
            ingestion("3"),
        ],
    ],
    ids=[
        "everything once",
        "attached to what was begun",
        "a statement again after its cancellation",
        "an ingestion again after its failure",
        "delivered again while it was checked",
        "dropped by hand",
        "moved by hand",
        "dropped by hand and published anew",
        "an ingestion that proved nothing",
        "a check that found a difference",
        "another content, and the first one again",
    ],
)  # fmt: skip
def test_a_right_course_of_events_is_right(events: list[Event]) -> None:
    assert all_of(events) == []


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([*CHECKED, statement("other", CHECK, at=9)], "2 statements of the same work"),
        ([*DELIVERED, statement("other", ADD), *CHECKED[2:]], "2 statements of the same work"),
        ([*LOADED, REOPENED, statement("2", CHECK, at=9)], "2 statements of the same work"),
        (
            [*DELIVERED, statement("0", CHECK, "CANCELLED", seconds=5), statement("check", CHECK, at=3)],
            "2 statements of the same work",
        ),
        ([*LOADED, ingestion("2", at=9)], "2 ingestions of the same work"),
        ([*LOADED, REOPENED, CHECKED_AGAIN, ingestion("2", at=9)], "2 ingestions of the same work"),
        (
            [*CHECKED, ingestion("0", "CANCELLED", seconds=5), ingestion("1", at=3)],
            "2 ingestions of the same work",
        ),
        ([*CHECKED, Delivery(JANUARY, "b"), ingestion("1")], "began while 2024-01 was unchecked"),
        ([*CHECKED[:4], ingestion("1"), CHECKED[4]], "began while 2024-01 was unchecked"),
        ([*LOADED, LedgerWrite({})], "lost its line"),
        ([*LOADED, ledger(revision=0)], "set revision 1 back to 0"),
        ([*LOADED, ledger(revision=1, checked_at="later", published_at="t")], "written twice, with other content"),
        ([*LOADED, ledger(revision=1)], "was published, and a later write lost that"),
        ([*LOADED, ledger(revision=2, checked_at="later")], "checked 2 times for the same fingerprint"),
        ([*LOADED, REOPENED, CHECKED_AGAIN], "checked 2 times for the same fingerprint"),
    ],
    ids=[
        "check twice",
        "partition twice",
        "check twice, reopened for nothing",
        "check anew before the first had ended",
        "ingestion twice",
        "ingestion twice, reopened for nothing",
        "ingestion anew before the first had ended",
        "delivered after the check",
        "ingested before the check",
        "line lost",
        "revision back",
        "written twice",
        "publication lost",
        "checked twice",
        "checked twice, reopened for nothing",
    ],
)  # fmt: skip
def test_a_course_of_events_that_may_not_be_is_seen(events: list[Event], found: str) -> None:
    assert any(found in violation for violation in all_of(events)), all_of(events)


def test_of_two_loads_at_once_both_may_have_begun_the_same_work_but_no_third_one() -> None:
    twice = [*CHECKED, statement("other", CHECK)]

    assert all_of(twice, is_concurrent=True) == []
    assert all_of([*LOADED, REOPENED, CHECKED_AGAIN], is_concurrent=True) == []
    assert any("3 statements" in each for each in all_of([*twice, statement("3", CHECK)], is_concurrent=True))


def test_checks_of_two_contents_that_are_both_repeated_are_told_apart() -> None:
    first = [*LOADED, ledger(revision=2, checked_at="later")]
    other = [
        Delivery(JANUARY, "b"),
        Look(),
        ledger(revision=3, etag="b", checked_at="s"),
        ledger(revision=4, etag="b", checked_at="u"),
    ]

    found = [each for each in all_of([*first, *other]) if "checked" in each and "times" in each]

    assert found == [
        "2024-01: checked 2 times for the same fingerprint a, again at later",
        "2024-01: checked 2 times for the same fingerprint b, again at u",
    ]


OVERTAKEN: list[Event] = [*CHECKED, Look(), Delivery(JANUARY, "b"), ingestion("1")]


def test_a_file_written_between_the_gates_look_and_the_ingestion_is_beyond_any_client() -> None:
    assert all_of(OVERTAKEN, is_overtaken=True) == []
    assert all_of(OVERTAKEN) == ["ingestion sightline-1 began while 2024-01 was unchecked"]


@pytest.mark.parametrize(
    "meanwhile", [[Delivery(JANUARY, "b"), Look()], [Delivery(JANUARY, "b")]], ids=["seen", "not looked at"]
)
def test_a_file_that_the_gate_has_seen_or_has_not_looked_at_is_not(meanwhile: list[Event]) -> None:
    events = [*CHECKED, *meanwhile, ingestion("1")]

    assert all_of(events, is_overtaken=True) == ["ingestion sightline-1 began while 2024-01 was unchecked"]
