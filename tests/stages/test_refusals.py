"""Files that a load refuses: each ends in an error that a person can act on, and nothing is touched."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.support.refusals import FEBRUARY, last_good, refused
from tests.support.world import HEADER, JANUARY, World


@dataclass(frozen=True)
class BadFile:
    """What is wrong, the file, and what the error must say."""

    name: str
    body: str | bytes
    says: tuple[str, ...]


BAD_FILES = [
    BadFile("a renamed column", JANUARY.replace("quantity", "qty", 1), ("qty", "quantity")),
    BadFile("two columns swapped", JANUARY.replace("product,quantity", "quantity,product", 1), ("product",)),
    BadFile("an extra column", JANUARY.replace("total_sales", "total_sales,region", 1), ("region",)),
    BadFile("semicolons", JANUARY.replace(",", ";"), ("delimiter: ';'",)),
    BadFile("a word in a number", JANUARY.replace("75", "x7"), ("quantity", "line 4: 'x7'")),
    BadFile("an exponent in a number", JANUARY.replace("75", "1e2"), ("quantity", "line 4: '1e2'")),
    BadFile(
        "a day that does not exist",
        JANUARY.replace("2024-01-03", "2024-13-01"),
        ("date", "line 4: '2024-13-01'"),
    ),
    BadFile("a number too large", JANUARY.replace("1949.25", "123456789012.00"), ("total_sales",)),
    BadFile("quoted fields", JANUARY.replace("Gadget B", '"Gadget B"'), ("open_csv", "line 3")),
    BadFile("a line too short", JANUARY + "2024-01-05,Tool C\n", ("5 columns are declared", "line 5")),
    BadFile("a header only", HEADER, ("allow_empty",)),
    BadFile("nothing", b"", ("allow_empty",)),
    BadFile("another encoding", JANUARY.replace("Gadget", "ガジェット").encode("shift_jis"), ("UTF-8",)),
]


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
def test_a_bad_new_file_is_refused_before_anything_is_touched(loaded: World, bad: BadFile) -> None:
    before = loaded.state(), last_good(loaded.ledger())
    loaded.put(bad.body, "2024-02")

    outcome = loaded.load("2024-02")

    refused(outcome, "inspect_source", "2024/month=02", *bad.says)
    assert (loaded.state(), last_good(loaded.ledger())) == before
    assert not loaded.ledger("2024-02")["checked_at"]
    assert loaded.ledger("2024-02")["failure"]


def test_a_bad_redelivery_holds_every_ingestion_until_it_is_mended(loaded: World) -> None:
    loaded.put(JANUARY.replace("75", "x7"))
    loaded.put(FEBRUARY, "2024-02")
    before = loaded.state()

    held = loaded.load("2024-02")

    refused(held, "inspect_source", "2024-01", "x7")
    assert loaded.state() == before
    loaded.put(JANUARY)
    assert not loaded.load("2024-02").errors
    assert loaded.evidence.spice_rows(loaded.account) == 4


def test_a_file_that_turns_bad_after_its_check_is_held_by_the_gate(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    for task in ("assume_role", "inspect_source", "add_partition", "check_row_count"):
        assert not loaded.load("2024-02", only=task).errors
    loaded.put(JANUARY.replace("75", "x7"))
    spice = loaded.evidence.spice_rows(loaded.account)

    held = loaded.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01", "changed after the check", "last good state")
    assert loaded.evidence.spice_rows(loaded.account) == spice


def test_figures_that_differ_are_shown_side_by_side_and_the_new_partition_is_dropped(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    for task in ("assume_role", "inspect_source", "add_partition"):
        assert not loaded.load("2024-02", only=task).errors
    _claim_one_row_more(loaded)

    outcome = loaded.load("2024-02", only="check_row_count")

    refused(outcome, "check_row_count", "files", "Athena")
    assert re.search(r"2024-02 +rows +2 +1$", outcome.error, re.MULTILINE)
    assert list(loaded.evidence.partitions(loaded.account)) == ["2024-01"]
    assert not loaded.load("2024-02").errors
    assert loaded.evidence.spice_rows(loaded.account) == 4


def _claim_one_row_more(world: World) -> None:
    """Let the plan say that inspection found a row more than there is."""
    (plan,) = (value for (task, _), value in world.xcoms.items() if task.endswith("inspect_source"))
    plan["months"][0]["figures"]["rows"] += 1


def test_a_stray_object_is_named(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    loaded.put_object("data/sales/year=2024/month=02/sales (copy).csv")
    before = loaded.state()

    outcome = loaded.load("2024-02")

    refused(outcome, "inspect_source", "sales (copy).csv", "month=02")
    assert loaded.state() == before
