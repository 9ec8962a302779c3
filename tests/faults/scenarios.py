"""What there is when a trial's load begins, and what was there before: months, their files, who tampered with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.faults.watch import BEFORE, Point
from tests.support.world import HEADER, JANUARY, World

AGAIN = JANUARY + "2024-01-04,Tool C,30,99.99,2999.70\n"
MENDED = JANUARY + "2024-01-05,Tool C,3,99.99,299.97\n"
BAD = JANUARY.replace("75", "x7")
# A month whose file may still come.
THIS_MONTH = f"{datetime.now(UTC):%Y-%m}"


def one_row(month: str, quantity: str = "4") -> str:
    """A month's file with one record."""
    return f"{HEADER}{month}-01,Widget A,{quantity},25.99,103.96\n"


@dataclass(frozen=True)
class Scenario:
    """What a load finds.

    `prepare` makes it, with `load` for what was loaded before; `month` is the run's, `months` are all that there are at
    the end; `settings` are the account's; `weight` is how often it is taken where several have a call. `late`: the file
    is written while the wait for it is deferred.
    """

    prepare: Callable[[World, Callable[[str], None]], None]
    month: str = "2024-01"
    months: tuple[str, ...] = ("2024-01",)
    settings: dict[str, Any] = field(default_factory=dict)
    latency: float = 0.0
    weight: float = 1.0
    late: bool = False

    def points(self, world: World, task: str) -> list[Point]:
        """What happens by itself while a task runs."""
        if not self.late or not task.endswith("wait_for_source_object"):
            return []
        # The first look is the sensor's own, the second one the trigger's.
        return [Point(BEFORE, "s3", "ListObjectsV2", 2, lambda: _deliver(world, self.month))]


def _new_month(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)


def _nothing(world: World, load: Callable[[str], None]) -> None:
    """The file comes later."""


def _deliver(world: World, month: str) -> None:
    world.put(one_row(month), month)


def _several_months(world: World, load: Callable[[str], None]) -> None:
    for month in ("2024-01", "2024-02", "2024-03"):
        world.put(one_row(month, quantity=month[-1]), month)


def _next_month(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    world.put(one_row("2024-02"), "2024-02")


def _redelivered(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    world.put(AGAIN)


def _unchanged(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")


def _redelivered_badly(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    world.put(BAD)


def _new_and_bad(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    world.put(one_row("2024-02", quantity="x7"), "2024-02")


def _dropped(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    _alter(world, "DROP PARTITION (year = 2024, month = 1)")


def _moved(world: World, load: Callable[[str], None]) -> None:
    world.put(JANUARY)
    load("2024-01")
    elsewhere = f"s3://{world.account.tables[0].bucket}/data/sales/year=2023/month=12/"
    _alter(world, f"PARTITION (year = 2024, month = 1) SET LOCATION '{elsewhere}'")


def _alter(world: World, how: str) -> None:
    world.evidence.query(f"ALTER TABLE `{world.account.database}`.`sales` {how}", world.account)


SCENARIOS = {
    "new month": Scenario(_new_month, weight=3),
    "several months": Scenario(_several_months, "2024-03", ("2024-01", "2024-02", "2024-03")),
    "next month": Scenario(_next_month, "2024-02", ("2024-01", "2024-02")),
    "delivered again": Scenario(_redelivered),
    "unchanged": Scenario(_unchanged),
    "delivered again, badly": Scenario(_redelivered_badly),
    "next month, bad": Scenario(_new_and_bad, "2024-02", ("2024-01", "2024-02")),
    "partition dropped": Scenario(_dropped, weight=0.5),
    "partition moved": Scenario(_moved, weight=0.5),
    "late file": Scenario(
        _nothing,
        THIS_MONTH,
        (THIS_MONTH,),
        settings={"table": {"due_day": 31, "poll_seconds": 1}},
        weight=0.3,
        late=True,
    ),
    # What still runs at the first look is deferred; it takes so long that even a busy machine looks before its end.
    "deferred": Scenario(
        _new_month,
        settings={"table": {"defer_after_seconds": 0, "poll_seconds": 1}},
        latency=2.0,
        weight=0.15,
    ),
}
