"""The files that are loaded: a month of sales, the same bytes in every run."""

from __future__ import annotations

import random
from decimal import Decimal

RECORDS = 1000
COLUMNS = ("date", "product", "quantity", "unit_price", "total_sales")
PRODUCTS = ("Widget A", "Gadget B", "Tool C", "Part D")


def month_file(month: str, records: int = RECORDS) -> bytes:
    """A CSV file of this month with as many records (about 36 bytes each)."""
    chance = random.Random(month)  # noqa: S311 - the same file for the same month, no secret
    lines = [",".join(COLUMNS)]
    for number in range(records):
        quantity, price = chance.randint(1, 200), Decimal(chance.randint(100, 20000)) / 100
        day = f"{month}-{number % 28 + 1:02}"
        lines.append(f"{day},{chance.choice(PRODUCTS)},{quantity},{price:.2f},{quantity * price:.2f}")
    return ("\n".join(lines) + "\n").encode()


def months(count: int, first_year: int = 2023) -> list[str]:
    """So many months in a row, from January of a year whose files are all due by now."""
    return [f"{first_year + index // 12}-{index % 12 + 1:02}" for index in range(count)]
