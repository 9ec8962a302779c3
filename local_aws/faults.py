"""Faults of the wire that a test asks for: which call is throttled, fails, is cut off, or answers too late.

A fault waits for the `at`-th call from now that it is about, and strikes that one and the `times - 1` after it. What it
does is told by its kind: an error in the service's own words, or a connection that ends without an answer, before or
after what was asked has been done. The connection itself is cut in server.py.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from local_aws.calls import AwsError
from local_aws.operations import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.calls import Call

KINDS = ("throttled", "error_500", "error_503", "reset", "slow", "lost", "expired")
MEMBERS = {"kind": str, "service": str, "operation": str, "at": int, "times": int, "account_id": str}
NEEDED = ("kind", "service", "operation")
LONGEST = 86_400.0
# As the services' API references have them; an operation of Athena or QuickSight may have an error of its own.
THROTTLED = {
    "s3": ("SlowDown", 503),
    "sts": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "quicksight": ("ThrottlingException", 429),
}
BROKEN = {
    "s3": "InternalError",
    "athena": "InternalServerException",
    "glue": "InternalServiceException",
    "quicksight": "InternalFailureException",
    "kms": "KMSInternalException",
    "iam": "ServiceFailure",
}
UNAVAILABLE = {"quicksight": "ResourceUnavailableException"}


class ConnectionCut(Exception):  # noqa: N818 - it is no mistake of anybody's
    """The client gets no answer: its connection ends. `reset` by a TCP reset, else by an ordinary end."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("the connection is cut")
        self.reset = reset


@dataclass(frozen=True)
class Fault:
    """One fault that was asked for; `at` and `times` count what is left of it."""

    kind: str
    service: str
    operation: str
    at: int = 1
    times: int = 1
    account_id: str = ""
    seconds: float = 0.0

    @classmethod
    def of(cls, asked: object) -> Fault:
        """Read a fault as JSON has it. Raises AwsError, saying what is wrong with it."""
        if not isinstance(asked, dict):
            raise _refusal(f"{asked!r} is no object")
        _check_members(asked)
        _check_names(asked)
        return cls(**asked)

    def is_about(self, call: Call) -> bool:
        """Tell whether a call is one of those that it counts."""
        named = (call.service, call.operation) == (self.service, self.operation)
        return named and self.account_id in ("", call.account_id)

    def after_one_call(self) -> Fault | None:
        """Return what is left of it when one call that it is about has come; None when nothing is."""
        if self.at > 1:
            return replace(self, at=self.at - 1)
        return replace(self, times=self.times - 1) if self.times > 1 else None

    def described(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        optional = {"account_id": self.account_id, "seconds": self.seconds}
        plain = {name: value for name, value in vars(self).items() if name not in optional}
        return {**plain, **{name: value for name, value in optional.items() if value}}

    def strike_before(self) -> None:
        """Raise what the call gets instead of its effect; kinds that strike after it do nothing yet."""
        if self.kind == "reset":
            raise ConnectionCut(reset=True)
        if self.kind in _ERRORS:
            raise _ERRORS[self.kind](self.service, self.operation)

    def strike_after(self) -> None:
        """Cut the connection of a call that has had its effect, or hold its answer back."""
        if self.kind == "lost":
            raise ConnectionCut(reset=False)
        if self.kind == "slow":
            threading.Event().wait(self.seconds)


class Faults:
    """The faults that have not struck yet, or not often enough."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def use(self, wanted: Any) -> None:
        """Take these faults instead of those that wait. Raises AwsError, and changes nothing, if one is wrong."""
        if not isinstance(wanted, list):
            raise _refusal(f"{wanted!r} is no list of faults")
        faults = [Fault.of(each) for each in wanted]
        with self._lock:
            self._waiting = faults

    def take(self, call: Call) -> Fault | None:
        """Count a call, and return the fault that strikes it: of several the first one in the list."""
        struck, left = None, []
        with self._lock:
            for fault in self._waiting:
                if not fault.is_about(call):
                    left.append(fault)
                    continue
                struck = struck or (fault if fault.at == 1 else None)
                if (rest := fault.after_one_call()) is not None:
                    left.append(rest)
            self._waiting = left
        return struck

    def described(self) -> list[dict[str, Any]]:
        """Return what is left, so that it could be asked for again."""
        with self._lock:
            return [fault.described() for fault in self._waiting]


def throttled(service: str, operation: str) -> AwsError:
    """Return how a service says that it was asked too often."""
    code, status = THROTTLED.get(service, ("ThrottlingException", 400))
    if "TooManyRequestsException" in _errors_of(service, operation):
        code = "TooManyRequestsException"
    message = "Please reduce your request rate." if service == "s3" else "Rate exceeded"
    return AwsError(code, message, status)


def broken(service: str, _operation: str) -> AwsError:
    """Return how a service says that something in it failed."""
    return AwsError(BROKEN.get(service, "InternalFailure"), "We encountered an internal error.", 500)


def unavailable(service: str, _operation: str) -> AwsError:
    """Return how a service says that it cannot serve for now."""
    return AwsError(UNAVAILABLE.get(service, "ServiceUnavailable"), "Please try again.", 503)


def expired(_service: str, _operation: str) -> AwsError:
    """Return what a session gets that is over."""
    return AwsError("ExpiredToken", "The security token included in the request is expired", 403)


_ERRORS = {"throttled": throttled, "error_500": broken, "error_503": unavailable, "expired": expired}


def _errors_of(service: str, operation: str) -> set[str]:
    return {shape.name for shape in get_service_model(service).operation_model(operation).error_shapes}


def _check_members(asked: Mapping[str, Any]) -> None:
    if unknown := set(asked) - {*MEMBERS, "seconds"}:
        raise _refusal(f"{asked!r} has unknown members: {', '.join(sorted(unknown))}")
    if missing := [name for name in NEEDED if name not in asked]:
        raise _refusal(f"{asked!r} does not say {', '.join(missing)}")
    for name, kind in MEMBERS.items():
        # JSON's true is an int in Python
        if name in asked and (not isinstance(asked[name], kind) or isinstance(asked[name], bool)):
            raise _refusal(f"{name} {asked[name]!r} is no {kind.__name__}")
    for name in ("at", "times"):
        if asked.get(name, 1) < 1:
            raise _refusal(f"{name} {asked[name]} is less than 1")


def _check_names(asked: Mapping[str, Any]) -> None:
    if asked["kind"] not in KINDS:
        raise _refusal(f"kind {asked['kind']!r} is none of {', '.join(KINDS)}")
    if asked["service"] not in SERVICES:
        raise _refusal(f"service {asked['service']!r} is none of {', '.join(SERVICES)}")
    if asked["operation"] not in get_service_model(asked["service"]).operation_names:
        raise _refusal(f"{asked['service']} has no operation {asked['operation']!r}")
    if (asked["kind"] == "slow") != ("seconds" in asked):
        raise _refusal(f"{asked!r}: a slow answer takes seconds, and nothing else does")
    seconds = asked.get("seconds", 1.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST:
        raise _refusal(f"seconds {seconds!r} is no number above 0, up to {LONGEST:.0f}")


def _refusal(problem: str) -> AwsError:
    return AwsError("ValidationException", f"faults: {problem}")
