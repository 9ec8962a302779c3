"""What the clients work on: a shop's sales in one account, read from another one with named roles, laid by boto3."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.local_aws.conftest import Account, Cloud, Session, fresh_id, on, policy, trust

EXTERNAL_ID = "shop/clients-1"
DATABASE, TABLE, WORKGROUP = "shop", "sales", "clients"
DRAFTS = "drafts"  # the database that is written to
MONTHS = (1, 2, 3, 4)
ROWS_A_MONTH = 700
HEADER = ("id", "date", "product", "quantity", "unit_price", "total_sales", "note")
COLUMNS = (
    *(("id", "int"), ("date", "date"), ("product", "string"), ("quantity", "int")),
    *(("unit_price", "decimal(10,2)"), ("total_sales", "decimal(12,2)"), ("note", "string")),
)
PRODUCTS = ("Widget A", "Gadget B", "商品 C", "Ärmel kurz", "O'Brien; & <co>")
NOTES = (r"\N", "", 'size 5"', "plain", "NULL", "tab\there", "0")
RUN_QUERIES = (
    *("athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution"),
    *("athena:GetQueryExecution", "athena:BatchGetQueryExecution", "athena:ListQueryExecutions"),
    *("athena:GetQueryResults",),
)
READ_CATALOG = (
    *("glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables"),
    *("glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"),
)
SEE_CATALOG = (
    *("athena:GetDataCatalog", "athena:GetDatabase", "athena:ListDatabases"),
    *("athena:GetTableMetadata", "athena:ListTableMetadata"),
)


WRITE_CATALOG = (
    *("glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"),
    *("glue:BatchCreatePartition", "glue:GetTableVersions"),
)


def sales_text(month: int) -> str:
    """A month's file, always the same: every seventh sale has no quantity, and so no total."""
    lines = [",".join(HEADER)]
    for n in range(ROWS_A_MONTH):
        quantity = None if n % 7 == 3 else n % 41 - 5
        price = Decimal(n * 13 + month * 101) / 100
        total = "" if quantity is None else f"{quantity * price:.2f}"
        day = f"2024-{month:02}-{n % 28 + 1:02}"
        product, note = PRODUCTS[n % len(PRODUCTS)], NOTES[n % len(NOTES)]
        written = "" if quantity is None else str(quantity)
        lines.append(f"{month * 1000 + n},{day},{product},{written},{price:.2f},{total},{note}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Sale:
    """A line of a file, read by csv and Decimal as the table's types say."""

    id: int
    date: date
    product: str
    quantity: int | None
    unit_price: Decimal
    total_sales: Decimal | None
    note: str | None
    month: int

    @property
    def columns(self) -> tuple[Any, ...]:
        """The values of the file's columns, in their order."""
        return tuple(vars(self).values())[:-1]

    @classmethod
    def read(cls, month: int) -> list[Sale]:
        """All of a month's: an empty number is NULL, an empty text is a text, and `\\N` is NULL."""
        lines = csv.DictReader(io.StringIO(sales_text(month)), quoting=csv.QUOTE_NONE)
        return [
            cls(
                int(line["id"]),
                date.fromisoformat(line["date"]),
                line["product"],
                int(line["quantity"]) if line["quantity"] else None,
                Decimal(line["unit_price"]),
                Decimal(line["total_sales"]) if line["total_sales"] else None,
                None if line["note"] == r"\N" else line["note"],
                month,
            )
            for line in lines
        ]


@dataclass
class Shop:
    """The two accounts, and the roles that a user, ana, assumes in them with an external id.

    analyst   reads the sales
    visitor   has the same policy, but the source bucket's does not name her
    author    writes tables of the database `drafts`, and objects below `drafts/` of the results bucket
    keeper    of the workload account: makes buckets whose names begin with her account's id
    """

    cloud: Cloud
    workload: Account
    analytics: Account
    source: str = ""
    results: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    user: Session | None = None

    @classmethod
    def build(cls, cloud: Cloud) -> Shop:
        """Make all of it."""
        shop = cls(cloud, Account(cloud, fresh_id()), Account(cloud, fresh_id()))
        shop.results = shop.analytics.bucket("results")
        shop.source = f"source-{shop.workload.id}"
        shop._build_principals()
        readers = (shop.roles["analyst"], shop.roles["author"])
        shop.workload.bucket("source", policy(shop._read_source(*readers)))
        for month in MONTHS:
            shop.workload.s3.put_object(
                Bucket=shop.source, Key=f"{folder(month)}sales.csv", Body=sales_text(month).encode()
            )
        shop._build_catalog()
        return shop

    @cached_property
    def sales(self) -> list[Sale]:
        """Every sale by its id, as the files have them."""
        return [sale for month in MONTHS for sale in Sale.read(month)]

    def _read_source(self, *principals: str) -> dict[str, Any]:
        named = {"Principal": {"AWS": list(principals)}} if principals else {}
        return on(self.source, "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", **named)

    def _build_principals(self) -> None:
        assume = {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/*"}
        self.user = self.analytics.user("ana", assume)
        document = trust(
            f"arn:aws:iam::{self.analytics.id}:user/ana",
            Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        )
        for name in ("analyst", "visitor"):
            self.roles[name] = self.analytics.role(name, document, *self._grants())
        self.roles["author"] = self.analytics.role("author", document, *self._grants(), *self._drafts())
        own = on(f"{self.workload.id}-*")
        self.roles["keeper"] = self.workload.role("keeper", document, own)

    def _drafts(self) -> list[dict[str, Any]]:
        objects = f"arn:aws:s3:::{self.results}/drafts/*"
        return [
            {"Action": WRITE_CATALOG, "Resource": self._catalog(DRAFTS)},
            {"Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "Resource": objects},
        ]

    def _grants(self) -> list[dict[str, Any]]:
        return [
            {"Action": RUN_QUERIES, "Resource": self._arn("athena", f"workgroup/{WORKGROUP}")},
            {"Action": SEE_CATALOG, "Resource": self._arn("athena", "datacatalog/AwsDataCatalog")},
            {"Action": READ_CATALOG, "Resource": self._catalog(DATABASE, DRAFTS)},
            {"Action": ["athena:ListDataCatalogs", "athena:ListWorkGroups"], "Resource": "*"},
            self._read_source(),
            on(self.results, "s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject", "s3:PutObject"),
        ]

    def _arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:ap-northeast-1:{self.analytics.id}:{name}"

    def _catalog(self, *databases: str) -> list[str]:
        names = ["catalog", "database/*", *(f"table/{database}/*" for database in databases)]
        return [self._arn("glue", name) for name in names]

    def _build_catalog(self) -> None:
        athena, glue = self.analytics.client("athena"), self.analytics.client("glue")
        athena.create_work_group(
            Name=WORKGROUP,
            Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{self.results}/athena/"}},
        )
        glue.create_database(DatabaseInput={"Name": DATABASE, "Description": "sales of a shop"})
        glue.create_database(DatabaseInput={"Name": DRAFTS})
        glue.create_table(DatabaseName=DATABASE, TableInput=self._table())
        glue.batch_create_partition(
            DatabaseName=DATABASE,
            TableName=TABLE,
            PartitionInputList=[
                {"Values": ["2024", str(month)], "StorageDescriptor": self._storage(folder(month))}
                for month in MONTHS
            ],
        )

    def _table(self) -> dict[str, Any]:
        return {
            "Name": TABLE,
            "Description": "a line a sale",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "skip.header.line.count": "1"},
            "StorageDescriptor": self._storage("sales/"),
            "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}],
        }

    def _storage(self, prefix: str) -> dict[str, Any]:
        return {
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS],
            "Location": f"s3://{self.source}/{prefix}",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ",", "serialization.format": ","},
            },
        }


def folder(month: int) -> str:
    """Where a month's file lies in the source bucket."""
    return f"sales/year=2024/month={month:02}/"
