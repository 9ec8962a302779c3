"""The second loads of a trial, within a call of the first one or beside it in a thread of their own: judged, too."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.faults.plan import KILLS, WIRE, Trial
from tests.faults.runs import Run

REFUSED = re.compile(r"\(try \d+\): AirflowFailException: (\w+): ")
# What a load refuses because of another one that is underway; each says what to do, and that is tried by the trial.
OUTDATED, HELD = "PlanOutdated", "GateHeld"
# A gate held by another load has it that a month is not checked yet, or its partition not mended; by nothing else.
UNDERWAY = ("it was never checked", "gone from the catalog", "at another location")
# What a load refuses because of a bad file: as it inspects, as it inspects anew while it checks, or at the gate.
BECAUSE_OF_A_FILE = ("SourceRefused", "BadValues", HELD, OUTDATED)


@dataclass
class Others:
    """Runs second loads and keeps how they went."""

    make: Callable[[], Run]
    runs: list[Run] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _crashes: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Run one from beginning to end."""
        self.runs.append(self.make())
        try:
            self.runs[-1].go()
        except Exception:  # noqa: BLE001 - whatever it was, it belongs to the trial
            self._crashes.append(traceback.format_exc())

    def begin(self) -> None:
        """Begin one in another thread."""
        thread = threading.Thread(target=self.run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait for all that have begun."""
        for thread in self._threads:
            thread.join()

    def problems(self, trial: Trial, *, is_bad: bool) -> Iterator[str]:
        """Say what is wrong with how they went: what nothing struck succeeds, or says what the first load changed."""
        yield from (f"a second load broke:\n{crash}" for crash in self._crashes)
        # A fault may strike the load beside, and a kill ends what both of them wait for.
        is_struck = bool(self._threads) and any(strike.kind in (*WIRE, *KILLS) for strike in trial.strikes)
        for run in self.runs:
            if is_bad and run.is_success:
                yield "a second load succeeded although a file is bad"
            for error in run.errors if not is_struck else ():
                if not is_excused(error, is_bad=is_bad):
                    yield f"a second load: {error}"


def is_excused(error: str, *, is_bad: bool) -> bool:
    """Tell whether a load that nothing struck may fail so beside another one, and where a file is bad."""
    found = REFUSED.search(error)
    name = found[1] if found else ""
    if is_bad:
        return name in BECAUSE_OF_A_FILE
    return name == OUTDATED or (name == HELD and any(reason in error for reason in UNDERWAY))
