"""`python -m local_aws`: an AWS for demo and tests on this machine, in one process; all of it is gone when it ends."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading

from local_aws import scratch
from local_aws.latency import PROFILES
from local_aws.server import Settings, build_application, serve

log = logging.getLogger("local_aws")


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    scratch.remove_left_behind()
    settings = Settings(arguments.latency, arguments.bad_values, arguments.second_ingestion)
    server = serve(build_application(settings), arguments.host, arguments.port)
    for ending in (signal.SIGTERM, signal.SIGINT):
        # shutdown waits for serve_forever, which runs in this very thread
        signal.signal(ending, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("local AWS ready at http://%s:%s", arguments.host, server.server_port)
    server.serve_forever()
    server.server_close()
    scratch.remove(scratch.root())
    # Queries and ingestions that still run would hold the process; nothing of theirs outlives it anyway.
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_aws", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=5555, help="port to listen on; 0 takes a free one")
    parser.add_argument("--latency", choices=sorted(PROFILES), default="zero", help="how long work takes")
    parser.add_argument(
        "--bad-values",
        choices=["null", "fail"],
        default="null",
        help="what a SELECT makes of a value it cannot read",
    )
    parser.add_argument(
        "--second-ingestion",
        choices=["queue", "supersede"],
        default="queue",
        help="what a second ingestion of a data set does while one runs",
    )
    return parser


if __name__ == "__main__":
    main()
