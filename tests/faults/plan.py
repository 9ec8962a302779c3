"""Which trials there are: from a seed always the same ones, spread over all calls and kinds.

The calls are those that undisturbed loads are seen to make. Every other trial takes the next (call, kind) of the calls
that change something, where most is at stake; the others go round all calls.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.faults.scenarios import SCENARIOS

WIRE = ("throttled", "error_500", "error_503", "reset", "slow", "lost", "expired")
KILLS = ("SIGKILL", "SIGTERM")
MEANWHILE = ("delivered again", "second load", "load beside", "provision")
KINDS = (*WIRE, *KILLS, *MEANWHILE)
CHANGES = frozenset({"PutObject", "StartQueryExecution", "CreateIngestion", "StopQueryExecution"})
# How often these are made depends on how long something took: each is one row, whatever its number.
POLLS = frozenset({"GetQueryExecution", "DescribeIngestion"})
# What a file that is written between the gate's look at the bucket and the end of QuickSight's reading does is beyond
# any client: docs/faults.md says what happens then.
WINDOW = frozenset(
    {("CreateIngestion", 1), ("CreateIngestion", 2), ("DescribeIngestion", 1), ("AssumeRole", 3)}
)
# Times a call is struck: once, twice; as often as botocore tries it (6) and once more; through two tries; through all.
TIMES = (1, 2, 7, 13, 25)
SKEWS = (86_400, -86_400, 1_200, -1_200, 840, -840, 240, -240)
EVERY_SKEW = 25


@dataclass(frozen=True, order=True)
class Call:
    """A call that a task of a load makes: the `ordinal`-th of its operation in that task."""

    task: str
    service: str
    operation: str
    ordinal: int = 1

    def __str__(self) -> str:
        return f"{self.task} · {self.service}:{self.operation}" + (
            f" {self.ordinal}" if self.ordinal > 1 else ""
        )


@dataclass(frozen=True)
class Strike:
    """What hits a load at a call. `times` is a wire fault's; `when`, a kill's: before the call goes out or after."""

    kind: str
    call: Call
    times: int = 1
    when: str = "before"

    def __str__(self) -> str:
        how = f"×{self.times}" if self.kind in WIRE else self.when
        return f"{self.kind} {how} at {self.call}"


@dataclass(frozen=True)
class Trial:
    """One trial; its seed is `<campaign's seed>/<number>`. `skew` is the clock's, in seconds."""

    seed: str
    scenario: str
    strikes: tuple[Strike, ...] = ()
    skew: int = 0

    def __str__(self) -> str:
        what = f"clock {self.skew:+} s" if self.skew else "; ".join(map(str, self.strikes))
        return f"{self.scenario}: {what}"


@dataclass(frozen=True)
class Plan:
    """The trials of a seed; `calls` are those of an undisturbed load of each scenario."""

    seed: str
    calls: Mapping[str, Sequence[Call]]

    @cached_property
    def rows(self) -> list[Call]:
        """All calls, as the tasks make them."""
        return ordered({call for calls in self.calls.values() for call in calls})

    @cached_property
    def _cycles(self) -> tuple[list[tuple[Call, str]], list[tuple[Call, str]]]:
        cells = [(call, kind) for call in self.rows for kind in KINDS if is_cell(call, kind)]
        changing = [cell for cell in cells if cell[0].operation in CHANGES]
        shuffle = random.Random(self.seed).shuffle
        shuffle(cells)
        shuffle(changing)
        return changing, cells

    def trial(self, number: int) -> Trial:
        """The trial of this number, the first is 0: it does not depend on how many there are."""
        seed = f"{self.seed}/{number}"
        rng = random.Random(seed)
        if number % EVERY_SKEW == EVERY_SKEW - 1:
            turn = number // EVERY_SKEW % len(SKEWS)
            return Trial(seed, rng.choice(("new month", "delivered again")), skew=SKEWS[turn])
        cycle = self._cycles[number % 2]
        call, kind = cycle[number // 2 % len(cycle)]
        names = [name for name in SCENARIOS if call in self.calls[name]]
        [scenario] = rng.choices(names, [SCENARIOS[name].weight for name in names])
        strikes = [_strike(rng, kind, call)]
        if rng.random() < 0.3:
            strikes.append(_strike(rng, rng.choice((*WIRE, *KILLS)), rng.choice(self.calls[scenario])))
        return Trial(seed, scenario, tuple(strikes))


def is_cell(call: Call, kind: str) -> bool:
    """Tell whether a kind is tried at a call."""
    is_in_window = call.task == "ingest_data_set" and (call.operation, call.ordinal) in WINDOW
    return not (kind == "delivered again" and is_in_window)


def ordered(calls: Iterable[Call]) -> list[Call]:
    """In the order of the stages, then by service and operation."""
    stages = ("assume_role", "wait_for", "inspect", "add", "check", "ingest")

    def key(call: Call) -> tuple[int, Call]:
        return next((i for i, stage in enumerate(stages) if call.task.startswith(stage)), 99), call

    return sorted(calls, key=key)


def _strike(rng: random.Random, kind: str, call: Call) -> Strike:
    # A slow answer costs its time, again and again: it surfaces, but not through several tries.
    times = rng.choices(TIMES, (50, 15, 25, 7, 3) if kind != "slow" else (80, 10, 10, 0, 0))[0]
    return Strike(
        kind,
        call,
        times if kind in WIRE else 1,
        rng.choice(("before", "after")) if kind in KILLS else "before",
    )
