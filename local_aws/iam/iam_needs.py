"""IAM itself: which action on which user, role, policy or group."""

from __future__ import annotations

from collections.abc import Callable

from local_aws.calls import Call
from local_aws.iam import store
from local_aws.iam.needs import Need, NeedsOf, arn, text

ON_ROLE = [
    "CreateRole",
    "GetRole",
    "DeleteRole",
    "UpdateRole",
    "UpdateAssumeRolePolicy",
    "TagRole",
    "UntagRole",
    "ListRoleTags",
    "PutRolePolicy",
    "GetRolePolicy",
    "DeleteRolePolicy",
    "ListRolePolicies",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "ListAttachedRolePolicies",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
]
ON_USER = [
    "CreateUser",
    "GetUser",
    "DeleteUser",
    "TagUser",
    "UntagUser",
    "ListUserTags",
    "PutUserPolicy",
    "GetUserPolicy",
    "DeleteUserPolicy",
    "ListUserPolicies",
    "AttachUserPolicy",
    "DetachUserPolicy",
    "ListAttachedUserPolicies",
    "CreateAccessKey",
    "DeleteAccessKey",
    "UpdateAccessKey",
    "ListAccessKeys",
    "ListGroupsForUser",
]
ON_POLICY = [
    "CreatePolicy",
    "GetPolicy",
    "DeletePolicy",
    "CreatePolicyVersion",
    "GetPolicyVersion",
    "DeletePolicyVersion",
    "ListPolicyVersions",
    "SetDefaultPolicyVersion",
    "ListEntitiesForPolicy",
]
ON_GROUP = [
    "CreateGroup",
    "GetGroup",
    "DeleteGroup",
    "AddUserToGroup",
    "RemoveUserFromGroup",
    "PutGroupPolicy",
    "GetGroupPolicy",
    "DeleteGroupPolicy",
    "ListGroupPolicies",
    "AttachGroupPolicy",
    "DetachGroupPolicy",
    "ListAttachedGroupPolicies",
]
ON_ANYTHING = [
    "ListRoles",
    "ListUsers",
    "ListPolicies",
    "ListGroups",
    "GetAccountSummary",
    "ListAccountAliases",
]


def _new_arn(call: Call, kind: str, name: str) -> str:
    return arn(call, "iam", f"{kind}{text(call, 'Path') or '/'}{name}", region="")


def _role(call: Call) -> str:
    name = text(call, "RoleName")
    found = store.find_role_by_name(call.account_id, name)
    return str(found.arn) if found is not None else _new_arn(call, "role", name)


def _user(call: Call) -> str:
    name = text(call, "UserName")
    if not name:
        return call.caller.principal_arn
    found = store.find_user_by_name(call.account_id, name)
    return str(found.arn) if found is not None else _new_arn(call, "user", name)


def _policy(call: Call) -> str:
    return text(call, "PolicyArn") or _new_arn(call, "policy", text(call, "PolicyName"))


def _group(call: Call) -> str:
    return _new_arn(call, "group", text(call, "GroupName"))


def _on(resource: Callable[[Call], str]) -> NeedsOf:
    return lambda call: [Need(f"iam:{call.operation}", resource(call))]


IAM_NEEDS: dict[str, NeedsOf] = {
    **dict.fromkeys(ON_ROLE, _on(_role)),
    **dict.fromkeys(ON_USER, _on(_user)),
    **dict.fromkeys(ON_POLICY, _on(_policy)),
    **dict.fromkeys(ON_GROUP, _on(_group)),
    **dict.fromkeys(ON_ANYTHING, _on(lambda _: "*")),
}
