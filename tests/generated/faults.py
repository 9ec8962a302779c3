"""Every kind of fault that a file may have."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.generated import damages, values
from tests.generated.damages import Put
from tests.generated.drafts import ANY, SERDES, Draw, Needs, drafts
from tests.generated.oracle import Declared


@dataclass(frozen=True)
class File:
    """A generated file, and its kinds of faults; without any it must be read."""

    kinds: tuple[str, ...]
    content: bytes = field(repr=False)  # up to a megabyte
    name: str

    def must_be_read(self, declared: Declared) -> bool:
        """Whether nothing is wrong with it."""
        return all(
            FAULTS[kind].must_pass or (kind in WITHOUT_RECORDS and declared.allow_empty)
            for kind in self.kinds
        )

    def must_be_refused(self, declared: Declared) -> bool:
        """Whether it may not be read, even if what Athena returned were right."""
        is_allowed = declared.allow_empty and any(kind in WITHOUT_RECORDS for kind in self.kinds)
        return not is_allowed and not all(
            FAULTS[kind].may_pass or FAULTS[kind].must_pass for kind in self.kinds
        )


@dataclass(frozen=True)
class Fault:
    """A kind of fault: which formats can have it, and how it is put into a draft.

    `may_pass`: an answer that is no refusal is possible, if Athena reads just what is written. `must_pass`: it is an
    oddity and no fault, so that a refusal would be wrong.
    """

    put: Put
    needs: Needs = ANY
    may_pass: bool = False
    must_pass: bool = False


WITH_HEADER = Needs(header=True)
WITH_NAMES = Needs(header=True, columns=2)
WITH_COLUMNS = Needs(columns=2)
WITH_TEXT = Needs(types=("string",))
LAZY_SIMPLE = Needs(serdes=("lazy_simple",))
LAZY_SIMPLE_TEXT = Needs(serdes=("lazy_simple",), types=("string",))
OPEN_CSV = Needs(serdes=("open_csv",))
GZIP = Needs(compression="gzip")


def _needs(kind: str) -> Needs:
    """A column that the kind's values are bad for; OpenCSVSerDe has no days."""
    types = values.types_of(kind)
    return Needs(LAZY_SIMPLE.serdes if set(types) <= set(values.DAYS) else SERDES, types)


FAULTS: dict[str, Fault] = {
    "a column renamed": Fault(damages.rename_a_column, WITH_HEADER),
    "columns reordered": Fault(damages.reorder_columns, WITH_NAMES),
    "a column missing in the header": Fault(damages.leave_a_column_out_of_the_header, WITH_NAMES),
    "a column more": Fault(damages.add_a_column, WITH_HEADER),
    "names in other case or with blanks": Fault(damages.write_names_otherwise, WITH_HEADER),
    "no header": Fault(damages.leave_the_header_out, WITH_HEADER),
    "another delimiter": Fault(damages.write_another_delimiter, WITH_COLUMNS),
    **{kind: Fault(damages.put_value(kind), _needs(kind)) for kind in values.BAD if kind != "no value"},
    "an empty number": Fault(
        damages.put_value("no value"), Needs(("open_csv",), values.types_of("no value"))
    ),
    "a total too large": Fault(damages.exceed_every_total, Needs(types=("decimal(38,10)",))),
    "signs that end no line": Fault(damages.put_text(values.NO_LINE_ENDS), WITH_TEXT, must_pass=True),
    "unit separators": Fault(damages.put_text(values.UNIT_SEPARATORS), LAZY_SIMPLE_TEXT, must_pass=True),
    "what the local AWS does not read": Fault(damages.write_what_is_not_supported, WITH_TEXT),
    "quoted fields": Fault(damages.quote_fields, LAZY_SIMPLE),
    "a line break within quotes": Fault(damages.break_a_line_within_quotes),
    "a stray quote": Fault(damages.put_a_stray_quote),
    "a backslash": Fault(damages.put_a_backslash, OPEN_CSV),
    "too few fields": Fault(damages.leave_fields_out, WITH_COLUMNS),
    "too many fields": Fault(damages.add_fields),
    "a line break in a value": Fault(damages.break_a_value, WITH_COLUMNS),
    "blank lines": Fault(damages.add_blank_lines, may_pass=True),
    "mixed line ends": Fault(damages.mix_line_ends, must_pass=True),
    "a long line": Fault(damages.write_a_long_line, WITH_TEXT),
    "a line just below the limit": Fault(damages.write_a_line_of_the_limit, WITH_TEXT, must_pass=True),
    "nothing": Fault(damages.write_nothing),
    "a header only": Fault(damages.write_the_header_alone),
    "UTF-16": Fault(damages.write_utf_16),
    "Shift_JIS": Fault(damages.write_shift_jis),
    "Windows-1252": Fault(damages.write_windows_1252),
    "a byte order mark further down": Fault(damages.put_a_mark_further_down),
    "a NUL byte": Fault(damages.put_a_nul),
    "cut gzip": Fault(damages.cut_gzip, GZIP),
    "damaged gzip": Fault(damages.damage_gzip, GZIP, may_pass=True),
    "gzip and something after it": Fault(damages.append_to_gzip, GZIP, may_pass=True),
    "gzip named csv": Fault(damages.name_gzip_csv),
    "text named gz": Fault(damages.name_text_gz),
    "another compression's name": Fault(damages.name_another_compression),
}

WITHOUT_RECORDS = ("nothing", "a header only")
BESIDES = ("mixed line ends", "blank lines", "a byte order mark further down", "UTF-16")
"""Kinds that change lines and bytes only, so that they go with any other."""


@st.composite
def files(draw: Draw, declared: Declared, kinds: tuple[str, ...]) -> File:
    """A file with these faults."""
    draft = draw(drafts(declared))
    for kind in kinds:
        FAULTS[kind].put(draw, draft)
    return File(kinds, draft.written(), draft.name)
