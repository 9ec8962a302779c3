"""Single trials of the campaign: with all guards in place all holds; tests/guards/campaign.py breaks some of them."""

from __future__ import annotations

import pytest

from demo.cloud import Cloud
from tests.faults.plan import Call, Strike, Trial
from tests.faults.trial import run_trial
from tests.faults.watch import Watch

CHECK, INGEST = "check_row_count", "ingest_data_set"
QUERY = Call(CHECK, "athena", "GetQueryExecution")
INGESTION = Call(INGEST, "quicksight", "DescribeIngestion")
TRIALS = {
    "an ingestion is found again": ("new month", "SIGKILL", Call(INGEST, "quicksight", "CreateIngestion"), "after"),
    "a statement is found again": ("new month", "SIGKILL", Call(CHECK, "athena", "StartQueryExecution"), "after"),
    "the gate holds": ("new month", "delivered again", Call(CHECK, "s3", "PutObject"), "before"),
    "the ledger is written on a condition": ("new month", "second load", Call(CHECK, "s3", "PutObject"), "before"),
    "a kill cancels a statement": ("new month", "SIGTERM", QUERY, "waiting"),
    "a kill cancels a statement that it does not know of yet": ("new month", "SIGTERM", QUERY, "before"),
    "a kill cancels an ingestion": ("new month", "SIGTERM", INGESTION, "waiting"),
    "no month is reopened for nothing": ("unchanged", "SIGKILL", Call("inspect_source", "s3", "GetObject"), "before"),
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TRIALS)
def test_a_load_that_was_struck_is_right_in_the_end(cloud: Cloud, watch: Watch, name: str) -> None:
    scenario, kind, call, when = TRIALS[name]
    strike = Strike(kind, call, when=when)

    result = run_trial(Trial("1/0", scenario, (strike,)), cloud, watch)

    assert result.landed == [strike]
    assert result.violations == []
