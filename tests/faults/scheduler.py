"""`make test-faults SCHEDULER_TRIALS=N SEED=S`: kills, restarts and loads at once through a real scheduler.

A trial is an account in a round. The seed draws files, kinds and instants, for each round and account on its own:
SEED=S:R begins with round R of seed S, with the accounts and files that it has there. What it cannot draw is how far a
load has come by then; so a violation is also told with what it found.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from demo.airflow_api import AirflowApiError
from demo.cloud import CloudRefusedError, TrailCutError
from demo.waiting import WaitTimeoutError
from sightline.settings import WorkloadAccount
from tests.faults.arguments import at_least_one
from tests.faults.scheduler_draws import Draws, dealt
from tests.faults.scheduler_files import Files
from tests.faults.scheduler_report import Pace, report, so_far, write_document
from tests.faults.scheduler_rounds import QUICK, Round, Trial
from tests.faults.scheduler_services import at_once, service_ends
from tests.faults.scheduler_stage import BrokenRoundError, TrialStage, trial_stage
from tests.faults.scheduler_strikes import at_any_instant, redelivered
from tests.faults.scheduler_verdicts import Verdicts
from tests.faults.scheduler_waits import while_waiting

ACCOUNTS = 8
# A data set takes 32 ingestions in 24 hours, and a kill may cost a round two or three.
ROUNDS_AN_ACCOUNT = 8
Play = Callable[[Round], list[Trial]]
ROUNDS: tuple[tuple[Play, int], ...] = (
    (while_waiting, 3),
    (at_any_instant, 4),
    (service_ends, 3),
    (redelivered, 1),
    (at_once, 1),
)
DECK = [play for play, count in ROUNDS for _ in range(count)]


# What ends a round before its end: Airflow or the local AWS did not answer as they must, or cannot be judged any more.
BREAKS = (
    *(BrokenRoundError, WaitTimeoutError, TrailCutError),
    *(AirflowApiError, CloudRefusedError, httpx.HTTPError, ClientError, BotoCoreError),
)


class Campaign:
    """Rounds on one stage, each with its block of accounts."""

    def __init__(self, stage: TrialStage, seed: str, first: int, accounts: int) -> None:
        self.stage, self.seed, self.number, self.accounts = stage, seed, first, accounts
        self.trials: list[Trial] = []
        self.broken: list[str] = []
        self._files, self._verdicts = Files(stage.stage.estate), Verdicts()
        self._start = time.monotonic()
        # The block whose accounts are ready, and the one that the trail began with.
        self._block = self._trail = -1

    @property
    def seconds(self) -> float:
        """Seconds since the first round could begin."""
        return time.monotonic() - self._start

    def play(self, how: Play | None = None) -> list[Trial]:
        """Play the next round, of the kind that is its turn if none is given, and say what came of it."""
        dealt_kind, turn = dealt(self.seed, self.number, DECK)
        how, turn = (dealt_kind, turn) if how is None else (how, self.number)
        trials: list[Trial] = []
        try:
            trials = how(self._round(self.number, turn, self._at_work(self.number)))
        except BREAKS as error:
            self.broken.append(f"round {self.seed}:{self.number} {how.__name__}: {error}")
            self.say(f"BROKEN OFF: {self.broken[-1]}")
        for trial in trials:
            self._tell(trial)
        self.say(f"{self.seed}:{self.number} {how.__name__}: {_counts(trials)}")
        self.number += 1
        self.trials += trials
        return trials

    def _round(self, number: int, turn: int, accounts: list[WorkloadAccount]) -> Round:
        draws = Draws(self.seed, number, turn)
        return Round(self.stage, accounts, self._files, draws, self._verdicts, self.say)

    def _at_work(self, number: int) -> list[WorkloadAccount]:
        """The accounts of a round: as they are provisioned, and have been loaded in the rounds before it."""
        block = number // ROUNDS_AN_ACCOUNT
        names = [f"k{block * self.accounts + place:03}" for place in range(self.accounts)]
        accounts = [account for account in self.stage.accounts if account.name in names]
        if block != self._block:
            self._prepare(block, number, accounts)
            # Only now: a block that could not be made ready is made ready anew for the next round.
            self._block = block
        return accounts

    def _prepare(self, block: int, number: int, accounts: list[WorkloadAccount]) -> None:
        """Provision a block and load what the rounds before this one deliver, from the first month on."""
        if block != self._trail:
            # The trail holds the latest calls only, and what an account has done must be on it from the first.
            self.stage.stage.cloud.reset_calls()
            self._trail = block
        for account in accounts:
            self._files.forget(account)
        self.stage.provision(accounts)
        for before in range(block * ROUNDS_AN_ACCOUNT, number):
            self._load_undisturbed(before, accounts)

    def _load_undisturbed(self, number: int, accounts: list[WorkloadAccount]) -> None:
        """Deliver what a round that is not played delivers, and load it."""
        how, turn = dealt(self.seed, number, DECK)
        round_ = self._round(number, turn, accounts)
        for _ in range(2 if how is at_once else 1):
            trials = round_.begin(QUICK, ["undisturbed"] * len(accounts))
            _must_succeed(round_, trials)
        if how is redelivered:
            for trial in trials:
                self._files.redeliver(trial.account, round_.draws)
                round_.load(trial)
            _must_succeed(round_, trials)
        self.say(f"{self.seed}:{number} was loaded, undisturbed")

    def _tell(self, trial: Trial) -> None:
        for problem in trial.problems:
            where = f"seed {self.seed}:{self.number}, {trial.account.name}, {trial.kind} in {trial.met}"
            self.say(f"VIOLATION ({where}; {'; '.join(trial.recovered) or 'went on'}): {problem}")

    def say(self, text: str) -> None:
        """Print a line with the seconds since the start, at once."""
        print(f"[{self.seconds:6.0f} s] {text}", flush=True)


def _must_succeed(round_: Round, trials: list[Trial]) -> None:
    round_.end(trials)
    if failed := [trial.dag_id for trial in trials if trial.run.state != "success"]:
        raise BrokenRoundError(f"loads that nothing disturbed have failed: {', '.join(failed)}")


def _counts(trials: list[Trial]) -> str:
    kinds = Counter(f"{trial.kind} in {trial.met}" for trial in trials)
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common())


@contextmanager
def campaign(
    seed: str, *, rounds: int, first: int = 0, accounts: int = ACCOUNTS, kept: str = ""
) -> Iterator[Campaign]:
    """Start a stage that has accounts enough for as many rounds, of so many accounts each."""
    blocks = range(first // ROUNDS_AN_ACCOUNT, (first + rounds - 1) // ROUNDS_AN_ACCOUNT + 1)
    with trial_stage(range(blocks.start * accounts, blocks.stop * accounts), kept) as stage:
        yield Campaign(stage, seed, first, accounts)


def main(arguments: list[str]) -> int:
    """Play as many trials, print their table; the exit code is 1 if anything was violated or broken off."""
    options = _parser().parse_args(arguments)
    # Ended from outside, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed, _, first = options.seed.partition(":")
    rounds = -(-options.trials // options.accounts)
    trials = rounds * options.accounts
    print(f"{trials} trials of seed {options.seed}: {rounds} rounds of {options.accounts} loads", flush=True)
    begun = campaign(seed, rounds=rounds, first=int(first or 0), accounts=options.accounts, kept=options.keep)
    with begun as played:
        pace = Pace(rounds)
        for _ in range(rounds):
            began = played.seconds
            played.play()
            played.say(f"{pace.text(played.seconds - began)}; {so_far(played.trials, played.broken)}")
        text = report(played.trials, played.broken, seed=options.seed, minutes=played.seconds / 60)
        print(text)
        if options.write_docs:
            write_document(text)
    return int(bool(played.broken) or any(trial.problems for trial in played.trials))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.scheduler")
    parser.add_argument("--trials", type=at_least_one, default=ACCOUNTS)
    parser.add_argument("--seed", default="1", help="a word, or word:round to begin with that round")
    parser.add_argument("--accounts", type=at_least_one, default=ACCOUNTS, help="at once, in each round")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="leave Airflow's logs in this folder")
    parser.add_argument("--write-docs", action="store_true", help="write the table of docs/kills.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
