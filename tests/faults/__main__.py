"""`python -m tests.faults`: loads struck at every call by everything that a wire, a machine or a second load can do."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

# Airflow's home and environment of its own, as the tests have it; before Airflow is imported.
import tests.conftest  # noqa: F401

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

from tests.faults.plan import Plan
from tests.faults.report import Report, write_document
from tests.faults.trial import Result
from tests.faults.workers import local_clouds, results, undisturbed_calls, workers


def main() -> int:
    """Run the campaign; 1 if anything did not hold."""
    chosen = _arguments()
    # Ended from outside, it still ends the local AWS that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    with local_clouds(chosen.jobs) as endpoints, workers(endpoints) as pool:
        plan = Plan(chosen.seed, undisturbed_calls(pool))
        report = Report(plan.rows)
        print(f"{len(plan.rows)} calls, read in {time.monotonic() - began:.0f} s", flush=True)
        if chosen.only_trial:
            seed, _, number = chosen.only_trial.rpartition("/")
            trials = [Plan(seed, plan.calls).trial(int(number))]
        else:
            trials = [plan.trial(number) for number in range(chosen.trials)]
        for result in results(pool, trials, chosen.jobs):
            report.add(result)
            _say(result, report, began, always=bool(chosen.only_trial))
    print(
        f"\n{report.table()}\n\n{report.clock_table()}\n\n{report.summary()} in {time.monotonic() - began:.0f} s"
    )
    if chosen.write_docs:
        write_document(report)
    return 1 if report.bad else 0


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


def _say(result: Result, report: Report, began: float, *, always: bool) -> None:
    done = len(report.results)
    if result.violations or always:
        print(f"\ntrial {result.trial.seed} ({result.trial}): {result.ending}, {result.seconds:.1f} s")
        print("\n".join(f"  {error}" for error in result.errors))
        print("\n".join(f"  VIOLATION {violation}" for violation in result.violations), flush=True)
    if done % 25 == 0:
        rate = done / (time.monotonic() - began)
        print(f"{done} trials, {len(report.bad)} with violations, {rate:.2f} a second", flush=True)


if __name__ == "__main__":
    sys.exit(main())
