"""What a campaign is asked for on its command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

DESCRIPTION = "Strike loads at their calls by what a wire, a machine or a second load can do."
TRIAL = re.compile(r"(.+)/(\d+)")


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; what would run another trial, or none, or lose the table, is refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=DESCRIPTION)
    parser.add_argument("--trials", type=at_least_one, default=200, help="how many")
    parser.add_argument("--seed", default="1", help="the same seed, the same trials")
    parser.add_argument(
        "--jobs",
        type=at_least_one,
        default=4,
        help="worker processes, each with a local AWS of its own; a trial waits half of its time",
    )
    parser.add_argument(
        "--only-trial", type=_trial, metavar="SEED", help="run just the trial of this seed, such as 1/57"
    )
    parser.add_argument("--write-docs", action="store_true", help="write the tables of docs/faults.md")
    chosen = parser.parse_args(given)
    if chosen.only_trial and chosen.write_docs:
        parser.error("one trial alone is no campaign: without it the tables of docs/faults.md can be written")
    return chosen


def at_least_one(text: str) -> int:
    """Read how many of something are asked for: one at least."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _trial(text: str) -> tuple[str, int]:
    if not (found := TRIAL.fullmatch(text)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no trial: give the campaign's seed and a number, such as 1/57"
        )
    return found[1], int(found[2])
