"""The table in docs/local_aws.md of expressions in which engines differ: each row is what it says, in the local AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import Account, Cloud, fresh_id

DOCUMENT = (Path(__file__).parents[2] / "docs" / "local_aws.md").read_text("utf-8")
SECTION = DOCUMENT.partition("### SQL: the same as Trino, or refused\n")[2].partition("\n### ")[0]
ROW = re.compile(
    r"\| (?P<number>\d+) \| (?P<expression>.+) \| (?P<answer>.+) \| (?P<here>.+) \| (?P<page>\w+) \|"
)
KINDS = 52


@dataclass(frozen=True)
class Expression:
    """A row of the table."""

    number: int
    expression: str
    answer: str
    here: str
    page: str

    @classmethod
    def of(cls, found: re.Match[str]) -> Expression:
        expression = re.fullmatch(r"`` (.+) ``|`(.+)`", found["expression"].replace("\\|", "|"))
        assert expression, found[0]
        written = expression[1] or expression[2]
        return cls(int(found["number"]), written, found["answer"], found["here"], found["page"])

    @property
    def sql(self) -> str:
        return (
            self.expression
            if re.match(r"SELECT|FROM|VALUES", self.expression)
            else f"SELECT {self.expression}"
        )


EXPRESSIONS = [Expression.of(found) for found in ROW.finditer(SECTION)]


def params(chosen: bool) -> list[object]:
    return [
        pytest.param(each, id=f"{each.number}: {each.expression[:60]}")
        for each in EXPRESSIONS
        if (each.here == "refused") != chosen
    ]


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


def answered(estate: Estate, sql: str) -> str:
    """What a statement answers, as the table writes it: its column's values and type, or the kind of its error."""
    execution = estate.run(sql)
    if execution["Status"]["State"] == "FAILED":
        return f"error {execution['Status']['StateChangeReason']}"
    answer = estate.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    (column,) = answer["ResultSetMetadata"]["ColumnInfo"]
    kind = column["Type"]
    kind = f"decimal({column['Precision']},{column['Scale']})" if kind == "decimal" else kind
    return f"{'; '.join(written(row['Data'][0].get('VarCharValue')) for row in answer['Rows'][1:])} {kind}"


def written(value: str | None) -> str:
    return "NULL" if value is None else f"`{value}`"


@pytest.mark.parametrize("row", params(chosen=True))
def test_an_expression_is_answered_as_trino_answers_it(estate: Estate, row: Expression) -> None:
    found = answered(estate, row.sql)

    if error := re.fullmatch(r"error `(.+)`", row.answer):
        assert found.startswith("error ")
        assert error[1] in found
        assert "NOT_SUPPORTED" not in found
    else:
        assert found == row.answer


@pytest.mark.parametrize("row", params(chosen=False))
def test_an_expression_that_could_be_answered_in_another_way_is_refused(
    estate: Estate, row: Expression
) -> None:
    assert answered(estate, row.sql).startswith("error NOT_SUPPORTED: ")


def test_the_table_is_whole() -> None:
    lines = [line for line in SECTION.splitlines() if re.match(r"\| \d", line)]

    assert [each.number for each in EXPRESSIONS] == list(range(1, len(lines) + 1))
    assert len({each.expression for each in EXPRESSIONS}) == len(EXPRESSIONS) >= KINDS
    assert {each.here for each in EXPRESSIONS} == {"the same", "refused"}
    assert {each.page for each in EXPRESSIONS} == set(
        re.findall(r"\[(\w+)\]\(https://trino\.io/docs/", SECTION)
    )
