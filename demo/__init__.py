"""The demo: the article's accounts on a local AWS, loaded by a real Airflow, with the figures proved."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# As Airflow does with its plugins folder, so that `sightline` can be imported without being installed.
if str(ROOT / "plugins") not in sys.path:
    sys.path.append(str(ROOT / "plugins"))
