"""make test-guards: break each guard of the table in a copy of the project, and demand that a named test fails."""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.guards.guard import Guard
from tests.guards.table import GUARDS
from tests.guards.trial import Result, run_tests, scratch_copy, try_guard

PROCESSES = 2
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
    chosen = parser.parse_args(arguments)
    guards = [guard for guard in GUARDS if chosen.only in guard.name]
    if not guards:
        print(f"No guard has {chosen.only!r} in its name.")
        return 1
    with tempfile.TemporaryDirectory(prefix="sightline-guards-") as folder:
        copies = [scratch_copy(Path(folder) / str(number)) for number in range(PROCESSES)]
        if not chosen.skip_baseline and not _is_green(copies[0], guards):
            return 1
        width = max(len(guard.name) for guard in guards)
        results = []
        for result in _tried(guards, copies):
            print(f"{result.guard.name:<{width}}  {result.seconds:6.1f} s  {result.verdict}", flush=True)
            results.append(result)
    toothless = [result for result in results if not result.bites]
    print(f"{len(results)} guards, {len(results) - len(toothless)} bite, {len(toothless)} do not")
    return 1 if toothless else 0


def _is_green(copy: Path, guards: Sequence[Guard]) -> bool:
    """Run every named test with all guards in place: one that fails anyway proves nothing."""
    tests = sorted({test for guard in guards for test in guard.tests})
    options = ("-n", str(PROCESSES), "--dist", "loadfile")
    code, printed = run_tests(copy, tests, *options, seconds=BASELINE_SECONDS)
    print(printed.strip().splitlines()[-1] if code == 0 else printed)
    return code == 0


def _tried(guards: Sequence[Guard], copies: Sequence[Path]) -> Iterator[Result]:
    """Try the guards in as many processes as there are copies; results come in the table's order."""
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
        yield from pool.map(in_a_copy, guards)


if __name__ == "__main__":
    sys.exit(main())
