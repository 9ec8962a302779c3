"""awswrangler, unchanged: python driver.py FLOW PARAMETERS prints what the flow found, as JSON.

It runs in the environment of requirements.txt beside it, and knows the local AWS from AWS_ENDPOINT_URL only, and
who it is from AWS_PROFILE. Values are written with the names of their types, NULL as null. What awswrangler
raises is printed too.
"""

from __future__ import annotations

import json
import sys

import awswrangler as wr
import pandas as pd
from botocore.exceptions import ClientError

ATHENA = {"database": "shop", "workgroup": "clients"}


def tagged(value):
    return None if pd.isna(value) else f"{type(value).__name__}:{value}"


def tagged_rows(frame):
    return [[tagged(value) for value in row] for row in frame.astype(object).itertuples(index=False)]


def read(sql, **how):
    frame = wr.athena.read_sql_query(sql, **{"ctas_approach": False, **how}, **ATHENA)
    return {
        "types": {name: str(kind) for name, kind in frame.dtypes.items()},
        "rows": tagged_rows(frame),
        "scanned": frame.query_metadata["Statistics"]["DataScannedInBytes"],
    }


def pieces(sql, chunksize):
    frames = wr.athena.read_sql_query(sql, ctas_approach=False, chunksize=chunksize, **ATHENA)
    return [tagged_rows(frame) for frame in frames]


def read_by_default(sql):
    return len(wr.athena.read_sql_query(sql, ctas_parameters={"database": "drafts"}, **ATHENA))


def unload(sql, target):
    return len(
        wr.athena.read_sql_query(sql, ctas_approach=False, unload_approach=True, s3_output=target, **ATHENA)
    )


def cached(sql):
    """Run the same statement twice; awswrangler's own cache looks through the workgroup's history."""
    settings = {"max_cache_seconds": 900}
    how = {"ctas_approach": False, "athena_cache_settings": settings, **ATHENA}
    ids = [wr.athena.read_sql_query(sql, **how).query_metadata["QueryExecutionId"] for _ in range(2)]
    return len(set(ids))


def catalog(table):
    partitions = wr.catalog.get_partitions(database="shop", table=table)
    return {
        "databases": wr.catalog.databases().to_dict("records"),
        "tables": list(wr.catalog.tables(database="shop", name_contains=table[:3])["Table"]),
        "others": list(wr.catalog.tables(database="shop", name_suffix="gone")["Table"]),
        "table": wr.catalog.table(database="shop", table=table)[
            ["Column Name", "Type", "Partition"]
        ].values.tolist(),
        "there": [wr.catalog.does_table_exist(database="shop", table=name) for name in (table, "gone")],
        "partitions": partitions,
        "march": wr.catalog.get_csv_partitions(database="shop", table=table, expression="month = 3"),
    }


def search(text):
    return list(wr.catalog.tables(search_text=text)["Table"])


def register(table, path, columns, partitions, **how):
    """A table of CSV files, with its partitions."""
    wr.catalog.create_csv_table(
        database="drafts",
        table=table,
        path=path,
        columns_types=columns,
        partitions_types={"year": "int", "month": "int"},
        skip_header_line_count=1,
        **how,
    )
    wr.catalog.add_csv_partitions(database="drafts", table=table, partitions_values=partitions)
    return wr.catalog.get_partitions(database="drafts", table=table)


def add_partitions(table, partitions):
    wr.catalog.add_csv_partitions(database="shop", table=table, partitions_values=partitions)


def write_csv(path, rows):
    wr.s3.to_csv(pd.DataFrame(rows), path, index=False)
    return wr.s3.read_csv(path).to_dict("list")


def delete(path):
    wr.s3.delete_objects(path)
    return wr.s3.list_objects(path)


def objects(path):
    frame = wr.s3.read_csv(path, dtype=str, keep_default_na=False)
    return {
        "keys": wr.s3.list_objects(path),
        "sizes": list(wr.s3.size_objects(path).values()),
        "header": list(frame.columns),
        "lines": len(frame),
    }


FLOWS = {
    flow.__name__: flow
    for flow in (
        *(read, pieces, read_by_default, unload, cached, catalog, search),
        *(register, add_partitions, write_csv, delete, objects),
    )
}


def main(flow, parameters):
    try:
        return FLOWS[flow](**json.loads(parameters))
    except (wr.exceptions.QueryFailed, wr.exceptions.ServiceApiError, ClientError) as error:
        return {"error": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:]), ensure_ascii=False))
