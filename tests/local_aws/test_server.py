"""The server: operations that it does not know, answers that boto3 reads, the control endpoints."""

from __future__ import annotations

import http.client
import json
import math
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import serve
from tests.local_aws.conftest import OPENER, Account, Cloud, code_of, poll

SECONDS = {"ddl": 1, "select": 1, "ingestion": 1}
DATA_SET = {"account_id": "111111111111", "data_set_id": "records"}


class TestUnknownOperations:
    """Whatever moto would say: an operation that is not in the table is refused, and named."""

    @pytest.mark.parametrize(
        ("service", "operation", "parameters"),
        [
            ("s3", "get_bucket_website", {"Bucket": "any"}),
            ("s3", "put_object_acl", {"Bucket": "any", "Key": "any", "ACL": "public-read"}),
            ("sts", "get_session_token", {}),
            ("iam", "generate_credential_report", {}),
            ("glue", "start_crawler", {"Name": "any"}),
            ("athena", "create_named_query", {"Name": "a", "Database": "b", "QueryString": "SELECT 1"}),
            ("quicksight", "describe_account_subscription", {"AwsAccountId": "111111111111"}),
            ("kms", "list_grants", {"KeyId": "any"}),
        ],
    )
    def test_it_is_refused_by_name(
        self, account: Account, service: str, operation: str, parameters: dict[str, str]
    ) -> None:
        client = account.client(service)

        with pytest.raises(ClientError) as failure:
            getattr(client, operation)(**parameters)

        name = client.meta.method_to_api_mapping[operation]
        assert code_of(failure) == "NotImplemented"
        assert f"The local AWS does not know {service}:{name}" in str(failure.value)
        assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501

    @pytest.mark.parametrize("service", ["sqs", "dynamodb", "cloudformation"])
    def test_a_service_that_is_not_here_is_refused(self, account: Account, service: str) -> None:
        client = account.client(service)
        ask = {"sqs": "list_queues", "dynamodb": "list_tables", "cloudformation": "list_stacks"}[service]

        with pytest.raises(ClientError) as failure:
            getattr(client, ask)()

        assert code_of(failure) == "NotImplemented"

    def test_motos_own_endpoints_are_not_reachable(self, cloud: Cloud) -> None:
        with pytest.raises(urllib.error.HTTPError) as failure:
            OPENER.open(f"{cloud.endpoint}/moto-api/reset", data=b"", timeout=10)

        assert failure.value.code == 403


class TestAmbiguousRequests:
    """One request is one operation: what is authorized is what is done."""

    def ask(
        self, cloud: Cloud, session: Any, service: str, path: str, body: bytes, **headers: str
    ) -> tuple[int, bytes]:
        key = session.access_key
        scope = (
            f"AWS4-HMAC-SHA256 Credential={key}/20260101/ap-northeast-1/{service}/aws4_request, Signature=x"
        )
        request = urllib.request.Request(
            cloud.endpoint + path,
            body,
            {"Authorization": scope, "X-Amz-Security-Token": session.token, **headers},
            method="POST",
        )
        try:
            with OPENER.open(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def test_an_action_in_the_url_does_not_hide_one_in_the_body(self, cloud: Cloud, account: Account) -> None:
        session = account.session("lister", {"Action": "iam:ListUsers", "Resource": "*"})
        body = b"Action=CreateUser&UserName=me&Version=2010-05-08"
        form = {"Content-Type": "application/x-www-form-urlencoded"}

        status, _ = self.ask(cloud, session, "iam", "/?Action=ListUsers", body, **form)

        assert status == 501
        assert account.iam.list_users()["Users"] == []

    @pytest.mark.parametrize("path", ["/", "/?Action=DeleteDatabase"])
    def test_an_action_in_a_value_is_none(self, cloud: Cloud, account: Account, path: str) -> None:
        """Plain moto would delete the database: it reads a JSON body as a form first."""
        account.client("glue").create_database(DatabaseInput={"Name": "sales"})
        session = account.session("reader", {"Action": "glue:GetDatabase", "Resource": "*"})
        body = b'{"Name": "sales", "Hidden": "&Action=DeleteDatabase&"}'
        target = {"X-Amz-Target": "AWSGlue.GetDatabase", "Content-Type": "application/x-amz-json-1.1"}

        status, _ = self.ask(cloud, session, "glue", path, body, **target)

        assert status == 501
        assert len(account.client("glue").get_databases()["DatabaseList"]) == 1


class TestErrors:
    """A refusal is an error of its service: boto3 finds code and status in it."""

    @pytest.mark.parametrize(
        ("service", "operation", "parameters", "code", "status"),
        [
            ("s3", "list_buckets", {}, "AccessDenied", 403),
            ("iam", "list_roles", {}, "AccessDenied", 403),
            ("glue", "get_databases", {}, "AccessDeniedException", 400),
            ("kms", "list_keys", {}, "AccessDeniedException", 400),
            ("athena", "list_work_groups", {}, "AccessDeniedException", 400),
            ("quicksight", "list_data_sets", {"AwsAccountId": "{account}"}, "AccessDeniedException", 401),
        ],
    )
    def test_denied(
        self,
        cloud: Cloud,
        account: Account,
        service: str,
        operation: str,
        parameters: dict[str, str],
        code: str,
        status: int,
    ) -> None:
        client = cloud.client_of(account.session("nobody"), service)
        given = {name: value.format(account=account.id) for name, value in parameters.items()}

        with pytest.raises(ClientError) as failure:
            getattr(client, operation)(**given)

        assert code_of(failure) == code
        assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert "assumed-role/nobody/test is not authorized to perform" in str(failure.value)

    @pytest.mark.parametrize(
        ("headers", "data", "code"),
        [
            ({"X-Amz-Target": "AmazonAthena.ListWorkGroups"}, b"{}", b"MissingAuthenticationTokenException"),
            ({}, b"Action=GetCallerIdentity", b"<Code>MissingAuthenticationToken</Code>"),
        ],
    )
    def test_an_unsigned_request_is_refused(
        self, cloud: Cloud, headers: dict[str, str], data: bytes, code: bytes
    ) -> None:
        request = urllib.request.Request(cloud.endpoint, data, headers)

        with pytest.raises(urllib.error.HTTPError) as failure:
            OPENER.open(request, timeout=10)

        assert code in failure.value.read()


class TestControl:
    def test_health(self, cloud: Cloud) -> None:
        assert cloud.control("GET", "health") == {"status": "ok"}

    def test_options_are_read_and_set(self, cloud: Cloud) -> None:
        assert cloud.control("GET", "options")["latency"] == "zero"
        assert cloud.control("PUT", "options", {"latency": "aws"})["latency"] == "aws"
        assert cloud.control("PUT", "options", {"latency": "zero"})["latency"] == "zero"

    def test_the_seconds_of_each_kind_of_work_are_an_option_too(self, cloud: Cloud) -> None:
        seconds = {"ddl": 0.25, "select": 2, "ingestion": 0}

        assert cloud.control("PUT", "options", {"latency": seconds})["latency"] == seconds

        assert cloud.control("GET", "options")["latency"] == seconds
        assert cloud.control("PUT", "options", {"latency": "zero"})["latency"] == "zero"

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"latencie": "aws"}, "no option latencie; options are "),
            ([], "the body is no JSON object"),
            (None, "the body is no JSON: "),
            ({"latency": "slow"}, "'slow' is none of zero, aws"),
            ({"latency": ["aws"]}, "['aws'] is none of zero, aws"),
            ({"latency": None}, "None is none of zero, aws"),
            ({"latency": 1}, "1 is none of zero, aws"),
            ({"latency": {}}, "{} does not have exactly the members ddl, select, ingestion"),
            ({"latency": {"ddl": 1}}, "does not have exactly the members"),
            ({"latency": SECONDS | {"query": 1}}, "does not have exactly the members"),
            ({"latency": SECONDS | {"ddl": "1"}}, "ddl '1' is no number of seconds from 0 to 86400"),
            ({"latency": SECONDS | {"ddl": True}}, "ddl True is no number"),
            ({"latency": SECONDS | {"ddl": None}}, "ddl None is no number"),
            ({"latency": SECONDS | {"select": -1}}, "select -1 is no number"),
            ({"latency": SECONDS | {"select": math.nan}}, "select nan is no number"),
            ({"latency": SECONDS | {"ingestion": math.inf}}, "ingestion inf is no number"),
            ({"latency": SECONDS | {"ingestion": 10**400}}, "is no number of seconds"),
            ({"bad_values": "maybe"}, "bad_values 'maybe' is none of null, fail"),
            ({"bad_values": ["null"]}, "is none of null, fail"),
            ({"second_ingestion": "drop"}, "is none of queue, supersede"),
            ({"second_ingestion": {}}, "is none of queue, supersede"),
            ({"quicksight_editions": ["ENTERPRISE"]}, "does not take ['ENTERPRISE']"),
            ({"quicksight_editions": {"111111111111": "GOLD"}}, "edition 'GOLD' is none of"),
            ({"slow_next_ingestion": {"seconds": 1}}, "does not take {'seconds': 1}"),
            ({"slow_next_ingestion": DATA_SET | {"seconds": math.inf}}, "seconds inf is no number"),
            ({"drop_rows_in_next_ingestion": DATA_SET | {"rows": -1}}, "rows -1 is no number"),
            ({"drop_rows_in_next_ingestion": DATA_SET | {"rows": 10**400}}, "does not take"),
            (
                {"fail_next_ingestion": DATA_SET | {"Type": "BORED"}},
                "none of QuickSight's ingestion error types",
            ),
        ],
    )
    def test_a_wrong_option_says_why_and_changes_nothing(self, cloud: Cloud, wrong: object, why: str) -> None:
        before = cloud.control("GET", "options")

        with pytest.raises(urllib.error.HTTPError) as failure:
            cloud.control("PUT", "options", wrong)

        assert failure.value.code == 400
        assert why in json.load(failure.value)["error"]
        assert cloud.control("GET", "options") == before

    @pytest.mark.parametrize(
        "right",
        [
            {"latency": SECONDS},
            {"second_ingestion": "supersede", "bad_values": "fail"},
            {"quicksight_editions": {"111111111111": "STANDARD"}},
            {"slow_next_ingestion": DATA_SET | {"seconds": 1}},
        ],
        ids=lambda right: next(iter(right)),
    )
    def test_one_wrong_option_leaves_those_before_it_as_they_were(
        self, cloud: Cloud, right: dict[str, Any]
    ) -> None:
        before = cloud.control("GET", "options")

        with pytest.raises(urllib.error.HTTPError) as failure:
            cloud.control("PUT", "options", right | {"fail_next_ingestion": DATA_SET | {"Type": "BORED"}})

        assert failure.value.code == 400
        assert cloud.control("GET", "options") == before

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "LOCALHOST:5555", "[::1]:80", "local-aws:5555"]
    )
    def test_names_of_this_machine_are_answered(self, cloud: Cloud, host: str) -> None:
        assert self.status_for(cloud, host) == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example:80", "127.0.0.1@evil", "", "a:1:2"]
    )
    def test_a_page_of_another_site_switches_nothing(self, cloud: Cloud, host: str) -> None:
        assert self.status_for(cloud, host) == 403

    def status_for(self, cloud: Cloud, host: str) -> int:
        connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=10)
        connection.request("GET", "/_local_aws/options", headers={"Host": host})
        status = connection.getresponse().status
        connection.close()
        return status

    def test_an_unknown_path_is_not_found(self, cloud: Cloud) -> None:
        with pytest.raises(urllib.error.HTTPError) as failure:
            cloud.control("GET", "secrets")

        assert failure.value.code == 404


class TestConnections:
    def test_a_connection_is_kept_for_the_next_request(self, cloud: Cloud) -> None:
        connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=10)
        connection.connect()
        first = connection.sock

        for _ in range(3):
            # refused with a body that nobody reads
            connection.request("PUT", "/bucket/key", body=b"x" * 100_000)
            answer = connection.getresponse()
            assert (answer.status, answer.read()[:5]) == (403, b"<?xml")

        assert connection.sock is first
        connection.close()

    def test_a_mistake_of_the_local_aws_is_an_answer(self, capfd: pytest.CaptureFixture[str]) -> None:
        def application(environ: object, start_response: object) -> list[bytes]:
            raise ZeroDivisionError

        server = serve(application, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

        with pytest.raises(urllib.error.HTTPError) as failure:
            OPENER.open(f"http://127.0.0.1:{server.server_port}/", timeout=10)

        assert failure.value.code == 500
        server.shutdown()
        server.server_close()
        # the thread that answers writes its traceback piece by piece
        written: list[str] = []
        poll(
            lambda: written.append(capfd.readouterr().err), lambda _: "ZeroDivisionError" in "".join(written)
        )
