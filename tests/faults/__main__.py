"""`python -m tests.faults`: loads struck at their calls by what a wire, a machine or a second load can do."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

# Airflow's home and environment of its own, as the tests have it; before Airflow is imported.
import tests.conftest  # noqa: F401

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

from tests.faults.arguments import arguments
from tests.faults.plan import Plan
from tests.faults.progress import Progress
from tests.faults.report import Report, write_document
from tests.faults.trial import Result
from tests.faults.workers import local_clouds, read_plan, results, work, workers


def main() -> int:
    """Run the campaign; 1 if anything did not hold, or less was struck than was asked for."""
    chosen = arguments()
    progress = Progress(chosen.trials)
    progress.say(f"Starting {chosen.jobs} local AWS, then reading the calls of undisturbed loads")
    # Ended from outside, it still ends the local AWS that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with local_clouds(chosen.jobs) as endpoints, workers(endpoints) as pool:
        plan = read_plan(pool, chosen.seed)
        progress.say(f"{len(plan.rows)} calls × kinds = {len(plan.cells)} cells")
        report = Report(plan.rows)
        progress.begin()
        for result in _results(pool, plan, chosen):
            report.add(result)
            progress.tell(result, report, always=bool(chosen.only_trial))
    print(f"\n{report.table()}\n\n{report.clock_table()}\n")
    progress.say(report.summary())
    if missing := report.missing(1 if chosen.only_trial else chosen.trials):
        progress.say(
            f"{missing} trials are missing: what was drawn did not come to its call. No table is written."
        )
        return 1
    if chosen.write_docs:
        write_document(report, chosen.seed)
    return 1 if report.bad else 0


def _results(pool: ProcessPoolExecutor, plan: Plan, chosen: argparse.Namespace) -> Iterator[Result]:
    if not chosen.only_trial:
        return results(pool, plan, chosen.trials, chosen.jobs)
    seed, number = chosen.only_trial
    return iter([pool.submit(work, Plan(seed, plan.calls).trial(number)).result()])


if __name__ == "__main__":
    sys.exit(main())
