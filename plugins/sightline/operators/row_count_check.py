"""The stage that proves that Athena reads what the files hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Context

from sightline import sql
from sightline.catalog import PartitionState
from sightline.errors import FiguresDiffer, PlanOutdated, Refusal, SourceChangedMeanwhile, named
from sightline.figures import Figures, differences
from sightline.hooks.athena import QueryExecution
from sightline.ledger import Ledger, Line
from sightline.operators.athena import PlannedStatementOperator
from sightline.operators.base import refusals_end_the_task
from sightline.partitions import Month
from sightline.planning import MonthPlan
from sightline.sources import by_month, fingerprint

# How often a source may be written again while it is being checked before the task gives up.
RELOADS = 3
# How long a check that failed waits for its partitions to be dropped, in seconds.
UNDO_SECONDS = 120


class CheckRowCountOperator(PlannedStatementOperator):
    """Compares rows, empty values and exact sums of all the plan's months in one query, and records what it proved.

    A source that is written again meanwhile is inspected and checked anew. A check that fails drops the partitions
    that this load added, so that the catalog is as it was.
    """

    def months(self, context: Context) -> Sequence[Month]:
        """The months to check."""
        return [month.month for month in self.loaded_plan(context).to_check()]

    def execute(self, context: Context) -> Any:
        """Return the checked rows and the bytes scanned; months that only wait for an ingestion need no check.

        Raises:
            AirflowFailException: if the figures differ, a file is refused, a grant is missing, the cutoff was hit, or
                the plan is older than the ledger.
            QueryExecutionFailed, SourceChangedMeanwhile: if a retry may help.
        """
        with refusals_end_the_task():
            stored = self.scope.ledger.read()
            months = _unrecorded(self.loaded_plan(context).to_check(), stored.ledger)
            if not months:
                return _summary([])
            try:
                lines = self._prove(context, months)
            except Exception as error:
                # Whatever it was: no month may stay in the table that nobody will check. A deferral is no Exception.
                # After a kill nothing is started any more, not even that: until the next load the gate holds.
                if not self.is_killed and (isinstance(error, Refusal) or _is_last_try(context)):
                    self._undo(months, error)
                raise
            self.scope.ledger.update(lambda ledger: ledger.checked(lines), known=stored)
        for line in lines:
            self.log.info("%s: equal in files and Athena: %s", line.month, line.figures)
        return _summary(lines)

    def _prove(self, context: Context, months: tuple[MonthPlan, ...]) -> list[Line]:
        """Check until the sources stand still, and return the months' lines for the ledger."""
        statement = self.statement("check_row_count", months)
        for _ in range(RELOADS):
            execution = self.run(context, statement, self.work("check_row_count", months))
            found = sql.figures_from_rows(self.scope.table, self.athena.rows(execution.id))
            changed = self._changed(months)
            if not changed:
                self._compare(months, found)
                return [_line(month, execution) for month in months]
            months = tuple(self._inspect_again(month, changed) for month in months)
        raise SourceChangedMeanwhile([str(month) for month in changed])

    def _changed(self, months: Iterable[MonthPlan]) -> dict[Month, MonthPlan]:
        """List the sources once more and return the months that are no longer what was inspected, as they are now."""
        table = self.scope.table
        sources = by_month(table, self.scope.source.objects(table.prefix))
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
            raise SourceChangedMeanwhile([f"{self.scope.table.location} ({month.month} is gone)"])
        return replace(current, figures=self.scope.source.figures(current.objects))

    def _compare(self, months: Iterable[MonthPlan], found: Mapping[Month, Figures]) -> None:
        rows = [
            (month.month, *difference)
            for month in months
            for difference in differences(month.figures or Figures(), found.get(month.month, Figures()))
        ]
        if rows:
            raise FiguresDiffer(self.scope.name, rows)

    def _undo(self, months: Iterable[MonthPlan], error: Exception) -> None:
        """Let the ledger say why, and drop the partitions that this load added and nobody else has proved meanwhile."""
        state = {month.month: month.revision for month in months}
        ledger = self.scope.ledger.update(lambda known: known.failed(state, named(error)))
        added = [
            month
            for month in months
            if month.partition is PartitionState.MISSING
            and ledger.line(month.month).revision == month.revision + 1
            and not ledger.line(month.month).is_checked(month.fingerprint)
        ]
        if added:
            self._drop(added)

    def _drop(self, months: Sequence[MonthPlan]) -> None:
        """Drop partitions while this task waits: after a deferral it would check once more, and find them gone."""
        account = self.scope.account
        execution = self.athena.start(
            self.statement("drop_partition", months),
            self.work("drop_partition", months),
            account,
            self.catalog,
        )
        execution = self.athena.wait(execution, UNDO_SECONDS)
        if execution.state != "SUCCEEDED":
            error = execution.error(account, self.scope.analytics.role_arn)
            self.log.error("The partitions are still there: %s", error)


def _unrecorded(months: Iterable[MonthPlan], ledger: Ledger) -> tuple[MonthPlan, ...]:
    """Leave out the months whose very check is in the ledger already: by a second Dag, or before this task was killed.

    Raises:
        PlanOutdated: if the ledger has learnt anything else of a month since the plan was made.
    """
    left = tuple(month for month in months if not _is_recorded(month, ledger))
    outdated = [month.month for month in left if ledger.line(month.month).revision != month.revision]
    if outdated:
        raise PlanOutdated(outdated)
    return left


def _is_recorded(month: MonthPlan, ledger: Ledger) -> bool:
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
