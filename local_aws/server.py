"""The HTTP server: werkzeug's, threaded, with connections kept alive and bodies held once.

werkzeug's handler closes each connection and waits 10 ms for a rest of the body. Here the body is read whole before the
application is asked (moto needs all of its bytes anyway), so that the next request finds the stream where it begins.
"""

from __future__ import annotations

import io
import socket
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from local_aws.athena.service import AthenaService
from local_aws.callers import Callers
from local_aws.control import Control, Option
from local_aws.counters import Counters
from local_aws.dispatcher import Dispatcher
from local_aws.faults import ConnectionCut, Faults
from local_aws.iam.actions import Actions
from local_aws.iam.authorizer import Authorizer
from local_aws.iam_guard import IamGuard
from local_aws.kms_guard import KmsGuard
from local_aws.latency import Latency
from local_aws.moto_apps import MotoApps
from local_aws.quicksight.service import QuickSightService
from local_aws.s3_access import S3Access
from local_aws.s3_guard import S3Guard
from local_aws.sts import StsService
from local_aws.trail import Trail

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from werkzeug.serving import BaseWSGIServer

    from local_aws.calls import Call


@dataclass(frozen=True)
class Settings:
    """What the command line says; see __main__.py."""

    latency: str = "zero"
    bad_values: str = "null"
    second_ingestion: str = "queue"


@dataclass(frozen=True)
class Parts:
    """What can be switched while the server runs."""

    latency: Latency
    athena: AthenaService
    quicksight: QuickSightService
    faults: Faults

    @classmethod
    def of(cls, settings: Settings, authorizer: Authorizer, callers: Callers, s3: S3Access) -> Parts:
        """Make them anew."""
        latency = Latency.of(settings.latency)
        athena = AthenaService(s3, latency, authorizer, settings.bad_values)
        quicksight = QuickSightService(
            athena, callers, latency, authorizer=authorizer, second_ingestion=settings.second_ingestion
        )
        return cls(latency, athena, quicksight, Faults())

    @property
    def options(self) -> dict[str, Option]:
        """Return their switches by the names that `PUT /_local_aws/options` takes."""
        return {
            "latency": Option(lambda: self.latency.described, self.latency.use),
            "bad_values": Option(lambda: self.athena.bad_values, self.athena.use_bad_values),
            "faults": Option(self.faults.described, self.faults.use),
            **self.quicksight.options,
        }


def build_application(settings: Settings) -> Dispatcher:
    """Put the local AWS together: empty accounts, nothing counted."""
    authorizer, counters, trail = Authorizer(), Counters(), Trail()
    callers, s3 = Callers(authorizer), S3Access(authorizer)
    parts, rehearsed = (Parts.of(settings, authorizer, callers, s3) for _ in range(2))
    athena, quicksight = parts.athena, parts.quicksight
    return Dispatcher(
        callers=callers,
        authorizer=authorizer,
        actions=Actions(lambda call: _workgroups(athena, call), quicksight.operations),
        services=[StsService(callers, authorizer), athena, quicksight],
        moto=MotoApps(),
        s3_guard=S3Guard(s3),
        iam_guard=IamGuard(callers),
        kms_guard=KmsGuard(authorizer),
        counters=counters,
        trail=trail,
        faults=parts.faults,
        control=Control(counters, trail, parts.options, rehearsed.options, quicksight.spice_rows),
    )


def _workgroups(athena: AthenaService, call: Call) -> set[str]:
    """Return where the query executions ran that a call names; those that do not exist ran nowhere."""
    ids = call.parameters.get("QueryExecutionIds") or [call.parameters.get("QueryExecutionId")]
    found = (athena.workgroup_of(replace(call, parameters={"QueryExecutionId": each})) for each in ids)
    return {workgroup for workgroup in found if workgroup is not None}


def serve(application: WSGIApplication, host: str, port: int) -> BaseWSGIServer:
    """Bind the server; `serve_forever` runs it and `shutdown` (from another thread) ends it."""
    return make_server(host, port, application, threaded=True, request_handler=RequestHandler)


class RequestHandler(MotoRequestHandler):  # type: ignore[misc] # moto and werkzeug are followed as Any
    """Speaks HTTP/1.1 with kept-alive connections, and logs errors only."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request of a connection."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = environ = self.make_environ()
        _read_body(environ)
        answered = False
        try:
            self._write(environ)
            answered = True
        except ConnectionCut as cut:
            answered = True
            self._cut(cut)
        finally:
            # a mistake in here: the traceback goes to the log, the client gets an answer that it may retry
            if not answered:
                self.send_error(500)

    def _write(self, environ: dict[str, Any]) -> None:
        started: list[Any] = []
        chunks = self.server.app(environ, lambda *status_and_headers: started.extend(status_and_headers))
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        code, _, phrase = started[0].partition(" ")
        self.send_response(int(code), phrase)
        self._send_headers(started[1], body)
        if environ["REQUEST_METHOD"] != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _cut(self, cut: ConnectionCut) -> None:
        """End the connection without an answer: with SO_LINGER at 0 the kernel sends a reset, else it just ends."""
        if cut.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # socketserver would shut the connection down first, which sends an ordinary end before the reset.
            self.connection.close()
        self.close_connection = True

    def _send_headers(self, headers: list[tuple[str, str]], body: bytes) -> None:
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: calls are counted instead."""


def _read_body(environ: dict[str, Any]) -> None:
    if environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"], environ["wsgi.input_terminated"] = io.BytesIO(body), True
    environ["CONTENT_LENGTH"] = str(len(body))
