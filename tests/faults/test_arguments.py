"""A campaign's command line: what would run another trial, or none, or lose the table, is refused."""

from __future__ import annotations

import pytest

from tests.faults.arguments import arguments


def test_a_trial_is_named_by_its_campaigns_seed_and_its_number() -> None:
    assert arguments(["--only-trial", "a/b/57"]).only_trial == ("a/b", 57)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--only-trial", "57"], "'57' is no trial: give the campaign's seed and a number, such as 1/57"),
        (["--only-trial", "/57"], "is no trial"),
        (["--only-trial", "1/57x"], "is no trial"),
        (["--only-trial", "1/57", "--write-docs"], "one trial alone is no campaign"),
        (["--trials", "0"], "is no number from 1 on"),
        (["--jobs", "-1"], "is no number from 1 on"),
    ],
    ids=["no seed", "empty seed", "no number", "a table of one trial", "no trials", "no processes"],
)
def test_what_makes_no_campaign_is_refused(
    capsys: pytest.CaptureFixture[str], given: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(given)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err
