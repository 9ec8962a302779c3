"""Files that turn bad after others were loaded: what is published stays, and the error says what to do."""

from __future__ import annotations

import re

from tests.support.refusals import FEBRUARY, refused
from tests.support.world import JANUARY, World


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
