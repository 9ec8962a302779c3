"""The article's table, as settings give it."""

from __future__ import annotations

from typing import Any

from sightline.settings import Table


def sales_table(**settings: Any) -> Table:
    """The article's table of account 1; `settings` override those of the file."""
    return Table.model_validate(
        {
            "name": "account1_table",
            "bucket": "account1-athena-test-111111111111",
            "prefix": "account1/data/sales/",
            "objects": "year={year}/month={month}/sales_data_{year}_{month}.csv",
            "columns": {
                "date": "DATE",
                "product": "STRING",
                "quantity": "INT",
                "unit_price": "DECIMAL(10,2)",
                "total_sales": "DECIMAL(10,2)",
            },
            "quicksight": {"data_source_id": "account1-sales-data", "data_set_id": "from_account1"},
            **settings,
        }
    )
