"""How each kind of fault is put into a good file: functions of a draft."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.generated import values
from tests.generated.drafts import Draft, Draw, Raw, quoted

Put = Callable[[Draw, Draft], None]

# --------------------------------------------------------------------------------------------- headers


def rename_a_column(draw: Draw, draft: Draft) -> None:
    draft.header[_place(draw, draft.header)] = "qty"


def reorder_columns(draw: Draw, draft: Draft) -> None:
    draft.header = [*draft.header[1:], draft.header[0]]


def leave_a_column_out_of_the_header(draw: Draw, draft: Draft) -> None:
    del draft.header[_place(draw, draft.header)]


def add_a_column(draw: Draw, draft: Draft) -> None:
    draft.header.append("region")
    draft.records = [[*record, "west"] for record in draft.records]


def write_names_otherwise(draw: Draw, draft: Draft) -> None:
    change = draw(st.sampled_from((str.upper, " {}".format, "{} ".format, "{}\u200b".format)))
    draft.header = [change(name) for name in draft.header]


def leave_the_header_out(draw: Draw, draft: Draft) -> None:
    draft.then("lines", lambda lines: lines[1:])
    draft.mark = False


def write_another_delimiter(draw: Draw, draft: Draft) -> None:
    others = [sign for sign in (";", "\t", "|", ",") if sign != draft.declared.delimiter]
    draft.delimiter = draw(st.sampled_from(others))


# ---------------------------------------------------------------------------------------------- values


def put_value(kind: str) -> Put:
    """Put one of the kind's values into a column for which it is bad."""

    def put(draw: Draw, draft: Draft) -> None:
        bad = values.BAD[kind]
        places = [at for at, (_, name) in enumerate(draft.declared.columns) if _base(name) in bad]
        at = draw(st.sampled_from(places))
        value = draw(st.sampled_from(bad[_base(draft.declared.columns[at][1])]))
        _record(draw, draft)[at] = value

    return put


def _base(type_name: str) -> str:
    return type_name.partition("(")[0]


def put_text(texts: tuple[str, ...]) -> Put:
    """Put one of these texts into a column of texts."""

    def put(draw: Draw, draft: Draft) -> None:
        _put_text(draw, draft, draw(st.sampled_from(texts)))

    return put


def write_what_is_not_supported(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, draw(st.sampled_from(values.NOT_SUPPORTED[draft.declared.serde])))


def exceed_every_total(draw: Draw, draft: Draft) -> None:
    """Values that fit, but whose sum has more than the 38 digits of Athena's longest decimal."""
    at = [kind for _, kind in draft.declared.columns].index("decimal(38,10)")
    draft.records = [list(draft.records[0]) for _ in range(2)]
    for record in draft.records:
        record[at] = "9" * 28


# ---------------------------------------------------------------------------------------------- quotes


def quote_fields(draw: Draw, draft: Draft) -> None:
    at = _place(draw, draft.header)
    inside = draw(st.sampled_from(("", draft.declared.delimiter, '"')))
    for record in draft.records:
        record[at] = quoted(record[at] + inside)


def break_a_line_within_quotes(draw: Draw, draft: Draft) -> None:
    end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    _put_text(draw, draft, quoted(f"a{end}b"))


def put_a_stray_quote(draw: Draw, draft: Draft) -> None:
    value = draw(st.sampled_from(('5" pipe', 'a "b" c', '"a"b', '"', ' "a"', '"a" ', 'a"', '"a""', '""a')))
    _put_text(draw, draft, Raw(value))


def put_a_backslash(draw: Draw, draft: Draft) -> None:
    value = draw(st.sampled_from(("a\\b", "a\\", "\\N", "\\", '"a\\"', '"\\"', "\\\\", '"a\\""')))
    _put_text(draw, draft, Raw(value))


# ----------------------------------------------------------------------------------------------- lines


def leave_fields_out(draw: Draw, draft: Draft) -> None:
    del _record(draw, draft)[-1]
    draft.last_end = True  # else an empty last line would be none


def add_fields(draw: Draw, draft: Draft) -> None:
    _record(draw, draft).append(draw(st.sampled_from(("", "1", "a"))))


def break_a_value(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, Raw("a" + draw(st.sampled_from(("\r", "\n", "\n\r"))) + "b"))


def add_blank_lines(draw: Draw, draft: Draft) -> None:
    at, blank = draw(st.integers(0, 6)), draw(st.sampled_from(("", "", " ", "\t")))
    draft.then("lines", lambda lines: [*lines[:at], blank, *lines[at:]])
    draft.last_end = True


def mix_line_ends(draw: Draw, draft: Draft) -> None:
    ends = draw(st.lists(st.sampled_from(("\n", "\r\n", "\r")), min_size=6, max_size=6))
    length = len(draft.line_end)
    draft.then("ended", lambda lines: [line[:-length] + ends[at % 6] for at, line in enumerate(lines)])
    draft.last_end = True


def write_a_long_line(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, "x" * ((1 << 20) + draw(st.integers(1, 5))))


def write_a_line_of_the_limit(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, "x" * ((1 << 20) - draw(st.integers(2000, 9000))))


# ------------------------------------------------------------------------------------ nothing, encodings


def write_nothing(draw: Draw, draft: Draft) -> None:
    draft.mark = False
    draft.then("bytes", lambda _: b"")


def write_the_header_alone(draw: Draw, draft: Draft) -> None:
    draft.records = []


def write_utf_16(draw: Draw, draft: Draft) -> None:
    draft.mark, draft.encoding = False, draw(st.sampled_from(("utf-16", "utf-16-le", "utf-16-be")))


def write_shift_jis(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, draw(st.sampled_from(("テスト", "ソ", "日本"))))
    draft.encoding = "cp932"


def write_windows_1252(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, draw(st.sampled_from(("Café", "ü", "5 €"))))
    draft.encoding = "cp1252"


def put_a_mark_further_down(draw: Draw, draft: Draft) -> None:
    draft.then("lines", lambda lines: [*lines[:-1], *("\ufeff" + line for line in lines[-1:])])
    draft.mark = False


def put_a_nul(draw: Draw, draft: Draft) -> None:
    _put_text(draw, draft, draw(st.sampled_from(("\0", "a\0b", "1\0"))))


# ---------------------------------------------------------------------------------------------- storage


def cut_gzip(draw: Draw, draft: Draft) -> None:
    cut = draw(st.integers(1, 24))
    draft.then("stored", lambda stored: stored[:-cut])


def damage_gzip(draw: Draw, draft: Draft) -> None:
    at = draw(st.integers(1, 12))
    draft.then(
        "stored", lambda stored: stored[:-at] + bytes([stored[-at] ^ 0x55]) + stored[len(stored) - at + 1 :]
    )


def append_to_gzip(draw: Draw, draft: Draft) -> None:
    rest = draw(st.sampled_from((b"x", b"a,1\n", b"\0", b"\x1f\x8b")))
    draft.then("stored", lambda stored: stored + rest)


def name_gzip_csv(draw: Draw, draft: Draft) -> None:
    """Store gzip under a name that says nothing of it, whatever is declared."""
    if draft.declared.compression == "none":
        draft.then("stored", lambda stored: gzip.compress(stored, mtime=0))
    draft.name = "sales.csv"


def name_text_gz(draw: Draw, draft: Draft) -> None:
    if draft.declared.compression == "gzip":
        draft.then("stored", gzip.decompress)
    draft.name = (
        draw(st.sampled_from(("sales.csv.gz", "sales.GZ")))
        if draft.declared.compression == "none"
        else "sales.csv.gz"
    )


def name_another_compression(draw: Draw, draft: Draft) -> None:
    draft.name = draw(st.sampled_from(("sales.csv.bz2", "sales.zst", "sales.snappy", "sales.csv.lz4")))


def _place(draw: Draw, among: list[Any]) -> int:
    return int(draw(st.integers(0, len(among) - 1)))


def _record(draw: Draw, draft: Draft) -> list[str]:
    """One of the records, by its place."""
    return draft.records[_place(draw, draft.records)]


def _put_text(draw: Draw, draft: Draft, text: str) -> None:
    """Put a text into a record, into a column of texts if there is one."""
    texts = [at for at, (_, kind) in enumerate(draft.declared.columns) if kind == "string"]
    _record(draw, draft)[texts[0] if texts else 0] = text
