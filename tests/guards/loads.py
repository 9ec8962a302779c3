"""Guards over missing objects, the catalog, connections, queries, ingestions: what a load does with the cloud."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_HOOKS = "plugins/sightline/hooks"
_MISSING = "tests/stages/test_missing_objects.py::"
_CATALOGS = "tests/stages/test_refused_catalogs.py::"
_UNPROVED = "tests/stages/test_unproved.py::"
_CONNECTIONS = "tests/stages/test_refused_connections.py::"
_QUERIES = "tests/stages/test_refused_queries.py::"
_INGESTIONS = "tests/stages/test_refused_ingestions.py::"
_TABLE = (
    f"{_CATALOGS}test_a_table_with_other_columns_or_format_is_refused_at_plan_and_gate_with_the_difference"
)
_SOURCE = f"{_CONNECTIONS}test_a_source_that_our_role_may_not_read_is_named_with_its_account_and_the_grant"
_INGESTION = f"{_INGESTIONS}test_an_ingestion_that_may_not_read_a_source_names_account_role_and_grant"
_QUERY = f"{_QUERIES}test_a_query_that_cannot_run_leaves_catalog_and_spice_as_they_were"

LOADS = (
    # ---------------------------------------------------------------------------------- object missing, not due, late
    Guard(
        "a late object is an error",
        f"{_OPERATORS}/s3.py",
        "        if now >= due:\n",
        "        if False:\n",
        (f"{_MISSING}test_an_object_that_is_late_is_told_with_account_bucket_key_and_since_when",),
    ),
    Guard(
        "an object that is not due is skipped",
        f"{_OPERATORS}/s3.py",
        "raise AirflowSkipException(",
        "self.log.info(",
        (f"{_MISSING}test_an_object_that_is_not_due_yet_ends_as_skipped_and_touches_nothing",),
    ),
    Guard(
        "a missing object is waited for",
        f"{_OPERATORS}/s3.py",
        "            if self._is_there(month):\n",
        "            if self._is_there(month) or True:\n",
        (f"{_MISSING}test_an_object_that_is_not_there_is_waited_for_deferred_and_loaded_when_it_comes",),
    ),
    # ---------------------------------------------------------------------------------------- table and partitions
    Guard(
        "a table with other columns",
        "plugins/sightline/catalog.py",
        "            if found != expected\n",
        "            if False\n",
        (f"{_TABLE}[another type]",),
    ),
    Guard(
        "the gate compares the table",
        f"{_OPERATORS}/quicksight.py",
        "        self.scope.require_declared_table()\n        partitions = self.scope.partitions()\n",
        "        partitions = self.scope.partitions()\n",
        (f"{_TABLE}[two columns swapped]",),
    ),
    Guard(
        "what changed under an ingestion is ingested anew",
        f"{_OPERATORS}/quicksight.py",
        "lambda ledger: ledger.unpublished(publication.state, unproved, failure)",
        "lambda ledger: ledger",
        (f"{_CATALOGS}test_a_file_changed_while_quicksight_reads_and_put_back_is_ingested_again",),
    ),
    Guard(
        "what was changed and put back within an ingestion",
        "plugins/sightline/publication.py",
        "return {**put_back, **unchecked_months(",
        "return {**unchecked_months(",
        (f"{_CATALOGS}test_a_file_changed_and_put_back_within_one_ingestion_is_ingested_again",),
    ),
    Guard(
        "an ingestion that a killed worker left is found at the gate",
        f"{_OPERATORS}/quicksight.py",
        "            if begun := self._unproved_ingestion(ledger, publication):\n",
        "            if begun := None:\n",
        (
            f"{_UNPROVED}test_what_a_killed_worker_had_ingested_is_not_published_after_a_change_that_was_put_back",
        ),
    ),
    Guard(
        "what is not about the content unpublishes nothing",
        f"{_OPERATORS}/quicksight.py",
        "CHANGES = (CatalogMismatch, PartitionsUnclear, TableMissing)",
        "CHANGES = (Exception,)",
        (f"{_UNPROVED}test_a_grant_that_is_missing_after_an_ingestion_unpublishes_nothing",),
    ),
    Guard(
        "the ledger knows what SPICE may hold unchecked",
        "plugins/sightline/ledger.py",
        "                unproved=unproved,\n",
        "",
        (f"{_UNPROVED}test_a_bad_file_that_quicksight_has_read_is_told_until_a_good_one_is_published",),
    ),
    Guard(
        "a partition elsewhere is mended",
        "plugins/sightline/catalog.py",
        "        return PartitionState.OTHER_LOCATION\n",
        "        return PartitionState.RIGHT\n",
        (f"{_CATALOGS}test_a_partition_elsewhere_is_mended_and_its_month_checked_and_published_anew",),
    ),
    Guard(
        "a month registered twice",
        f"{_OPERATORS}/base.py",
        "        if partitions.misfits:\n",
        "        if False:\n",
        (f"{_CATALOGS}test_a_month_that_a_crawler_registered_a_second_time_holds_load_and_gate",),
    ),
    # ------------------------------------------------------------------------------------- connections and grants
    Guard(
        "no ambient credentials",
        f"{_HOOKS}/account.py",
        "            raise MissingConnection(conn_id) from error\n",
        '            return Connection(conn_id=conn_id, conn_type="aws")\n',
        (f"{_CONNECTIONS}test_a_missing_connection_is_never_replaced_by_ambient_credentials[assume_role]",),
    ),
    Guard(
        "the role is the settings' own",
        f"{_HOOKS}/account.py",
        "        if found != self.role_arn:\n",
        "        if False:\n",
        (f"{_CONNECTIONS}test_a_connection_into_another_account_is_refused_with_both_roles",),
    ),
    Guard(
        "a role that cannot be assumed is named",
        f"{_HOOKS}/account.py",
        '            raise self.refused(error, "sts:AssumeRole", self.role_arn, _ASSUME_ROLE_HINT) from error\n',
        "            raise\n",
        (f"{_CONNECTIONS}test_a_wrong_external_id_is_refused_with_role_and_what_it_must_trust",),
    ),
    Guard(
        "a bucket belongs to the account",
        f"{_HOOKS}/s3.py",
        "Prefix=prefix, ExpectedBucketOwner=self.account.account_id",
        "Prefix=prefix",
        (f"{_CONNECTIONS}test_a_bucket_of_the_right_name_in_another_account_is_refused",),
    ),
    Guard(
        "a source that Athena may not read is named with account and grant",
        "plugins/sightline/source_grants.py",
        '    if not (refused and _DENIED.search(_ADDRESS.sub("", reason))):\n',
        "    if True:\n",
        (
            f"{_SOURCE}[role made anew]",
            f"{_INGESTION}[role made anew]",
        ),
    ),
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
        (f"{_QUERY}[results bucket gone]",),
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
        ("tests/stages/test_quota.py",),
    ),
)
