"""Blocks of lines taken apart into columns of text, as the declared SerDe does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv

from sightline.inspection.streams import LINE_LIMIT_BYTES

if TYPE_CHECKING:
    from sightline.inspection.streams import Block
    from sightline.settings import Table

NULL = "\\N"
"""What LazySimpleSerDe reads as NULL, in every type."""


@dataclass(frozen=True)
class Records:
    """One block's records: columns of text in which '' and NULL are null, and the lines that are none."""

    values: pa.Table
    ragged: int
    ragged_examples: list[tuple[int, int]]


class RecordReader:
    """Takes blocks apart by the format that a table declares; with `inspect: rows` only to count."""

    def __init__(self, table: Table) -> None:
        text_format = table.text_format
        self._quote: str | bool = '"' if text_format.serde == "open_csv" else False
        self._delimiter = text_format.delimiter
        self._names = [str(position) for position in range(len(table.columns))]
        self._converted = csv.ConvertOptions(
            check_utf8=False,  # looked at before
            column_types=dict.fromkeys(self._names, pa.string()),
            include_columns=self._names if table.inspect == "columns" else self._names[:1],
            null_values=[""] if self._quote else ["", NULL],
            strings_can_be_null=True,
        )

    def read(self, block: Block) -> Records:
        """Give a block's records; a second, slower look numbers the ragged lines, if there are any."""
        values, ragged = self._parse(block, use_threads=True)
        if not ragged:
            return Records(values, 0, [])
        values, ragged = self._parse(block, use_threads=False)
        examples = [(block.first_line + row.number - 1, row.actual_columns) for row in ragged]
        return Records(values, len(ragged), examples)

    def _parse(self, block: Block, *, use_threads: bool) -> tuple[pa.Table, list[Any]]:
        ragged: list[Any] = []

        def skip(row: Any) -> str:
            ragged.append(row)
            return "skip"

        values = csv.read_csv(
            pa.BufferReader(block.data),
            csv.ReadOptions(
                column_names=self._names, use_threads=use_threads, block_size=LINE_LIMIT_BYTES + 2
            ),
            csv.ParseOptions(
                delimiter=self._delimiter,
                quote_char=self._quote,
                escape_char=False,
                ignore_empty_lines=True,  # so that records and lines do not add up, which is looked at
                invalid_row_handler=skip,
            ),
            self._converted,
        )
        return values, ragged
