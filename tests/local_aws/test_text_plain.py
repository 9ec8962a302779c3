"""Which texts DuckDB's reader of columns may have: told by a few bytes, wherever a piece or a half of a file ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_aws.athena import plain
from local_aws.athena.plain import NEVER_IN_TEXT, Look, look_at

MARK = b"\xef\xbb\xbf"
LINES = b"a,1\nb,2\n"


def looked_at(*pieces: bytes) -> Look:
    look = Look()
    for piece in pieces:
        look.at(piece)
    return look


@pytest.mark.parametrize(
    "pieces",
    [
        (LINES,),
        (LINES, LINES),
        (MARK + LINES,),
        (b"a,1\n", b"b,2"),
        (NEVER_IN_TEXT[:3] + LINES,),
    ],
    ids=["lines", "two pieces", "a mark", "no line end at the end", "a part of what is refused"],
)
def test_whole_lines_that_end_in_lf_are_plain(pieces: tuple[bytes, ...]) -> None:
    assert looked_at(*pieces).plain


@pytest.mark.parametrize(
    "pieces",
    [
        (b"\n" + LINES,),
        (MARK + b"\n" + LINES,),
        (LINES + b"\n" + LINES,),
        (LINES + b"\n",),
        (LINES, b"\n" + LINES),
    ],
    ids=["first", "after a mark", "in the middle", "last", "across two pieces"],
)
def test_a_blank_line_is_left_to_the_reader_of_lines(pieces: tuple[bytes, ...]) -> None:
    assert not looked_at(*pieces).plain


@pytest.mark.parametrize(
    "text", [b"a,1\r\nb,2\r\n", b"a,1\rb,2\r", b"a\rb,1\n"], ids=["CRLF", "CR", "within"]
)
def test_a_carriage_return_is_left_to_the_reader_of_lines(text: bytes) -> None:
    assert not looked_at(text).plain


@pytest.mark.parametrize("cut", range(len(NEVER_IN_TEXT) + 1))
def test_what_separates_nothing_is_seen_wherever_pieces_are_cut(cut: int) -> None:
    assert not looked_at(LINES + NEVER_IN_TEXT[:cut], NEVER_IN_TEXT[cut:] + LINES).plain


def test_bytes_that_duckdb_takes_in_a_decimal_are_told() -> None:
    assert looked_at(b"1e5\n", b"1_0\n").doubtful == set(b"e_")
    assert looked_at(LINES).doubtful == set()


@pytest.mark.parametrize("place", [0, 1, 2], ids=["in the first half", "between them", "in the second half"])
def test_a_blank_line_is_seen_in_each_half_of_a_large_file(tmp_path: Path, place: int) -> None:
    half = LINES * (plain.PIECE * 2 // len(LINES))
    bodies = (b"\n" + half + half, half + b"\n" + half[:-1], half + half + b"\n")
    (tmp_path / "f.csv").write_bytes(bodies[place])
    counted: list[int] = []

    with (tmp_path / "f.csv").open("rb") as source:
        look = look_at(source, counted.append)

    assert not look.plain
    assert sum(counted) == len(bodies[place])


HALF = LINES * (plain.PIECE * 2 // len(LINES))


@pytest.mark.parametrize(
    ("before", "after", "is_plain"),
    [(b"a,1", b"\n" + LINES[1:], True), (NEVER_IN_TEXT[:2], NEVER_IN_TEXT[2:], False)],
    ids=["a line end", "what separates nothing"],
)
def test_the_halves_of_a_large_file_are_one_text(
    tmp_path: Path, before: bytes, after: bytes, is_plain: bool
) -> None:
    first, second = HALF + before, after + HALF
    longer = max(len(first), len(second))
    body = b"x" * (longer - len(first)) + first + second + b"x" * (longer - len(second))
    (tmp_path / "f.csv").write_bytes(body)

    with (tmp_path / "f.csv").open("rb") as source:
        look = look_at(source, lambda _: None)

    assert look.plain == is_plain
