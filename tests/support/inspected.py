"""Small tables and files for the inspection's tests."""

from __future__ import annotations

import io
from typing import Any

from sightline.figures import Figures
from sightline.inspection import inspect_object
from sightline.settings import Table
from tests.support.tables import sales_table

HEADER = b"date,product,quantity,unit_price,total_sales\n"
KEY = "data/sales/sales.csv"
URI = f"s3://{sales_table().bucket}/{KEY}"


def small_table(columns: dict[str, str], **text_format: Any) -> Table:
    """A table of these columns; `text_format` as under `format` in accounts.yaml."""
    suffix = ".gz" if text_format.get("compression") == "gzip" else ""
    objects = "year={year}/month={month}/sales.csv" + suffix
    return sales_table(columns=columns, objects=objects, format=text_format)


def inspected(content: bytes, table: Table | None = None, key: str = "", at_once: int = 0) -> Figures:
    """The figures of a file's content, read from a stream that gives at most `at_once` bytes at once."""
    table = table or sales_table()
    suffix = ".gz" if table.text_format.compression == "gzip" else ""
    stream = Dribble(content, at_once) if at_once else io.BytesIO(content)
    return inspect_object(stream, table=table, key=key or KEY + suffix)


NAMES = {"name": "string", "count": "int"}
QUOTED = small_table(NAMES, serde="open_csv")
GZIPPED = small_table(NAMES, compression="gzip")


class Dribble(io.BytesIO):
    """A stream that never gives more than a few bytes at once, as a network may."""

    def __init__(self, content: bytes, at_once: int) -> None:
        super().__init__(content)
        self._at_once = at_once

    def read(self, size: int | None = -1, /) -> bytes:
        """Give less than was asked for."""
        return super().read(self._at_once if size is None or size < 0 else min(size, self._at_once))
