"""`make test-faults SCHEDULER_TRIALS=N SEED=S`: kills, restarts and loads at once through a real scheduler.

A trial is an account in a round. The seed draws files, kinds and instants, round by round: SEED=S:R begins with round R
of seed S. What it cannot draw is how far a load has come by then; so a violation is also told with what it found.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sightline.settings import WorkloadAccount
from tests.faults.scheduler_files import Files
from tests.faults.scheduler_rounds import Round, Trial
from tests.faults.scheduler_services import at_once, service_ends
from tests.faults.scheduler_stage import TrialStage, trial_stage
from tests.faults.scheduler_strikes import at_any_instant, redelivered
from tests.faults.scheduler_waits import while_waiting

ACCOUNTS = 8
# A data set takes 32 ingestions in 24 hours, and a kill may cost a round two or three.
ROUNDS_AN_ACCOUNT = 8
ROUNDS: tuple[tuple[Callable[[Round], list[Trial]], int], ...] = (
    (while_waiting, 3),
    (at_any_instant, 4),
    (service_ends, 3),
    (redelivered, 1),
    (at_once, 1),
)


class Campaign:
    """Rounds on one stage, each with the next of its blocks of accounts."""

    def __init__(self, stage: TrialStage, seed: int, first: int, accounts: int) -> None:
        self.stage, self.seed, self.number, self.accounts = stage, seed, first, accounts
        self.trials: list[Trial] = []
        self._files = Files(stage.stage.estate)
        self._played = 0
        self._start = time.monotonic()

    def play(self, how: Callable[[Round], list[Trial]] | None = None) -> list[Trial]:
        """Play the next round, of a drawn kind if none is given, and say what came of it."""
        draw = random.Random(f"{self.seed}:{self.number}")
        drawn = draw.choices([how for how, _ in ROUNDS], [weight for _, weight in ROUNDS])[0]
        how = how or drawn
        accounts = self._accounts()
        trials = how(Round(self.stage, accounts, self._files, draw, self._say))
        for trial in trials:
            self._tell(trial)
        self._say(f"round {self.seed}:{self.number} {how.__name__}: {_counts(trials)}")
        self.number, self._played = self.number + 1, self._played + 1
        self.trials += trials
        return trials

    def _accounts(self) -> list[WorkloadAccount]:
        block, age = divmod(self._played, ROUNDS_AN_ACCOUNT)
        accounts = list(self.stage.accounts[block * self.accounts : (block + 1) * self.accounts])
        if age == 0:
            # The trail holds the latest calls only, and what an account has done must be on it from the first.
            self.stage.stage.cloud.reset_calls()
            self.stage.provision(accounts)
        return accounts

    def _tell(self, trial: Trial) -> None:
        for problem in trial.problems:
            where = f"seed {self.seed}:{self.number}, {trial.account.name}, {trial.kind} in {trial.found}"
            self._say(f"VIOLATION ({where}; {'; '.join(trial.recovered) or 'went on'}): {problem}")

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._start:6.0f} s] {text}", flush=True)


def _counts(trials: list[Trial]) -> str:
    kinds = Counter(f"{trial.kind} in {trial.found or 'nothing'}" for trial in trials)
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common())


@contextmanager
def campaign(
    seed: int, *, rounds: int, first: int = 0, accounts: int = ACCOUNTS, kept: str = ""
) -> Iterator[Campaign]:
    """Start a stage that has accounts enough for as many rounds, of so many accounts each."""
    blocks = -(-rounds // ROUNDS_AN_ACCOUNT)
    with trial_stage(blocks * accounts, kept) as stage:
        yield Campaign(stage, seed, first, accounts)


def summary(trials: list[Trial]) -> str:
    """The table of kinds: trials, those that struck something, those whose load had to be run again, violations."""
    kinds = sorted({trial.kind for trial in trials})
    lines = [f"{'kind':45} {'trials':>7} {'struck':>7} {'again':>7} {'violations':>11}"]
    for kind in [*kinds, "all"]:
        those = [trial for trial in trials if kind in (trial.kind, "all")]
        numbers = (
            len(those),
            sum(bool(trial.found) for trial in those),
            sum(bool(trial.recovered) for trial in those),
            sum(len(trial.problems) for trial in those),
        )
        lines.append(f"{kind:45} " + "{:7} {:7} {:7} {:11}".format(*numbers))
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Play as many trials, print their table; the exit code is 1 if anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.scheduler")
    parser.add_argument("--trials", type=int, default=ACCOUNTS)
    parser.add_argument("--seed", default="1", help="a number, or number:round to begin with that round")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="at once, in each round")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="leave Airflow's logs in this folder")
    options = parser.parse_args(arguments)
    seed, _, first = options.seed.partition(":")
    rounds = -(-options.trials // options.accounts)
    begun = campaign(
        int(seed), rounds=rounds, first=int(first or 0), accounts=options.accounts, kept=options.keep
    )
    with begun as played:
        for _ in range(rounds):
            played.play()
        print(summary(played.trials))
    return int(any(trial.problems for trial in played.trials))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
