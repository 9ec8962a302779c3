"""The one door: every request is identified, counted, authorized, and only then answered by our services or moto.

Signatures are not verified: the access key in the credential scope says who calls (a session's with its token), and a
key that neither IAM nor STS gave out is the administrator of the management account, unless it looks like a session's.
An unsigned request is refused; there is no anonymous access here, also where a bucket policy allows everyone. An
operation that is not in the table of iam/actions.py is refused with NotImplemented, whatever moto would answer.
What Athena and QuickSight read and write for a caller is decided while they do it, by the same Authorizer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moto.core.request import Request

from local_aws import control, glue_guard, s3_requests
from local_aws.answers import error_answer, result_answer
from local_aws.calls import AwsError, Call, Caller, Service
from local_aws.clock_skew import refuse_skewed
from local_aws.counters import CallKey
from local_aws.faults import ConnectionCut
from local_aws.iam.s3_needs import deletion_need
from local_aws.operations import (
    UNKNOWN,
    Asked,
    Signature,
    not_signed,
    not_supported,
    protocol_of_request,
    read_request,
    service_of_unsigned,
    signature_of,
)
from local_aws.s3_deletions import delete_objects

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.callers import Callers
    from local_aws.control import Control
    from local_aws.counters import Counters
    from local_aws.faults import Fault, Faults
    from local_aws.iam.actions import Actions
    from local_aws.iam.authorizer import Authorizer
    from local_aws.iam.needs import Need
    from local_aws.iam_guard import IamGuard
    from local_aws.kms_guard import KmsGuard
    from local_aws.moto_apps import MotoApps
    from local_aws.s3_guard import S3Guard
    from local_aws.trail import Trail

REFUSALS = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "ExpiredToken", "InvalidClientTokenId"),
        *("MissingAuthenticationToken", "NotImplemented"),
    }
)
NOBODY = Caller("", "anonymous", "anonymous")
ANSWERED_BY_MOTO = frozenset({"s3", "iam", "glue", "kms"})


class Dispatcher:
    """The WSGI application of the local AWS."""

    def __init__(
        self,
        *,
        callers: Callers,
        authorizer: Authorizer,
        actions: Actions,
        services: Iterable[Service],
        moto: MotoApps,
        s3_guard: S3Guard,
        iam_guard: IamGuard,
        kms_guard: KmsGuard,
        counters: Counters,
        trail: Trail,
        faults: Faults,
        control: Control,
    ) -> None:
        self._callers, self._authorizer, self._actions = callers, authorizer, actions
        self._services: Mapping[str, Service] = {service.name: service for service in services}
        self._moto, self._s3_guard, self._iam_guard = moto, s3_guard, iam_guard
        self._counters, self._trail, self._faults = counters, trail, faults
        self._kms_guard, self._control = kms_guard, control

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request. Raises ConnectionCut when a fault asks for it."""
        request = Request(environ)
        is_control = request.path.startswith(control.PREFIX)
        answer = self._control.answer(request) if is_control else self._counted(request)
        chunks: Iterable[bytes] = answer(environ, start_response)
        return chunks

    def operations_of(self, service: str) -> set[str]:
        """Return the operations that a service of ours answers."""
        return set(self._services[service].operations)

    def _counted(self, request: Request) -> Response:
        signature = signature_of(request)
        service = signature.service if signature else service_of_unsigned(request)
        exchange = Exchange(service)
        try:
            answer = self._answer(request, signature, exchange)
            exchange.keep_headers(answer)
        except AwsError as error:
            exchange.error = error.code
            answer = error_answer(protocol_of_request(service, request), error, request.method)
        except ConnectionCut:
            exchange.error = "(connection cut)"
            raise
        finally:
            self._record(exchange)
        if exchange.fault is not None:
            exchange.fault.strike_after()
        return answer

    def _record(self, exchange: Exchange) -> None:
        caller, fault = exchange.caller, exchange.fault
        key = CallKey(exchange.service, exchange.operation, caller.account_id, caller.arn)
        self._counters.add(key, refused=exchange.error in REFUSALS)
        self._trail.add(
            key,
            exchange.parameters,
            result=exchange.result,
            error=exchange.error,
            fault=fault.kind if fault else "",
        )

    def _answer(self, request: Request, signature: Signature | None, exchange: Exchange) -> Response:
        if signature is None:
            raise not_signed(request)
        refuse_skewed(signature.service, request)
        if signature.service == "glue":
            glue_guard.fold_names(request.environ)
        asked = exchange.read(request)
        exchange.caller = caller = self._callers.of_access_key(signature.access_key, signature.token)
        if signature.service == "s3":
            s3_requests.refuse_ambiguous(asked.model, request)
        call = Call(signature.service, asked.operation, asked.parameters, caller, signature.region)
        self._strike(call, signature, exchange)
        self._authorize(call, request)
        if call.service in ANSWERED_BY_MOTO:
            return self._ask_moto(call, request)
        exchange.result = self._ask_service(call)
        return result_answer(call.service, asked, exchange.result)

    def _strike(self, call: Call, signature: Signature, exchange: Exchange) -> None:
        """Let a fault that waits for this call strike, as far as it does so before the call's effect."""
        exchange.fault = fault = self._faults.take(call)
        if fault is None:
            return
        if fault.kind == "expired":
            self._callers.end_session(signature.access_key)
        fault.strike_before()

    def _authorize(self, call: Call, request: Request) -> None:
        needs = self._actions.needs(call)
        if call.service == "s3":
            self._s3_guard.before_authorization(call)
        for need in needs:
            self._authorizer.require(call.caller, need.action, need.resource, _context(call, request, need))

    def _ask_service(self, call: Call) -> dict[str, Any]:
        service = self._services.get(call.service)
        operation = service.operations.get(call.operation) if service else None
        if operation is None:
            raise not_supported(call.service, call.operation)
        return operation(call)

    def _ask_moto(self, call: Call, request: Request) -> Response:
        if call.service == "s3":
            return self._ask_s3(call, request)
        if call.service == "kms":
            return self._ask_kms(call, request)
        if call.service == "iam":
            self._iam_guard.after_authorization(call, request.environ)
        if call.service == "glue":
            glue_guard.after_authorization(call)
        answer = self._moto.answer(call, request.environ, call.account_id)
        if call.service == "glue" and answer.status_code < 400:
            return glue_guard.after_answer(call, answer)
        if call.service == "iam" and answer.status_code < 400:
            self._iam_guard.after_answer(call, answer)
        return answer

    def _ask_kms(self, call: Call, request: Request) -> Response:
        self._kms_guard.after_authorization(call, request.environ)
        answer = self._moto.answer(call, request.environ, self._kms_guard.account_of(call))
        if answer.status_code < 400:
            self._kms_guard.after_answer(call, answer)
        return answer

    def _ask_s3(self, call: Call, request: Request) -> Response:
        environ = request.environ
        self._s3_guard.after_authorization(call, environ)
        s3_requests.write_copy_source(call, environ)
        owner = self._s3_guard.account_of(call)
        if call.operation != "DeleteObjects":
            answer = self._moto.answer(call, environ, owner)
            if answer.status_code < 400:
                self._s3_guard.after_answer(call, answer)
            return answer

        def may_delete(entry: dict[str, Any]) -> bool:
            need = deletion_need(call, entry)
            context = _context(call, request, need)
            return self._authorizer.allows(call.caller, need.action, need.resource, context)

        return delete_objects(
            call,
            environ,
            may_delete=may_delete,
            ask_moto=lambda: self._moto.answer(call, environ, owner),
        )


def _context(call: Call, request: Request, need: Need) -> dict[str, str]:
    source = {"aws:SourceIp": request.remote_addr or "", "aws:RequestedRegion": call.region}
    return {**source, **need.context}


class Exchange:
    """What is known of a request so far, for counters and trail: also of one that is refused half way."""

    def __init__(self, service: str) -> None:
        self.service, self.operation, self.caller = service, UNKNOWN, NOBODY
        self.parameters: Mapping[str, Any] = {}
        self.result: Mapping[str, Any] = {}
        self.error = ""
        self.fault: Fault | None = None

    def read(self, request: Request) -> Asked:
        """Match the request, and keep its operation's name and parameters."""
        asked = read_request(self.service, request)
        self.operation, self.parameters = asked.operation, asked.parameters
        return asked

    def keep_headers(self, answer: Response) -> None:
        """Keep what moto says of an object in headers: which one it is now."""
        for header, member in (("ETag", "ETag"), ("x-amz-version-id", "VersionId")):
            if header in answer.headers:
                self.result = {**self.result, member: answer.headers[header]}
        if answer.status_code >= 400:
            self.error = str(answer.status_code)
