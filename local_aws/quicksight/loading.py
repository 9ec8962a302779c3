"""How an ingestion gets its rows: the data set's SQL, run on Athena as the data source's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.calls import AwsError, Caller
from local_aws.quicksight.causes import IngestionFailed
from local_aws.quicksight.custom_sql import require_query
from local_aws.quicksight.spice import ColumnsDiffer, SpiceTable

if TYPE_CHECKING:
    from local_aws.athena.service import AthenaService, FinishedQuery
    from local_aws.callers import Callers
    from local_aws.latency import Latency
    from local_aws.quicksight.connection import Connection
    from local_aws.quicksight.data_set import DataSet
    from local_aws.quicksight.data_sources import DataSources
    from local_aws.quicksight.ingestion import Ingestion


class Loading:
    """Runs in the ingestion's own thread and holds no lock."""

    def __init__(
        self, athena: AthenaService, callers: Callers, latency: Latency, sources: DataSources
    ) -> None:
        self._athena, self._callers, self._latency, self._sources = athena, callers, latency, sources

    def outcome(self, data_set: DataSet, ingestion: Ingestion) -> SpiceTable | IngestionFailed:
        """Return the rows that the ingestion would put into SPICE, or why there are none."""
        try:
            return self._load(data_set, ingestion)
        except IngestionFailed as failure:
            return failure

    def _load(self, data_set: DataSet, ingestion: Ingestion) -> SpiceTable:
        fault = ingestion.fault
        if self._latency.wait_ingestion(ingestion.stop) or ingestion.stop.wait(fault.seconds):
            raise IngestionFailed("INGESTION_CANCELED", "The ingestion was ended before it read anything.")
        if fault.error:
            raise IngestionFailed(fault.error["Type"], fault.error["Message"])
        return _table(data_set, self._query(data_set, ingestion)).without_last(fault.rows_dropped)

    def _query(self, data_set: DataSet, ingestion: Ingestion) -> FinishedQuery:
        connection = self._connection(data_set)
        role = self._role(connection)
        require_query(data_set.definition.sql)
        try:
            query = self._athena.run(
                caller=role,
                region=data_set.region,
                sql=data_set.definition.sql,
                workgroup=connection.workgroup,
                database=None,
                stop=ingestion.stop,
            )
        except AwsError as error:
            raise IngestionFailed.at_start(error) from error
        if query.state != "SUCCEEDED":
            raise IngestionFailed.in_query(query)
        return query

    def _connection(self, data_set: DataSet) -> Connection:
        source = self._sources.find(data_set.account_id, data_set.region, data_set.definition.data_source_arn)
        if source is None:
            message = f"Data source {data_set.definition.data_source_arn} is not there any more."
            raise IngestionFailed("DATA_SOURCE_NOT_FOUND", message)
        return source.connection

    def _role(self, connection: Connection) -> Caller:
        try:
            return connection.principal(self._callers)
        except AwsError as error:
            raise IngestionFailed.at_role(error) from error


def _table(data_set: DataSet, query: FinishedQuery) -> SpiceTable:
    try:
        return SpiceTable.load(data_set.definition.columns, query.columns, query.rows)
    except ColumnsDiffer as error:
        raise IngestionFailed(error.error_type, str(error)) from error
