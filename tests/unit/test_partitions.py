"""Months, keys and locations: there and back; and which month a run is for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sightline.partitions import (
    Month,
    due_at,
    expected_key,
    is_folder_marker,
    is_hidden,
    month_of_key,
    month_of_run,
    months_between,
    object_regex,
    partition_location,
    partition_prefix,
    partition_values,
)
from sightline.settings import Table
from tests.support.tables import sales_table

MONTHS = st.builds(Month, st.integers(1, 9998), st.integers(1, 12))
FOLDERS = st.sampled_from(
    ["year={year}/month={month}/", "{year}{month}/", "a+b/{month}-{year}/", "y.{year}/x/m={month}/"]
)
FILES = st.sampled_from(
    ["sales_{year}_{month}.csv", "*.csv", "part-*-of-*.csv", "a.csv", "{month}{year}{month}"]
)
PREFIXES = st.sampled_from(["", "account1/data/sales/", "a.b/c+d/"])
TABLES = st.builds(
    lambda prefix, folder, file: sales_table(prefix=prefix, objects=folder + file), PREFIXES, FOLDERS, FILES
)
JANUARY = Month(2024, 1)
SALES = sales_table()
SEVERAL = sales_table(objects="{year}-{month}/part-*.csv")


@given(MONTHS)
def test_a_month_is_read_as_it_is_written(month: Month) -> None:
    assert Month.parse(str(month)) == month


@pytest.mark.parametrize(
    "text", ["2024-1", "2024-13", "2024-00", "0000-01", "2024/01", "24-01", "2024-01\n", "2024-01-01", ""]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


@given(MONTHS, st.integers(-2000, 2000), st.integers(-2000, 2000))
def test_months_add_up(month: Month, some: int, more: int) -> None:
    if not all(12 <= month.year * 12 + month.month - 1 + step < 120_000 for step in (some, some + more)):
        return

    assert month.plus(some).plus(more) == month.plus(some + more)
    assert month.plus(some).plus(-some) == month
    assert (month.plus(some) > month) == (some > 0)


@given(MONTHS, st.integers(0, 40))
def test_the_months_between_two_are_consecutive_and_have_both(month: Month, count: int) -> None:
    if month.year > 9990:
        return

    months = months_between(month, month.plus(count))

    assert (months[0], months[-1], len(months)) == (month, month.plus(count), count + 1)
    assert all(later == earlier.plus(1) for earlier, later in pairwise(months))


def test_there_are_no_months_between_a_later_and_an_earlier_one() -> None:
    assert months_between(Month(2024, 2), JANUARY) == ()


@given(TABLES, MONTHS, st.text("abc-19.", max_size=5))
def test_a_key_leads_back_to_its_month_and_lies_in_its_location(
    table: Table, month: Month, star: str
) -> None:
    key = expected_key(table, month).replace("*", star)
    if is_hidden(key):
        return

    assert month_of_key(table, key) == month
    assert f"s3://{table.bucket}/{key}".startswith(partition_location(table, month))
    assert key.startswith(partition_prefix(table, month))
    assert partition_location(table, month).startswith(table.location)
    assert re.match(object_regex(table, month), key)
    assert not re.match(object_regex(table, month.plus(1)), key)


@given(TABLES, MONTHS, MONTHS)
def test_each_month_has_a_location_of_its_own(table: Table, one: Month, other: Month) -> None:
    nested = partition_location(table, one).startswith(partition_location(table, other))

    assert nested == (one == other)


@pytest.mark.parametrize(
    "key",
    [
        "account1/data/sales/year=2024/month=01/sales_data_2024_02.csv",
        "account1/data/sales/year=2024/month=13/sales_data_2024_13.csv",
        "account1/data/sales/year=2024/month=1/sales_data_2024_1.csv",
        "account1/data/sales/year=0000/month=01/sales_data_0000_01.csv",
        "account1/data/sales/year=2024/month=01/sales_data_2024_01.csv\n",
        "account1/data/sales/year=2024/month=01/sales_data_2024_01xcsv",
        "account1/data/sales/year=2024/month=01/copy/sales_data_2024_01.csv",
        "x/account1/data/sales/year=2024/month=01/sales_data_2024_01.csv",
        "account1/data/sales/year=٢٠٢٤/month=01/sales_data_٢٠٢٤_01.csv",
    ],
)
def test_a_key_that_is_not_the_patterns_belongs_to_no_month(key: str) -> None:
    assert month_of_key(SALES, key) is None


def test_a_star_stays_in_its_folder_and_off_hidden_names() -> None:
    table = sales_table(prefix="", objects="{year}-{month}/*.csv")

    assert month_of_key(table, "2024-01/a b.csv") == JANUARY
    assert month_of_key(table, "2024-01/.csv") is None
    assert month_of_key(table, "2024-01/_a.csv") is None
    assert month_of_key(table, "2024-01/a/b.csv") is None


def test_the_articles_month_is_where_the_article_has_it() -> None:
    folder = "account1/data/sales/year=2024/month=01/"

    assert partition_location(SALES, JANUARY) == f"s3://account1-athena-test-111111111111/{folder}"
    assert expected_key(SALES, JANUARY) == f"{folder}sales_data_2024_01.csv"
    assert expected_key(SEVERAL, JANUARY) == "account1/data/sales/2024-01/part-*.csv"
    assert partition_values(JANUARY) == {"year": "2024", "month": "1"}


@pytest.mark.parametrize(
    ("key", "hidden"),
    [
        ("a/_SUCCESS", True),
        ("a/.part", True),
        ("a/_tmp/b.csv", True),
        ("a/b_c.d.csv", False),
        ("a/b/", False),
    ],
)
def test_names_that_start_with_an_underscore_or_a_dot_are_hidden(key: str, hidden: bool) -> None:
    assert is_hidden(key) is hidden


def test_a_folder_marker_ends_with_a_slash() -> None:
    assert is_folder_marker("a/b/")
    assert not is_folder_marker("a/b")


# ------------------------------------------------------------------------------------ which month a run is for

NOW = datetime(2030, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "timezone", "daily", "after_month_end"),
    [
        ("2024-02-01T00:15+00:00", "UTC", "2024-01", "2024-01"),
        ("2024-02-01T00:00+00:00", "UTC", "2024-01", "2024-01"),
        ("2024-02-02T00:15+00:00", "UTC", "2024-02", "2024-01"),
        ("2024-01-31T00:15+00:00", "UTC", "2024-01", "2023-12"),
        ("2024-01-01T00:15+00:00", "UTC", "2023-12", "2023-12"),
        ("2024-01-02T00:15+00:00", "UTC", "2024-01", "2023-12"),
        ("2024-03-01T00:15+00:00", "UTC", "2024-02", "2024-02"),  # after the 29th
        # 00:15 in Tokyo is still the day before in UTC, in which Airflow gives the interval.
        ("2024-01-31T15:15+00:00", "Asia/Tokyo", "2024-01", "2024-01"),
        ("2024-01-31T14:59+00:00", "Asia/Tokyo", "2024-01", "2023-12"),
        ("2023-12-31T15:15+00:00", "Asia/Tokyo", "2023-12", "2023-12"),
        ("2024-02-01T04:59+00:00", "America/New_York", "2024-01", "2023-12"),
        ("2024-02-01T05:15+00:00", "America/New_York", "2024-01", "2024-01"),
        # The clocks change on 31 March 2024: that day has 23 hours.
        ("2024-03-31T22:15+00:00", "Europe/Berlin", "2024-03", "2024-03"),
        ("2024-03-31T21:59+00:00", "Europe/Berlin", "2024-03", "2024-02"),
        ("2024-10-31T23:15+00:00", "Europe/Berlin", "2024-10", "2024-10"),
    ],
)
def test_a_run_is_for_the_day_before_its_interval_ends(
    end: str, timezone: str, daily: str, after_month_end: str
) -> None:
    answers = [
        month_of_run(
            sales_table(delivered=delivered),
            interval_end=datetime.fromisoformat(end),
            requested=None,
            now=NOW,
            timezone=timezone,
        )
        for delivered in ("daily", "after_month_end")
    ]

    assert [str(month) for month in answers] == [daily, after_month_end]


@given(st.integers(10**8, 4 * 10**9), st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]))
def test_without_an_interval_a_run_is_for_yesterday(seconds: int, timezone: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    yesterday = date.fromordinal(now.astimezone(ZoneInfo(timezone)).toordinal() - 1)

    month = month_of_run(SALES, interval_end=None, requested=None, now=now, timezone=timezone)

    assert month == Month.of(yesterday)


def test_a_month_that_was_asked_for_wins() -> None:
    month = month_of_run(SALES, interval_end=NOW, requested=JANUARY, now=NOW, timezone="UTC")

    assert month == JANUARY


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        month_of_run(SALES, interval_end=NOW.replace(tzinfo=None), requested=None, now=NOW, timezone="UTC")


@pytest.mark.parametrize(
    ("delivered", "due_day", "month", "timezone", "due"),
    [
        ("daily", 2, "2024-01", "UTC", "2024-01-03T00:00+00:00"),
        ("after_month_end", 5, "2024-01", "UTC", "2024-02-06T00:00+00:00"),
        ("after_month_end", 5, "2023-12", "Asia/Tokyo", "2024-01-06T00:00+09:00"),
        ("after_month_end", 31, "2024-01", "UTC", "2024-03-01T00:00+00:00"),  # 29 days
        ("daily", 31, "2023-02", "UTC", "2023-03-01T00:00+00:00"),
        ("daily", 31, "2023-12", "UTC", "2024-01-01T00:00+00:00"),
        ("daily", 31, "2024-03", "Europe/Berlin", "2024-04-01T00:00+02:00"),  # the day that has 23 hours
    ],
)
def test_a_month_is_late_after_its_due_day(
    delivered: str, due_day: int, month: str, timezone: str, due: str
) -> None:
    table = sales_table(delivered=delivered, due_day=due_day)

    assert due_at(table, Month.parse(month), timezone).isoformat() == datetime.fromisoformat(due).isoformat()


def test_months_travel_as_text() -> None:
    adapter = TypeAdapter(dict[Month, int])

    assert adapter.dump_json({JANUARY: 1}) == b'{"2024-01":1}'
    assert adapter.validate_python({"2024-01": 1, Month(2024, 2): 2}) == {JANUARY: 1, Month(2024, 2): 2}
