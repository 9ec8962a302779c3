"""The planner: source objects × ledger × catalog → what each month of a table needs.

Daily load and months backfill share it: the daily load plans its own month and those within the look-back, a backfill
the months that it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue, TypeAdapter

from sightline.catalog import Partitions, PartitionState
from sightline.figures import Figures
from sightline.ledger import Ledger, Line
from sightline.partitions import Month
from sightline.settings import Table
from sightline.sources import SourceObject, fingerprint


@dataclass(frozen=True)
class MonthPlan:
    """What one month needs: a partition, a check, or only an ingestion.

    `figures` are those of the files, once they were inspected; `revision` is the ledger's when the plan was made.
    """

    month: Month
    objects: tuple[SourceObject, ...]
    fingerprint: str
    revision: int
    partition: PartitionState
    needs_check: bool
    figures: Figures | None = None


@dataclass(frozen=True)
class LoadPlan:
    """What one load of one table does."""

    account: str
    table: str
    run_month: Month
    months: tuple[MonthPlan, ...]

    def to_json(self) -> JsonValue:
        """Give the form that travels from task to task."""
        answer: JsonValue = _PLAN.dump_python(self, mode="json")
        return answer

    @classmethod
    def from_json(cls, document: object) -> LoadPlan:
        """Read what `to_json` gave."""
        return _PLAN.validate_python(document)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has to be done: every month stands checked and published as it is."""
        return not self.months

    def to_check(self) -> tuple[MonthPlan, ...]:
        """The months whose files must be compared with Athena."""
        return tuple(month for month in self.months if month.needs_check)

    def with_partition(self, state: PartitionState) -> tuple[MonthPlan, ...]:
        """The months whose partition the catalog had in this state."""
        return tuple(month for month in self.months if month.partition is state)


_PLAN = TypeAdapter(LoadPlan)


def candidate_months(
    table: Table,
    run_month: Month,
    sources: Mapping[Month, object],
    ledger: Ledger,
    partitions: Partitions,
) -> list[Month]:
    """Choose the months that a daily run looks at.

    Its own and those of the look-back; every registered month, since the next ingestion reads them all and may not
    take in one that was never checked; and every one that was ever checked, since a partition that somebody dropped
    must come back.
    Of all these only months that have source objects.
    """
    first = run_month.plus(-table.look_back_months)
    in_sight = {month for month in sources if first <= month <= run_month}
    known = {line.month for line in ledger if line.is_known}
    return sorted(in_sight | ((known | set(partitions.locations)) & set(sources)))


def misplaced_months(
    table: Table, months: Iterable[Month], ledger: Ledger, partitions: Partitions
) -> list[Month]:
    """Find checked months whose partition is no longer what was checked.

    They are reopened before the partition is mended: a load that dies in between must not leave a month that looks
    as if nothing had happened to it.
    """
    return [
        month
        for month in months
        if ledger.line(month).checked_at and partitions.state(table, month) is not PartitionState.RIGHT
    ]


def plan_months(
    table: Table,
    months: Iterable[Month],
    sources: Mapping[Month, tuple[SourceObject, ...]],
    ledger: Ledger,
    partitions: Partitions,
) -> tuple[MonthPlan, ...]:
    """Plan these months; one that stands checked and published as it is needs nothing and is left out."""
    planned = [_plan_month(table, month, sources[month], ledger.line(month), partitions) for month in months]
    return tuple(plan for plan in planned if plan is not None)


def _plan_month(
    table: Table, month: Month, objects: tuple[SourceObject, ...], line: Line, partitions: Partitions
) -> MonthPlan | None:
    partition = partitions.state(table, month)
    content = fingerprint(table, objects)
    is_checked = line.is_checked(content) and partition is PartitionState.RIGHT
    if is_checked and line.is_published_in(table.quicksight.data_set_id):
        return None
    return MonthPlan(
        month=month,
        objects=objects,
        fingerprint=content,
        revision=line.revision,
        partition=partition,
        needs_check=not is_checked,
        figures=line.figures if is_checked else None,
    )


def inspected(plan: LoadPlan, figures: Mapping[Month, Figures]) -> LoadPlan:
    """Return the plan with what the files of its months hold."""
    return replace(
        plan,
        months=tuple(
            replace(month, figures=figures[month.month]) if month.month in figures else month
            for month in plan.months
        ),
    )


def unchecked_months(
    table: Table,
    sources: Mapping[Month, tuple[SourceObject, ...]],
    ledger: Ledger,
    partitions: Partitions,
) -> dict[Month, str]:
    """The gate: which months of the data set do not stand at their checked content, each with the reason.

    The data set reads every registered partition at its next ingestion, and must hold every month ever checked. One
    month that was never checked, was delivered again since, has disappeared or lost its partition holds the ingestion,
    and SPICE keeps the last good state.
    """
    known = {line.month for line in ledger if line.is_known and line.month in sources}
    reasons = {
        month: _unchecked(table, sources.get(month, ()), ledger.line(month), partitions.state(table, month))
        for month in sorted(known | set(partitions.locations))
    }
    return {month: reason for month, reason in reasons.items() if reason}


def _unchecked(table: Table, objects: tuple[SourceObject, ...], line: Line, partition: PartitionState) -> str:
    if partition is not PartitionState.RIGHT:
        return f"its partition is {_PARTITION_TEXT[partition]}; the next load mends it"
    if not objects:
        return "its partition is registered, but its source objects are gone"
    if line.checked_at is None:
        return line.failure or "it was never checked"
    if not line.is_checked(fingerprint(table, objects)):
        return line.failure or "its source objects changed after the check"
    return ""


_PARTITION_TEXT = {
    PartitionState.MISSING: "gone from the catalog",
    PartitionState.OTHER_LOCATION: "at another location",
}
