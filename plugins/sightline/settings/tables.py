"""A table: where its files are, what they hold, when they come, and what QuickSight calls it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from sightline.settings.patterns import PARTITION_COLUMNS, ObjectPattern
from sightline.settings.rules import (
    Allowed,
    BucketName,
    ColumnName,
    GlueName,
    Prefix,
    QuickSightId,
    QuickSightName,
    mistake,
    shown,
)
from sightline.settings.units import ColumnType

DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "|": "bar",
    ":": "colon",
    "~": "tilde",
    "^": "caret",
    "\t": "tab",
}


class Frozen(BaseModel):
    """Settings never change after they were read; a key that nobody knows is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Column(Frozen):
    """A column of the files, in the order of the files."""

    name: ColumnName
    type: ColumnType

    @property
    def kind(self) -> str:
        """The type without its arguments: "decimal" of decimal(10,2)."""
        return self.type.partition("(")[0]

    @property
    def arguments(self) -> tuple[int, ...]:
        """The numbers in the type's parentheses: (10, 2) of decimal(10,2), () of int."""
        return tuple(int(number) for number in re.findall(r"[0-9]+", self.type))


def _delimiter(value: str) -> str:
    if value not in DELIMITERS:
        allowed = ", ".join(f"{name} {sign!r}" for sign, name in DELIMITERS.items())
        raise mistake(f"{shown(value)} is not allowed. Allowed: one of {allowed}.")
    return value


class TextFormat(Frozen):
    """How the files are written."""

    serde: Literal["lazy_simple", "open_csv"] = Field(
        default="lazy_simple",
        description="how Athena reads a line: lazy_simple knows no quotes, open_csv does (but no dates)",
    )
    delimiter: Annotated[str, AfterValidator(_delimiter), Allowed('one of , ; | : ~ ^ or "\\t"')] = Field(
        default=",", description="between two values"
    )
    compression: Literal["none", "gzip"] = Field(
        default="none", description="gzip files must be named *.gz: Athena goes by the name"
    )
    header: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="whether the first line of a file names the columns"
    )


def default_data_source_id(account: str) -> str:
    """The data source of an account whose settings name none."""
    return account


def default_data_set_id(account: str, table: str) -> str:
    """The data set of a table whose settings name none."""
    return f"{account}-{table}"


class QuickSightNames(Frozen):
    """What a table's data source and data set are called; completed by the account that the table belongs to."""

    data_source_id: QuickSightId = Field(default="", description="default: the account's name")
    data_source_name: QuickSightName = Field(default="", description="default: data_source_id")
    data_set_id: QuickSightId = Field(default="", description="default: {account}-{table}")
    data_set_name: QuickSightName = Field(default="", description="default: data_set_id")

    def completed(self, account: str, table: str) -> "QuickSightNames":
        """The same names, with the defaults for what was not set."""
        source = self.data_source_id or default_data_source_id(account)
        data_set = self.data_set_id or default_data_set_id(account, table)
        return QuickSightNames(
            data_source_id=source,
            data_source_name=self.data_source_name or source,
            data_set_id=data_set,
            data_set_name=self.data_set_name or data_set,
        )


def _columns(value: object) -> object:
    """The file maps names to types; Python code may also give Column objects."""
    if isinstance(value, Mapping):
        return [{"name": name, "type": type_} for name, type_ in value.items()]
    return value


Columns = Annotated[
    tuple[Column, ...],
    BeforeValidator(_columns),
    Allowed("a mapping of names to types"),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z0-9_]{1,255}$", "not": {"enum": list(PARTITION_COLUMNS)}},
            "additionalProperties": TypeAdapter(ColumnType).json_schema(),
        }
    ),
]


class Table(Frozen):
    """A table in the account's database, over the CSV files of one source bucket; a partition per month."""

    name: GlueName = Field(description="the table in Athena")
    bucket: BucketName = Field(description="the source bucket, in the workload account")
    prefix: Prefix = Field(
        description='where the files start in the bucket, ending with "/"; "" is the whole bucket'
    )
    objects: ObjectPattern = Field(
        description="the keys below the prefix: {year}, {month}, and * in the file name where a month has several"
    )
    text_format: TextFormat = Field(
        default=TextFormat(), validation_alias="format", description="how the files are written"
    )
    columns: Columns = Field(min_length=1, description="name: type of each column, in the order of the files")
    delivered: Literal["daily", "after_month_end"] = Field(
        default="daily",
        description="daily: the month's files grow every day; after_month_end: they come once the month is over",
    )
    due_day: Annotated[int, Field(strict=True, ge=1, le=31)] = Field(
        default_factory=lambda data: 5 if data.get("delivered") == "after_month_end" else 2,
        description="the day by whose end a missing file is late: of the month itself (daily, default 2), "
        "of the next month (after_month_end, default 5)",
    )
    look_back_months: Annotated[int, Field(strict=True, ge=0, le=120)] = Field(
        default=2, description="how many months before its own a daily run looks at again"
    )
    wait_hours: Annotated[float, Field(strict=True, gt=0, le=168)] = Field(
        default=12, description="how long one run waits for a missing file, in hours"
    )
    poll_seconds: Annotated[int, Field(strict=True, ge=1, le=3600)] = Field(
        default=60, description="between two looks while waiting, in seconds"
    )
    inspect: Literal["columns", "rows"] = Field(
        default="columns",
        description="columns: rows, empty values and sums are proved; rows: the rows only, for very large files",
    )
    allow_empty: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="whether a file without records is fine"
    )
    defer_after_seconds: Annotated[int, Field(strict=True, ge=0, le=3600)] = Field(
        default=30,
        description="how long a worker waits for a query or an ingestion before it is deferred, in seconds",
    )
    quicksight: QuickSightNames = Field(
        default=QuickSightNames(), description="the data source and the data set"
    )

    @property
    def location(self) -> str:
        """The table's location, `s3://bucket/prefix/`."""
        return f"s3://{self.bucket}/{self.prefix}"

    @field_validator("text_format")
    @classmethod
    def _compression_is_seen_in_the_name(cls, value: TextFormat, info: ValidationInfo) -> TextFormat:
        objects = str(info.data.get("objects", ""))
        if objects and (value.compression == "gzip") != objects.endswith(".gz"):
            raise mistake(
                f"compression is {value.compression}, but the object pattern is {shown(objects)}. Athena goes by the "
                "name: gzip needs objects that end with .gz, none needs objects that do not.",
                "compression",
            )
        return value

    @field_validator("columns")
    @classmethod
    def _columns_fit_together(cls, value: tuple[Column, ...], info: ValidationInfo) -> tuple[Column, ...]:
        names = [column.name for column in value]
        for name in names:
            if names.count(name) > 1:
                raise mistake("is there twice. Allowed: each column once.", name)
        text_format: Any = info.data.get("text_format")
        for column in value:
            if text_format and text_format.serde == "open_csv" and column.type in ("date", "timestamp"):
                raise mistake(
                    f"{column.type} cannot be read by open_csv (it expects numbers since 1970). Declare string; "
                    "the column then holds the text as it is in the file.",
                    column.name,
                )
        return value
