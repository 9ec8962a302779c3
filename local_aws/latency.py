"""How long the local AWS takes for what takes seconds in AWS.

The profile `aws` is an assumption, not a measurement: a DDL statement 1.0 s, a SELECT 1.5 s, an ingestion 20 s.
Waiting happens in the worker thread that does the work, never in the request that started it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from local_aws.calls import AwsError

PROFILES = {"zero": (0.0, 0.0, 0.0), "aws": (1.0, 1.5, 20.0)}


@dataclass
class Latency:
    """Seconds that a DDL statement, a SELECT and an ingestion take; `use` changes them at run time."""

    ddl: float = 0.0
    select: float = 0.0
    ingestion: float = 0.0
    profile: str = "zero"

    @classmethod
    def of(cls, profile: str) -> Latency:
        """Return the latency of a named profile, `zero` or `aws`."""
        latency = cls()
        latency.use(profile)
        return latency

    def use(self, profile: str) -> None:
        """Take on a named profile; work that already waits keeps its old time."""
        if profile not in PROFILES:
            raise AwsError("ValidationException", f"latency {profile!r} is none of {', '.join(PROFILES)}")
        self.profile = profile
        self.ddl, self.select, self.ingestion = PROFILES[profile]

    def wait_ddl(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as a DDL statement takes; True when `stop` was set meanwhile."""
        return _wait(self.ddl, stop)

    def wait_select(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as a SELECT takes; True when `stop` was set meanwhile."""
        return _wait(self.select, stop)

    def wait_ingestion(self, stop: threading.Event | None = None) -> bool:
        """Wait as long as an ingestion takes; True when `stop` was set meanwhile."""
        return _wait(self.ingestion, stop)


def _wait(seconds: float, stop: threading.Event | None) -> bool:
    return (stop or threading.Event()).wait(seconds)
