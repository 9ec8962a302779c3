"""Our reading of text against golden answers of the real Hive and Hadoop (`make golden` wrote them), line by line."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pytest

from local_aws.athena.engine import SETTINGS
from local_aws.athena.failures import QueryError
from local_aws.athena.glue_catalog import LAZY_SIMPLE, OPEN_CSV, Column, Partition, Table
from local_aws.athena.objects import Meter, ObjectReader
from local_aws.athena.scan import relation_sql
from local_aws.athena.types import parse_type
from local_aws.s3_access import StoredObject
from tests.local_aws.golden import lazy_simple_serde, open_csv_serde, text_files

Rows = list[tuple[Any, ...]]
CONNECTION = duckdb.connect(config={"threads": 1})
for statement in SETTINGS:
    CONNECTION.execute(statement)


def golden(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


LAZY, CSV, FILES = (golden(part.GOLDEN) for part in (lazy_simple_serde, open_csv_serde, text_files))


@dataclass
class Objects:
    """Objects below one prefix, in files or in memory, as the engine's reader asks for them."""

    bodies: dict[str, bytes]
    folder: Path | None = None
    opened: list[BinaryIO] = field(default_factory=list)

    def list_objects(self, caller: Any, bucket: str, prefix: str) -> list[StoredObject]:
        return [StoredObject(key, len(b), "", datetime.now(UTC)) for key, b in self.bodies.items()]

    def open(self, caller: Any, bucket: str, key: str) -> BinaryIO:
        if self.folder is None:
            return io.BytesIO(self.bodies[key])
        (self.folder / key).write_bytes(self.bodies[key])
        self.opened.append((self.folder / key).open("rb"))
        return self.opened[-1]


@dataclass
class Reading:
    """What was read, and how."""

    rows: Rows
    by_columns: bool


def read(
    objects: Objects,
    kinds: list[str],
    folder: Path,
    *,
    trusting: bool = True,
    serde: str = LAZY_SIMPLE,
    **more: str,
) -> Reading:
    """The rows of a table over objects, every value as text; read by columns where that may be."""
    columns = tuple(Column(f"c{n}", kind) for n, kind in enumerate(kinds))
    table = Table("d", "t", columns, (), "s3://bucket/", serde, more)
    reader = ObjectReader(objects, None, Meter(threading.Event()), folder, trusting)  # type: ignore[arg-type]
    relation = relation_sql(table, [Partition((), "s3://bucket/")], reader, fail=False)
    try:
        rows = CONNECTION.execute(f"SELECT * FROM ({relation})").fetchall()
    except duckdb.InvalidInputException:
        assert trusting, "only a text that looked plain may turn out not to be"
        return read(objects, kinds, folder, trusting=False, serde=serde, **more)
    reader.close()
    return Reading([tuple(map(shown, row)) for row in rows], "'c1': 'VARCHAR'" in relation)


def shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def same(kind: str, expected: str | None, found: str | None) -> bool:
    if expected is None or found is None:
        return expected is found
    if parse_type(kind).is_floating:  # Java prints another number of digits
        return float(found) == pytest.approx(float(expected), rel=1e-6, nan_ok=True)
    return found == expected or (kind == "timestamp" and found.rstrip("0") == expected.rstrip("0"))


# A day or an hour that does not exist rolls over there and is NULL here; the day of the year 0 is the same one, which
# Java shows as a day of the year 1 before our era.
KNOWN_DIFFERENCES = {
    ("2024-02-30", "date"),
    ("2023-02-29", "date"),
    ("2024-01-13 25:00:00", "timestamp"),
    ("0000-01-01", "date"),
}


@pytest.fixture(params=["in memory", "in files"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    folder = tmp_path / "objects"
    folder.mkdir()
    return folder if request.param == "in files" else None


@pytest.mark.parametrize("trusting", [True, False], ids=["by columns", "by lines"])
def test_a_field_is_cast_as_the_real_lazy_simple_serde_casts_it(
    place: Path | None, trusting: bool, tmp_path: Path
) -> None:
    values = {value: row for value, row in LAZY["values"].items() if value}
    body = "".join("|".join([value] * len(LAZY["types"])) + "\n" for value in values).encode()

    found = read(
        Objects({"f": body}, place), LAZY["types"], tmp_path, trusting=trusting, **{"field.delim": "|"}
    )

    different = {
        (value, kind)
        for (value, expected), row in zip(values.items(), found.rows, strict=True)
        for kind, theirs, ours in zip(LAZY["types"], expected, row, strict=True)
        if not same(kind, theirs, ours)
    }
    assert different == KNOWN_DIFFERENCES
    assert found.by_columns == trusting


def test_a_line_is_split_as_the_real_lazy_simple_serde_splits_it(place: Path | None, tmp_path: Path) -> None:
    body = "".join(f"{line}\n" for line in LAZY["lines"]).encode()

    found = read(Objects({"f": body}, place), LAZY["columns"], tmp_path, **{"field.delim": ","})

    assert dict(zip(LAZY["lines"], found.rows, strict=True)) == {
        line: tuple(row) for line, row in LAZY["lines"].items()
    }
    assert len(LAZY["lines"]) >= 100


def test_a_line_of_the_right_number_of_fields_is_read_by_columns_with_the_same_answer(
    place: Path | None, tmp_path: Path
) -> None:
    for number in (2, 3, 4, 5):
        lines = {line: row for line, row in LAZY["lines"].items() if line.count(",") == number - 1}
        body = "".join(f"{line}\n" for line in lines).encode()

        found = read(Objects({"f": body}, place), LAZY["columns"][:number], tmp_path, **{"field.delim": ","})

        assert found.by_columns
        assert dict(zip(lines, found.rows, strict=True)) == {
            line: tuple(row[:number]) for line, row in lines.items()
        }


def test_the_first_column_of_a_blank_line_is_null_unless_it_is_a_text(tmp_path: Path) -> None:
    found = read(Objects({"f": b"\n1,x\n\n,\n"}), ["int", "string"], tmp_path, **{"field.delim": ","})

    assert found.rows == [tuple(row) for row in LAZY["blank_lines_int_first"]]


@pytest.mark.parametrize("variant", list(open_csv_serde.VARIANTS))
def test_a_line_is_split_as_the_real_open_csv_serde_splits_it(
    variant: str, place: Path | None, tmp_path: Path
) -> None:
    lines = {line: row for line, row in CSV[variant].items() if "\x1f" not in line}
    body = "".join(f"{line}\n" for line in lines).encode()

    found = read(
        Objects({"f": body}, place),
        ["string"] * 3,
        tmp_path,
        serde=OPEN_CSV,
        **open_csv_serde.VARIANTS[variant],
    )

    assert dict(zip(lines, found.rows, strict=True)) == {line: tuple(row) for line, row in lines.items()}
    assert len(lines) >= 80


def files_of(kind: str) -> list[Any]:
    return [
        pytest.param(text_files.unpacked(answer["body"]), answer, id=name)
        for name, answer in FILES[kind].items()
    ]


@pytest.mark.parametrize(("body", "answer"), files_of("plain"))
def test_a_line_ends_where_the_real_input_format_ends_it(
    body: bytes, answer: dict[str, Any], place: Path | None, tmp_path: Path
) -> None:
    found = read(Objects({"f": body}, place), text_files.COLUMNS, tmp_path, **{"field.delim": ","})

    assert [text_files.shortened(list(row)) for row in found.rows] == answer["rows"]


@pytest.mark.parametrize(("body", "answer"), files_of("gzip"))
def test_a_gz_file_is_unpacked_as_the_real_codec_unpacks_it(
    body: bytes, answer: dict[str, Any], place: Path | None, tmp_path: Path
) -> None:
    objects = Objects({"f.gz": body}, place)
    if "failure" in answer:
        with pytest.raises(QueryError, match="HIVE_CURSOR_ERROR"):
            read(objects, text_files.COLUMNS, tmp_path, **{"field.delim": ","})
        return

    found = read(objects, text_files.COLUMNS, tmp_path, **{"field.delim": ","})

    assert [list(row) for row in found.rows] == answer["rows"]
