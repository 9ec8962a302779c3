"""Text as Hive's OpenCSVSerde reads it: quotes and an escape character within a line, every field a string first.

It reads each line by itself, so a quoted line break is not possible. What the real one answers is in
tests/local_aws/golden, odd answers (a quote counts otherwise in a line's first three characters) included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from local_aws.athena.failures import not_supported
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
        """Split one line; a blank one has no fields, and one whose quotes do not end lacks the field of that quote."""
        if not line:
            return []
        if self.quote not in line and self.escape not in line:
            return line.split(self.separator)
        fields, text, in_quotes, in_field, at = [], "", False, False, 0
        while at < len(line):
            character, following = line[at], line[at + 1 : at + 2]
            if (in_quotes or in_field) and self._is_escaped(character, following):
                text += following
                at += 1
                in_field ^= character == self.quote
            elif character == self.quote:
                if at > 2 and line[at - 1] != self.separator and following not in ("", self.separator):
                    text = "" if text.isspace() else text + character  # in the middle of a field
                in_quotes, in_field = not in_quotes, not in_field
            elif character == self.separator and not in_quotes:
                fields.append(text)
                text, in_field = "", False
            elif character != self.escape:
                end = self._end_of_plain(line, at)
                text += line[at:end]  # at once, and grown in place: a line may have megabytes
                in_field, at = True, end - 1
            at += 1
        return fields if in_quotes else [*fields, text]

    def _end_of_plain(self, line: str, at: int) -> int:
        """Where the next character after this one stands that may not just be part of the field."""
        found = self._signs.search(line, at + 1)
        return found.start() if found else len(line)

    @cached_property
    def _signs(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, filter(None, (self.separator, self.quote, self.escape)))))

    def _is_escaped(self, character: str, following: str) -> bool:
        """Whether a character escapes the one after it: the escape both of them, a quote itself."""
        if character == self.escape:
            return following != "" and following in (self.quote, self.escape)
        return character == self.quote == following


def split_lines(pieces: Iterator[bytes], text_format: OpenCsvFormat) -> Iterator[bytes]:
    """Rewrite lines so that their fields are told apart by FIELD_END alone, which stands before each."""
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        if whole:
            yield "".join(f"{FIELD_END.join(['', *_fields(line, text_format)])}\n" for line in whole).encode()


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
