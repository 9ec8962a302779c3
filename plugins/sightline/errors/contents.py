"""Source objects whose content is not what the settings declare; nothing of such an object is loaded.

Line numbers are those of an editor: they start at 1 and count the header.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.sources import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_CHARACTERS = 60
"""Of a value in a message."""

SHOWN_FIELDS = 50
"""Of a header in a message, beyond the declared ones."""


@dataclass(eq=False)
class EmptySource(SourceRefused):
    """An object without a single record."""

    uri: str
    MESSAGE = (
        "{uri} holds no record. Ask the owner for the file; if a month may be empty, set `allow_empty: true` "
        "for the table in accounts.yaml."
    )


@dataclass(eq=False)
class WrongCompression(SourceRefused):
    """An object's name, content and declared compression do not agree; Athena goes by the name alone."""

    uri: str
    declared: str
    why: str
    MESSAGE = (
        "{uri}: `compression: {declared}` is declared, but {why}. Athena decompresses by the name's ending "
        "alone. Have it delivered as declared; if all files of the table change, change `objects` and "
        "`compression` in accounts.yaml together: `gzip` and names in .gz, or `none` and names without."
    )


@dataclass(eq=False)
class BrokenGzip(SourceRefused):
    """An object that cannot be decompressed to its end."""

    uri: str
    why: str
    MESSAGE = "{uri} is not a whole gzip file: {why}. Ask the owner to deliver it again."


@dataclass(eq=False)
class NotUtf8(SourceRefused):
    """Text in another encoding than UTF-8, the only one that Athena reads."""

    uri: str
    line: int
    hint: str
    MESSAGE = "{uri}, line {line}: not UTF-8, the only encoding that Athena reads. {hint}"


@dataclass(eq=False)
class ByteOrderMark(SourceRefused):
    """A byte order mark where it becomes part of a value."""

    uri: str
    line: int
    MESSAGE = (
        "{uri}, line {line}: a byte order mark (EF BB BF) would become part of a value. It is harmless only "
        "before a header; further down it comes from files put together. Ask the owner to leave it out."
    )


@dataclass(eq=False)
class NulBytes(SourceRefused):
    """Bytes of value zero, which no text file has."""

    uri: str
    line: int
    MESSAGE = (
        "{uri}, line {line}: a NUL byte. The file is binary, damaged or UTF-16; ask the owner for UTF-8 text."
    )


@dataclass(eq=False)
class LineTooLong(SourceRefused):
    """A line beyond the length that is inspected; mostly a file without line ends."""

    uri: str
    line: int
    limit: int
    MESSAGE = "{uri}, line {line}: longer than {limit:,} bytes. Ask the owner for a text file with line ends."


@dataclass(eq=False)
class BlankLines(SourceRefused):
    """Blank lines: Athena reads each as a row of NULLs."""

    uri: str
    lines: Sequence[int]
    MESSAGE = (
        "{uri}: blank lines, the first at {lines}. Athena would read each as a row of NULLs. Ask the owner "
        "to leave them out, at the end of the file too."
    )


@dataclass(eq=False)
class HeaderMismatch(SourceRefused):
    """A header that is not the declared columns in their order; Athena binds columns by position."""

    uri: str
    declared: Sequence[str]
    found: Sequence[str]
    hint: str

    def __str__(self) -> str:
        found = [value if len(value) <= SHOWN_CHARACTERS else _shortened(value) for value in self.found]
        found = found[: len(self.declared) + SHOWN_FIELDS]
        # Not ndiff, which takes minutes for hundreds of similar names.
        diff = difflib.unified_diff(list(self.declared), found, n=len(found), lineterm="")
        shown = [f"    {line[0]} {line[1:]}" for line in list(diff)[3:]]
        return "\n".join(
            [
                f"{self.uri}: the header is not the declared columns (- declared, + in the file):",
                *shown,
                f"{self.hint} Athena binds columns by position, so nothing was loaded.",
            ]
        )


@dataclass(eq=False)
class RaggedLines(SourceRefused):
    """Lines with more or fewer values than columns; Athena would fill or drop values without a word."""

    uri: str
    columns: int
    count: int
    examples: Sequence[tuple[int, int]]

    def __str__(self) -> str:
        examples = ", ".join(f"line {line} has {values}" for line, values in self.examples)
        return (
            f"{self.uri}: {self.columns} columns are declared, but {self.count:,} line(s) hold more or fewer "
            f"values: {examples}. Athena would fill up with NULL or drop the rest; it ends a line at LF, CRLF and "
            "a lone CR. Ask the owner to correct them; a delimiter within a value needs quotes and "
            "`format: {serde: open_csv}`."
        )


@dataclass(eq=False)
class QuotedFields(SourceRefused):
    """Quotation marks in a file whose declared SerDe knows none."""

    uri: str
    line: int
    advice: str
    MESSAGE = (
        '{uri}, line {line}: a quotation mark ("). LazySimpleSerDe does not know quoting: Athena would keep '
        "the marks and split at delimiters within them. {advice}"
    )


@dataclass(eq=False)
class BadQuotes(SourceRefused):
    """Quoting that OpenCSVSerDe reads otherwise than it was written."""

    uri: str
    line: int
    why: str
    advice: str
    MESSAGE = "{uri}, line {line}: {why}, which OpenCSVSerDe does not read as it is written. {advice}"


@dataclass(eq=False)
class LineEndsDiffer(SourceRefused):
    """A file whose records are not its lines, so Athena's row count cannot be told."""

    uri: str
    records: int
    lines: int
    MESSAGE = (
        "{uri}: {records:,} records in {lines:,} lines. Athena makes a row of every line that ends in LF, "
        "CRLF or a lone CR, within a value too. Ask the owner to write one record a line."
    )


@dataclass(frozen=True)
class BadColumn:
    """Values of one column that Athena would not read as written: how many, and the first (line, value)."""

    name: str
    type: str
    rule: str
    count: int
    examples: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        examples = ", ".join(f"line {line}: {_shortened(value)}" for line, value in self.examples)
        return (
            f"  {self.name} ({self.type}): {self.count:,} value(s); {examples}. Read as written: {self.rule}."
        )


@dataclass(eq=False)
class BadValues(SourceRefused):
    """Values that Athena would read as NULL, or as something else than is written."""

    uri: str
    columns: Sequence[BadColumn]

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.uri}: values that Athena would read as NULL, or not as they are written:",
                *map(str, self.columns),
                "Ask the owner to correct the file, or declare a type in accounts.yaml that holds them.",
            ]
        )


def _shortened(value: str) -> str:
    return repr(value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…")
