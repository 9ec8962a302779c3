"""Settings files for tests, and a third account that has nothing in common with the article's two."""

from __future__ import annotations

import textwrap
from pathlib import Path

from sightline.errors import Problem
from sightline.settings import Settings, load_settings

ANALYTICS = """\
analytics:
  account_id: "333333333333"
  region: ap-northeast-1
"""
ACCOUNT = """\
  - name: {name}
    account_id: "111111111111"
    external_id: sightline-{name}
    workgroup: workgroup-{name}
    results_location: s3://results-333333333333/{name}/
    database: {name}_data
    tables:
      - name: sales
        bucket: sales-111111111111
        prefix: data/
        objects: year={{year}}/month={{month}}/sales.csv
        columns:
          id: bigint
"""
THIRD_ACCOUNT = """\
  - name: warehouse
    account_id: "044444444444"
    region: eu-central-1
    reader_role: readers/files
    external_id: x/1:warehouse
    schedule: "30 6 * * 1-5"
    timezone: Europe/Berlin
    start_date: 2023-07-01
    workgroup: wh.reports
    results_location: s3://shared-results/warehouse/
    scan_cutoff: 250 GB
    database: wh
    retries: 0
    tables:
      - name: stock_levels
        bucket: wh.exports-eu
        prefix: ""
        objects: stock/{year}-{month}/levels-*.csv.gz
        delivered: after_month_end
        due_day: 31
        format:
          delimiter: "\\t"
          compression: gzip
          header: false
        columns:
          no: BIGINT
          2nd_name: varchar( 40 )
          weight: Double
          price: DECIMAL(38, 6)
          counted_at: timestamp
        quicksight:
          data_set_name: 在庫 2024
"""


def settings_file(folder: Path, text: str) -> Path:
    """A settings file of this text, which may be indented."""
    file = folder / "accounts.yaml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def accounts(*names: str) -> str:
    """A whole file with plain accounts of these names."""
    return ANALYTICS + "workload_accounts:\n" + "".join(ACCOUNT.format(name=name) for name in names)


def load(folder: Path, text: str) -> Settings:
    """The settings of a file of this text."""
    return load_settings(settings_file(folder, text))


def only(problems: tuple[Problem, ...]) -> Problem:
    """The one problem that there is."""
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]
