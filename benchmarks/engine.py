"""Measures the local AWS's Athena over a large object, beside raw DuckDB.

Raw DuckDB is `read_csv` on a local file with the same records, all columns typed, two threads; it checks nothing.
Ours is from StartQueryExecution to SUCCEEDED over HTTP. The peak is that of the server's process while the statement
runs (Linux only: VmHWM is reset before it). One run of each goes before those that are timed.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from benchmarks import ROOT
from benchmarks.inspecting import write_file
from benchmarks.samples import Sample
from demo.airflow import clean_environment
from demo.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT, REGION, BUCKET, GROUP = "111111111111", "ap-northeast-1", "engine-111111111111", "engine"
COLUMNS = "`date` DATE, product STRING, quantity INT, unit_price DECIMAL(10,2), total_sales DECIMAL(10,2)"
TYPED = (
    "{'date': 'DATE', 'product': 'VARCHAR', 'quantity': 'INTEGER', 'unit_price': 'DECIMAL(10,2)', "
    "'total_sales': 'DECIMAL(10,2)'}"
)
STATEMENTS = {
    "count": "SELECT count(*) FROM {source}",
    "sum": "SELECT product, sum(total_sales) AS total FROM {source} GROUP BY product",
}
HEADER = (
    "file",
    "statement",
    "local Athena, s",
    "raw DuckDB, s",
    "ratio of medians",
    "of minima",
    "peak memory, MB",
)
THREADS, POLL = 2, 0.02
PARTS = 64 << 20


@dataclass(frozen=True)
class Row:
    """One statement over one file, some times: seconds there and here, and the server's peaks in MB."""

    file: str
    statement: str
    ours: Sample
    raw: Sample
    peaks: Sample

    @property
    def ratio(self) -> float:
        """How many times as long it takes: medians."""
        return self.ours.median / self.raw.median

    def cells(self) -> tuple[str, ...]:
        """The row in words."""
        fastest = min(self.ours.values) / min(self.raw.values)
        ratios = (f"{self.ratio:.2f}", f"{fastest:.2f}")
        return (self.file, self.statement, self.ours.text(), self.raw.text(), *ratios, self.peaks.text(0))


@dataclass(frozen=True)
class Server:
    """A local AWS of our own, with one account's bucket and workgroup."""

    process: subprocess.Popen[str]
    athena: Any
    s3: Any

    def peak_megabytes(self) -> float:
        """The most memory that the process had since `forget_peak`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"VmHWM:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def forget_peak(self) -> None:
        """Begin anew to watch the memory."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    def run(self, sql: str) -> str:
        """Run a statement to its end; return its id."""
        started: str = self.athena.start_query_execution(QueryString=sql, WorkGroup=GROUP)["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return started
            if status["State"] in ("FAILED", "CANCELLED"):
                raise RuntimeError(f"{sql}: {status}")
            time.sleep(POLL)

    def rows(self, execution: str) -> list[tuple[str, ...]]:
        """What a SELECT answered, sorted."""
        found = self.athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
        return sorted(tuple(value["VarCharValue"] for value in row["Data"]) for row in found[1:])

    def deliver(self, file: Path, name: str) -> str:
        """Put a file into the bucket, part by part, as the only object of a new table; return the table's name."""
        self.s3.upload_file(str(file), BUCKET, f"{name}/{file.name}", Config=_parts())
        self.run(
            f"CREATE EXTERNAL TABLE engine.{name} ({COLUMNS}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"STORED AS TEXTFILE LOCATION 's3://{BUCKET}/{name}/' TBLPROPERTIES ('skip.header.line.count'='1')"
        )
        return f"engine.{name}"


def measure(megabytes: int, runs: int = 5, *, zipped: bool = True) -> list[Row]:
    """Measure files of 100 MB and of this many megabytes, plain and as gzip; ours and raw in turn."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="sightline-engine-") as folder, _server() as server:
        for size in sorted({min(100, megabytes), megabytes}):
            file = Path(folder) / f"sales_{size}.csv"
            expected = write_file(file, size)
            for path in (file, _zipped(file)) if zipped else (file,):
                name = server.deliver(path, f"t{size}_{'gz' if path.suffix == '.gz' else 'csv'}")
                rows += [_measured(server, path, name, statement, runs, expected) for statement in STATEMENTS]
                path.unlink()
    return rows


def _measured(
    server: Server, file: Path, name: str, statement: str, runs: int, expected: dict[str, str]
) -> Row:
    raw_sql = STATEMENTS[statement].format(source=f"read_csv('{file}', columns={TYPED}, header=true)")
    ours, raw, peaks = [], [], []
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute("SET enable_progress_bar=false")
        # What an upload has left in the server's memory is no statement's.
        server.run(STATEMENTS[statement].format(source=name))
        connection.execute(raw_sql).fetchall()
        for _ in range(runs):
            began = time.perf_counter()
            theirs = connection.execute(raw_sql).fetchall()
            raw.append(time.perf_counter() - began)
            server.forget_peak()
            began = time.perf_counter()
            execution = server.run(STATEMENTS[statement].format(source=name))
            ours.append(time.perf_counter() - began)
            peaks.append(server.peak_megabytes())
            _prove(statement, server.rows(execution), theirs, expected)
    return Row(file.name, statement, Sample.of(ours), Sample.of(raw), Sample.of(peaks))


def _prove(statement: str, found: list[tuple[str, ...]], theirs: list[Any], expected: dict[str, str]) -> None:
    """Both answer the same, and what the file was made of."""
    total = sum(Decimal(row[-1]) for row in found)
    wanted = Decimal(expected["rows" if statement == "count" else "total_sales"])
    if found != sorted(tuple(map(str, row)) for row in theirs) or total != wanted:
        raise RuntimeError(f"{statement}: here {found}, raw {theirs}, the file holds {wanted}")


def _zipped(file: Path) -> Path:
    target = file.with_name(f"{file.name}.gz")
    with file.open("rb") as source, gzip.open(target, "wb", compresslevel=1) as output:
        shutil.copyfileobj(source, output, 1 << 20)
    return target


def _parts() -> Any:
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=PARTS, multipart_chunksize=PARTS, max_concurrency=1)


@contextmanager
def _server() -> Iterator[Server]:
    command = [sys.executable, "-m", "local_aws", "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment() | {"PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield _prepared(process)
        finally:
            process.terminate()


def _prepared(process: subprocess.Popen[str]) -> Server:
    lines = process.stderr or ()
    endpoint = next(found[1] for line in lines if (found := re.search(r"ready at (http://\S+)", line)))
    cloud = Cloud(endpoint)
    athena, s3 = (cloud.client(name, account_id=ACCOUNT, region=REGION) for name in ("athena", "s3"))
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/results/"}}
    athena.create_work_group(Name=GROUP, Configuration=results)
    server = Server(process, athena, s3)
    server.run("CREATE DATABASE engine")
    return server
