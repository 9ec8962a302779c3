"""The planner's rules: what each month needs, and what the gate lets through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sightline.catalog import Partitions, PartitionState
from sightline.figures import Figures
from sightline.ledger import Ledger, Line
from sightline.partitions import Month, partition_location
from sightline.planning import (
    LoadPlan,
    MonthPlan,
    candidate_months,
    inspected,
    misplaced_months,
    plan_months,
    unchecked_months,
)
from sightline.sources import SourceObject, fingerprint
from tests.support.tables import sales_table

TABLE = sales_table()
NOVEMBER, DECEMBER, JANUARY, FEBRUARY = Month(2023, 11), Month(2023, 12), Month(2024, 1), Month(2024, 2)
NOW = datetime(2024, 2, 1, tzinfo=UTC)


def files(month: Month, etag: str = "etag") -> tuple[SourceObject, ...]:
    return (SourceObject(f"account1/data/sales/{month}.csv", etag, 10),)


def catalog(*months: Month, location: str = "") -> Partitions:
    return Partitions({month: location or partition_location(TABLE, month) for month in months})


def checked(month: Month, etag: str = "etag", *, published: bool = True) -> Ledger:
    line = Line(
        month,
        objects=files(month, etag),
        fingerprint=fingerprint(TABLE, files(month, etag)),
        checked_at=NOW,
        figures=Figures(7),
    )
    ledger = Ledger().checked([line])
    return ledger.published({month: 1}, "from_account1", "ingestion", NOW) if published else ledger


def plan_january(ledger: Ledger, catalog: Partitions, etag: str = "etag") -> MonthPlan | None:
    planned = plan_months(TABLE, [JANUARY], {JANUARY: files(JANUARY, etag)}, ledger, catalog)
    return planned[0] if planned else None


def test_a_month_never_seen_needs_partition_and_check() -> None:
    plan = plan_january(Ledger(), catalog())

    assert plan is not None
    assert (plan.partition, plan.needs_check, plan.revision) == (PartitionState.MISSING, True, 0)


def test_a_month_checked_published_and_registered_is_unchanged() -> None:
    assert plan_january(checked(JANUARY), catalog(JANUARY)) is None


def test_a_month_that_no_ingestion_followed_is_not_unchanged() -> None:
    plan = plan_january(checked(JANUARY, published=False), catalog(JANUARY))

    assert plan is not None
    assert not plan.needs_check
    assert plan.figures == Figures(7)


def test_a_file_delivered_again_is_checked_again() -> None:
    plan = plan_january(checked(JANUARY), catalog(JANUARY), etag="delivered again")

    assert plan is not None
    assert (plan.partition, plan.needs_check) == (PartitionState.RIGHT, True)


def test_a_partition_that_somebody_dropped_is_added_and_checked_again() -> None:
    plan = plan_january(checked(JANUARY), catalog())

    assert plan is not None
    assert (plan.partition, plan.needs_check) == (PartitionState.MISSING, True)


def test_a_partition_elsewhere_is_mended_and_checked_again() -> None:
    plan = plan_january(checked(JANUARY), catalog(JANUARY, location="s3://old/"))

    assert plan is not None
    assert (plan.partition, plan.needs_check) == (PartitionState.OTHER_LOCATION, True)


def test_changed_settings_make_a_month_changed() -> None:
    other = sales_table(format={"delimiter": ";"})

    assert plan_months(other, [JANUARY], {JANUARY: files(JANUARY)}, checked(JANUARY), catalog(JANUARY))


def candidates(
    run_month: Month,
    sources: Iterable[Month],
    registered: Iterable[Month] = (),
    ledger: Ledger = Ledger(),  # noqa: B008 - a ledger is never altered
) -> list[Month]:
    return candidate_months(
        sales_table(look_back_months=1), run_month, dict.fromkeys(sources), ledger, catalog(*registered)
    )


def test_a_run_looks_at_its_month_and_at_those_within_the_look_back() -> None:
    assert candidates(JANUARY, [NOVEMBER, DECEMBER, JANUARY, FEBRUARY]) == [DECEMBER, JANUARY]


def test_a_registered_month_is_looked_at_however_old_because_the_ingestion_reads_it() -> None:
    assert candidates(JANUARY, [NOVEMBER, JANUARY], registered=[NOVEMBER]) == [NOVEMBER, JANUARY]


def test_a_checked_month_is_looked_at_however_old_because_its_partition_may_be_gone() -> None:
    assert candidates(JANUARY, [NOVEMBER, JANUARY], ledger=checked(NOVEMBER)) == [NOVEMBER, JANUARY]


def test_a_checked_month_whose_partition_is_not_what_was_checked_is_misplaced() -> None:
    assert misplaced_months(TABLE, [JANUARY], checked(JANUARY), catalog()) == [JANUARY]
    assert misplaced_months(TABLE, [JANUARY], checked(JANUARY), catalog(JANUARY, location="s3://x/")) == [
        JANUARY
    ]
    assert misplaced_months(TABLE, [JANUARY], checked(JANUARY), catalog(JANUARY)) == []
    assert misplaced_months(TABLE, [JANUARY], Ledger(), catalog()) == []


def test_another_data_set_makes_a_month_unpublished() -> None:
    other = sales_table(quicksight={"data_source_id": "source", "data_set_id": "another"})

    (plan,) = plan_months(other, [JANUARY], {JANUARY: files(JANUARY)}, checked(JANUARY), catalog(JANUARY))

    assert not plan.needs_check


def test_the_gate_opens_when_every_month_of_the_data_set_stands_at_its_checked_content() -> None:
    assert unchecked_months(TABLE, {JANUARY: files(JANUARY)}, checked(JANUARY), catalog(JANUARY)) == {}


def test_the_gate_holds_for_each_reason_and_says_it() -> None:
    sources = {DECEMBER: files(DECEMBER), JANUARY: files(JANUARY, "delivered again")}

    held = unchecked_months(TABLE, sources, checked(JANUARY), catalog(NOVEMBER, DECEMBER, JANUARY))

    assert held == {
        NOVEMBER: "its partition is registered, but its source objects are gone",
        DECEMBER: "it was never checked",
        JANUARY: "its source objects changed after the check",
    }


def test_the_gate_holds_when_a_checked_month_lost_its_partition_or_it_points_elsewhere() -> None:
    sources, ledger = {JANUARY: files(JANUARY)}, checked(JANUARY)

    assert "gone from the catalog" in unchecked_months(TABLE, sources, ledger, catalog())[JANUARY]
    elsewhere = catalog(JANUARY, location="s3://x/")
    assert "at another location" in unchecked_months(TABLE, sources, ledger, elsewhere)[JANUARY]


def test_a_held_month_gives_the_reason_of_its_refusal() -> None:
    ledger = checked(JANUARY).failed({JANUARY: 1}, "line 3: quantity is x7")

    held = unchecked_months(TABLE, {JANUARY: files(JANUARY, "bad")}, ledger, catalog(JANUARY))

    assert held == {JANUARY: "line 3: quantity is x7"}


def test_a_plan_travels_between_tasks_as_json_without_loss() -> None:
    months = plan_months(TABLE, [JANUARY], {JANUARY: files(JANUARY)}, Ledger(), catalog())
    plan = inspected(LoadPlan("account1", "account1_table", JANUARY, months), {JANUARY: Figures(7)})

    assert LoadPlan.from_json(plan.to_json()) == plan
