"""Text as Hive's OpenCSVSerde reads it: quotes and an escape character within a line, every field a string first.

A port of opencsv 2.3's CSVParser.parseLine, which the SerDe calls once a line: a quoted line break is not possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.athena.failures import DATA_ERROR, QueryError, not_supported
from local_aws.athena.text import quoted
from local_aws.athena.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_aws.athena.glue_catalog import Table

# The parsed fields are written out again with this between them.
FIELD_END = "\x1f"


@dataclass(frozen=True)
class OpenCsvFormat:
    """The three characters of an OpenCSVSerde table."""

    separator: str = ","
    quote: str = '"'
    escape: str = "\\"

    @classmethod
    def of(cls, table: Table) -> OpenCsvFormat:
        """The format that a table declares."""
        declared = table.serde_parameters
        separator = declared.get("separatorChar", ",")[:1]
        quote = declared.get("quoteChar", '"')[:1]
        escape = declared.get("escapeChar", "\\")[:1]
        # The SerDe's own default, a quote, means opencsv's default, a backslash.
        return cls(separator, quote, "\\" if escape == '"' else escape)

    def fields(self, line: str) -> list[str]:
        """Split one line."""
        if self.quote not in line and self.escape not in line:
            return line.split(self.separator)
        fields, text, in_quotes, at = [], "", False, 0
        while at < len(line):
            character, following = line[at], line[at + 1 : at + 2]
            if in_quotes and character in (self.escape, self.quote) and self._escapes(character, following):
                text, at = text + following, at + 1
            elif character == self.escape:
                pass
            elif character == self.quote:
                stray = at > 2 and line[at - 1] != self.separator and following not in ("", self.separator)
                text = (text + character if text.strip() else "") if stray else text
                in_quotes = not in_quotes
            elif character == self.separator and not in_quotes:
                fields.append(text)
                text = ""
            else:
                text += character
            at += 1
        if in_quotes:
            raise QueryError(
                "HIVE_BAD_DATA: Error parsing CSV: Un-terminated quoted field at end of CSV line", DATA_ERROR
            )
        return [*fields, text]

    def _escapes(self, character: str, following: str) -> bool:
        if character == self.escape and following in (self.quote, self.escape):
            return following != ""
        return character == self.quote and following == self.quote


def split_lines(pieces: Iterator[bytes], text_format: OpenCsvFormat) -> Iterator[bytes]:
    """Rewrite lines so that their fields are told apart by FIELD_END alone."""
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        if whole:
            yield "".join(f"{FIELD_END.join(_fields(line, text_format))}\n" for line in whole).encode()


def _fields(line: bytes, text_format: OpenCsvFormat) -> list[str]:
    text = line.decode()
    if FIELD_END in text:
        raise not_supported("a unit separator (0x1F) in an OpenCSVSerde file")
    return text_format.fields(text)


def field_sql(field: str, declared: str) -> str:
    """DuckDB's expression for one field, typed; a value that does not cast fails the query, an empty number too."""
    kind = parse_type(declared)
    if kind.name == "varchar":
        return field
    bad = f"error('HIVE_BAD_DATA: Error Parsing a column in the table: ''' || {field} || ''' is no {kind.display}')"
    if kind.name == "date":  # days since the epoch
        cast = f"CAST(DATE '1970-01-01' + TRY_CAST({field} AS INTEGER) AS DATE)"
        pattern = r"-?\d+"
    elif kind.name == "timestamp":  # milliseconds since the epoch
        cast, pattern = f"epoch_ms(TRY_CAST({field} AS BIGINT))", r"-?\d+"
    elif kind.name == "boolean":
        cast, pattern = f"lower({field}) = 'true'", "(?i)true|false"
    elif kind.is_integer:
        cast, pattern = f"TRY_CAST({field} AS {kind.duckdb})", r"[+-]?\d+"
    else:
        cast, pattern = f"TRY_CAST({field} AS {kind.duckdb})", r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
    checked = f"CASE WHEN regexp_full_match({field}, {quoted(pattern)}) THEN {cast} END"
    return f"CASE WHEN {field} IS NULL THEN NULL ELSE coalesce({checked}, {bad}) END"
