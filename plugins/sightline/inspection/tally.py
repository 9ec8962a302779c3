"""The figures of one object, summed up block by block, and what speaks against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sightline.errors import BadColumn, BadValues, LineEndsDiffer, RaggedLines
from sightline.figures import ColumnFigures, Figures, is_text, zero_of
from sightline.inspection.columns import Reader, reader_of
from sightline.inspection.lines import SHOWN, refuse_blank_lines
from sightline.inspection.records import RecordReader

if TYPE_CHECKING:
    from decimal import Decimal

    import pyarrow as pa

    from sightline.inspection.streams import Block
    from sightline.settings import Table


class Tally:
    """Adds up the figures of an object's blocks."""

    def __init__(self, table: Table, uri: str) -> None:
        self._table, self._uri = table, uri
        self._records = RecordReader(table)
        self._readers = [reader_of(column) for column in table.columns] if table.inspect == "columns" else []
        self._figures = Figures(
            0, {r.column.name: ColumnFigures(0, zero_of(r.column)) for r in self._readers}
        )
        self._ragged = 0
        self._ragged_examples: list[tuple[int, int]] = []
        self._bad: Counter[str] = Counter()
        self._bad_examples: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)

    def add(self, block: Block) -> None:
        """Count one block in."""
        records = self._records.read(block)
        if records.values.num_rows + records.ragged != block.lines:
            refuse_blank_lines(block, self._uri)
            raise LineEndsDiffer(self._uri, records.values.num_rows + records.ragged, block.lines)
        self._ragged += records.ragged
        self._ragged_examples += records.ragged_examples[: SHOWN - len(self._ragged_examples)]
        columns = {
            reader.column.name: self._read(reader, records.values.column(position), block.first_line)
            for position, reader in enumerate(self._readers)
        }
        self._figures += Figures(records.values.num_rows, columns)

    def figures(self) -> Figures:
        """Give the sum; refuse the object if a line or a value speaks against it."""
        if self._ragged:
            columns = len(self._table.columns)
            raise RaggedLines(self._uri, columns, self._ragged, self._ragged_examples)
        bad = [
            BadColumn(name, r.column.type, r.rule, self._bad[name], tuple(self._bad_examples[name]))
            for r in self._readers
            if self._bad[name := r.column.name]
        ]
        if bad:
            raise BadValues(self._uri, bad)
        return self._figures

    def _read(self, reader: Reader, values: pa.ChunkedArray, first_line: int) -> ColumnFigures:
        plain = reader.plain(values) if self._reads_empty(reader) or not values.null_count else None
        total = self._read_singly(reader, values, first_line) if plain is None else reader.total(plain)
        return ColumnFigures(values.null_count, total)

    def _read_singly(self, reader: Reader, values: pa.ChunkedArray, first_line: int) -> Decimal | None:
        """Read value by value, where a column as a whole could not be."""
        read = []
        for line, text in enumerate(values.to_pylist(), first_line):
            if text is not None and reader.reads(text):
                read.append(text)
            elif text is not None or not self._reads_empty(reader):
                self._add_bad(reader.column.name, line, text or "")
        return reader.total_of(read)

    def _reads_empty(self, reader: Reader) -> bool:
        """OpenCSVSerDe fails on an empty value, unless the column is text."""
        return self._table.text_format.serde == "lazy_simple" or is_text(reader.column)

    def _add_bad(self, name: str, line: int, text: str) -> None:
        self._bad[name] += 1
        if self._bad[name] <= SHOWN:
            self._bad_examples[name].append((line, text))
