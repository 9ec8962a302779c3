"""`python -m tests.faults`: loads struck at every call by everything that a wire, a machine or a second load can do."""

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

from tests.faults.plan import Plan
from tests.faults.progress import Progress
from tests.faults.report import Report, write_document
from tests.faults.trial import Result
from tests.faults.workers import local_clouds, read_plan, results, work, workers


def main() -> int:
    """Run the campaign; 1 if anything did not hold."""
    chosen = _arguments()
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
    if chosen.write_docs:
        write_document(report, chosen.seed)
    return 1 if report.bad else 0


def _results(pool: ProcessPoolExecutor, plan: Plan, chosen: argparse.Namespace) -> Iterator[Result]:
    if not chosen.only_trial:
        return results(pool, plan, chosen.trials, chosen.jobs)
    seed, _, number = chosen.only_trial.rpartition("/")
    return iter([pool.submit(work, Plan(seed, plan.calls).trial(int(number))).result()])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--trials", type=int, default=200, help="how many")
    parser.add_argument("--seed", default="1", help="the same seed, the same trials")
    parser.add_argument(
        "--jobs", type=int, default=2, help="worker processes, each with a local AWS of its own"
    )
    parser.add_argument("--only-trial", metavar="SEED", help="run just the trial of this seed, such as 1/57")
    parser.add_argument("--write-docs", action="store_true", help="write the tables of docs/faults.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
