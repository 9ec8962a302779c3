"""The rounds under a real scheduler: a seed draws them again, every kind has its turn, a broken one spoils no other."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from demo.airflow_api import Run
from demo.cloud import TrailCutError
from demo.waiting import WaitTimeoutError
from sightline.settings import WorkloadAccount, load_settings
from tests.faults import scheduler
from tests.faults.scheduler import DECK, Campaign, at_any_instant, at_once, main, redelivered, service_ends
from tests.faults.scheduler_draws import Draws, dealt, in_turn
from tests.faults.scheduler_kills import KILLS, SERVICE_KILLS
from tests.faults.scheduler_rounds import QUICK, Round, Trial
from tests.faults.scheduler_stage import BrokenRoundError, TrialStage, settings_document
from tests.faults.scheduler_strikes import Aim

ROUNDS_OF_200 = range(25)


class WrittenDown:
    """A stage on which every load succeeds at once: what matters is what was delivered to it."""

    def __init__(self, accounts: Any) -> None:
        self.accounts, self.deliveries = accounts, dict[tuple[str, str], bytes]()
        self.api = SimpleNamespace(
            trigger=lambda dag_id, **_: Run(dag_id, "run", "success", {}),
            run=lambda dag_id, run_id: Run(dag_id, run_id, "success", {}),
            run_state=lambda *_: "success",
        )
        self.failures: list[Exception] = []
        self.resets: list[int] = []
        cloud = SimpleNamespace(set_options=lambda **_: None, reset_calls=lambda: self.resets.append(1))
        self.stage = SimpleNamespace(cloud=cloud, estate=SimpleNamespace(put_source=self._put))

    def _put(self, account: WorkloadAccount, month: str, body: bytes) -> None:
        self.deliveries[account.name, month] = body

    def provision(self, accounts: list[WorkloadAccount]) -> None:
        """Nothing stands on it; it fails as often as it is told."""
        if self.failures:
            raise self.failures.pop()


def delivered(round_: Round) -> list[Trial]:
    """A round without a strike."""
    return round_.begin(QUICK, ["none"] * len(round_.accounts))


def twice(round_: Round) -> list[Trial]:
    """A round that delivers two months, as the loads at once do."""
    delivered(round_)
    return delivered(round_)


def again(round_: Round) -> list[Trial]:
    """A round that writes a file once more, as the redelivered ones do."""
    trials = delivered(round_)
    for account in round_.accounts:
        round_.files.redeliver(account, round_.draws)
    return trials


def played_like(how: Any) -> Any:
    """A round without a strike that delivers what a kind of round delivers."""
    return {at_once: twice, redelivered: again}.get(how, delivered)


@pytest.fixture
def accounts(tmp_path: Path) -> Any:
    """The accounts of the second block of rounds: in seed 1, 11 is a redelivered round, 13 has two loads at once."""
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
        whole.play(played_like(dealt("1", number, DECK)[0]))
    begun.play(delivered)

    files = [each.stage.deliveries for each in (whole, begun)]
    assert files[0] == files[1]
    assert len(files[0]) == 8 * len(accounts), "a month a round, and two of loads at once"


@pytest.mark.parametrize(
    "failure",
    [BrokenRoundError("provision has failed"), WaitTimeoutError("its end")],
    ids=["failed", "no end"],
)
def test_a_block_that_cannot_be_made_ready_breaks_the_round_off_and_is_made_ready_anew(
    accounts: Any, failure: Exception
) -> None:
    undisturbed, broken = campaign(accounts, first=12), campaign(accounts, first=11)
    broken.stage.failures.append(failure)

    first = broken.play(delivered)
    for each in (undisturbed, broken):
        each.play(delivered)

    assert first == []
    assert broken.broken == [f"round 1:11 delivered: {failure}"]
    assert broken.stage.deliveries == undisturbed.stage.deliveries
    assert broken.stage.resets == [1], "what was done before stays on the trail"


def test_a_block_whose_undisturbed_loads_failed_is_loaded_anew_from_its_first_month_on(accounts: Any) -> None:
    undisturbed, broken = campaign(accounts, first=12), campaign(accounts, first=11)
    right = broken.stage.api.run
    broken.stage.api.run = lambda dag_id, run_id: Run(dag_id, run_id, "failed", {})
    broken.play(delivered)
    broken.stage.api.run = right

    for each in (undisturbed, broken):
        each.play(delivered)

    assert "loads that nothing disturbed have failed" in broken.broken[0]
    assert broken.stage.deliveries == undisturbed.stage.deliveries


def test_a_trail_that_was_cut_breaks_the_round_off(accounts: Any) -> None:
    played = campaign(accounts, first=8)

    def cut(_: Round) -> list[Trial]:
        raise TrailCutError("3 calls are on the trail no more")

    assert played.play(cut) == []
    assert played.broken == ["round 1:8 cut: 3 calls are on the trail no more"]


def test_a_provision_that_fails_twice_breaks_the_round_off_with_its_log() -> None:
    task = SimpleNamespace(task_id="k008.create_workgroup")
    failed = SimpleNamespace(state="failed", failed_tasks=lambda: [task])
    asked: list[Any] = []
    api = SimpleNamespace(
        trigger=lambda dag_id, **how: asked.append((dag_id, how["accounts"])) or failed,
        log=lambda _, task_id: f"the log of {task_id}",
    )
    nothing: Any = None
    stage = TrialStage(nothing, nothing, api)

    with pytest.raises(BrokenRoundError, match=r"the log of k008\.create_workgroup"):
        stage.provision([SimpleNamespace(name="k008")])

    assert asked == [("provision", ["k008"])] * 2


@pytest.mark.parametrize("option", ["--trials", "--accounts"])
def test_a_campaign_of_nothing_is_refused(capsys: pytest.CaptureFixture[str], option: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([option, "0"])

    assert ended.value.code == 2
    assert "'0' is no number from 1 on" in capsys.readouterr().err


def test_a_campaign_ends_with_1_after_a_round_that_was_broken_off(
    accounts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played = campaign(accounts, first=8)
    played.stage.failures.append(BrokenRoundError("provision has failed"))
    monkeypatch.setattr(scheduler, "campaign", lambda *_, **__: nullcontext(played))
    # The process that runs the tests ends as it always does.
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    code = main(["--trials", "8", "--seed", "1:8"])

    told = capsys.readouterr().out
    assert code == 1
    assert "0 trials, 0 struck, 0 with violations, 1 rounds broken off" in told
    assert "VIOLATION" not in told


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
