"""Guards over queries and ingestions: what a load has done for it, and what it makes of their ends."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_HOOKS = "plugins/sightline/hooks"
_QUERIES = "tests/stages/test_refused_queries.py::"
_INGESTIONS = "tests/stages/test_refused_ingestions.py::"
_QUERY = f"{_QUERIES}test_a_query_that_cannot_run_leaves_catalog_and_spice_as_they_were"

WORK = (
    # ------------------------------------------------------------------------------------------------------ queries
    Guard(
        "the cutoff",
        f"{_HOOKS}/athena.py",
        'if self.state == "CANCELLED" and CUTOFF_REASON in self.reason:',
        "if False:",
        (f"{_QUERIES}test_the_cutoff_ends_a_query_that_reads_too_much",),
    ),
    Guard(
        "a query that failed",
        f"{_OPERATORS}/athena.py",
        "        if execution.has_failed:\n",
        "        if False:\n",
        (f"{_QUERIES}test_a_query_that_somebody_stops_is_left_for_a_retry",),
    ),
    Guard(
        "a query that stays refused is not tried again",
        f"{_HOOKS}/athena.py",
        "failed = QueryRefused if",
        "failed = QueryExecutionFailed if",
        (
            f"{_QUERY}[results bucket gone]",
            f"{_QUERIES}test_a_query_that_fails_gives_athenas_state_reason_and_bytes",
        ),
    ),
    Guard(
        "a disabled workgroup",
        f"{_HOOKS}/athena.py",
        'if error_code(error) == "InvalidRequestException":',
        "if False:",
        (f"{_QUERY}[workgroup disabled]",),
    ),
    # --------------------------------------------------------------------------------------------------- ingestions
    Guard(
        "an ingestion that failed",
        f"{_OPERATORS}/quicksight.py",
        "        if ingestion.has_failed:\n",
        "        if False:\n",
        (f"{_INGESTIONS}test_a_failed_ingestion_gives_quicksights_own_reason",),
    ),
    Guard(
        "a cancelled ingestion has failed",
        f"{_HOOKS}/quicksight.py",
        'return self.state in {"FAILED", "CANCELLED"}',
        'return self.state in {"FAILED"}',
        (f"{_INGESTIONS}test_a_cancelled_ingestion_is_not_published_and_is_ingested_again",),
    ),
    Guard(
        "a superseded ingestion says so",
        f"{_HOOKS}/quicksight.py",
        "_KINDS.get(self.error_type, _ANY_OTHER)",
        "_ANY_OTHER",
        (f"{_INGESTIONS}test_a_superseded_ingestion_is_not_published_and_is_ingested_again",),
    ),
    Guard(
        "dropped rows",
        f"{_OPERATORS}/quicksight.py",
        "if ingestion.rows_dropped or ingestion.rows_ingested != publication.rows:",
        "if False:",
        (f"{_INGESTIONS}test_dropped_rows_are_told_with_both_counts_and_not_published",),
    ),
    Guard(
        "the quota",
        f"{_HOOKS}/quicksight.py",
        'if error_code(error) == "LimitExceededException":',
        "if False:",
        ("tests/stages/test_quota.py::test_a_spent_quota_is_said_and_nothing_is_published[standard-8]",),
    ),
    Guard(
        "a full SPICE waits for a person",
        f"{_HOOKS}/quicksight.py",
        '"ACCOUNT_CAPACITY_LIMIT_EXCEEDED": (\n        IngestionRefused,',
        '"ACCOUNT_CAPACITY_LIMIT_EXCEEDED": (\n        IngestionFailed,',
        (
            f"{_INGESTIONS}test_what_only_a_person_can_mend_is_not_tried_again[ACCOUNT_CAPACITY_LIMIT_EXCEEDED]",
        ),
    ),
    Guard(
        "a role of QuickSight's that is gone waits for a person",
        f"{_HOOKS}/quicksight.py",
        '"IAM_ROLE_NOT_AVAILABLE": (\n        IngestionRefused,',
        '"IAM_ROLE_NOT_AVAILABLE": (\n        IngestionFailed,',
        (f"{_INGESTIONS}test_a_role_that_quicksight_cannot_assume_is_named",),
    ),
)
