"""The lock around moto's stores: moto changes its dictionaries without one, and the server has many threads.

Whoever reads or writes a moto backend in process (`s3_backends`, `glue_backends`, `iam_backends`, …) holds STORE_LOCK
meanwhile; requests that moto answers hold it too, so that a conditional PUT compares and writes as one step.
"""

from __future__ import annotations

import threading

STORE_LOCK = threading.RLock()
