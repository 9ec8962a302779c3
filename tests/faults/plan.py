"""Which trials there are: from a seed always the same ones, spread over all calls and kinds.

The calls are those that undisturbed loads, and killed ones, are seen to make. Each (call, kind) has a slot of its own,
chosen by its name; the trials go round the slots. A call that is new takes its slots, and hardly another trial changes.
Slots that are left over go to the calls that change something, where most is at stake.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from tests.faults.scenarios import SCENARIOS

WIRE = ("throttled", "error_500", "error_503", "reset", "slow", "lost", "expired")
KILLS = ("SIGKILL", "SIGTERM")
MEANWHILE = ("delivered again", "second load", "load beside", "provision")
KINDS = (*WIRE, *KILLS, *MEANWHILE)
STARTS = frozenset({"StartQueryExecution", "CreateIngestion"})
# Only a killed task makes these.
CANCELS = frozenset({"StopQueryExecution", "CancelIngestion"})
CHANGES = frozenset({"PutObject"}) | STARTS | CANCELS
# How often these are made depends on how long something took: each is one row, whatever its number.
POLLS = frozenset({"GetQueryExecution", "DescribeIngestion"})
# What a file that is written between the gate's look at the bucket and the end of QuickSight's reading does is beyond
# any client: docs/faults.md says what happens then.
WINDOW = frozenset(
    {
        ("CreateIngestion", 1),
        ("CreateIngestion", 2),
        ("DescribeIngestion", 1),
        ("CancelIngestion", 1),
        # The triggerer's session, with which it begins to wait; before it the task has had two, of pipeline and reader.
        ("AssumeRole", 3),
    }
)
# Times a call is struck: once, twice; as often as botocore tries it (6) and once more; through two tries; through all.
TIMES = (1, 2, 7, 13, 25)
SKEWS = (86_400, -86_400, 1_200, -1_200, 840, -840, 240, -240)
EVERY_SKEW = 25
SLOTS = 1024
T = TypeVar("T")


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
    """What hits a load at a call. `times` is a wire fault's; `when`, a kill's.

    Before the call goes out or after it was answered; `waiting` is after the second one of those that wait.
    """

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
    """The trials of a seed; `calls` are those of an undisturbed load of each scenario, and those of a killed one."""

    seed: str
    calls: Mapping[str, Sequence[Call]]

    @cached_property
    def rows(self) -> list[Call]:
        """All calls, as the tasks make them."""
        return ordered({call for calls in self.calls.values() for call in calls})

    @cached_property
    def cells(self) -> list[tuple[Call, str]]:
        """Every kind at every call."""
        return [(call, kind) for call in self.rows for kind in KINDS if is_cell(call, kind)]

    @cached_property
    def slots(self) -> list[tuple[Call, str] | None]:
        """Every cell in the slot that its name gives it, or in the next free one."""
        size = max(SLOTS, 2 ** math.ceil(math.log2(len(self.cells))))
        slots: list[tuple[Call, str] | None] = [None] * size
        for cell in sorted(self.cells, key=lambda cell: number_of(self.seed, *cell)):
            wanted = number_of(self.seed, *cell) % size
            slots[next(at % size for at in range(wanted, wanted + size) if slots[at % size] is None)] = cell
        return slots

    def trial(self, number: int) -> Trial:
        """The trial of this number, the first is 0: it does not depend on how many there are."""
        seed = f"{self.seed}/{number}"
        if number % EVERY_SKEW == EVERY_SKEW - 1:
            turn = number // EVERY_SKEW
            return Trial(
                seed, ("new month", "delivered again")[turn // len(SKEWS) % 2], skew=SKEWS[turn % len(SKEWS)]
            )
        slot = (number - number // EVERY_SKEW) % len(self.slots)
        call, kind = self.slots[slot] or self._changing(seed)
        names = [name for name in SCENARIOS if call in self.calls[name]]
        scenario = _drawn(f"{seed} scenario", {name: SCENARIOS[name].weight for name in names})
        return Trial(seed, scenario, tuple(self._strikes(seed, scenario, kind, call)))

    def _changing(self, seed: str) -> tuple[Call, str]:
        return _drawn(seed, {cell: 1.0 for cell in self.cells if cell[0].operation in CHANGES})

    def _strikes(self, seed: str, scenario: str, kind: str, call: Call) -> Iterable[Strike]:
        rng = random.Random(seed)
        yield _strike(rng, kind, call)
        if call.operation in CANCELS:
            # The call is made by a task that is killed while it waits.
            poll = next(each for each in self.calls[scenario] if is_wait(each, call))
            yield _strike(rng, "SIGTERM", poll)
        elif rng.random() < 0.3:
            also = rng.choice((*WIRE, *KILLS))
            calls = {each: 1.0 for each in self.calls[scenario] if is_apart(each, also, call, kind)}
            if calls:
                yield _strike(rng, also, _drawn(f"{seed} also", calls))


def is_apart(second: Call, its_kind: str, first: Call, kind: str) -> bool:
    """Tell whether a second strike may be drawn. What is left of two like faults of one operation looks the same."""
    is_alike = (its_kind, second.service, second.operation) == (kind, first.service, first.operation)
    return second.operation not in CANCELS and not (its_kind in WIRE and is_alike)


def is_wait(call: Call, cancel: Call) -> bool:
    """Tell whether a task waits by this call for what the other one cancels."""
    return call.operation in POLLS and (call.task, call.service) == (cancel.task, cancel.service)


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


def number_of(*names: object) -> int:
    """A number that names give, the same in every process."""
    text = "\n".join(map(str, names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _drawn(seed: str, weights: Mapping[T, float]) -> T:
    """Draw by each one's own number: another one more, or one less, changes few draws."""
    return min(weights, key=lambda each: -math.log((number_of(seed, each) + 1) / 2**64) / weights[each])


def _strike(rng: random.Random, kind: str, call: Call) -> Strike:
    # A slow answer costs its time, again and again: it surfaces, but not through several tries.
    times = rng.choices(TIMES, (50, 15, 25, 7, 3) if kind != "slow" else (80, 10, 10, 0, 0))[0]
    moments = ("before", "after", *(("waiting",) if kind == "SIGTERM" and call.operation in POLLS else ()))
    when = rng.choice(moments) if kind in KILLS else "before"
    return Strike(kind, call, times if kind in WIRE else 1, when)
