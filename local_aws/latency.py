"""How long the local AWS takes for what takes seconds in AWS.

The profile `aws` is an assumption, not a measurement: a DDL statement 1.0 s, a SELECT 1.5 s, an ingestion 20 s.
Waiting happens in the worker thread that does the work, never in the request that started it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from local_aws.calls import AwsError

KINDS = ("ddl", "select", "ingestion")
PROFILES = {"zero": (0.0, 0.0, 0.0), "aws": (1.0, 1.5, 20.0)}
LONGEST = 86_400


@dataclass
class Latency:
    """Seconds that a DDL statement, a SELECT and an ingestion take; `use` changes them at run time.

    `described` is what `use` took last: a profile's name, or the seconds of each kind of work.
    """

    ddl: float = 0.0
    select: float = 0.0
    ingestion: float = 0.0
    described: str | dict[str, float] = "zero"

    @classmethod
    def of(cls, profile: str) -> Latency:
        """Return the latency of a named profile, `zero` or `aws`."""
        latency = cls()
        latency.use(profile)
        return latency

    def use(self, wanted: Any) -> None:
        """Take on a named profile, or `{"ddl": s, "select": s, "ingestion": s}` in seconds.

        Work that already waits keeps its old time. Raises AwsError for anything else, and changes nothing then.
        """
        if isinstance(wanted, dict):
            seconds = _seconds(wanted)
        elif isinstance(wanted, str) and wanted in PROFILES:
            seconds = PROFILES[wanted]
        else:
            raise _refusal(f"{wanted!r} is none of {', '.join(PROFILES)}")
        self.ddl, self.select, self.ingestion = seconds
        self.described = dict(zip(KINDS, seconds, strict=True)) if isinstance(wanted, dict) else wanted

    def wait_ddl(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as a DDL statement takes; True when `stop` was set meanwhile."""
        return _wait(self.ddl, stop)

    def wait_select(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as a SELECT takes; True when `stop` was set meanwhile."""
        return _wait(self.select, stop)

    def wait_ingestion(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as an ingestion takes; True when `stop` was set meanwhile."""
        return _wait(self.ingestion, stop)


def _seconds(wanted: dict[str, Any]) -> tuple[float, float, float]:
    if set(wanted) != set(KINDS):
        raise _refusal(f"{wanted!r} does not have exactly the members {', '.join(KINDS)}")
    for kind, value in wanted.items():
        # JSON's true is an int in Python, and Python's json reads NaN
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
            raise _refusal(f"{kind} {value!r} is no number of seconds from 0 to {LONGEST}")
    return float(wanted["ddl"]), float(wanted["select"]), float(wanted["ingestion"])


def _refusal(problem: str) -> AwsError:
    return AwsError(
        "ValidationException",
        f'latency {problem}; it takes a profile\'s name or {{"ddl": seconds, "select": seconds, "ingestion": seconds}}',
    )


def _wait(seconds: float, stop: threading.Event | None) -> bool:
    return (stop or threading.Event()).wait(seconds)
