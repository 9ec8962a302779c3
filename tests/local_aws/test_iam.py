"""IAM: it is a service like the others, with permissions of its own, and its trust policies name who exists."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, code_of, policy, trust


class TestPermissions:
    def test_a_role_may_look_at_the_roles_that_its_policy_names(self, cloud: Cloud, account: Account) -> None:
        seen = account.role("seen", trust(account.id), path="/data/")
        account.role("hidden", trust(account.id))
        session = account.session("looker", {"Action": "iam:GetRole", "Resource": seen})
        iam = cloud.client_of(session, "iam")

        assert iam.get_role(RoleName="seen")["Role"]["Arn"] == seen
        with pytest.raises(ClientError) as failure:
            iam.get_role(RoleName="hidden")
        assert code_of(failure) == "AccessDenied"

    def test_nobody_gives_himself_more(self, cloud: Cloud, account: Account) -> None:
        iam = cloud.client_of(account.session("reader", {"Action": "s3:*", "Resource": "*"}), "iam")
        everything = policy({"Action": "*", "Resource": "*"})

        for refused in (
            lambda: iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=everything),
            lambda: iam.create_user(UserName="me"),
            lambda: iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust(account.id)),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                refused()

    def test_accounts_do_not_see_each_others_roles(self, account: Account, other_account: Account) -> None:
        account.role("reader", trust(account.id))

        with pytest.raises(ClientError) as failure:
            other_account.iam.get_role(RoleName="reader")

        assert code_of(failure) == "NoSuchEntity"

    def test_a_policy_that_is_taken_away_grants_no_more(self, cloud: Cloud, account: Account) -> None:
        session = account.session("lister", {"Action": "s3:ListAllMyBuckets", "Resource": "*"})
        s3 = cloud.client_of(session, "s3")
        assert s3.list_buckets()["Buckets"] == []

        account.iam.delete_role_policy(RoleName="lister", PolicyName="may")

        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_buckets()

    def test_a_policy_that_is_not_evaluated_here_grants_nothing(self, cloud: Cloud, account: Account) -> None:
        tagged = {"StringEquals": {"aws:PrincipalTag/team": "data"}}
        session = account.session("lister", {"Action": "s3:*", "Resource": "*", "Condition": tagged})

        with pytest.raises(ClientError, match="does not evaluate: condition key aws:PrincipalTag/team"):
            cloud.client_of(session, "s3").list_buckets()


class TestTrustPolicies:
    def test_a_principal_that_does_not_exist_is_malformed(
        self, account: Account, other_account: Account
    ) -> None:
        with pytest.raises(ClientError, match="Invalid principal in policy") as failure:
            account.role("reader", trust(f"arn:aws:iam::{other_account.id}:role/later"))

        assert code_of(failure) == "MalformedPolicyDocument"

    def test_the_same_holds_when_it_is_changed(self, account: Account) -> None:
        account.role("reader", trust(account.id))

        with pytest.raises(ClientError, match="Invalid principal in policy"):
            account.iam.update_assume_role_policy(
                RoleName="reader", PolicyDocument=trust(f"arn:aws:iam::{account.id}:user/nobody")
            )

    def test_services_and_accounts_need_no_creation(self, account: Account, other_account: Account) -> None:
        service = {"Service": "quicksight.amazonaws.com"}
        document = policy({"Principal": service, "Action": "sts:AssumeRole"})

        assert account.role("service", document)
        assert account.role("account", trust(f"arn:aws:iam::{other_account.id}:root"))

    def test_a_changed_trust_policy_counts_at_once(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")
        role_arn = account.role("pipeline", trust(f"arn:aws:iam::{account.id}:user/airflow"))
        assert cloud.assume(role_arn, by=user)

        document = policy({"Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"})
        account.iam.update_assume_role_policy(RoleName="pipeline", PolicyDocument=document)

        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.assume(role_arn, by=user)


class TestGlue:
    """Glue has the rule that everything above a thing is asked, too."""

    @pytest.fixture(autouse=True)
    def database(self, account: Account) -> None:
        account.client("glue").create_database(DatabaseInput={"Name": "sales"})

    def arns(self, account: Account, *names: str) -> list[str]:
        return [f"arn:aws:glue:ap-northeast-1:{account.id}:{name}" for name in names]

    def test_the_catalog_and_the_database_together_are_enough(self, cloud: Cloud, account: Account) -> None:
        arns = self.arns(account, "catalog", "database/sales")
        session = account.session("reader", {"Action": "glue:GetDatabase", "Resource": arns})

        assert cloud.client_of(session, "glue").get_database(Name="sales")["Database"]["Name"] == "sales"

    @pytest.mark.parametrize("granted", ["catalog", "database/sales"])
    def test_one_of_them_is_not(self, cloud: Cloud, account: Account, granted: str) -> None:
        session = account.session(
            "reader", {"Action": "glue:GetDatabase", "Resource": self.arns(account, granted)}
        )

        with pytest.raises(ClientError) as failure:
            cloud.client_of(session, "glue").get_database(Name="sales")

        assert code_of(failure) == "AccessDeniedException"

    def test_partitions_are_the_tables(self, cloud: Cloud, account: Account) -> None:
        table = {"Name": "records", "PartitionKeys": [{"Name": "year", "Type": "int"}]}
        account.client("glue").create_table(DatabaseName="sales", TableInput=table)
        arns = self.arns(account, "catalog", "database/sales", "table/sales/records")
        session = account.session("reader", {"Action": "glue:GetPartitions", "Resource": arns})
        glue = cloud.client_of(session, "glue")

        assert glue.get_partitions(DatabaseName="sales", TableName="records")["Partitions"] == []
        with pytest.raises(ClientError, match="AccessDenied"):
            glue.get_partitions(DatabaseName="sales", TableName="others")

    def test_another_accounts_catalog_is_refused(self, account: Account, other_account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            account.client("glue").get_databases(CatalogId=other_account.id)

        assert code_of(failure) == "AccessDeniedException"

    def test_accounts_have_catalogs_of_their_own(self, account: Account, other_account: Account) -> None:
        assert len(account.client("glue").get_databases()["DatabaseList"]) == 1
        assert other_account.client("glue").get_databases()["DatabaseList"] == []


class TestAthena:
    """Athena's actions are on workgroups, also those that name an execution only."""

    @pytest.fixture(autouse=True)
    def workgroups(self, account: Account) -> None:
        results = account.bucket("results")
        for name in ("sales", "secrets"):
            configuration = {"ResultConfiguration": {"OutputLocation": f"s3://{results}/{name}/"}}
            account.client("athena").create_work_group(Name=name, Configuration=configuration)

    def client(self, cloud: Cloud, account: Account) -> Any:
        """Athena as a role that may use the workgroup sales alone."""
        workgroup = f"arn:aws:athena:ap-northeast-1:{account.id}:workgroup/sales"
        session = account.session(
            "analyst",
            {"Action": "athena:*", "Resource": workgroup},
            {"Action": ["s3:*", "glue:*"], "Resource": "*"},
        )
        return cloud.client_of(session, "athena")

    def test_a_workgroup_is_granted_by_its_arn(self, cloud: Cloud, account: Account) -> None:
        athena = self.client(cloud, account)
        started = athena.start_query_execution(QueryString="SHOW DATABASES", WorkGroup="sales")

        found = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])

        assert found["QueryExecution"]["WorkGroup"] == "sales"

    @pytest.mark.parametrize("elsewhere", [{"WorkGroup": "secrets"}, {}], ids=["another", "primary"])
    def test_another_workgroup_is_denied(
        self, cloud: Cloud, account: Account, elsewhere: dict[str, str]
    ) -> None:
        with pytest.raises(ClientError) as failure:
            self.client(cloud, account).start_query_execution(QueryString="SHOW DATABASES", **elsewhere)

        assert code_of(failure) == "AccessDeniedException"

    def test_executions_of_another_workgroup_are_denied(self, cloud: Cloud, account: Account) -> None:
        athena, admin = self.client(cloud, account), account.client("athena")
        own, other = (
            admin.start_query_execution(QueryString="SHOW DATABASES", WorkGroup=name)["QueryExecutionId"]
            for name in ("sales", "secrets")
        )

        for refused in (
            lambda: athena.get_query_execution(QueryExecutionId=other),
            lambda: athena.get_query_results(QueryExecutionId=other),
            lambda: athena.stop_query_execution(QueryExecutionId=other),
            lambda: athena.batch_get_query_execution(QueryExecutionIds=[own, other]),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                refused()

    def test_an_execution_that_does_not_exist_is_said(self, cloud: Cloud, account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            self.client(cloud, account).get_query_execution(QueryExecutionId="none")

        assert code_of(failure) == "InvalidRequestException"


class TestQuickSight:
    def test_a_data_set_is_granted_by_its_arn(self, cloud: Cloud, account: Account) -> None:
        arn = f"arn:aws:quicksight:ap-northeast-1:{account.id}:dataset/sales*"
        session = account.session("looker", {"Action": "quicksight:DescribeDataSet", "Resource": arn})
        quicksight = cloud.client_of(session, "quicksight")

        with pytest.raises(ClientError) as allowed:
            quicksight.describe_data_set(AwsAccountId=account.id, DataSetId="sales-1")
        with pytest.raises(ClientError) as denied:
            quicksight.describe_data_set(AwsAccountId=account.id, DataSetId="other-1")

        assert code_of(allowed) == "ResourceNotFoundException"
        assert code_of(denied) == "AccessDeniedException"

    def test_an_ingestion_is_below_its_data_set(self, cloud: Cloud, account: Account) -> None:
        arn = f"arn:aws:quicksight:ap-northeast-1:{account.id}:dataset/sales/ingestion/*"
        session = account.session("loader", {"Action": "quicksight:*Ingestion*", "Resource": arn})
        quicksight = cloud.client_of(session, "quicksight")

        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            quicksight.list_ingestions(AwsAccountId=account.id, DataSetId="sales")
        with pytest.raises(ClientError, match="AccessDeniedException"):
            quicksight.create_ingestion(AwsAccountId=account.id, DataSetId="other", IngestionId="1")

    def test_another_account_is_refused(self, account: Account, other_account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            account.client("quicksight").list_data_sets(AwsAccountId=other_account.id)

        assert code_of(failure) == "AccessDeniedException"
