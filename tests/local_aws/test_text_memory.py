"""However an object is read, it is never held in memory: what Python allocates meanwhile does not grow with it."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from local_aws.athena import text
from local_aws.athena.locations import Location
from local_aws.athena.objects import Meter, ObjectReader, TextFile
from local_aws.s3_access import StoredObject

LINE = b"2024-01-05,Laptop,3,1200.50,3601.50\n"
COPIES = (16 << 20) // len(LINE)
MOST = 6 << 20


class OneFile:
    """An S3 with one object, which lies in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def list_objects(self, caller: Any, bucket: str, prefix: str) -> list[Any]:
        return [StoredObject(self._path.name, self._path.stat().st_size, "", None)]  # type: ignore[arg-type]

    def open(self, caller: Any, bucket: str, key: str) -> BinaryIO:
        return self._path.open("rb")


def read(path: Path, folder: Path) -> tuple[list[TextFile], int, Meter]:
    """The files that DuckDB gets, the most that was allocated meanwhile, and what was metered."""
    meter = Meter(threading.Event())
    reader = ObjectReader(OneFile(path), None, meter, folder)  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        found = reader.files(Location("bucket", ""), lambda pieces: text.lines(pieces, 0), 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        reader.close()
    return found, peak, meter


@pytest.mark.parametrize(
    ("name", "body", "copied"),
    [
        ("plain.csv", LINE * COPIES, False),
        ("crlf.csv", LINE.replace(b"\n", b"\r\n") * COPIES, True),
        ("blank.csv", LINE * COPIES + b"\n", True),
        ("blank_in_the_middle.csv", LINE * (COPIES // 2) + b"\n" + LINE * (COPIES // 2), True),
        ("zipped.csv.gz", gzip.compress(LINE * COPIES, 1), True),
    ],
    ids=["plain", "CRLF", "blank line at the end", "blank line in the middle", "gzip"],
)
def test_an_object_is_never_held_in_memory(name: str, body: bytes, copied: bool, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (tmp_path / name).write_bytes(body)

    (found,), peak, meter = read(tmp_path / name, folder)

    assert peak < MOST
    assert (Path(found.path).parent == folder) == copied
    assert meter.scanned == len(body)


def test_a_plain_file_is_read_where_it_lies_and_nothing_is_copied(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(LINE * 10)
    folder = tmp_path / "copies"
    folder.mkdir()

    (found,), _, _ = read(tmp_path / "f.csv", folder)

    assert found.path.startswith("/proc/self/fd/")
    assert sum(copy.stat().st_size for copy in folder.iterdir()) <= 1
