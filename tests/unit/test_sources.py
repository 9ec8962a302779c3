"""What a listing of the source bucket says about each month."""

from __future__ import annotations

import pytest

from sightline.errors import StrayObject
from sightline.partitions import Month
from sightline.sources import SourceObject, by_month, fingerprint, refuse_strays
from tests.support.tables import sales_table

TABLE = sales_table()
FOLDER = "account1/data/sales/year=2024/month=01/"
JANUARY = Month(2024, 1)


def source(key: str, etag: str = "etag", size: int = 10) -> SourceObject:
    return SourceObject(key, etag, size)


def test_a_listing_is_grouped_by_the_month_of_each_key() -> None:
    january = source(f"{FOLDER}sales_data_2024_01.csv")
    february = source("account1/data/sales/year=2024/month=02/sales_data_2024_02.csv")

    assert by_month(TABLE, [february, january]) == {JANUARY: (january,), Month(2024, 2): (february,)}


@pytest.mark.parametrize("name", ["_SUCCESS", ".sales.part", "_temporary/part-0.csv", ""])
def test_what_athena_does_not_read_is_no_stray(name: str) -> None:
    refuse_strays(TABLE, [JANUARY], [source(f"{FOLDER}{name}")])


@pytest.mark.parametrize(
    "name", ["sales_data_2024_01.csv.bak", "copy of sales.csv", "old/sales_data_2024_01.csv"]
)
def test_what_athena_would_read_besides_the_pattern_is_refused_by_name(name: str) -> None:
    with pytest.raises(StrayObject, match="s3://account1-athena-test-111111111111/.*" + name):
        refuse_strays(TABLE, [JANUARY], [source(f"{FOLDER}{name}")])


def test_a_stray_is_named_on_one_line_whatever_its_key() -> None:
    key = f"{FOLDER}x\n2026-01-01 INFO all is well\x1b[2J\u2028.csv"

    with pytest.raises(StrayObject) as refused:
        refuse_strays(TABLE, [JANUARY], [source(key)])

    assert str(refused.value).isprintable()
    assert r"x\n2026-01-01 INFO all is well\x1b[2J\u2028.csv" in str(refused.value)


def test_strays_of_other_months_do_not_matter() -> None:
    refuse_strays(TABLE, [JANUARY], [source("account1/data/sales/year=2023/month=12/notes.txt")])


@pytest.mark.parametrize(
    "settings",
    [
        {"columns": {"date": "DATE", "product": "STRING"}},
        {"format": {"delimiter": ";"}},
        {"bucket": "another-bucket"},
        {"inspect": "rows"},
    ],
)
def test_the_fingerprint_changes_with_the_settings_that_a_file_is_read_by(
    settings: dict[str, object],
) -> None:
    objects = [source(f"{FOLDER}sales_data_2024_01.csv")]

    assert fingerprint(sales_table(**settings), objects) != fingerprint(TABLE, objects)


@pytest.mark.parametrize("changed", [source("a", etag="other"), source("a", size=11), source("b")])
def test_the_fingerprint_changes_with_the_objects(changed: SourceObject) -> None:
    assert fingerprint(TABLE, [changed]) != fingerprint(TABLE, [source("a")])


def test_the_fingerprint_does_not_depend_on_the_order_of_a_listing() -> None:
    assert fingerprint(TABLE, [source("a"), source("b")]) == fingerprint(TABLE, [source("b"), source("a")])
