"""The worker that takes an execution from RUNNING to its end: as its caller, results and statistics first."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from local_aws import scratch
from local_aws.athena import ddl, engine, select
from local_aws.athena.ddl_apply import DdlApplier
from local_aws.athena.failures import INTERNAL_ERROR, RESULTS_NOT_WRITTEN, QueryCancelledError, QueryError
from local_aws.athena.glue_catalog import GlueCatalog
from local_aws.athena.locations import Location
from local_aws.athena.objects import Meter, ObjectReader
from local_aws.athena.results import Result
from local_aws.athena.types import VARCHAR
from local_aws.calls import AwsError
from local_aws.iam.arns import bucket_arn

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from local_aws.athena.executions import Execution
    from local_aws.athena.glue_catalog import Table
    from local_aws.iam.authorizer import Authorizer
    from local_aws.latency import Latency
    from local_aws.s3_access import S3Access

WORKERS = 32
log = logging.getLogger(__name__)


class Runner:
    """A pool of workers; `bad_values` says what a field that does not cast is: "null" or "fail"."""

    def __init__(
        self, s3: S3Access, latency: Latency, authorizer: Authorizer, bad_values: Callable[[], str]
    ) -> None:
        self._s3, self._latency, self._authorizer, self._bad_values = s3, latency, authorizer, bad_values
        self._engine = engine.Engine()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="athena")

    def submit(self, execution: Execution) -> None:
        """Have a worker run an execution."""
        self._pool.submit(self._run, execution).add_done_callback(lambda future: _broken(execution, future))

    def _run(self, execution: Execution) -> None:
        execution.begin()
        meter = Meter(execution.stop, execution.cutoff)
        try:
            self._wait(execution)
            self._check_results_bucket(execution)
            result = self._result(execution, meter)
            self._write(execution, result)
            execution.columns, execution.result, execution.scanned = result.columns, result, meter.scanned
            result.body = b""  # from now on it is read from where it was written
            execution.finish("SUCCEEDED")
        except QueryCancelledError as cancelled:
            execution.scanned = meter.scanned
            execution.finish("CANCELLED", cancelled.reason)
        except QueryError as failed:
            execution.scanned = meter.scanned
            _fail(execution, failed)
        except AwsError as refused:
            execution.scanned = meter.scanned
            _fail(execution, QueryError(f"{refused.code}: {refused.message}"))

    def _wait(self, execution: Execution) -> None:
        wait = self._latency.wait_select if execution.kind == "DML" else self._latency.wait_ddl
        if wait(execution.stop):
            raise QueryCancelledError("Query was cancelled by user")

    def _result(self, execution: Execution, meter: Meter) -> Result:
        catalog = GlueCatalog(self._authorizer, execution.caller, execution.region)
        with scratch.folder() as folder:
            reader = ObjectReader(self._s3, execution.caller, meter, folder)
            if execution.kind == "DML":
                return self._select(execution, catalog, reader)
            applier = DdlApplier(catalog, execution.asked.database, reader.keys)
            listing = applier.apply(ddl.parse(execution.asked.sql))
            return Result.of_listing([(listing.column, VARCHAR)] if listing.column else [], listing.rows)

    def _select(self, execution: Execution, catalog: GlueCatalog, reader: ObjectReader) -> Result:
        database = (execution.asked.database or "default").lower()
        translation = select.translate(
            execution.asked.sql, database, lambda d, name: _table(catalog, d, name)
        )
        path, count = self._engine.write(translation, catalog, reader, fail=self._bad_values() == "fail")
        reader.meter.check()
        return Result.of_select(translation.columns, path.read_bytes(), count)

    def _check_results_bucket(self, execution: Execution) -> None:
        """Before anything is done: the bucket is there, is whose it should be, and the caller may ask where it is."""
        bucket, expected = Location.parse(execution.asked.location).bucket, execution.asked.expected_owner
        try:
            owner = self._s3.bucket_owner(bucket)
            self._authorizer.require(execution.caller, "s3:GetBucketLocation", bucket_arn(bucket))
        except AwsError as error:
            reason = f"Unable to verify/create output bucket {bucket} ({error.code}: {error.message})"
            raise QueryError(reason, RESULTS_NOT_WRITTEN) from error
        if expected and owner != expected:
            reason = f"Access denied: the output bucket {bucket} is not owned by the expected bucket owner {expected}"
            raise QueryError(reason, RESULTS_NOT_WRITTEN)

    def _write(self, execution: Execution, result: Result) -> None:
        bucket, _, key = execution.output_location.removeprefix("s3://").partition("/")
        try:
            for name, body in ((key, result.body), (f"{key}.metadata", result.metadata())):
                self._s3.put(execution.caller, bucket, name, body, encryption=execution.encryption)
        except AwsError as error:
            raise _unwritable(error, execution.output_location) from error


def _table(catalog: GlueCatalog, database: str, name: str) -> Table:
    if not catalog.database(database):
        raise QueryError(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")
    found = catalog.table(database, name)
    if not found:
        raise QueryError(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist")
    return found


def _unwritable(error: AwsError, url: str) -> QueryError:
    return QueryError(
        f"Access denied when writing output to url: {url} . Please ensure you are allowed to access the S3 bucket. "
        f"If you are encrypting query results with KMS key, please ensure you are allowed to access your KMS key. "
        f"({error.code}: {error.message})",
        RESULTS_NOT_WRITTEN,
    )


def _fail(execution: Execution, failed: QueryError) -> None:
    error = {
        "ErrorCategory": failed.category,
        "ErrorType": failed.error_type,
        "Retryable": False,
        "ErrorMessage": failed.reason,
    }
    execution.finish("FAILED", failed.reason, error)


def _broken(execution: Execution, future: Future[None]) -> None:
    """A mistake of this engine must not leave an execution RUNNING for ever."""
    error = future.exception()
    if error is not None:
        log.error("query execution %s broke the engine", execution.id, exc_info=error)
        _fail(
            execution,
            QueryError(f"INTERNAL_ERROR_QUERY_ENGINE: {type(error).__name__}: {error}", INTERNAL_ERROR),
        )
