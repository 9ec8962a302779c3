"""What a person sees while the demo works: a line a stage, with the seconds since the start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Progress:
    """Prints stages with the time that has passed."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def say(self, text: str) -> None:
        """Print one line, at once."""
        print(f"[{self.seconds:6.1f} s] {text}", flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in plain text; what looks like a number is set to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join("  ".join(map(_aligned, line, widths)).rstrip() for line in lines)


def _aligned(cell: str, width: int) -> str:
    is_number = cell.replace(".", "").replace(",", "").isdigit()
    return cell.rjust(width) if is_number else cell.ljust(width)
