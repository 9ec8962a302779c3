"""Files laid into the local AWS as a table's months, and what its Athena returns of them."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sightline import sql
from sightline.errors import SourceRefused
from sightline.figures import Figures, differences
from sightline.inspection import inspect_object
from sightline.partitions import Month, partition_location
from sightline.settings import Table, WorkloadAccount
from tests.generated.faults import File
from tests.generated.oracle import Declared, Record, value_of_athena
from tests.local_aws.athena_estate import Estate
from tests.sql.cases import account_of
from tests.support.tables import sales_table


@dataclass(frozen=True)
class Answer:
    """What became of a file: refused, by which error or by the check; or read, with what Athena returns of it."""

    refused: str = ""
    figures: Figures = field(default_factory=Figures)
    rows: Counter[Record] = field(default_factory=Counter)


@dataclass
class Lake:
    """A source bucket with a table for every batch of files."""

    estate: Estate
    tables: int = 0

    def answers(self, declared: Declared, files: Sequence[File]) -> list[Answer]:
        """Load files as a load does: inspected, registered, checked; and read them as a data set does."""
        table = self._table(declared)
        months = [Month(2000 + at // 12, at % 12 + 1) for at in range(len(files))]
        inspected = {month: _inspected(table, month, file) for month, file in zip(months, files, strict=True)}
        good = {month: figures for month, figures in inspected.items() if isinstance(figures, Figures)}
        for month, file in zip(months, files, strict=True):
            if month in good:
                self.estate.put(_key(table, month, file), file.content)
        read = self._read(table, good)
        return [answer if isinstance(answer := inspected[month], Answer) else read[month] for month in months]

    def _table(self, declared: Declared) -> Table:
        self.tables += 1
        suffix = ".gz" if declared.compression == "gzip" else ""
        return sales_table(
            name=f"t{self.tables}",
            bucket=self.estate.source,
            prefix=f"t{self.tables}/",
            objects="year={year}/month={month}/sales.csv" + suffix,
            columns=dict(declared.columns),
            allow_empty=declared.allow_empty,
            format={
                "serde": declared.serde,
                "delimiter": declared.delimiter,
                "header": declared.header,
                "compression": declared.compression,
            },
        )

    def _read(self, table: Table, inspected: Mapping[Month, Figures]) -> dict[Month, Answer]:
        if not inspected:
            return {}
        account = account_of(table, database="d")
        for statement in ("create_table", "add_partition"):
            self.estate.succeed(_statement(statement, account, table, inspected))
        return self._checked(account, table, inspected)

    def _checked(
        self, account: WorkloadAccount, table: Table, inspected: Mapping[Month, Figures]
    ) -> dict[Month, Answer]:
        """Ask for all months at once; if that fails, for each of them, so that just the bad ones are refused."""
        check = self.estate.run(_statement("check_row_count", account, table, inspected))
        if check["Status"]["State"] != "SUCCEEDED":
            reason = check["Status"]["StateChangeReason"]
            if len(inspected) == 1:
                return dict.fromkeys(inspected, Answer(f"the check's query failed: {reason}"))
            each = (self._checked(account, table, {m: figures}) for m, figures in inspected.items())
            return {month: answer for answers in each for month, answer in answers.items()}
        [_, *cells] = [row for page in self.estate.pages(check["QueryExecutionId"]) for row in page]
        found = sql.figures_from_rows(table, cells)
        rows = self._rows(account, table, inspected)
        return {
            month: _answer(figures, found.get(month, Figures()), rows[month])
            for month, figures in inspected.items()
        }

    def _rows(
        self, account: WorkloadAccount, table: Table, months: Iterable[Month]
    ) -> Mapping[Month, Counter[Record]]:
        """Every value of these months, by the statement of a data set."""
        where = " OR ".join(f"(year = {m.year} AND month = {m.month})" for m in months)
        found: defaultdict[Month, Counter[Record]] = defaultdict(Counter)
        for *cells, year, month in self.estate.select(
            f"{sql.render('data_set', **sql.statement_values(account, table, ()))} WHERE {where}"
        ):
            record = (value_of_athena(c, column.type) for c, column in zip(cells, table.columns, strict=True))
            found[Month(int(year or 0), int(month or 0))][tuple(record)] += 1
        return found


def _inspected(table: Table, month: Month, file: File) -> Figures | Answer:
    try:
        return inspect_object(io.BytesIO(file.content), table=table, key=_key(table, month, file))
    except SourceRefused as refusal:
        return Answer(type(refusal).__name__)


def _answer(inspected: Figures, found: Figures, rows: Counter[Record]) -> Answer:
    return Answer("the figures differ") if differences(inspected, found) else Answer("", found, rows)


def _key(table: Table, month: Month, file: File) -> str:
    return (partition_location(table, month) + file.name).removeprefix(f"s3://{table.bucket}/")


def _statement(name: str, account: WorkloadAccount, table: Table, months: Iterable[Month]) -> str:
    return sql.render(name, **sql.statement_values(account, table, tuple(months)))
