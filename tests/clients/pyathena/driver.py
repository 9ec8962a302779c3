"""PyAthena, unchanged: python driver.py FLOW PARAMETERS prints what the flow found, as JSON.

It runs in the environment of requirements.txt beside it, and knows the local AWS from AWS_ENDPOINT_URL only. Values are
written with the names of their types (`Decimal:1.40`), so that a test sees both. What PyAthena raises is printed too.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from urllib.parse import quote_plus

from botocore.exceptions import ClientError
from pyarrow import fs
from pyathena import connect
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.error import Error
from pyathena.pandas.cursor import PandasCursor
from pyathena.s3fs.cursor import S3FSCursor
from sqlalchemy import MetaData, Table, create_engine, func, inspect, select

# ArrowCursor reads the result object with Arrow's own client of S3, which has no setting for the endpoint that PyAthena
# or the environment could reach. This is all that is changed, and nothing of PyAthena's.
ENDPOINT = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
fs.S3FileSystem = partial(fs.S3FileSystem, endpoint_override=ENDPOINT, scheme="http")


def connection(role_arn, external_id, **more):
    return connect(
        role_arn=role_arn,
        external_id=external_id,
        work_group="clients",
        schema_name="shop",
        catalog_name="AwsDataCatalog",
        poll_interval=0.05,
        **more,
    )


def tagged(value):
    return None if value is None else f"{type(value).__name__}:{value}"


def tagged_rows(rows):
    return [[tagged(value) for value in row] for row in rows]


def cursor(sql, parameters=None, **who):
    found = connection(**who).cursor().execute(sql, parameters)
    return {
        "rows": tagged_rows(found.fetchall()),
        "types": [column[1] for column in found.description],
        "scanned": found.data_scanned_in_bytes,
    }


def question_marks(sql, parameters, **who):
    return connection(**who).cursor().execute(sql, parameters, paramstyle="qmark").fetchall()


def by_name(sql, **who):
    found = connection(cursor_class=DictCursor, **who).cursor().execute(sql)
    return [{name: tagged(value) for name, value in row.items()} for row in found]


def reused(sql, **who):
    found = connection(**who).cursor().execute(sql, result_reuse_enable=True, result_reuse_minutes=60)
    return {
        "asked": found.result_reuse_enabled,
        "minutes": found.result_reuse_minutes,
        "reused": found.reused_previous_result,
    }


def cached(sql, **who):
    """PyAthena's own cache looks through the workgroup's history for the same statement."""
    ids = [connection(**who).cursor().execute(sql, cache_size=50).query_id for _ in range(2)]
    return len(set(ids))


def asynchronous(sql, **who):
    with connection(cursor_class=AsyncCursor, **who).cursor(max_workers=4) as cursor:
        futures = [cursor.execute(sql)[1] for _ in range(4)]
        return [tagged_rows(future.result().fetchall()) for future in futures]


def arrow(sql, **who):
    table = connection(cursor_class=ArrowCursor, **who).cursor().execute(sql).as_arrow()
    return {
        "types": {field.name: str(field.type) for field in table.schema},
        "rows": tagged_rows(row.values() for row in table.to_pylist()),
    }


def arrow_rows(sql, **who):
    return tagged_rows(connection(cursor_class=ArrowCursor, **who).cursor().execute(sql).fetchall())


def pandas(sql, chunksize=None, **who):
    found = connection(cursor_class=PandasCursor, **who).cursor().execute(sql, chunksize=chunksize)
    return [tagged_rows(chunk.itertuples(index=False)) for chunk in found.iter_chunks()]


def from_the_result_object(sql, **who):
    return tagged_rows(connection(cursor_class=S3FSCursor, **who).cursor().execute(sql).fetchall())


def metadata(**who):
    found = connection(**who).cursor()
    table = found.get_table_metadata("sales")
    return {
        "databases": [database.name for database in found.list_databases("AwsDataCatalog")],
        "tables": [each.name for each in found.list_table_metadata()],
        "columns": {column.name: column.type for column in table.columns},
        "keys": {column.name: column.type for column in table.partition_keys},
        "location": table.location,
    }


def sqlalchemy(role_arn, external_id):
    engine = create_engine(
        "awsathena+rest://:@athena.ap-northeast-1.amazonaws.com:443/shop?work_group=clients&poll_interval=0.05"
        f"&catalog_name=AwsDataCatalog&role_arn={quote_plus(role_arn)}&external_id={quote_plus(external_id)}"
    )
    seen = inspect(engine)
    with engine.connect() as opened:
        sales = Table("sales", MetaData(), autoload_with=engine)
        months = (
            select(sales.c.month, func.count(), func.sum(sales.c.total_sales), func.max(sales.c.date))
            .where(sales.c.month > 2, sales.c.quantity.is_not(None))
            .group_by(sales.c.month)
            .order_by(sales.c.month)
        )
        return {
            "schemas": seen.get_schema_names(),
            "tables": seen.get_table_names(),
            "there": [seen.has_table("sales"), seen.has_table("gone")],
            "columns": {column.name: str(column.type) for column in sales.columns},
            "months": tagged_rows(opened.execute(months).fetchall()),
        }


FLOWS = {
    flow.__name__: flow
    for flow in (
        *(cursor, question_marks, by_name, reused, cached, asynchronous),
        *(arrow, arrow_rows, pandas, from_the_result_object, metadata, sqlalchemy),
    )
}


def main(flow, parameters):
    try:
        return FLOWS[flow](**json.loads(parameters))
    except (Error, ClientError) as error:
        return {"error": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:]), ensure_ascii=False))
