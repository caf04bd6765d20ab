"""Tries each thing that weir_moto.py adds to moto, against the server at WEIR_TEST_AWS_URL.

    scripts/with-services.sh .venv/bin/python crates/testkit/moto/selftest.py
"""

import base64
import contextlib
import json
import os
import secrets
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

URL = os.environ["WEIR_TEST_AWS_URL"]
KEYS = "bedrock.amazonaws.com"
# Seconds until a check that waits for something fails: far longer than any machine under load needs.
PATIENCE = 120
# Milliseconds.
HOUR = 3_600_000
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}]})


def client(service, **settings):
    settings = {"connect_timeout": PATIENCE, "read_timeout": PATIENCE} | settings
    config = Config(retries={"total_max_attempts": 1}, **settings)
    return boto3.client(service, endpoint_url=URL, region_name="eu-west-1", config=config)


iam, bedrock = client("iam"), client("bedrock")


def admin(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    json_type = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/weir-test/{path}", data, json_type, method=method)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null")


def new_user():
    name = f"selftest-{secrets.token_hex(4)}"
    iam.create_user(UserName=name)
    return name


@contextlib.contextmanager
def refused(code, status):
    try:
        yield
    except ClientError as error:
        got = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == (code, status), got
    else:
        raise AssertionError(f"not refused, but wanted {code}")


def credentials_live_and_die():
    user = new_user()
    made = iam.create_service_specific_credential(UserName=user, ServiceName=KEYS, CredentialAgeDays=30)
    made = made["ServiceSpecificCredential"]
    name, _, _ = base64.b64decode(made["ServiceCredentialSecret"].removeprefix("ABSK")).decode().partition(":")
    assert name == made["ServiceCredentialAlias"] == f"{user}-at-123456789012"
    assert (made["ExpirationDate"] - made["CreateDate"]).days == 30
    mine = {"UserName": user, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}

    iam.update_service_specific_credential(**mine, Status="Inactive")
    [listed] = iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive" and "ServiceCredentialSecret" not in listed

    iam.delete_service_specific_credential(**mine)
    assert not iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    with refused("NoSuchEntity", 404):
        iam.delete_service_specific_credential(**mine)
    with refused("NoSuchEntity", 404):
        iam.update_service_specific_credential(**mine, Status="Active")


def credentials_are_two_per_service():
    user = new_user()
    for service in (KEYS, KEYS, "codecommit.amazonaws.com"):
        iam.create_service_specific_credential(UserName=user, ServiceName=service)
    with refused("LimitExceeded", 409):
        iam.create_service_specific_credential(UserName=user, ServiceName=KEYS)
    found = iam.list_service_specific_credentials(UserName=user, ServiceName=KEYS)["ServiceSpecificCredentials"]
    assert len(found) == 2
    with refused("NotSupportedService", 404):
        iam.create_service_specific_credential(UserName=user, ServiceName="s3.amazonaws.com")
    with refused("NoSuchEntity", 404):
        iam.create_service_specific_credential(UserName="nobody", ServiceName=KEYS)


def credentials_of_all_users_come_in_pages():
    users = {new_user() for _ in range(3)}
    for user in users:
        iam.create_service_specific_credential(UserName=user, ServiceName=KEYS)
    seen, page = set(), {"IsTruncated": True}
    while page["IsTruncated"]:
        marker = {"Marker": page["Marker"]} if "Marker" in page else {}
        page = iam.list_service_specific_credentials(AllUsers=True, MaxItems=2, **marker)
        assert len(page["ServiceSpecificCredentials"]) <= 2
        seen |= {credential["UserName"] for credential in page["ServiceSpecificCredentials"]}
    assert users <= seen


def profiles_are_found_by_arn_and_id():
    profile_id = secrets.token_hex(6)
    arn = f"arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/{profile_id}"
    models = [{"modelArn": "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-5"}]
    with refused("ResourceNotFoundException", 404):
        bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
    tags = [{"key": "Team", "value": "sap"}]
    admin("POST", "inference-profiles", {"inferenceProfileArn": arn, "models": models, "tags": tags})
    for identifier in (arn, profile_id):
        profile = bedrock.get_inference_profile(inferenceProfileIdentifier=identifier)
        assert profile["models"] == models and profile["type"] == "APPLICATION"
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == tags
    admin("POST", "faults", [{"action": "GetInferenceProfile", "user": arn, "error": "ThrottlingException"}])
    with refused("ThrottlingException", 429):
        bedrock.get_inference_profile(inferenceProfileIdentifier=arn)


def faults_are_used_up_and_meant_for_one():
    ana, ben = new_user(), new_user()
    errors = {"Throttling": 400, "AccessDenied": 403, "InternalFailure": 500, "LimitExceeded": 409}
    for code, status in errors.items():
        admin("POST", "faults", [{"action": "PutUserPolicy", "user": ana, "times": 2, "error": code}])
        iam.put_user_policy(UserName=ben, PolicyName="deny", PolicyDocument=DENY)
        for _ in range(2):
            with refused(code, status):
                iam.put_user_policy(UserName=ana, PolicyName="deny", PolicyDocument=DENY)
        assert iam.list_user_policies(UserName=ana)["PolicyNames"] == []
    iam.put_user_policy(UserName=ana, PolicyName="deny", PolicyDocument=DENY)
    admin("POST", "faults", [{"action": "GetUser", "user": ana, "times": None, "error": "Throttling"}])
    assert [fault["action"] for fault in admin("GET", f"faults?user={ana}")] == ["GetUser"]
    admin("DELETE", f"faults?user={ana}")
    iam.get_user(UserName=ana)


def an_operation_may_happen_although_it_failed():
    user = new_user()
    admin("POST", "faults", [{"action": "PutUserPolicy", "user": user, "error": "InternalFailure", "apply": True}])
    with refused("InternalFailure", 500):
        iam.put_user_policy(UserName=user, PolicyName="deny", PolicyDocument=DENY)
    assert iam.list_user_policies(UserName=user)["PolicyNames"] == ["deny"]


def attached(user):
    return iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]


def becomes_attached(user):
    deadline = time.monotonic() + PATIENCE
    while not attached(user):
        assert time.monotonic() < deadline, f"{user} never got the policy"
        time.sleep(0.02)


@contextlib.contextmanager
def gives_up():
    try:
        yield
    except ReadTimeoutError:
        pass
    else:
        raise AssertionError("answered, although the write waits")


def lands(user):
    """Lets the one write that waits land; it may still be on its way to the server."""
    deadline = time.monotonic() + PATIENCE
    while admin("POST", f"land?user={user}")["landed"] == 0:
        assert time.monotonic() < deadline, f"no write about {user} waits"
        time.sleep(0.02)


def writes_may_come_late():
    user = new_user()
    policy = iam.create_policy(PolicyName=user, PolicyDocument=DENY)["Policy"]["Arn"]
    admin("POST", "faults", [{"action": "AttachUserPolicy", "user": user, "delay_ms": HOUR}])
    # However slow the machine: nothing is answered before the write is let go.
    with gives_up():
        client("iam", read_timeout=0.5).attach_user_policy(UserName=user, PolicyArn=policy)
    assert not attached(user)
    lands(user)
    assert attached(user)

    iam.detach_user_policy(UserName=user, PolicyArn=policy)
    admin("POST", "faults", [{"action": "AttachUserPolicy", "user": user, "lag_ms": HOUR}])
    iam.attach_user_policy(UserName=user, PolicyArn=policy)
    assert not attached(user)
    lands(user)
    assert attached(user)

    iam.detach_user_policy(UserName=user, PolicyArn=policy)
    admin("POST", "faults", [{"action": "AttachUserPolicy", "user": user, "lag_ms": 1}])
    iam.attach_user_policy(UserName=user, PolicyArn=policy)
    becomes_attached(user)


def calls_are_recorded():
    user = new_user()
    iam.put_user_policy(UserName=user, PolicyName="deny", PolicyDocument=DENY)
    calls = admin("GET", f"calls?user={user}")
    assert [call["action"] for call in calls] == ["CreateUser", "PutUserPolicy"], calls
    assert calls[1]["params"] == {"UserName": user, "PolicyName": "deny", "PolicyDocument": DENY}
    admin("DELETE", f"calls?user={user}")
    assert admin("GET", f"calls?user={user}") == []


def quotas_are_enforced_on_request():
    user, role = new_user(), f"selftest-{secrets.token_hex(4)}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=DENY)
    policies = [
        iam.create_policy(PolicyName=f"{user}-{n}", PolicyDocument=DENY)["Policy"]["Arn"] for n in range(11)
    ]
    # White space is free, so that the second document is as long as the first one, for IAM.
    size = len("".join(DENY.split()))
    padded = DENY.replace('"*"', '"*"' + " " * 500)
    try:
        admin("POST", "limits", {"enforce": True})
        for policy in policies[:10] + policies[:1]:
            iam.attach_user_policy(UserName=user, PolicyArn=policy)
        with refused("LimitExceeded", 409):
            iam.attach_user_policy(UserName=user, PolicyArn=policies[10])
        for limit, put, owner in (
            (2_048, iam.put_user_policy, {"UserName": user}),
            (10_240, iam.put_role_policy, {"RoleName": role}),
        ):
            fit = limit // size
            for n in range(fit):
                put(**owner, PolicyName=f"p{n}", PolicyDocument=padded)
            put(**owner, PolicyName="p0", PolicyDocument=DENY)
            with refused("LimitExceeded", 409):
                put(**owner, PolicyName="over", PolicyDocument=DENY)
    finally:
        admin("POST", "limits", {"enforce": False})
    iam.attach_user_policy(UserName=user, PolicyArn=policies[10])


def event_history_is_found_newest_first():
    region, cloudtrail = f"selftest-{secrets.token_hex(4)}", client("cloudtrail")
    account = client("sts").get_caller_identity()["Account"]
    records = [
        {
            "eventID": f"{region}-{n}", "eventName": "Converse", "eventSource": source,
            "eventTime": f"2026-11-20T09:00:{n:02}Z",
        }
        for n in range(60)
        for source in ("bedrock.amazonaws.com", "iam.amazonaws.com")
    ]
    admin("POST", "event-history", [{"account": account, "region": "eu-west-1", "record": one} for one in records])
    asked = {
        "LookupAttributes": [{"AttributeKey": "EventSource", "AttributeValue": "bedrock.amazonaws.com"}],
        "StartTime": "2026-11-20T09:00:05Z",
        "EndTime": "2026-11-20T09:00:59Z",
    }
    pages = list(cloudtrail.get_paginator("lookup_events").paginate(**asked))
    found = [one["EventId"] for page in pages for one in page["Events"] if one["EventId"].startswith(region)]
    assert found == [f"{region}-{n}" for n in range(59, 4, -1)], found
    assert len(pages[0]["Events"]) == 50 and len(pages) > 1
    with refused("InvalidTimeRangeException", 400):
        cloudtrail.lookup_events(**asked | {"StartTime": "2026-11-20T10:00:00Z"})


def log_groups_are_found_by_arn():
    logs, name = client("logs"), f"selftest-{secrets.token_hex(4)}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    now = int(time.time() * 1_000)
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[{"timestamp": now, "message": "m"}])
    arn = f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}"
    found = logs.filter_log_events(logGroupIdentifier=arn, startTime=now)["events"]
    assert [one["message"] for one in found] == ["m"], found


def rights_are_simulated_by_policies():
    user = new_user()
    arn = f"arn:aws:iam::123456789012:user/{user}"
    ours = "arn:aws:iam::123456789012:policy/weir/WeirBlock"
    statements = [
        {
            "Effect": "Allow",
            "Action": ["iam:AttachUserPolicy"],
            "Resource": "arn:aws:iam::123456789012:user/*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": ours}},
        },
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::secret/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)

    def decision(action, resource, policy=ours):
        context = {"ContextKeyName": "iam:PolicyARN", "ContextKeyType": "string", "ContextKeyValues": [policy]}
        asked = {"PolicySourceArn": arn, "ResourceArns": [resource], "ContextEntries": [context]}
        results = iam.simulate_principal_policy(**asked, ActionNames=["iam:PassRole", action])["EvaluationResults"]
        assert results[0]["EvalDecision"] == "implicitDeny"
        return results[1]["EvalDecision"]

    assert decision("iam:AttachUserPolicy", arn) == "allowed"
    assert decision("iam:AttachUserPolicy", arn, f"{ours}2") == "implicitDeny"
    assert decision("s3:GetObject", "arn:aws:s3:::open/x") == "allowed"
    assert decision("s3:GetObject", "arn:aws:s3:::secret/x") == "explicitDeny"
    assert decision("s3:PutObject", "*") == "implicitDeny"


def regions_are_listed():
    found = client("account").list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])["Regions"]
    assert "eu-west-1" in [one["RegionName"] for one in found], found


def thousands_come_in_pages():
    account = "".join(secrets.choice("123456789") for _ in range(12))
    role = boto3.client("sts", endpoint_url=URL, region_name="eu-west-1").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/r", RoleSessionName="selftest"
    )["Credentials"]
    keys = {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }
    theirs = boto3.client("iam", endpoint_url=URL, region_name="eu-west-1", **keys)
    theirs.create_group(GroupName="all")
    policy = theirs.create_policy(PolicyName="looks", PolicyDocument=DENY)["Policy"]["Arn"]
    users = [f"u-{n:03}" for n in range(250)]
    admin("POST", "users", {"account": account, "users": users, "group": "all", "policy": policy})
    for operation, field, params in (
        ("get_group", "Users", {"GroupName": "all"}),
        ("list_entities_for_policy", "PolicyUsers", {"PolicyArn": policy}),
        ("get_account_authorization_details", "UserDetailList", {"Filter": ["User"]}),
    ):
        pages = [page[field] for page in theirs.get_paginator(operation).paginate(**params)]
        assert [len(page) for page in pages] == [100, 100, 50], (operation, [len(page) for page in pages])
        assert {user["UserName"] for page in pages for user in page} == set(users)
    assert len(theirs.get_group(GroupName="all", MaxItems=7)["Users"]) == 7

    place = {"account": account, "region": "eu-west-1", "store": "d-1"}
    admin("POST", "people", place | {"people": users, "group": "all"})
    directory = boto3.client("identitystore", endpoint_url=URL, region_name="eu-west-1", **keys)
    pages = directory.get_paginator("list_users").paginate(IdentityStoreId="d-1")
    assert [len(page["Users"]) for page in pages] == [100, 100, 50]


CHECKS = [
    credentials_live_and_die,
    credentials_are_two_per_service,
    credentials_of_all_users_come_in_pages,
    profiles_are_found_by_arn_and_id,
    faults_are_used_up_and_meant_for_one,
    an_operation_may_happen_although_it_failed,
    writes_may_come_late,
    calls_are_recorded,
    quotas_are_enforced_on_request,
    event_history_is_found_newest_first,
    log_groups_are_found_by_arn,
    rights_are_simulated_by_policies,
    regions_are_listed,
    thousands_come_in_pages,
]

if __name__ == "__main__":
    for check in CHECKS:
        check()
    print(f"moto: {len(CHECKS)} checks of its additions passed")
