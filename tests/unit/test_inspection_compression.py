"""Names, contents and declared compressions that do not agree, and gzip that is damaged."""

from __future__ import annotations

import gzip

import pytest

from sightline.errors import (
    BrokenGzip,
    WrongCompression,
)
from tests.support.inspected import GZIPPED, NAMES, inspected, small_table


@pytest.mark.parametrize(
    ("content", "name", "compression", "why"),
    [
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv", "none", "the content is compressed"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv.gz", "none", r"the name ends in \.gz"),
        (b"name,count\na,1\n", "a.csv.gz", "none", r"the name ends in \.gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv", "gzip", r"the name does not end in \.gz"),
        (b"name,count\na,1\n", "a.csv.bz2", "none", r"the name ends in \.bz2"),
        (b"name,count\na,1\n", "a.zst", "gzip", r"the name ends in \.zst"),
        (b"name,count\na,1\n", "a.csv.GZ", "none", r"the name ends in \.GZ"),
        (b"name,count\na,1\n", "a.csv.BZ2", "none", r"the name ends in \.BZ2"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv.Gz", "gzip", r"the name ends in \.Gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "gz", "gzip", r"the name does not end in \.gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "x.gz/y", "gzip", r"the name does not end in \.gz"),
    ],
)
def test_a_name_by_which_athena_decompresses_otherwise_is_refused(
    content: bytes, name: str, compression: str, why: str
) -> None:
    with pytest.raises(WrongCompression, match=why):
        inspected(content, small_table(NAMES, compression=compression), key=f"sales/{name}")


@pytest.mark.parametrize("name", ["gz", "bz2", "GZ", "x.gz/y"])
def test_a_name_that_only_reads_like_an_ending_is_the_name_of_plain_text(name: str) -> None:
    assert inspected(b"name,count\na,1\n", small_table(NAMES), key=f"sales/{name}").rows == 1


@pytest.mark.parametrize("damage", ["cut", "garbage after it", "no gzip", "nothing"])
def test_a_damaged_gzip_file_is_refused(damage: str) -> None:
    whole = gzip.compress(b"name,count\n" + b"a,1\n" * 1000)
    content = {"cut": whole[:-9], "garbage after it": whole + b"x" * 30, "no gzip": b"a,1\n", "nothing": b""}

    with pytest.raises(BrokenGzip):
        inspected(content[damage], GZIPPED)
