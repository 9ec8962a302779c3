"""Properties of a table and of its SerDe: those that are read, those that change nothing, and a refusal of the rest.

A property that is not known here may change what the real reader answers, so it is never passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_aws.athena.failures import not_supported
from local_aws.athena.glue_catalog import OPEN_CSV

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.athena.glue_catalog import Table

ANYTHING = re.compile(r".*", re.DOTALL)
NOTHING = re.compile(r"(?!)")
PROJECTED = ANYTHING  # without projection.enabled its rules are not asked for
UTF_8 = re.compile(r"utf-?8", re.IGNORECASE)
FALSE = re.compile(r"false", re.IGNORECASE)
ZERO = re.compile(r"0")
# What DDL, a crawler or a client notes about the data (a count, a day, an owner): read by nobody.
NOTES = (
    "EXTERNAL",
    "comment",
    "classification",
    "storage.location.template",
    "transient_lastDdlTime",
    "typeOfData",
    "compressionType",
    "delimiter",
    "areColumnsQuoted",
    "columnsOrdered",
    "sizeKey",
    "objectCount",
    "recordCount",
    "averageRecordSize",
    "exclusions",
    "UPDATED_BY_CRAWLER",
    "partition_filtering.enabled",
    "CrawlerSchemaDeserializerVersion",
    "CrawlerSchemaSerializerVersion",
    "last_modified_by",
    "last_modified_time",
    "numFiles",
    "totalSize",
    "numRows",
    "rawDataSize",
    "bucketing_version",
)
# Values that the reader honours, or that say of the files what they are read as anyhow.
TABLE = {
    "skip.header.line.count": ANYTHING,
    "skip.footer.line.count": ZERO,
    "use.null.for.invalid.data": FALSE,
    "projection.enabled": FALSE,
    "has_encrypted_data": FALSE,
    "serialization.encoding": UTF_8,
    **dict.fromkeys(NOTES, ANYTHING),
}
LAZY_SIMPLE_SERDE = {
    "field.delim": ANYTHING,
    "escape.delim": ANYTHING,  # refused in its own words, where the format is read
    "serialization.format": ANYTHING,
    "serialization.null.format": ANYTHING,
    "line.delim": re.compile(r"\n"),
    "serialization.encoding": UTF_8,
    "serialization.last.column.takes.rest": FALSE,
    "collection.delim": ANYTHING,  # of arrays and maps, which are no columns here
    "mapkey.delim": ANYTHING,
}
OPEN_CSV_SERDE = {
    **dict.fromkeys(("separatorChar", "quoteChar", "escapeChar"), ANYTHING),
    "serialization.format": ANYTHING,
    "serialization.encoding": UTF_8,
}


def check_properties(table: Table) -> None:
    """Refuse a table with a property, or a value of one, that the local engine does not read as Athena does."""
    serde = OPEN_CSV_SERDE if table.serde == OPEN_CSV else LAZY_SIMPLE_SERDE
    _check(table, table.parameters, TABLE)
    _check(table, table.serde_parameters, serde)


def _check(table: Table, declared: Mapping[str, str], known: Mapping[str, re.Pattern[str]]) -> None:
    for name, value in declared.items():
        values = known.get(name, PROJECTED if name.startswith("projection.") else NOTHING)
        if not values.fullmatch(value):
            raise not_supported(f"the property {name} = {value!r}, which the table {table.full_name} has")
