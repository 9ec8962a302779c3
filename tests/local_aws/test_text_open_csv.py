"""OpenCSVSerde's steps, each by itself; their sum is in test_text_golden.py."""

from __future__ import annotations

import pytest

from local_aws.athena.failures import QueryError
from local_aws.athena.open_csv import OpenCsvFormat, split_lines

FORMAT = OpenCsvFormat()


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("", []),
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a\\"b",c', ['a"b', "c"]),
        ('"a\\\\b",c', ["a\\b", "c"]),
        ('a,"one', ["a"]),
        ("a\\,b", ["a", "b"]),
    ],
    ids=[
        "blank",
        "plain",
        "quoted",
        "escaped",
        "an escaped escape",
        "a quote that does not end",
        "an escape outside quotes",
    ],
)
def test_a_line_has_these_fields(line: str, fields: list[str]) -> None:
    assert FORMAT.fields(line) == fields


def test_fields_are_told_apart_by_a_sign_of_its_own_wherever_pieces_are_cut() -> None:
    found = b"".join(split_lines(iter([b'"a,b"', b",c\n\nd", b",e\n"]), FORMAT))

    assert found == b"\x1fa,b\x1fc\n\n\x1fd\x1fe\n"


def test_that_sign_in_a_file_is_refused() -> None:
    with pytest.raises(QueryError, match="0x1F"):
        list(split_lines(iter([b"a\x1fb,c\n"]), FORMAT))
