"""The demo's story: provision, both loads of January 2024, and the proof that all figures are equal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from demo.evidence import Evidence, column_total
from demo.progress import Progress, table
from demo.waiting import wait_until

if TYPE_CHECKING:
    from demo.airflow_api import AirflowApi, Run
    from sightline.settings import WorkloadAccount

MONTH = "2024-01"
# As the article's files have them: records, and the sum of total_sales.
EXPECTED = {"account1": (7, Decimal("18665.40")), "account2": (7, Decimal("18295.95"))}
RUN_SECONDS = 240
LOG_LINES = 30
WORTH_A_LINE = {
    "success": "done",
    "skipped": "skipped",
    "deferred": "waits",
    "up_for_retry": "failed, and is tried again",
    "failed": "failed",
    "upstream_failed": "not reached",
}
HEADER = (
    "account",
    "month",
    "rows in files",
    "rows in Athena",
    "rows in SPICE",
    "total_sales in files",
    "total_sales in Athena",
    "bytes scanned",
    "state",
)


class StoryFailedError(Exception):
    """A run failed, or a figure is not what it must be; the text says which and where to look."""


@dataclass(frozen=True)
class Proof:
    """One account's month, found three times over."""

    account: str
    file_rows: int
    athena_rows: int
    spice_rows: int
    file_total: Decimal
    athena_total: Decimal
    bytes_scanned: int
    state: str

    def cells(self) -> list[str]:
        """The line of the table."""
        counts = [self.file_rows, self.athena_rows, self.spice_rows]
        totals = [self.file_total, self.athena_total]
        return [
            self.account,
            MONTH,
            *map(str, counts),
            *map(str, totals),
            str(self.bytes_scanned),
            self.state,
        ]

    def mistakes(self) -> list[str]:
        """What is not as it must be."""
        rows, total = EXPECTED[self.account]
        found = {
            "rows in files": self.file_rows == rows,
            "rows in Athena": self.athena_rows == rows,
            "rows in SPICE": self.spice_rows == rows,
            "total_sales in files": self.file_total == total,
            "total_sales in Athena": self.athena_total == total,
        }
        return [
            f"{self.account}: {name} is not the article's ({rows}, {total})"
            for name, ok in found.items()
            if not ok
        ]


class Story:
    """Runs the Dags and looks at what they made."""

    def __init__(self, api: AirflowApi, evidence: Evidence, progress: Progress) -> None:
        self.api, self.evidence, self.progress = api, evidence, progress

    def tell(self) -> None:
        """Do all of it and print the proof. Raises StoryFailedError."""
        accounts = self.evidence.estate.settings.workload_accounts
        self._follow([self.api.trigger("provision")])
        runs = self._follow([self.api.trigger(f"load_{account.name}", month=MONTH) for account in accounts])
        proofs = [self._prove(account, run) for account, run in zip(accounts, runs, strict=True)]
        print(f"\n{table(HEADER, [proof.cells() for proof in proofs])}\n", flush=True)
        if mistakes := [mistake for proof in proofs for mistake in proof.mistakes()]:
            raise StoryFailedError("\n".join(mistakes))

    def _follow(self, runs: list[Run]) -> list[Run]:
        """Wait for runs, a line a task that ends. Raises StoryFailedError with the log of what failed."""
        said: set[tuple[str, str]] = set()

        def look() -> list[Run] | None:
            current = [self.api.run(run.dag_id, run.run_id) for run in runs]
            for run in current:
                self._say_what_is_new(run, said)
            return current if all(run.is_final for run in current) else None

        names = " and ".join(run.dag_id for run in runs)
        ended = wait_until(look, what=f"the end of {names}", timeout_seconds=RUN_SECONDS, poll_seconds=0.5)
        for run in ended:
            if run.state != "success":
                raise StoryFailedError(self._failure(run))
        return ended

    def _say_what_is_new(self, run: Run, said: set[tuple[str, str]]) -> None:
        for task in run.tasks.values():
            event = (run.dag_id, f"{task.task_id} {WORTH_A_LINE.get(task.state or '')}")
            if task.state in WORTH_A_LINE and event not in said:
                said.add(event)
                self.progress.say(": ".join(event))

    def _failure(self, run: Run) -> str:
        parts = [f"{run.dag_id} failed: {self.api.url}/dags/{run.dag_id}/runs/{run.run_id}"]
        for task in run.failed_tasks():
            lines = _without_groups(self.api.log(run, task.task_id, map_index=task.map_index))[-LOG_LINES:]
            parts.append(f"The last lines of the log of {task.task_id}:")
            parts.extend(f"    {line}" for line in lines)
        return "\n".join(parts)

    def _prove(self, account: WorkloadAccount, run: Run) -> Proof:
        source = account.tables[0]
        records = self.evidence.records(account, MONTH)
        year, month = map(int, MONTH.split("-"))
        answer = self.evidence.query(
            f'SELECT count(*), sum(total_sales) FROM "{account.database}"."{source.name}" '
            f"WHERE year = {year} AND month = {month}",
            account,
        )
        rows, total = answer.rows[0]
        return Proof(
            account=account.name,
            file_rows=len(records),
            athena_rows=int(rows or 0),
            spice_rows=self.evidence.spice_rows(account),
            file_total=column_total(records, "total_sales"),
            athena_total=Decimal(total or 0),
            bytes_scanned=self._bytes_scanned(account, run),
            state=run_outcome(run),
        )

    def _bytes_scanned(self, account: WorkloadAccount, run: Run) -> int:
        """What this run's own check read; nothing when it had nothing to check."""
        if run_outcome(run) == "unchanged":
            return 0
        return int(self.evidence.ledger_lines(account)[MONTH]["bytes_scanned"])


def run_outcome(run: Run) -> str:
    """What a load run did: `unchanged` when it had nothing to check, else `loaded`."""
    checks = {state for task_id, state in run.states.items() if task_id.endswith("check_row_count")}
    return "unchanged" if checks == {"skipped"} else "loaded"


def _without_groups(log: str) -> list[str]:
    """A log's lines without those that Airflow folds away: where it was read from, how the worker started."""
    lines, is_folded = [], False
    for line in log.splitlines():
        is_folded = line.startswith("::group::") or (is_folded and not line.startswith("::endgroup::"))
        if not is_folded and not line.startswith("::endgroup::"):
            lines.append(line)
    return lines
