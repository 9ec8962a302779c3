"""`make bench`: how fast a load is beside stock operators and bare boto3, and what parsing and reading cost."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# As Airflow does with its plugins folder, so that `sightline` can be imported without being installed.
if str(ROOT / "plugins") not in sys.path:
    sys.path.append(str(ROOT / "plugins"))
