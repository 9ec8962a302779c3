"""What a driver should print of the shop's sales: values with the names of their types, by csv and Decimal."""

from __future__ import annotations

from typing import Any

from tests.clients.shop import Sale

COLUMNS = "id, date, product, quantity, unit_price, total_sales, note"
EVERY_SALE = f"SELECT {COLUMNS} FROM sales ORDER BY id"


def tagged(value: Any) -> str | None:
    """A value as a driver writes it."""
    return None if value is None else f"{type(value).__name__}:{value}"


def tagged_sales(sales: list[Sale]) -> list[list[str | None]]:
    """Sales as a driver writes them."""
    return [[tagged(value) for value in sale.columns] for sale in sales]


def with_texts(null: str | None, empty: str | None, sales: list[Sale]) -> list[list[str | None]]:
    """The same for a client that tells NULL and the empty text not apart when it reads a CSV file."""
    read = {None: null, "str:": empty}
    return [[*row[:-1], read.get(row[-1], row[-1])] for row in tagged_sales(sales)]
