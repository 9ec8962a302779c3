"""What strikes a load in a trial: armed as the task begins that makes the call, and known to have landed or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.faults.plan import POLLS, STARTS, WIRE, Strike
from tests.faults.watch import AFTER, BEFORE, Killed, Point

if TYPE_CHECKING:
    from demo.cloud import Cloud
    from tests.faults.kill import Kill

READ_TIMEOUT = 0.3


class Strikes:
    """The strikes of a trial. One that a try has not come to waits for the next try of its task.

    `kill` is what SIGTERM does; `meanwhile` does all that is neither a fault nor a kill.
    """

    def __init__(
        self, strikes: tuple[Strike, ...], cloud: Cloud, kill: Kill, meanwhile: Callable[[Strike], None]
    ) -> None:
        self.landed: list[Strike] = []
        self._left, self._armed = list(strikes), list[Strike]()
        self._cloud, self._kill, self._meanwhile = cloud, kill, meanwhile

    def arm(self, task: Any) -> list[Point]:
        """Make ready what is to strike in this try of a task."""
        name = task.task_id.rpartition(".")[2]
        due = [strike for strike in self._left if strike.call.task == name]
        self._armed = [strike for strike in due if strike.kind in WIRE]
        if self._armed:
            self._set([*self._faults(), *map(_fault, self._armed)])
        others = [strike for strike in due if strike.kind not in WIRE]
        return [point for strike in others for point in self._points(strike, task)]

    def after_try(self) -> None:
        """See which faults of the wire have struck; one that has not may not strike a call of another task."""
        if not self._armed:
            return
        faults = self._faults()
        for strike in self._armed:
            waiting = [fault for fault in faults if _is_whole(fault, strike)]
            faults = [fault for fault in faults if fault not in waiting]
            if not waiting:
                self._land(strike)
        self._armed = []
        self._set(faults)

    def calm(self) -> None:
        """Let nothing strike any more."""
        self._set([])

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Let nothing of the wire strike what is done now."""
        faults = self._faults()
        self._set([])
        yield
        self._set(faults)

    def _land(self, strike: Strike) -> None:
        self.landed.append(strike)
        self._left.remove(strike)

    def _faults(self) -> list[dict[str, Any]]:
        return list(self._cloud.control("GET", "options")["faults"])

    def _set(self, faults: list[dict[str, Any]]) -> None:
        self._cloud.set_options(faults=faults)

    def _points(self, strike: Strike, task: Any) -> list[Point]:
        call = strike.call
        when = BEFORE if strike.when == "before" else AFTER
        place = (when, call.service, call.operation, 2 if strike.when == "waiting" else call.ordinal)
        match strike.kind:
            case "SIGKILL":
                return [Point(*place, lambda: self._end(strike))]
            case "SIGTERM":
                return [*self._slowed(strike), Point(*place, lambda: self._terminate(strike), task.on_kill)]
            case _:
                return [Point(*place, lambda: self._other(strike))]

    def _slowed(self, strike: Strike) -> list[Point]:
        """What a task starts or waits for as it is killed must last longer than its kill."""
        call = strike.call
        if call.operation not in STARTS | POLLS:
            return []
        start = "StartQueryExecution" if call.service == "athena" else "CreateIngestion"
        ordinal = call.ordinal if call.operation == start else 1
        return [Point(BEFORE, call.service, start, ordinal, self._kill.slow_down)]

    def _end(self, strike: Strike) -> None:
        self._land(strike)
        self._kill.worker_is_gone = True
        raise Killed

    def _terminate(self, strike: Strike) -> None:
        self._land(strike)
        self._kill.note()

    def _other(self, strike: Strike) -> None:
        self._land(strike)
        self._meanwhile(strike)


def _fault(strike: Strike) -> dict[str, Any]:
    call = strike.call
    fault = {"kind": strike.kind, "service": call.service, "operation": call.operation}
    held = {"seconds": READ_TIMEOUT * 2} if strike.kind == "slow" else {}
    return {**fault, "at": call.ordinal, "times": strike.times, **held}


def _is_whole(fault: dict[str, Any], strike: Strike) -> bool:
    """Whether a fault that the local AWS still has is this strike's, and has struck nothing yet."""
    named = (fault["kind"], fault["service"], fault["operation"], fault["times"])
    return named == (strike.kind, strike.call.service, strike.call.operation, strike.times)
