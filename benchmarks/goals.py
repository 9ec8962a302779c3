"""The goals, in one place: figures are held against them by name, and the document's tables are written from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a figure should be: at least, or at most, a bound."""

    part: str
    text: str
    bound: float
    is_minimum: bool = False
    unit: str = "×"

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"at {'least' if self.is_minimum else 'most'} {self._with_unit(self.bound)}"

    def is_met(self, figure: float) -> bool:
        """Whether the figure is within the bound."""
        return figure >= self.bound if self.is_minimum else figure <= self.bound

    def verdict(self, figure: float) -> str:
        """`met`, or by how much it is missed."""
        if self.is_met(figure):
            return "met"
        if not self.bound:
            return f"missed by {self._with_unit(figure)}"
        return f"missed by {abs(figure / self.bound - 1):.0%}"

    def shown(self, figure: float) -> str:
        """The figure with its unit."""
        return self._with_unit(figure)

    def _with_unit(self, value: float) -> str:
        number = f"{value:.2f}" if value % 1 else f"{value:.0f}"
        return f"{number} {self.unit}".rstrip()


GOALS: dict[str, Goal] = {
    "new_month_zero": Goal("daily", "new month, zero latency: stock / Sightline", 1.4, is_minimum=True),
    "new_month_aws": Goal("daily", "new month, aws latency: Sightline / floor", 1.15),
    "missing_slots": Goal("daily", "worker-slot-seconds while a source is missing", 0, unit="s"),
    "unchanged": Goal("daily", "unchanged month, zero latency: stock / Sightline", 3.5, is_minimum=True),
    "unchanged_statements": Goal("daily", "unchanged month: statements", 0, unit=""),
    "unchanged_ingestions": Goal("daily", "unchanged month: ingestions", 0, unit=""),
    "parsing_1": Goal("parsing", "1 account: Sightline / bare loop", 1.2),
    "parsing_100": Goal("parsing", "100 accounts: Sightline / bare loop", 1.2),
    "parsing_500": Goal("parsing", "500 accounts: Sightline / bare loop", 1.2),
    "inspecting": Goal("inspecting", "1 GB: Sightline from the local S3 / raw reader on a local file", 1.5),
    "inspecting_memory": Goal("inspecting", "the reader's peak memory: 1 GB / 100 MB", 1.1),
    "engine_count": Goal("engine", "1 GB, count(*): local AWS / raw DuckDB on a local file", 1.5),
    "engine_sum": Goal("engine", "1 GB, grouped decimal sum: local AWS / raw DuckDB on a local file", 1.5),
    "engine_memory": Goal("engine", "the server's peak memory: 1 GB / 100 MB", 1.1),
}
