"""The demo's story: provision, both loads of January 2024, and the proof that all figures are equal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from demo.evidence import Evidence, column_total
from demo.progress import Progress, table
from demo.proof import EXPECTED, LOADED, MONTH, Proof, allowed_states, header, run_state, summed_column
from demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.airflow_api import AirflowApi, Run
    from demo.proof import Versions
    from sightline.settings import WorkloadAccount

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


class StoryFailedError(Exception):
    """A run failed, or a figure is not what it must be; the text says which and where to look."""


class Story:
    """Runs the Dags and looks at what they made.

    `proved` are the objects of the last proof on this stage, by account; a fresh stage has none.
    """

    def __init__(
        self,
        api: AirflowApi,
        evidence: Evidence,
        progress: Progress,
        *,
        is_fresh: bool,
        proved: Mapping[str, Versions],
    ) -> None:
        self.api, self.evidence, self.progress = api, evidence, progress
        self.is_fresh, self.proved = is_fresh, proved

    def tell(self) -> dict[str, Versions]:
        """Do all of it, print the proof, and return the objects that were proved. Raises StoryFailedError."""
        self._follow([self.api.trigger("provision")])
        accounts = self._with_files()
        earlier = {account.name: self.evidence.query_ids(account) for account in accounts}
        runs = self._follow([self.api.trigger(f"load_{account.name}", month=MONTH) for account in accounts])
        proofs = [self._prove(a, run, earlier[a.name]) for a, run in zip(accounts, runs, strict=True)]
        summed = " or ".join(sorted({proof.summed for proof in proofs if proof.summed})) or "sum"
        print(f"\n{table(header(summed), [proof.cells() for proof in proofs])}\n", flush=True)
        if mistakes := [mistake for proof in proofs for mistake in proof.mistakes()]:
            raise StoryFailedError("\n".join(mistakes))
        return {account.name: versions(self.evidence.objects(account, MONTH)) for account in accounts}

    def _with_files(self) -> list[WorkloadAccount]:
        """The accounts that have files of the month, or should: theirs are shipped. Each of the others gets a line."""
        chosen = []
        for account in self.evidence.estate.settings.workload_accounts:
            empty = [each for each in account.tables if not self.evidence.objects(account, MONTH, each)]
            if not empty or account.name in EXPECTED:
                chosen.append(account)
                continue
            names = ", ".join(each.location for each in empty)
            self.progress.say(
                f"{account.name}: provisioned, but not loaded and not in the proof: no files of {MONTH} in {names}. "
                f"Deliver one (docs/operations.md), then trigger load_{account.name} with its month"
            )
        return chosen

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
        if run.state == "queued":
            self._say_what_it_waits_for(run, said)
        for task in run.tasks.values():
            event = (run.dag_id, f"{task.task_id} {WORTH_A_LINE.get(task.state or '')}")
            if task.state in WORTH_A_LINE and event not in said:
                said.add(event)
                self.progress.say(": ".join(event))

    def _say_what_it_waits_for(self, run: Run, said: set[tuple[str, str]]) -> None:
        """A Dag has one run at a time: one that waits for a file would hold up this one without a word."""
        for other in self.api.running(run.dag_id):
            at = " and ".join(
                task.task_id for task in other.tasks.values() if task.state in {"running", "deferred"}
            )
            event = (run.dag_id, f"queued behind {other.run_id}")
            if at and other.run_id != run.run_id and event not in said:
                said.add(event)
                self.progress.say(
                    f"{': '.join(event)}, which is at {at}. Not to wait for it, mark it as failed: "
                    f"{self.api.url}/dags/{other.dag_id}/runs/{other.run_id}"
                )

    def _failure(self, run: Run) -> str:
        parts = [f"{run.dag_id} failed: {self.api.url}/dags/{run.dag_id}/runs/{run.run_id}"]
        for task in run.failed_tasks():
            lines = _without_groups(self.api.log(run, task.task_id, map_index=task.map_index))[-LOG_LINES:]
            parts.append(f"The last lines of the log of {task.task_id}:")
            parts.extend(f"    {line}" for line in lines)
        return "\n".join(parts)

    def _prove(self, account: WorkloadAccount, run: Run, earlier: set[str]) -> Proof:
        """`earlier` are the queries of before the run: what it scanned is not among them."""
        source, look = account.tables[0], self.evidence
        summed = summed_column(source)
        total_of = f'sum("{summed}")' if summed else "0"
        records, served = look.records(account, MONTH), _of_month(look.spice_records(account))
        scanned = self._bytes_scanned(account, run, earlier)
        objects = look.objects(account, MONTH)
        year, month = map(int, MONTH.split("-"))
        answer = look.query(
            f'SELECT count(*), {total_of} FROM "{account.database}"."{source.name}" '
            f"WHERE year = {year} AND month = {month}",
            account,
        )
        rows, total = answer.rows[0]
        return Proof(
            account=account.name,
            file_rows=len(records),
            athena_rows=int(rows or 0),
            spice_rows=len(served),
            file_total=column_total(records, summed) if summed else Decimal(0),
            athena_total=Decimal(total or 0),
            spice_total=column_total(served, summed) if summed else Decimal(0),
            summed=summed,
            file_bytes=sum(entry["Size"] for entry in objects),
            bytes_scanned=scanned,
            state=run_state(run),
            allowed_states=allowed_states(
                self.proved.get(account.name), versions(objects), is_fresh=self.is_fresh
            ),
        )

    def _bytes_scanned(self, account: WorkloadAccount, run: Run, earlier: set[str]) -> int:
        """What the run's check read, as Athena counts it; of a run without one, all that was read meanwhile."""
        began = self.evidence.query_ids(account) - earlier
        if run_state(run) == LOADED:
            began &= {self.evidence.ledger_lines(account)[MONTH]["query_execution_id"]}
        return sum(self.evidence.bytes_scanned(query_id) for query_id in began)


def versions(objects: list[dict[str, Any]]) -> dict[str, str]:
    """A listing's objects: key to what another write would change."""
    return {entry["Key"]: f"{entry['ETag']} {entry['LastModified'].isoformat()}" for entry in objects}


def _of_month(records: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    wanted = tuple(map(int, MONTH.split("-")))
    return [each for each in records if (int(each["year"] or 0), int(each["month"] or 0)) == wanted]


def _without_groups(log: str) -> list[str]:
    """A log's lines without those that Airflow folds away: where it was read from, how the worker started."""
    lines, is_folded = [], False
    for line in log.splitlines():
        is_folded = line.startswith("::group::") or (is_folded and not line.startswith("::endgroup::"))
        if not is_folded and not line.startswith("::endgroup::"):
            lines.append(line)
    return lines
