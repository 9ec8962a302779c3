"""The real Hive 2.3.9 and Hadoop 3.3.4, in pyspark: tables over text files, and what their classes read of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = list[str | None]
CSV_SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"


class Hive:
    """A session; every question is a table of its own over one file."""

    def __init__(self, spark: Any) -> None:
        self._spark, self._tables = spark, 0

    def rows(self, columns: Sequence[str], body: bytes, row_format: str, name: str = "file.txt") -> list[Row]:
        """A file's rows as a table of these types has them, every value as a string.

        Spark ignores skip.header.line.count, so no table has a header.
        """
        self._tables += 1
        declared = ", ".join(f"c{n} {kind}" for n, kind in enumerate(columns))
        chosen = ", ".join(f"CAST(c{n} AS STRING)" for n in range(len(columns)))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(body)
            self._spark.sql(
                f"CREATE EXTERNAL TABLE t{self._tables} ({declared}) {row_format} STORED AS TEXTFILE "
                f"LOCATION 'file://{folder}'"
            )
            return [list(row) for row in self._spark.sql(f"SELECT {chosen} FROM t{self._tables}").collect()]

    def failure(self, columns: Sequence[str], body: bytes, row_format: str, name: str) -> str | None:
        """The class of the exception that reading ends with, or None."""
        from py4j.protocol import Py4JJavaError

        try:
            self.rows(columns, body, row_format, name)
        except Py4JJavaError as error:
            cause = error.java_exception
            while cause.getCause() is not None:
                cause = cause.getCause()
            return str(cause.getClass().getName())
        return None


@contextmanager
def hive() -> Iterator[Hive]:
    """Start it; about ten seconds."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as home:
        spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.sql.warehouse.dir", home)
            .config("spark.hadoop.javax.jdo.option.ConnectionURL", "jdbc:derby:memory:metastore;create=true")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.extraJavaOptions", f"-Dderby.stream.error.file={home}/derby.log")
            .config("spark.ui.enabled", "false")
            .enableHiveSupport()
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("OFF")
        try:
            yield Hive(spark)
        finally:
            spark.stop()


def delimited(delimiter: str) -> str:
    """The row format of a LazySimpleSerDe table."""
    return f"ROW FORMAT DELIMITED FIELDS TERMINATED BY '{delimiter}'"


def save(path: Path, **parts: Any) -> None:
    """Write golden answers, a line each."""
    texts = []
    for name, part in parts.items():
        if isinstance(part, dict):
            items = ",\n".join(f"  {_json(key)}: {_json(value)}" for key, value in part.items())
            texts.append(f" {_json(name)}: {{\n{items}\n }}")
        else:
            texts.append(f" {_json(name)}: {_json(part)}")
    path.write_text("{\n" + ",\n".join(texts) + "\n}\n", encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
