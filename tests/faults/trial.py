"""One trial: a fresh world, a load that is struck, then an undisturbed one, then everything that must hold."""

from __future__ import annotations

import copy
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from demo.cloud import Cloud
from demo.waiting import WaitTimeoutError, wait_until
from tests.faults.invariants import Scene, running, violations
from tests.faults.plan import POLLS, WIRE, Strike, Trial
from tests.faults.runs import Attempt, Run
from tests.faults.scenarios import AGAIN, BAD, MENDED, SCENARIOS, Scenario
from tests.faults.watch import AFTER, BEFORE, TERMINATED, Killed, Point, Watch
from tests.support.world import World, new_world, settings_document

HEALED_INSIDE, RETRIED, CLEARED, NEXT_LOAD = "inside the call", "retry", "cleared", "next load"
REFUSED, MISSED = "refused", "not struck"
# Long enough to be still running when a task is killed that waits for it, and long gone before anything gives up.
LONG = 3.0
READ_TIMEOUT = 0.3
# Only mistakes in a program raise these; whatever AWS answers or does not answer must come out as something else.
MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    TypeError,
    UnboundLocalError,
)


@dataclass
class Result:
    """How a trial went; no violation: as it must."""

    trial: Trial
    ending: str = ""
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run_trial(trial: Trial, cloud: Cloud, watch: Watch) -> Result:
    """Run it; whatever goes wrong in it is a violation."""
    result, began = Result(trial), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="sightline-faults-") as folder,
        _world(trial, cloud, Path(folder)) as world,
    ):
        _Course(trial, world, watch, result).go()
    result.seconds = time.monotonic() - began
    return result


@contextmanager
def _world(trial: Trial, cloud: Cloud, folder: Path) -> Iterator[World]:
    scenario = SCENARIOS[trial.scenario]
    cloud.set_options(faults=[], latency="zero")
    cloud.reset_calls()
    read_timeout = READ_TIMEOUT if any(strike.kind == "slow" for strike in trial.strikes) else 60
    document = settings_document(**copy.deepcopy(scenario.settings))
    with new_world(cloud, folder, document, client={"read_timeout": read_timeout}) as world:
        yield world


class _Course:
    def __init__(self, trial: Trial, world: World, watch: Watch, result: Result) -> None:
        self.trial, self.world, self.watch, self.result = trial, world, watch, result
        self.scenario: Scenario = SCENARIOS[trial.scenario]
        self.left = list(trial.strikes)
        self.beside: list[threading.Thread] = []
        self.has_struck = False
        # A plan may be outdated when its tasks are cleared: then the load says what to clear instead.
        self.before_clearing: int | None = None

    @property
    def scene(self) -> Scene:
        return Scene(
            self.world.settings,
            self.world.account.name,
            self.world.evidence,
            self.world.cloud,
            self.scenario.months,
            is_concurrent=any(strike.kind in ("second load", "load beside") for strike in self.trial.strikes),
        )

    def go(self) -> None:
        provisioned = self.world.provision()
        assert not provisioned.errors, provisioned.error
        self.scenario.prepare(self.world, self._prepare)
        if self.scenario.latency:
            seconds = self.scenario.latency
            self.world.cloud.set_options(latency={"ddl": seconds, "select": seconds, "ingestion": seconds})
        run = self._skewed() if self.trial.skew else self._struck()
        self.world.cloud.set_options(faults=[], latency="zero")
        for thread in self.beside:
            thread.join()
        self._judge_attempts(run)
        self._settle(run)

    def _prepare(self, month: str) -> None:
        run = Run(self.world, month, self.watch).go()
        assert run.is_success, run.errors

    def _struck(self) -> Run:
        run = Run(self.world, self.scenario.month, self.watch, self._arm, self._noticed).go()
        if run.is_success:
            self.result.ending = RETRIED if any(attempt.error for attempt in run.attempts) else HEALED_INSIDE
        elif not any(attempt.is_refusal for attempt in run.attempts):
            self.before_clearing = len(run.attempts)
            self.result.ending = CLEARED if run.clear_failed().is_success else NEXT_LOAD
        else:
            self.result.ending = REFUSED if self.scenario_is_bad() else NEXT_LOAD
        if not (self.has_struck or self._was_faulted()):
            self.result.ending = MISSED
        return run

    def _was_faulted(self) -> bool:
        return any(call["fault"] for call in self.world.cloud.control("GET", "trail")["calls"])

    def scenario_is_bad(self) -> bool:
        """Whether a file is there now that must be refused."""
        return any(b"x7" in self._content(month) for month in self.scenario.months)

    def _content(self, month: str) -> bytes:
        look, account = self.world.evidence, self.world.account
        s3 = self.world.estate.admin("s3", account)
        keys = [each["Key"] for each in look.objects(account, month)]
        return b"".join(
            s3.get_object(Bucket=account.tables[0].bucket, Key=key)["Body"].read() for key in keys
        )

    # ---------------------------------------------------------------- what strikes

    def _arm(self, task: Any, try_number: int) -> list[Point]:
        name = task.task_id.rpartition(".")[2]
        points = self.scenario.points(self.world, name) if try_number == 1 else []
        due = [strike for strike in self.left if strike.call.task == name]
        self.left = [strike for strike in self.left if strike not in due]
        if wire := [self._fault(strike) for strike in due if strike.kind in WIRE]:
            self.world.cloud.set_options(faults=wire)
        return points + [self._point(strike, task) for strike in due]

    def _fault(self, strike: Strike) -> dict[str, Any]:
        call = strike.call
        fault = {"kind": strike.kind, "service": call.service, "operation": call.operation}
        held = {"seconds": READ_TIMEOUT * 2} if strike.kind == "slow" else {}
        return {**fault, "at": call.ordinal, "times": strike.times, **held}

    def _point(self, strike: Strike, task: Any) -> Point:
        call = strike.call
        if strike.kind == "SIGTERM" and call.operation in ("StartQueryExecution", "CreateIngestion", *POLLS):
            self.world.cloud.set_options(latency={"ddl": LONG, "select": LONG, "ingestion": LONG})
        when = AFTER if strike.when == "after" else BEFORE
        return Point(when, call.service, call.operation, call.ordinal, lambda: self._strike(strike, task))

    def _strike(self, strike: Strike, task: Any) -> str:
        self.has_struck = True
        match strike.kind:
            case "SIGKILL":
                raise Killed
            case "SIGTERM":
                # Airflow tells the operator, lets the task go on for some seconds, and then ends it for good.
                task.on_kill()
                return TERMINATED
            case "delivered again":
                self.world.put(BAD if hash_of(self.trial.seed) % 2 else AGAIN, self.scenario.month)
            case "second load":
                Run(self.world, self.scenario.month, self.watch).go()
            case "load beside":
                load = Run(self.world, self.scenario.month, self.watch).go
                thread = threading.Thread(target=load, daemon=True)
                thread.start()
                self.beside.append(thread)
            case "provision":
                outcome = self.world.provision()
                self.result.violations += [
                    f"provision beside a load: {each}" for each in outcome.errors.values()
                ]
        return ""

    def _noticed(self, attempt: Attempt) -> None:
        """After a kill that could be noticed, nothing of the task's may be left running."""
        if not attempt.is_terminated:
            return
        self.world.cloud.set_options(latency="zero")
        try:
            wait_until(lambda: not running(self.scene), what="the end of what ran", timeout_seconds=LONG / 2)
        except WaitTimeoutError:
            self.result.violations += [
                f"after a kill that was noticed, {left}" for left in running(self.scene)
            ]

    # ---------------------------------------------------------------- a wrong clock

    def _skewed(self) -> Run:
        before = self.world.state(), self.world.ledger(self.scenario.month)
        moment = datetime.now(UTC) + timedelta(seconds=self.trial.skew)
        with time_machine.travel(moment, tick=True):
            run = Run(self.world, self.scenario.month, self.watch).go()
        self.has_struck = True
        if abs(self.trial.skew) < 15 * 60:
            self.result.ending = HEALED_INSIDE
            self.result.violations += [f"a clock off by {self.trial.skew} s: {error}" for error in run.errors]
            return run
        self.result.ending = REFUSED
        if (self.world.state(), self.world.ledger(self.scenario.month)) != before:
            self.result.violations.append(
                f"a load did something by a clock that is off by {self.trial.skew} s"
            )
        if not any("clock" in error for error in run.errors):
            self.result.violations.append(
                f"a clock off by {self.trial.skew} s, and the load says {run.errors}"
            )
        return run

    # ---------------------------------------------------------------- what must hold

    def _judge_attempts(self, run: Run) -> None:
        self.result.errors = run.errors
        only_wire = all(strike.kind in WIRE for strike in self.trial.strikes) and not self.trial.skew
        may_not_refuse = only_wire and not self.scenario_is_bad()
        for before, attempt in zip([None, *run.attempts], run.attempts, strict=False):
            error = attempt.error
            if isinstance(error, MISTAKES):
                self.result.violations.append(f"{attempt.task}: a fault came out as a mistake: {error!r}")
            if attempt in run.attempts[: self.before_clearing] and attempt.is_refusal and may_not_refuse:
                self.result.violations.append(f"{attempt.task}: a fault was taken for a refusal: {error}")
            if before and before.task == attempt.task and before.session_keys & attempt.session_keys:
                self.result.violations.append(
                    f"{attempt.task}: a retry worked with the session of the try before"
                )

    def _settle(self, run: Run) -> None:
        """Load once more, undisturbed; with a bad file refused, and once more when its owner has mended it."""
        self.world.cloud.set_options(latency="zero")
        last = Run(self.world, self.scenario.month, self.watch).go()
        is_bad = self.scenario_is_bad()
        if is_bad == last.is_success:
            self.result.violations.append(
                "a bad file was not refused" if is_bad else f"an undisturbed load failed: {last.errors}"
            )
        self.result.violations += violations(self.scene)
        if is_bad:
            self.world.put(MENDED, self.scenario.month)
            last = Run(self.world, self.scenario.month, self.watch).go()
            if not last.is_success:
                self.result.violations.append(f"the mended file was not loaded: {last.errors}")
            self.result.violations += [f"(mended) {each}" for each in violations(self.scene)]


def hash_of(seed: str) -> int:
    """A number of a seed that is the same in every process."""
    return sum(seed.encode())
