"""Every mistake is named, at its line, with what is allowed; and only the account that has it is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sightline.errors import SettingsError
from sightline.settings import load_settings
from tests.support.settings_files import ANALYTICS, accounts, load, only, settings_file

AT = "workload_accounts[one]"
TABLE = f"{AT}.tables[0]"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        (
            "external_id: sightline-one",
            "external_id: 12345",
            f"{AT}.external_id",
            "12345 is not allowed. Allowed: text, in",
        ),
        (
            "workgroup: workgroup-one",
            "workgroup:",
            f"{AT}.workgroup",
            "is empty. Wanted: the account's workgroup",
        ),
        (
            "workgroup: workgroup-one",
            "workgroup: [a]",
            f"{AT}.workgroup",
            "a list is not allowed. Allowed: text",
        ),
        (
            "    database",
            "    worgroup: x\n    database",
            f"{AT}.worgroup",
            'Did you mean "workgroup"? Allowed: name, account_id',
        ),
        ("database: one_data", "database: one-data", f"{AT}.database", "lower-case letters, digits and _"),
        ("    database", "    retries: true\n    database", f"{AT}.retries", "Allowed: a whole number"),
        (
            "    database",
            "    retries: 11\n    database",
            f"{AT}.retries",
            "11 is not allowed. Allowed: less than or equal to 10",
        ),
        (
            "    database",
            "    reader_role_arn: x\n    database",
            f"{AT}.reader_role_arn",
            'Did you mean "reader_role"?',
        ),
        ("    database", "    schedule: every day\n    database", f"{AT}.schedule", "five fields of cron"),
        ("    database", "    schedule: '61 0 * * *'\n    database", f"{AT}.schedule", "five fields of cron"),
        ("    database", "    schedule: '0 0 31 2 *'\n    database", f"{AT}.schedule", "never comes"),
        ("    database", "    schedule: 'R R * * *'\n    database", f"{AT}.schedule", "five fields of cron"),
        (
            "    database",
            "    scan_cutoff: 999999999 TB\n    database",
            f"{AT}.scan_cutoff",
            "bytes are too many",
        ),
        (
            "    database",
            "    timezone: Asia/Tokio\n    database",
            f"{AT}.timezone",
            'Did you mean "Asia/Tokyo"?',
        ),
        (
            "    database",
            "    start_date: 20240101\n    database",
            f"{AT}.start_date",
            "a day such as 2024-01-31",
        ),
        (
            "    database",
            "    start_date: 2024-02-30\n    database",
            f"{AT}.start_date",
            "a day such as 2024-01-31",
        ),
        ("    database", "    scan_cutoff: 10 TiB\n    database", f"{AT}.scan_cutoff", "KB, MB, GB or TB"),
        (
            "    database",
            "    scan_cutoff: 9 MB\n    database",
            f"{AT}.scan_cutoff",
            "9,000,000 bytes are too few",
        ),
        (
            "    database",
            "    reader_role: arn:aws:iam::999999999999:role/r\n    database",
            f"{AT}.reader_role",
            "is a role of another account. Allowed: a role of 111111111111",
        ),
        ("bucket: sales-111111111111", "bucket: s3://sales", f"{TABLE}.bucket", "must be the name alone"),
        ("prefix: data/", "prefix: data", f"{TABLE}.prefix", 'must end with "/"'),
        ("prefix: data/", "prefix: /data/", f"{TABLE}.prefix", 'must not start with "/"'),
        ("prefix: data/", "prefix: data//", f"{TABLE}.prefix", 'must not have "//"'),
        ("prefix: data/", "prefix: ../", f"{TABLE}.prefix", 'must not have "." or ".."'),
        ("prefix: data/", "prefix: _tmp/", f"{TABLE}.prefix", "Athena passes over"),
        (
            "year={year}/month={month}/sales.csv",
            "'{year}_{month}.csv'",
            f"{TABLE}.objects",
            "a location of its own",
        ),
        (
            "year={year}/month={month}/sales.csv",
            "'{year}/{mnth}/s.csv'",
            f"{TABLE}.objects",
            'Did you mean "month"?',
        ),
        (
            "year={year}/month={month}/sales.csv",
            "'{year}/*/{month}/s'",
            f"{TABLE}.objects",
            "* in the file name only",
        ),
        (
            "year={year}/month={month}/sales.csv",
            "'{year}/{month}/.s'",
            f"{TABLE}.objects",
            "Athena passes over",
        ),
        (
            "year={year}/month={month}/sales.csv",
            "'{year}/{month}/'",
            f"{TABLE}.objects",
            "folders and a file name",
        ),
        ("id: bigint", "id: integer", f"{TABLE}.columns.id", 'Did you mean "int"? Allowed: string, boolean'),
        ("id: bigint", "id: decimal(39,2)", f"{TABLE}.columns.id", "p from 1 to 38"),
        ("id: bigint", "id: varchar", f"{TABLE}.columns.id", 'Did you mean "varchar(n)"?'),
        ("id: bigint", "Id: bigint", f"{TABLE}.columns.Id", "lower-case letters, digits and _"),
        ("id: bigint", "month: int", f"{TABLE}.columns.month", "is a partition column already"),
        ("id: bigint", "id: bigint\n          id: int", f"{TABLE}.columns.id", "is set twice, first in line"),
        (
            "        columns",
            "        delivered: dayly\n        columns",
            f"{TABLE}.delivered",
            'Did you mean "daily"?',
        ),
        (
            "        columns",
            "        due_day: 32\n        columns",
            f"{TABLE}.due_day",
            "less than or equal to 31",
        ),
        (
            "        columns",
            "        allow_empty: yes\n        columns",
            f"{TABLE}.allow_empty",
            "true or false",
        ),
        (
            "        columns",
            "        format: {delimiter: '\"'}\n        columns",
            f"{TABLE}.format.delimiter",
            "Allowed: one of comma",
        ),
        (
            "        columns",
            "        format: {compression: gzip}\n        columns",
            f"{TABLE}.format.compression",
            "gzip needs objects that end with .gz",
        ),
        (
            "          id: bigint",
            "          id: bigint\n          day: date\n        format: {serde: open_csv}",
            f"{TABLE}.columns.day",
            "date cannot be read by open_csv (it expects numbers since 1970). Declare string",
        ),
        ("    database", "    region: &r eu-west-1\n    database", f"{AT}.region", "&r is an anchor"),
        ("    database", "    region: !!str eu-west-1\n    database", f"{AT}.region", "is a tag"),
        (
            '"111111111111"',
            "011111111117",
            f"{AT}.account_id",
            "011111111117 without quotes is a number to YAML",
        ),
        ('"111111111111"', "11111111111", f"{AT}.account_id", 'in quotes: "011111111111"'),
        ('"111111111111"', "111111111111", f"{AT}.account_id", "111111111111 has no quotes"),
        ('"111111111111"', "1111111111110", f"{AT}.account_id", "1111111111110 is a number"),
        ('"111111111111"', '"1111-1111-1111"', f"{AT}.account_id", "12 digits of an AWS account"),
    ],
)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, old: str, new: str, path: str, says: str) -> None:
    text = accounts("one", "two").replace(old, new, 1)

    settings = load(tmp_path, text)

    problem = only(settings.problems)
    assert (problem.path, problem.file) == (path, str(tmp_path / "accounts.yaml"))
    assert says in problem.message
    assert path.rpartition(".")[2] in text.splitlines()[problem.line - 1]
    assert [account.name for account in settings.workload_accounts] == ["two"]


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    text = (
        accounts("one", "two")
        .replace("bigint", "long")
        .replace("prefix: data/", "prefix: data")
        .replace("_data", "-d")
    )

    problems = load(tmp_path, text).problems

    assert len(problems) == 6
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_problem_reads_file_line_path_mistake(tmp_path: Path) -> None:
    text = accounts("one").replace("id: bigint", "quantity: text")

    problem = only(load(tmp_path, text).problems)

    assert str(problem).startswith(
        f"{tmp_path}/accounts.yaml:{line_of(text, 'quantity')}: {TABLE}.columns.quantity: "
        '"text" is not a column type. Did you mean "string"? Allowed: '
    )


def test_a_missing_setting_is_named_at_its_account(tmp_path: Path) -> None:
    text = accounts("one").replace("    external_id: sightline-one\n", "")

    problem = only(load(tmp_path, text).problems)

    assert (problem.path, problem.line) == (f"{AT}.external_id", line_of(text, "- name: one"))
    assert problem.message == "is missing. Wanted: what the reader role's trust policy asks for."


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("name: two", "name: one", "workload_accounts[one].name"),
        ("database: two_data", "database: one_data", "workload_accounts[two].tables[0].name"),
        (
            "database: two_data",
            "database: two_data\n    tables: [{name: t, bucket: buc, prefix: p/, objects: '{year}/{month}/a', "
            "columns: {a: int}, quicksight: {data_set_id: one-sales}}]\nx:",
            "workload_accounts[two].tables[0].quicksight.data_set_id",
        ),
    ],
)
def test_what_is_there_twice_is_a_mistake_of_the_later_account(
    tmp_path: Path, old: str, new: str, path: str
) -> None:
    text = accounts("one", "two").replace(old, new).partition("\nx:")[0] + "\n"

    settings = load(tmp_path, text)

    assert only(settings.problems).path == path
    assert "is there twice, first in line" in settings.problems[0].message
    assert settings.problems[0].line > line_of(text, "id: bigint")
    assert len(settings.workload_accounts) == 1


def test_what_is_there_twice_is_named_together_with_the_accounts_own_mistakes(tmp_path: Path) -> None:
    text = accounts("one", "two").replace("two_data", "one_data").replace("bigint", "long")

    problems = load(tmp_path, text).problems

    assert [problem.path for problem in problems] == [
        f"{TABLE}.columns.id",
        "workload_accounts[two].tables[0].name",
        "workload_accounts[two].tables[0].columns.id",
    ]
    assert '"one_data.sales" is there twice, first in line 12.' in problems[1].message


def test_a_copy_that_has_mistakes_does_not_take_the_account_away(tmp_path: Path) -> None:
    broken, good = accounts("one").replace("_data", "-d"), accounts("one").removeprefix(accounts())

    settings = load(tmp_path, broken + good)

    assert [account.database for account in settings.workload_accounts] == ["one_data"]
    assert {problem.path for problem in settings.problems} == {f"{AT}.name", f"{AT}.database"}


def test_tables_of_an_account_share_a_data_source(tmp_path: Path) -> None:
    text = accounts("one")
    table = text.partition("    tables:\n")[2]

    assert load(tmp_path, text + table.replace("name: sales", "name: returns")).problems == ()


def test_accounts_do_not_share_a_data_source(tmp_path: Path) -> None:
    names = "\n        quicksight: {data_source_id: one}"
    text = accounts("one", "two")
    text = text[: text.rindex("id: bigint")] + "id: bigint" + names

    assert "Allowed: each data source once." in only(load(tmp_path, text).problems).message


def test_a_mistake_of_the_analytics_account_ends_it_with_all_mistakes(tmp_path: Path) -> None:
    text = (
        accounts("one")
        .replace("region: ap-northeast-1", "region: Tokyo\n  catlog: x")
        .replace("bigint", "long")
    )

    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)

    assert [problem.path for problem in refused.value.problems] == [
        "analytics.region",
        "analytics.catlog",
        f"{TABLE}.columns.id",
    ]
    assert str(refused.value).startswith("3 mistakes in the settings; mend the lines named.\n")


def test_another_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(
            tmp_path,
            accounts("one").replace("workload_accounts:", "  catalog: hive_metastore\nworkload_accounts:"),
        )

    problem = only(tuple(refused.value.problems))
    assert (problem.path, problem.line) == ("analytics.catalog", 4)
    assert problem.message == (
        '"hive_metastore" is not allowed. Allowed: AwsDataCatalog, the account\'s own Glue catalog, in which tables '
        "are looked up."
    )


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:quicksight:ap-northeast-1:999999999999:user/default/a",
        "arn:aws:quicksight:us-east-1:333333333333:user/default/a",
    ],
)
def test_data_is_shared_with_users_of_this_quicksight_only(tmp_path: Path, principal: str) -> None:
    text = ANALYTICS + f"  quicksight:\n    share_with:\n      - {principal}\n"

    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)

    problem = only(tuple(refused.value.problems))
    assert (problem.path, problem.line) == ("analytics.quicksight.share_with[0]", 6)
    assert "identity region, ap-northeast-1" in problem.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a settings file"),
        ("date,product\n2024-01-01,x\n", "is not a settings file"),
        ("- a\n", "is not a settings file. Allowed: analytics and workload_accounts"),
        ("a: [1\n", "is not YAML"),
        ("a:\n\tb: 1\n", "Indent by blanks"),
        ("a: 1\n  b: 2\n", "start in the same column"),
        ("a:\n  b: {year}/s.csv\n", "Values that start with one of {}[]*&!%@ go in quotes"),
        ("a: \x07\n", "is not YAML"),
        ("analytics: {}\n---\nanalytics: {}\n", "a second document starts"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("services:\n  web: {}\n", "services: is not a section. Allowed: analytics, workload_accounts"),
        (ANALYTICS + "workload_acounts: []\n", 'Did you mean "workload_accounts"?'),
        (ANALYTICS + "workload_accounts: {a: 1}\n", "is not a list"),
        (ANALYTICS + ANALYTICS, "analytics: is set twice, first in line 1"),
        ("? [a, b]\n: 1\n", "has a key that is not text"),
        ("a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\nanalytics: *b\n", "analytics: *b is an alias"),
    ],
)
def test_a_file_that_is_not_one_of_settings_says_so(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(settings_file(tmp_path, text))

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"PK\x03\x04\xff\xfe", "is not UTF-8"),
        (b" " * 4_000_001, "larger"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "wrong.zip"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        load_settings(file)

    assert f"{file}:1: " in str(refused.value)
    assert says in str(refused.value)


def test_an_entry_that_is_no_account_is_a_mistake_of_its_own(tmp_path: Path) -> None:
    settings = load(tmp_path, accounts("one") + "  - 5\n")

    assert only(settings.problems).path == "workload_accounts[1]"
    assert len(settings.workload_accounts) == 1
