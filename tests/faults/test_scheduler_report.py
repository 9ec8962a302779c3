"""What a campaign under a real scheduler tells of itself, and what docs/kills.md has recorded of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.airflow_api import Run
from sightline.settings import load_settings
from tests.faults.scheduler_kills import KILLS, SERVICE_KILLS
from tests.faults.scheduler_report import BROKEN, HEADER, HEADLINE, Pace, documented, report, rows_of, so_far
from tests.faults.scheduler_rounds import OVER_BEFORE, Trial
from tests.faults.scheduler_stage import settings_document

TRIALS, VIOLATIONS = HEADER.index("trials"), HEADER.index("violations")


@pytest.fixture
def accounts(tmp_path: Path) -> Any:
    """Three accounts."""
    file = tmp_path / "accounts.yaml"
    file.write_text(yaml.safe_dump(settings_document(range(3)), sort_keys=False), encoding="utf-8")
    return load_settings(file).workload_accounts


def test_the_rest_of_a_campaign_takes_as_long_as_the_rounds_before_it() -> None:
    pace = Pace(10)

    assert pace.text(60) == "round 1 of 10, 60 s; about 9 min left"
    assert pace.text(120) == "round 2 of 10, 120 s; about 12 min left"


def test_a_report_tells_trials_that_were_struck_from_others_and_violations_from_rounds_broken_off(
    accounts: Any,
) -> None:
    run = Run("load", "run", "success", {})
    trials = [
        Trial(accounts[0], "task SIGKILL", run, found="add_partition running", recovered=["cleared"]),
        Trial(accounts[1], "task SIGKILL", run, problems=["2 ingestions of the same work"]),
        Trial(accounts[2], "task SIGKILL", run, missed=OVER_BEFORE),
    ]

    text = report(trials, ["round 1:0"], seed="1", minutes=3)

    said = "Seed 1: 3 trials in 3 minutes, 1 struck, 1 violations, 1 rounds broken off."
    assert text.startswith(said)
    assert HEADLINE.match(text)
    assert "| task SIGKILL | 3 | add_partition running 1, not reached 1, over before 1 | 1 | 1 |" in text
    assert "Broken off: round 1:0" in text
    assert so_far(trials, ["round 1:0"]) == "3 trials, 1 struck, 1 with violations, 1 rounds broken off"


def test_the_document_records_a_campaign_with_every_kind_of_kill_and_no_trial_with_a_violation() -> None:
    rows = rows_of(documented())

    kinds = [kill.kind for kill in (*KILLS, *SERVICE_KILLS)]
    assert int(rows["all"][TRIALS]) >= 160
    assert [kind for kind, row in rows.items() if row[VIOLATIONS] != "0"] == []
    assert [kind for kind in kinds if not any(row.startswith(kind) for row in rows)] == []


def test_the_headline_of_the_document_says_what_its_table_and_its_list_of_rounds_say() -> None:
    text = documented()
    told, rows = HEADLINE.search(text), rows_of(text)

    assert told, text[:200]
    assert told["trials"] == rows["all"][TRIALS]
    assert told["violations"] == rows["all"][VIOLATIONS]
    assert int(told["broken"]) == sum(line.startswith(BROKEN) for line in text.splitlines())
