"""What a campaign says while it runs: how far it is, how fast, how long it still takes; every violation at once."""

from __future__ import annotations

import sys
import time

from tests.faults.report import Report
from tests.faults.trial import Result

# Whichever is sooner.
EVERY_TRIALS, EVERY_SECONDS = 25, 30.0


class Progress:
    """Says it to standard output, line by line."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._began = self._said = time.monotonic()
        self._first = self._began

    def say(self, text: str) -> None:
        """Say something, with the time since the start."""
        print(f"[{time.monotonic() - self._began:4.0f} s] {text}", flush=True)

    def begin(self) -> None:
        """The trials begin now: what came before does not count for their pace."""
        self._first = time.monotonic()

    def tell(self, result: Result, report: Report, *, always: bool) -> None:
        """Tell a result with violations, or every one, and now and then how far it is."""
        if result.violations or always:
            self._tell(result)
        done, now = len(report.results), time.monotonic()
        if done and (done % EVERY_TRIALS == 0 or now - self._said > EVERY_SECONDS):
            pace = done / (now - self._first)
            left = (self._wanted - done) / pace / 60
            bad = f"{len(report.bad)} with violations"
            self.say(f"{done} of {self._wanted} trials, {bad}, {pace:.2f} a second, {left:.0f} min left")
            self._said = now

    def _tell(self, result: Result) -> None:
        trial = result.trial
        print(f"\ntrial {trial.seed} ({trial}): {result.ending or 'broken'}, {result.seconds:.1f} s")
        for line in (*result.errors, *(f"VIOLATION {each}" for each in result.violations)):
            print(f"  {line}")
        if result.violations:
            print(f"  again: {command(trial.seed)}")
        sys.stdout.flush()


def command(seed: str) -> str:
    """The command that runs just this trial."""
    return f"make test-faults TRIAL={seed}"
