"""make test-guards: break each guard of the table in a copy of the project, and demand that each of its tests fails."""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.guards.guard import Guard
from tests.guards.table import GUARDS
from tests.guards.trial import Result, run_tests, scratch_copy, try_guard

BASELINE_SECONDS = 3_600


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the guards; 1 when one does not bite, or the table is stale."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("--only", default="", metavar="NAME", help="guards whose name has this in it")
    parser.add_argument(
        "--skip-baseline",
        action="store_true",
        help="do not run the named tests with all guards in place first",
    )
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="so many at a time, default 2")
    chosen = parser.parse_args(arguments)
    guards = [guard for guard in GUARDS if chosen.only in guard.name]
    if not guards:
        print(f"No guard has {chosen.only!r} in its name.")
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sightline-guards-") as folder:
        copies = [scratch_copy(Path(folder) / str(number)) for number in range(chosen.processes)]
        if not chosen.skip_baseline and not _is_green(copies, guards):
            return 1
        results = _told(_tried(guards, copies), len(guards))
    toothless = [result for result in results if not result.bites]
    print(
        f"{len(results)} guards, {len(results) - len(toothless)} bite, {len(toothless)} do not; "
        f"{time.monotonic() - began:.0f} s",
        *(f"  {result.guard.name}: {result.verdict}" for result in toothless),
        sep="\n",
    )
    return 1 if toothless else 0


def _is_green(copies: Sequence[Path], guards: Sequence[Guard]) -> bool:
    """Run every named test with all guards in place: one that fails anyway proves nothing."""
    tests = sorted({test for guard in guards for test in guard.tests})
    print(f"{len(tests)} tests with all guards in place", flush=True)
    options = ("-n", str(len(copies)), "--dist", "loadfile") if len(copies) > 1 else ()
    code, printed = run_tests(copies[0], tests, *options, seconds=BASELINE_SECONDS)
    print(printed.strip().splitlines()[-1] if code == 0 else printed, flush=True)
    return code == 0


def _told(results: Iterable[Result], count: int) -> list[Result]:
    """Print each result as it comes: how many there were, how it ended, how long it took, of which guard."""
    told = []
    for result in results:
        told.append(result)
        print(
            f"{len(told):>{len(str(count))}} of {count}  {result.seconds:5.1f} s  "
            f"{result.guard.name}: {result.verdict}",
            flush=True,
        )
    return told


def _tried(guards: Sequence[Guard], copies: Sequence[Path]) -> Iterator[Result]:
    """Try the guards in as many processes as there are copies; results come as they are there."""
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def in_a_copy(guard: Guard) -> Result:
        copy = free.get()
        try:
            return try_guard(guard, copy)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        trials = [pool.submit(in_a_copy, guard) for guard in guards]
        try:
            for trial in as_completed(trials):
                yield trial.result()
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C ends those that run, and begins no more


if __name__ == "__main__":
    sys.exit(main())
