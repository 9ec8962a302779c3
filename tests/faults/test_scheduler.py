"""The rounds under a real scheduler: a seed draws them again, every kind has its turn, each is blamed for its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from demo.airflow_api import Run
from sightline.settings import WorkloadAccount, load_settings
from tests.faults.invariants import Scene
from tests.faults.scheduler import DECK, Campaign, at_any_instant, at_once, service_ends
from tests.faults.scheduler_draws import Draws, dealt, in_turn
from tests.faults.scheduler_kills import KILLS, SERVICE_KILLS
from tests.faults.scheduler_report import HEADER, Pace, documented, report
from tests.faults.scheduler_rounds import QUICK, Round, Trial
from tests.faults.scheduler_stage import settings_document
from tests.faults.scheduler_strikes import Aim
from tests.faults.scheduler_verdicts import Verdicts

ROUNDS_OF_200 = range(25)
TRIALS, VIOLATIONS = HEADER.index("trials"), HEADER.index("violations")


class WrittenDown:
    """A stage on which every load succeeds at once: what matters is what was delivered to it."""

    def __init__(self, accounts: Any) -> None:
        self.accounts, self.deliveries = accounts, dict[tuple[str, str], bytes]()
        self.api = SimpleNamespace(
            trigger=lambda dag_id, **_: Run(dag_id, "run", "success", {}),
            run=lambda dag_id, run_id: Run(dag_id, run_id, "success", {}),
            run_state=lambda *_: "success",
        )
        cloud = SimpleNamespace(set_options=lambda **_: None, reset_calls=lambda: None)
        self.stage = SimpleNamespace(cloud=cloud, estate=SimpleNamespace(put_source=self._put))

    def _put(self, account: WorkloadAccount, month: str, body: bytes) -> None:
        self.deliveries[account.name, month] = body

    def provision(self, accounts: list[WorkloadAccount]) -> None:
        """Nothing stands on it."""


def delivered(round_: Round) -> list[Trial]:
    """A round without a strike."""
    return round_.begin(QUICK, ["none"] * len(round_.accounts))


def twice(round_: Round) -> list[Trial]:
    """A round that delivers two months, as the loads at once do."""
    delivered(round_)
    return delivered(round_)


@pytest.fixture
def accounts(tmp_path: Path) -> Any:
    """The accounts of the second block of rounds: seed 1 has two loads at once in its round 13."""
    file = tmp_path / "accounts.yaml"
    file.write_text(yaml.safe_dump(settings_document(range(8, 16)), sort_keys=False), encoding="utf-8")
    return load_settings(file).workload_accounts


def campaign(accounts: Any, first: int) -> Campaign:
    return Campaign(WrittenDown(accounts), "1", first, len(accounts))


def test_a_round_that_a_seed_begins_with_has_the_files_that_it_has_in_the_whole_campaign(
    accounts: Any,
) -> None:
    whole, begun = campaign(accounts, first=9), campaign(accounts, first=14)

    for number in range(9, 15):
        whole.play(twice if dealt("1", number, DECK)[0] is at_once else delivered)
    begun.play(delivered)

    files = [each.stage.deliveries for each in (whole, begun)]
    assert files[0] == files[1]
    assert len(files[0]) == 8 * len(accounts), "a month a round, and two of loads at once"


def test_another_round_has_other_files(accounts: Any) -> None:
    campaigns = campaign(accounts, first=8), campaign(accounts, first=8)
    campaigns[1].seed = "2"

    for each in campaigns:
        each.play(delivered)

    files = [each.stage.deliveries for each in campaigns]
    assert files[0].keys() == files[1].keys()
    assert files[0] != files[1]


def test_when_a_load_is_struck_does_not_depend_on_which_others_were_drawn_before(accounts: Any) -> None:
    draws = Draws("1", 7)
    trials = [Trial(account, "any", Run("load", "run", "running", {})) for account in accounts]

    forwards = {trial.account.name: Aim.drawn(trial, draws) for trial in trials}
    backwards = {trial.account.name: Aim.drawn(trial, draws) for trial in reversed(trials)}

    assert forwards == backwards
    assert len({(aim.target, aim.delay) for aim in forwards.values()}) == len(trials)


def test_200_trials_have_every_kind_of_round_and_every_kind_of_kill() -> None:
    rounds = [dealt("1", number, DECK) for number in ROUNDS_OF_200]

    turns = [turn for play, turn in rounds if play is at_any_instant]
    assert Counter(play for play, _ in rounds[: len(DECK)]) == Counter(DECK)
    assert {in_turn(KILLS, turn, place) for turn in turns for place in range(8)} == set(KILLS)
    assert {in_turn(SERVICE_KILLS, turn) for play, turn in rounds if play is service_ends} == set(
        SERVICE_KILLS
    )


def scene(*, is_concurrent: bool = False) -> Scene:
    """As much of a scene as a verdict needs."""
    return Scene(None, "account1", None, None, (), is_concurrent)


class Found:
    """What the invariants find: `allowed` is none of it while two loads run at once."""

    def __init__(self) -> None:
        self.allowed: list[str] = []
        self.wrong: list[str] = []

    def __call__(self, scene: Scene) -> list[str]:
        return [*self.wrong, *(() if scene.is_concurrent else self.allowed)]


def test_what_two_loads_at_once_may_do_twice_is_not_held_against_the_rounds_after_them() -> None:
    found = Found()
    verdicts = Verdicts(found)
    found.allowed = ["2 statements of the same work"]

    at_once, after = verdicts.news(scene(is_concurrent=True)), verdicts.news(scene())

    assert (at_once, after) == ([], [])


def test_what_a_round_by_itself_does_twice_is_held_against_it_after_two_loads_at_once_too() -> None:
    found = Found()
    verdicts = Verdicts(found)
    verdicts.news(scene(is_concurrent=True))
    found.allowed = ["2 statements of the same work"]

    assert verdicts.news(scene()) == ["2 statements of the same work"]


def test_a_violation_is_held_against_one_round_only() -> None:
    found = Found()
    verdicts = Verdicts(found)
    found.wrong = ["a write of the ledger lost a line"]

    assert [verdicts.news(scene()), verdicts.news(scene())] == [["a write of the ledger lost a line"], []]


def test_the_rest_of_a_campaign_takes_as_long_as_the_rounds_before_it() -> None:
    pace = Pace(10)

    assert pace.text(60) == "round 1 of 10, 60 s; about 9 min left"
    assert pace.text(120) == "round 2 of 10, 120 s; about 12 min left"


def test_a_report_counts_what_was_found_and_a_round_that_broke_off_as_a_violation(accounts: Any) -> None:
    run = Run("load", "run", "success", {})
    trials = [
        Trial(accounts[0], "task SIGKILL", run, found="add_partition running", recovered=["cleared"]),
        Trial(accounts[1], "task SIGKILL", run, problems=["2 ingestions of the same work"]),
    ]

    text = report(trials, ["round 1:0"], seed="1", minutes=3)

    assert text.startswith("Seed 1: 2 trials in 3 minutes, 2 violations.")
    assert "| task SIGKILL | 2 | add_partition running 1, over before 1 | 1 | 1 |" in text
    assert "Broken off: round 1:0" in text


def test_the_document_records_a_campaign_with_every_kind_of_kill_and_no_trial_with_a_violation() -> None:
    rows = documented()

    kinds = [kill.kind for kill in (*KILLS, *SERVICE_KILLS)]
    assert int(rows["all"][TRIALS]) >= 160
    assert [kind for kind, row in rows.items() if row[VIOLATIONS] != "0"] == []
    assert [kind for kind in kinds if not any(row.startswith(kind) for row in rows)] == []
