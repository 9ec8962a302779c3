"""Repeated measurements of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Sample:
    """The values of one figure, in the order in which they were measured."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Sample:
        """Take the values. Raises ValueError if there is none."""
        sample = cls(tuple(values))
        if not sample.values:
            raise ValueError("a sample without values")
        return sample

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def text(self, digits: int = 2) -> str:
        """The median and, of several that differ, the smallest and the largest: `4.9 (4.3–6.2)`."""
        low, high = min(self.values), max(self.values)
        middle = f"{self.median:.{digits}f}"
        spread = f"{low:.{digits}f}–{high:.{digits}f}"
        return middle if f"{low:.{digits}f}" == f"{high:.{digits}f}" else f"{middle} ({spread})"
