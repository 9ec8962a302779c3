"""A file while it is written: its records, how they are written, and what is done to its lines and bytes afterwards."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.generated import values
from tests.generated.oracle import Declared

Draw = Callable[[st.SearchStrategy[Any]], Any]
DELIMITERS = (",", ",", ",", ";", "|", "\t", ":", "~", "^")
SERDES = ("lazy_simple", "open_csv")
LINE_ENDS = ("\n", "\n", "\r\n", "\r")


class Raw(str):
    """A field that is written as it is, whatever the format would do with it."""

    __slots__ = ()


@dataclass
class Draft:
    """A file to be; a fault changes its parts, or adds an edit of what is made of them.

    `quotes`: bit n of it quotes the n-th field of a line, where the format knows quotes. `edits` are done in the order
    of the stages: on the list of lines, on the list of lines with their ends, on the text's bytes, on what is stored.
    """

    declared: Declared
    header: list[str]
    records: list[list[str]]
    line_end: str = "\n"
    last_end: bool = True
    mark: bool = False
    quotes: int = 0
    members: int = 1
    delimiter: str = ""
    encoding: str = "utf-8"
    name: str = ""
    edits: dict[str, list[Callable[[Any], Any]]] = field(default_factory=dict)

    def then(self, stage: str, edit: Callable[[Any], Any]) -> None:
        """Add an edit at one of the stages "lines", "ended", "bytes", "stored"."""
        self.edits.setdefault(stage, []).append(edit)

    def written(self) -> bytes:
        """The object's bytes as they are stored."""
        rows = [self.header, *self.records] if self.declared.header else self.records
        lines = self._edited("lines", [self._line(row) for row in rows])
        ended = self._edited("ended", [line + self.line_end for line in lines])
        text = "".join(ended) if self.last_end else "".join(ended).removesuffix(self.line_end)
        content = self._edited("bytes", text.encode(self.encoding, "replace"))
        content = codecs.BOM_UTF8 + content if self.mark else content
        stored = self._compressed(content) if self.declared.compression == "gzip" else content
        return bytes(self._edited("stored", stored))

    def _edited(self, stage: str, made: Any) -> Any:
        for edit in self.edits.get(stage, ()):
            made = edit(made)
        return made

    def _line(self, row: list[str]) -> str:
        delimiter = self.delimiter or self.declared.delimiter
        return delimiter.join(self._field(text, at, len(row)) for at, text in enumerate(row))

    def _field(self, text: str, at: int, fields: int) -> str:
        if isinstance(text, Raw) or self.declared.serde == "lazy_simple":
            return text
        is_blank_line = text == "" and fields == 1
        needs = is_blank_line or any(sign in text for sign in ('"', "\n", "\r", self.declared.delimiter))
        return quoted(text) if needs or self.quotes >> at & 1 else text

    def _compressed(self, content: bytes) -> bytes:
        size = -(-len(content) // self.members) or 1
        pieces = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
        return b"".join(gzip.compress(piece, mtime=0) for piece in pieces)


def quoted(text: str) -> Raw:
    """A field in quotes, as RFC 4180 writes it."""
    return Raw('"' + text.replace('"', '""') + '"')


@dataclass(frozen=True)
class Needs:
    """What a format must have, so that a file of it can have a certain fault."""

    serdes: tuple[str, ...] = SERDES
    types: tuple[str, ...] = ()
    columns: int = 1
    header: bool | None = None
    compression: str = ""


ANY = Needs()


@st.composite
def formats(draw: Draw, serde: str, needs: Needs) -> Declared:
    """What is declared: one to four columns of any type, and the text format."""
    kinds = [kind for kind in values.TYPES if serde == "lazy_simple" or kind not in values.DAYS]
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=needs.columns, max_size=4))
    if needs.types:
        chosen[-1] = draw(st.sampled_from([kind for kind in kinds if kind in needs.types]))
    delimiters = [sign for sign in DELIMITERS if sign != ":" or "timestamp" not in chosen]
    return Declared(
        tuple((f"c{at}", kind) for at, kind in enumerate(chosen)),
        serde,
        draw(st.sampled_from(delimiters)),
        header=draw(st.sampled_from((True, True, False))) if needs.header is None else needs.header,
        compression=needs.compression or draw(st.sampled_from(("none", "none", "gzip"))),
        allow_empty=draw(st.booleans()),
    )


@st.composite
def drafts(draw: Draw, declared: Declared) -> Draft:
    """A good file in one of the forms that are read: line ends, the last one or none, a mark, quotes, gzip members."""
    fields = [values.good(kind, declared.serde, declared.delimiter) for _, kind in declared.columns]
    if len(fields) == 1 and declared.serde == "lazy_simple":
        fields = [fields[0].filter(bool)]  # an empty value alone would be a blank line
    return Draft(
        declared,
        [name for name, _ in declared.columns],
        [list(record) for record in draw(st.lists(st.tuples(*fields), min_size=1, max_size=5))],
        line_end=draw(st.sampled_from(LINE_ENDS)),
        last_end=draw(st.booleans()),
        mark=declared.header and draw(st.integers(0, 3)) == 0,
        quotes=draw(st.integers(0, 15)) if declared.serde == "open_csv" else 0,
        members=draw(st.integers(1, 2)) if declared.compression == "gzip" else 1,
        name="sales.csv.gz" if declared.compression == "gzip" else "sales.csv",
    )
