"""Which values SPICE takes for a declared type; the others drop their row."""

from __future__ import annotations

import pytest

from local_aws.quicksight.values import DoesNotConvert, converted


@pytest.mark.parametrize(
    ("text", "type_name", "kept"),
    [
        ("", "STRING", ""),
        ("-7", "INTEGER", "-7"),
        ("9223372036854775807", "INTEGER", "9223372036854775807"),
        ("18665.40", "DECIMAL", "18665.40"),
        ("1.5E7", "DECIMAL", "1.5E7"),
        ("2024-02-29", "DATETIME", "2024-02-29"),
        ("2024-01-31 23:59:59.999", "DATETIME", "2024-01-31 23:59:59.999"),
        ("true", "BOOLEAN", "1"),
        ("0", "BIT", "0"),
    ],
)
def test_a_value_of_its_type_is_kept(text: str, type_name: str, kept: str) -> None:
    assert converted(text, type_name) == kept


@pytest.mark.parametrize("type_name", ["STRING", "INTEGER", "DECIMAL", "DATETIME", "BOOLEAN", "BIT"])
def test_null_is_a_value_of_every_type(type_name: str) -> None:
    assert converted(None, type_name) is None


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("", "INTEGER"),
        ("1.0", "INTEGER"),
        ("9223372036854775808", "INTEGER"),
        ("1_000", "DECIMAL"),
        ("NaN", "DECIMAL"),
        ("Infinity", "DECIMAL"),
        ("2023-02-29", "DATETIME"),
        ("20240101", "DATETIME"),
        ("1399-12-31", "DATETIME"),
        ("yes", "BOOLEAN"),
    ],
)
def test_a_value_that_is_not_of_its_type_does_not_convert(text: str, type_name: str) -> None:
    with pytest.raises(DoesNotConvert):
        converted(text, type_name)
