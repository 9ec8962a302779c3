"""The stage that proves that Athena reads what the files hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Context

from sightline import sql
from sightline.catalog import PartitionState
from sightline.errors import FiguresDiffer, Refusal, SightlineError, SourceChangedMeanwhile
from sightline.figures import Figures, differences
from sightline.hooks.athena import QueryExecution
from sightline.ledger import Ledger, Line
from sightline.operators.athena import PlannedStatementOperator
from sightline.operators.base import refusals_end_the_task
from sightline.partitions import Month
from sightline.planning import LoadPlan, MonthPlan
from sightline.sources import by_month, fingerprint

# How often a source may be written again while it is being checked before the task gives up.
RELOADS = 3


class CheckRowCountOperator(PlannedStatementOperator):
    """Compares rows, empty values and exact sums of all the plan's months in one query, and records what it proved.

    A source that is written again meanwhile is inspected and checked anew. A check that fails drops the partitions
    that this load added, so that the catalog is as it was.
    """

    def months(self, context: Context) -> Sequence[Month]:
        """The months to check."""
        return [month.month for month in self.loaded_plan(context).to_check()]

    def execute(self, context: Context) -> Any:
        """Return the checked rows and the bytes scanned; months that only wait for an ingestion need no check."""
        plan = self.loaded_plan(context)
        with refusals_end_the_task():
            stored = self.accounts.ledger.read()
            if all(_is_recorded(month, stored.ledger) for month in plan.to_check()):
                return {"rows": 0, "bytes_scanned": 0}
            try:
                lines = self._prove(context, plan.to_check())
            except SightlineError as error:
                if isinstance(error, Refusal) or _is_last_try(context):
                    self._undo(context, plan, error)
                raise
            self.accounts.ledger.update(lambda ledger: ledger.checked(lines), known=stored)
        return _summary(lines)

    def _prove(self, context: Context, months: tuple[MonthPlan, ...]) -> list[Line]:
        """Check until the sources stand still, and return the months' lines for the ledger."""
        for _ in range(RELOADS):
            execution = self.run(context, self.query, self.work("check_row_count", months))
            found = sql.figures_from_rows(self.accounts.table, self.athena.rows(execution.id))
            changed = self._changed(months)
            if not changed:
                self._compare(months, found)
                return [_line(month, execution) for month in months]
            months = tuple(self._inspect_again(month, changed) for month in months)
        raise SourceChangedMeanwhile([str(month) for month in changed])

    def _changed(self, months: Iterable[MonthPlan]) -> dict[Month, MonthPlan]:
        """List the sources once more and return the months that are no longer what was inspected, as they are now."""
        table = self.accounts.table
        sources = by_month(table, self.accounts.source.objects(table.prefix))
        now = (replace(month, objects=sources.get(month.month, ())) for month in months)
        fresh = (replace(month, fingerprint=fingerprint(table, month.objects)) for month in now)
        return {
            after.month: after
            for before, after in zip(months, fresh, strict=True)
            if after.fingerprint != before.fingerprint
        }

    def _inspect_again(self, month: MonthPlan, changed: Mapping[Month, MonthPlan]) -> MonthPlan:
        if month.month not in changed:
            return month
        self.log.info("%s was delivered again meanwhile: inspecting it anew", month.month)
        current = changed[month.month]
        if not current.objects:
            raise SourceChangedMeanwhile([f"{self.accounts.table.location} ({month.month} is gone)"])
        return replace(current, figures=self.accounts.source.figures(current.objects))

    def _compare(self, months: Iterable[MonthPlan], found: Mapping[Month, Figures]) -> None:
        rows = [
            (month.month, *difference)
            for month in months
            for difference in differences(month.figures or Figures(), found.get(month.month, Figures()))
        ]
        if rows:
            raise FiguresDiffer(f"{self.accounts.account.database}.{self.accounts.table.name}", rows)

    def _undo(self, context: Context, plan: LoadPlan, error: SightlineError) -> None:
        """Drop the partitions that this load added, and let the ledger say why."""
        added = plan.with_partition(PartitionState.MISSING)
        if added:
            values = sql.statement_values(
                self.accounts.account, self.accounts.table, [month.month for month in added]
            )
            self.run(context, sql.render("drop_partition", **values), self.work("drop_partition", added))
        state = {month.month: month.revision for month in plan.to_check()}
        self.accounts.ledger.update(lambda ledger: ledger.failed(state, str(error)))


def _is_recorded(month: MonthPlan, ledger: Ledger) -> bool:
    """Tell whether this very check is in the ledger already, as after a kill between recording and ending."""
    line = ledger.line(month.month)
    return line.revision > month.revision and line.is_checked(month.fingerprint)


def _is_last_try(context: Context) -> bool:
    return context["ti"].try_number > context["ti"].max_tries


def _line(month: MonthPlan, execution: QueryExecution) -> Line:
    return Line(
        month=month.month,
        revision=month.revision,
        objects=month.objects,
        fingerprint=month.fingerprint,
        figures=month.figures,
        bytes_scanned=execution.bytes_scanned,
        query_execution_id=execution.id,
        checked_at=datetime.now(UTC),
    )


def _summary(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "rows": sum(line.figures.rows for line in lines if line.figures),
        "bytes_scanned": max((line.bytes_scanned for line in lines), default=0),
    }
