"""One trial: a fresh world, a load that is struck, then an undisturbed one, then everything that must hold."""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from demo.cloud import Cloud
from tests.faults.invariants import Scene, violations
from tests.faults.kill import Kill
from tests.faults.others import Others
from tests.faults.plan import STARTS, WIRE, Strike, Trial, number_of
from tests.faults.runs import Attempt, Run
from tests.faults.scenarios import AGAIN, BAD, MENDED, SCENARIOS, Scenario
from tests.faults.strikes import READ_TIMEOUT, Strikes
from tests.faults.timeline import MONTHS
from tests.faults.watch import Point, Watch
from tests.support.world import World, new_world, settings_document

HEALED_INSIDE, RETRIED, CLEARED, NEXT_LOAD = "inside the call", "retry", "cleared", "next load"
REFUSED, MISSED = "refused", "not reached"
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
    """How a trial went; no violation: as it must. `landed`: the strikes that struck."""

    trial: Trial
    ending: str = ""
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    landed: list[Strike] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_trial(self) -> bool:
        """Whether what it was for came to pass. A violation counts in any case."""
        return self.ending != MISSED or bool(self.violations)


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
        self.kinds = {strike.kind for strike in trial.strikes}
        self.kill = Kill(lambda: self.scene)
        self.strikes = Strikes(trial.strikes, world.cloud, self.kill, self._meanwhile)
        self.others = Others(lambda: Run(self.world, self.scenario.month, self.watch))
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
            is_concurrent=bool(self.kinds & {"second load", "load beside"}),
        )

    def go(self) -> None:
        provisioned = self.world.provision()
        assert not provisioned.errors, provisioned.error
        self.scenario.prepare(self.world, self._prepare)
        prepared = len(self.world.cloud.trail())
        self._use_latency(self.scenario.latency)
        run = self._skewed() if self.trial.skew else self._struck()
        self.strikes.calm()
        self._use_latency(0.0)
        self.others.join()
        self._judge_attempts(run)
        self._settle()
        if self.trial.scenario == "unchanged" and "delivered again" not in self.kinds:
            self.result.violations += self._done_for_nothing(prepared)

    def _use_latency(self, seconds: float) -> None:
        self.world.cloud.set_options(latency={"ddl": seconds, "select": seconds, "ingestion": seconds})

    def _prepare(self, month: str) -> None:
        run = Run(self.world, month, self.watch).go()
        assert run.is_success, run.errors

    def _struck(self) -> Run:
        run = Run(self.world, self.scenario.month, self.watch, self._arm, self._after_try).go()
        if run.is_success:
            self.result.ending = RETRIED if any(attempt.error for attempt in run.attempts) else HEALED_INSIDE
        elif not any(attempt.is_refusal for attempt in run.attempts):
            self.before_clearing = len(run.attempts)
            self.result.ending = CLEARED if run.clear_failed().is_success else NEXT_LOAD
        else:
            self.result.ending = REFUSED if self.scenario_is_bad() else NEXT_LOAD
        self.result.landed = self.strikes.landed
        if self.trial.strikes[0] not in self.strikes.landed:
            self.result.ending = MISSED
        return run

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

    def _arm(self, task: Any, _: int) -> list[Point]:
        name = task.task_id.rpartition(".")[2]
        return self.scenario.points(self.world, name) + self.strikes.arm(task)

    def _after_try(self, _: Attempt) -> None:
        self.strikes.after_try()
        left = self.kill.judge()
        if "SIGTERM" in self.kinds:
            self._use_latency(self.scenario.latency)
        # What a load beside has running is not this task's to end.
        self.result.violations += left if "load beside" not in self.kinds else []

    def _meanwhile(self, strike: Strike) -> None:
        if strike.kind == "load beside":
            self.others.begin()
            return
        with self.strikes.pause():
            match strike.kind:
                case "delivered again":
                    self.world.put(BAD if number_of(self.trial.seed) % 2 else AGAIN, self.scenario.month)
                case "second load":
                    self.others.run()
                case "provision":
                    errors = self.world.provision().errors.values()
                    self.result.violations += [f"provision beside a load: {each}" for each in errors]

    # ---------------------------------------------------------------- a wrong clock

    def _skewed(self) -> Run:
        before = self.world.state(), self.world.ledger(self.scenario.month)
        moment = datetime.now(UTC) + timedelta(seconds=self.trial.skew)
        with time_machine.travel(moment, tick=True):
            run = Run(self.world, self.scenario.month, self.watch).go()
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
        is_bad = self.scenario_is_bad()
        only_wire = all(strike.kind in WIRE for strike in self.trial.strikes) and not self.trial.skew
        for attempt in run.attempts[: self.before_clearing]:
            if attempt.is_refusal and only_wire and not is_bad:
                self.result.violations.append(
                    f"{attempt.task}: a fault was taken for a refusal: {attempt.error}"
                )
        for each in (run, *self.others.runs):
            self.result.violations += _mistakes(each)
        self.result.violations += self.others.problems(self.trial, is_bad=is_bad)

    def _settle(self) -> None:
        """Load once more, undisturbed; with a bad file refused, and once more when its owner has mended it."""
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

    def _done_for_nothing(self, prepared: int) -> Iterator[str]:
        """Where nothing is new, no statement about a month is begun, and no ingestion."""
        for call in self.world.cloud.trail()[prepared:]:
            sql = call["parameters"].get("QueryString")
            if call["operation"] in STARTS and (sql is None or MONTHS.search(sql)):
                yield f"nothing is new, and the load called {call['operation']}: {sql or 'an ingestion'}"


def _mistakes(run: Run) -> Iterator[str]:
    for before, attempt in zip([None, *run.attempts], run.attempts, strict=False):
        if isinstance(attempt.error, MISTAKES):
            yield f"{attempt.task}: a fault came out as a mistake: {attempt.error!r}"
        if before and before.task == attempt.task and before.session_keys & attempt.session_keys:
            yield f"{attempt.task}: a retry worked with the session of the try before"
