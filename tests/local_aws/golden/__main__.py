"""`make golden`: ask the real classes, and write their answers anew."""

from __future__ import annotations

from tests.local_aws.golden import lazy_simple_serde, open_csv_serde, text_files
from tests.local_aws.golden.hive import hive

if __name__ == "__main__":
    with hive() as session:
        for part in (lazy_simple_serde, open_csv_serde, text_files):
            part.write(session)
