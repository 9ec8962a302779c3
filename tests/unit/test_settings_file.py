"""What a settings file becomes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from sightline.errors import UnknownAccount
from sightline.settings import Column, Settings, Table, load_settings, settings_path
from tests.support.settings_files import ANALYTICS, THIRD_ACCOUNT, accounts, load, settings_file


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load_settings()


def test_the_shipped_file_is_the_articles_two_accounts(shipped: Settings) -> None:
    first, second = shipped.workload_accounts

    assert shipped.problems == ()
    assert (first.name, first.account_id, second.account_id) == ("account1", "111111111111", "222222222222")
    assert (first.workgroup, first.database, first.scan_cutoff_bytes) == (
        "workgroup-account1",
        "account1_data",
        10_000_000_000_000,
    )
    assert first.tables[0].location == "s3://account1-athena-test-111111111111/account1/data/sales/"
    assert first.tables[0].columns == (
        Column(name="date", type="date"),
        Column(name="product", type="string"),
        Column(name="quantity", type="int"),
        Column(name="unit_price", type="decimal(10,2)"),
        Column(name="total_sales", type="decimal(10,2)"),
    )
    assert second.tables[0].quicksight.data_set_id == "from_account2"


def test_an_account_takes_about_twenty_lines() -> None:
    entry = settings_path().read_text().split("\n  - name: account2 ")[1].splitlines()

    assert len([line for line in entry if line.strip()]) <= 22


def test_a_role_is_named_or_given_as_an_arn(shipped: Settings, tmp_path: Path) -> None:
    arn = "arn:aws:iam::111111111111:role/teams/reader"
    text = accounts("one").replace("    external_id", f"    reader_role: {arn}\n    external_id")

    assert load(tmp_path, text).workload_accounts[0].reader_role_arn == arn
    assert shipped.workload_accounts[0].reader_role_arn == "arn:aws:iam::111111111111:role/sightline-reader"
    assert shipped.analytics.role_arn == "arn:aws:iam::333333333333:role/sightline-pipeline"
    assert (
        shipped.analytics.quicksight.data_source_role_arn
        == "arn:aws:iam::333333333333:role/sightline-quicksight"
    )


def test_roles_of_china_are_in_its_partition(tmp_path: Path) -> None:
    settings = load(tmp_path, accounts("one").replace("ap-northeast-1", "cn-north-1"))

    assert settings.analytics.role_arn == "arn:aws-cn:iam::333333333333:role/sightline-pipeline"
    assert settings.workload_accounts[0].reader_role_arn.startswith("arn:aws-cn:")


def test_what_is_not_set_has_sensible_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, accounts("one"))
    account = settings.workload_accounts[0]
    table = account.tables[0]

    assert settings.analytics.ledger_bucket == "sightline-ledger-333333333333"
    assert settings.analytics.quicksight.identity_region == "ap-northeast-1"
    assert (account.region, account.schedule, account.timezone) == ("ap-northeast-1", "15 0 * * *", "UTC")
    assert (account.start_date, account.retries, account.retry_delay_seconds) == (date(2024, 1, 1), 2, 60)
    assert (table.delivered, table.due_day, table.look_back_months) == ("daily", 2, 2)
    assert table.quicksight.model_dump() == {
        "data_source_id": "one",
        "data_source_name": "one",
        "data_set_id": "one-sales",
        "data_set_name": "one-sales",
    }


def test_a_table_delivered_after_month_end_is_due_on_the_fifth(tmp_path: Path) -> None:
    text = accounts("one").replace("        columns:", "        delivered: after_month_end\n        columns:")

    assert load(tmp_path, text).workload_accounts[0].tables[0].due_day == 5


def test_an_account_that_has_nothing_of_the_articles(tmp_path: Path) -> None:
    settings = load(tmp_path, ANALYTICS + "workload_accounts:\n" + THIRD_ACCOUNT)

    account = settings.account("warehouse")
    table = account.tables[0]
    assert settings.problems == ()
    assert account.reader_role_arn == "arn:aws:iam::044444444444:role/readers/files"
    assert (account.region, account.scan_cutoff_bytes) == ("eu-central-1", 250_000_000_000)
    assert (table.due_day, table.text_format.delimiter, table.text_format.header) == (31, "\t", False)
    assert [column.type for column in table.columns] == [
        "bigint",
        "varchar(40)",
        "double",
        "decimal(38,6)",
        "timestamp",
    ]
    assert (table.columns[0].name, table.columns[3].kind, table.columns[3].arguments) == (
        "no",
        "decimal",
        (38, 6),
    )
    assert table.quicksight.data_set_name == "在庫 2024"


def test_settings_do_not_change(shipped: Settings) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        shipped.analytics.region = "eu-west-1"  # type: ignore[misc]


def test_another_file_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(settings_file(tmp_path, accounts("other"))))

    assert [account.connection_id for account in load_settings().workload_accounts] == ["aws_other"]


def test_an_unknown_account_is_answered_with_the_closest(shipped: Settings) -> None:
    with pytest.raises(UnknownAccount) as refused:
        shipped.account("acount1")

    assert 'No account "acount1" in accounts.yaml. Did you mean "account1"?' in str(refused.value)


def test_a_file_without_workload_accounts_is_fine(tmp_path: Path) -> None:
    assert load(tmp_path, ANALYTICS).workload_accounts == ()


def test_python_gives_settings_by_their_own_names() -> None:
    table = Table(
        name="t",
        bucket="buc",
        prefix="p/",
        objects="{year}/{month}/a.csv",
        columns=(Column(name="a", type="INT"),),
    )

    assert table.columns[0].type == "int"
