"""moto, a local AWS, with what it lacks and Weir's tests need.

    .venv/bin/python crates/testkit/moto/weir_moto.py -H 127.0.0.1 -p PORT

Operations added: IAM's service-specific credentials (Create, List, Update, Delete) and SimulatePrincipalPolicy, Bedrock's
GetInferenceProfile, and its ListTagsForResource for inference profiles; CloudTrail's LookupEvents; log groups named by ARN
in CloudWatch Logs' FilterLogEvents; Account Management's ListRegions; pages of IAM's lists of users and holders. Of IAM, Organizations, the identity store and
Identity Center calls are seen and may be spoilt.

SimulatePrincipalPolicy reads identity policies: actions and resources by their patterns, StringEquals, StringLike, ArnEquals
and ArnLike of the context that is given, and a Deny before an Allow. It knows nothing of boundaries and organisations.

A test steers the server through /weir-test/. Tests share one server, so they name their own users, and everything
here can be narrowed down to one. "User" stands for what a call is about: a user's, role's or group's name, a policy's
ARN or id, an identity store, a topic's ARN, or an inference profile's id as the caller wrote it; of a call about none of
these, for the account.

POST   /weir-test/faults               [{"action": "PutUserPolicy", "user": "ana", ...}, ...]
           user      a name, or "*" (the default) for any
           times     how many calls it applies to, 1 by default; null: all, until deleted
           error     the code to answer with: "Throttling", "AccessDenied", "InternalFailure", "NoSuchEntity" ...
           apply     with an error: whether the operation is carried out all the same (false by default)
           delay_ms  how long to wait before carrying it out; the caller waits too, or gives up
           lag_ms    answer success at once and carry it out only later, as IAM's eventual consistency may look;
                     for operations that answer nothing but success
POST   /weir-test/land?user=ana        carries out now what still waits for its delay_ms or lag_ms, and answers once that
                                       is done: {"landed": how many}. With an hour's delay no test depends on speed
GET    /weir-test/faults?user=ana      those that are left
DELETE /weir-test/faults?user=ana
GET    /weir-test/calls?user=ana       the calls of IAM, Bedrock, Logs, CloudTrail, SNS and the services above that were seen: service, account, region, action, user, params, error
DELETE /weir-test/calls?user=ana
POST   /weir-test/limits               {"enforce": true}: refuse what is over IAM's quotas, which moto never does
POST   /weir-test/inference-profiles   {"inferenceProfileArn": ..., "models": [{"modelArn": ...}], "tags": [...]}:
                                       what GetInferenceProfile is to answer; by id, too
POST   /weir-test/users                {"account": ..., "users": [name, ...], "path", "tags", "group", "policy"}: makes them all
POST   /weir-test/people               {"account": ..., "region": ..., "store": ..., "people": [name, ...], "group": ...}: of a directory
POST   /weir-test/event-history        [{"account": ..., "region": ..., "record": {a CloudTrail record}}, ...]:
                                       what LookupEvents is to find
"""

import base64
import json
import os
import secrets
import string
import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from functools import partial
from urllib.parse import unquote

import flask
import moto.account.urls
import moto.bedrock.urls
import moto.cloudtrail.urls
import moto.iam.urls
import moto.identitystore.urls
import moto.logs.urls
import moto.organizations.urls
import moto.server
import moto.sns.urls
import moto.ssoadmin.urls
import moto.sts.urls
from moto.account.responses import AccountResponse
from moto.bedrock.responses import BedrockResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import LimitExceededException, NoSuchEntity
from moto.iam.responses import IamResponse
from moto.identitystore.responses import IdentityStoreResponse
from moto.logs.responses import LogsResponse
from moto.organizations.responses import OrganizationsResponse
from moto.sns.responses import SNSResponse
from moto.ssoadmin.responses import SSOAdminResponse
from moto.sts.responses import TokenResponse

import weir_crowds

ANYBODY = "*"
ALPHABET = string.ascii_uppercase + string.digits


class Refusal(ServiceException):
    """Of this module, because moto looks for the error's shape by the module of its class."""


@dataclass
class Fault:
    action: str
    user: str = ANYBODY
    times: int | None = 1
    error: str | None = None
    apply: bool = False
    delay_ms: int = 0
    lag_ms: int = 0

    def hits(self, call):
        return self.action == call["action"] and self.user in (ANYBODY, call["user"])


class Late:
    """An operation that is carried out after a while, or as soon as a test lets it land."""

    def __init__(self, user, milliseconds):
        self.user, self.seconds = user, milliseconds / 1000
        self.go, self.done = threading.Event(), threading.Event()
        with CONTROL.lock:
            CONTROL.late.append(self)

    def run(self, operation):
        self.go.wait(self.seconds)
        try:
            return operation()
        finally:
            with CONTROL.lock:
                CONTROL.late.remove(self)
            self.done.set()

    def land(self):
        self.go.set()
        self.done.wait()


class Control:
    """What the tests have asked for, and what they can ask about."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.late = []
        self.calls = deque(maxlen=10_000)
        self.enforce_limits = False
        self.profiles = {}
        self.history = []

    def observe(self, call):
        """Records a call and returns what is to go wrong with it, if anything."""
        with self.lock:
            fault = next((one for one in self.faults if one.hits(call)), None)
            if fault and fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self.faults.remove(fault)
            self.calls.append(call | {"error": fault and fault.error})
            return fault

    def forget(self, items, user):
        """Removes a user's entries from `items`, or, without a user, all."""
        with self.lock:
            kept = [item for item in items if user and self.user_of(item) != user]
            items.clear()
            items.extend(kept)

    @staticmethod
    def user_of(item):
        return item["user"] if isinstance(item, dict) else item.user


CONTROL = Control()


# --- every call ----------------------------------------------------------------


class Observed:
    """Records each call to a service, and spoils those that a test wants spoilt."""

    SUBJECTS = (
        "UserName", "RoleName", "GroupName", "inferenceProfileIdentifier", "resourceARN", "logGroupName",
        "logGroupIdentifier", "PolicyArn", "PolicyId", "IdentityStoreId", "TopicArn", "RoleArn",
    )
    # Errors that any service may answer with, so that no service's model gives their HTTP status.
    STATUS = {"AccessDenied": 403, "ExpiredToken": 403, "InternalFailure": 500, "ServiceUnavailable": 503}

    def call_action(self):
        action, params = self._get_action(), self._all_params()
        call = {
            "service": self.service_name,
            "account": self.current_account,
            "action": action,
            "region": self.region,
            "user": next((params[key] for key in self.SUBJECTS if params.get(key)), self.current_account),
            "params": params,
        }
        fault = CONTROL.observe(call)
        if fault is None:
            return super().call_action()
        if fault.lag_ms:
            late = Late(call["user"], fault.lag_ms)
            threading.Thread(target=late.run, args=(super().call_action,), daemon=True).start()
            return self.serialized(EmptyResult())
        operation = super().call_action
        if fault.error:
            operation = partial(self._spoilt, fault, operation)
        return Late(call["user"], fault.delay_ms).run(operation) if fault.delay_ms else operation()

    def _spoilt(self, fault, operation):
        if fault.apply:
            operation()
        return self._fail(fault.error)

    def _all_params(self):
        if self.automated_parameter_parsing:
            return dict(self.params)
        in_path = self.uri_match.groupdict() if self.uri_match else {}
        return {key: unquote(value) for key, value in in_path.items()} | json.loads(self.body or "{}")

    def _fail(self, code):
        error = Refusal(code, f"{code}, because the test asked for it")
        status, headers, body = self.serialized(ActionResult(error))
        return self.STATUS.get(code, status), headers, body


# --- IAM -----------------------------------------------------------------------


class Iam(Observed, IamResponse):
    CREDENTIALS_PER_SERVICE = 2
    POLICIES_PER_USER = 10
    INLINE_PER_USER = 2_048
    INLINE_PER_ROLE = 10_240
    MANAGED_POLICY = 6_144
    SERVICES = ("bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com")

    # Credentials are kept on moto's own user, so that they go when it is deleted or moto is reset.

    def create_service_specific_credential(self):
        user, service = self.backend.get_user(self._get_param("UserName")), self._service()
        credentials = self._credentials(user)
        same = [one for one in credentials.values() if one["ServiceName"] == service]
        if len(same) >= self.CREDENTIALS_PER_SERVICE:
            raise LimitExceededException(
                f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {self.CREDENTIALS_PER_SERVICE}"
            )
        name = user.name + (f"+{len(same)}" if same else "") + f"-at-{self.current_account}"
        secret = secrets.token_urlsafe(32)
        credential = {
            "UserName": user.name,
            "Status": "Active",
            "ServiceName": service,
            "ServiceSpecificCredentialId": "ACCA" + "".join(secrets.choice(ALPHABET) for _ in range(17)),
            "CreateDate": datetime.now(timezone.utc),
        }
        if service == "bedrock.amazonaws.com":
            credential["ServiceCredentialAlias"] = name
            once = {"ServiceCredentialSecret": "ABSK" + base64.b64encode(f"{name}:{secret}".encode()).decode()}
            if days := self._get_param("CredentialAgeDays"):
                credential["ExpirationDate"] = credential["CreateDate"] + timedelta(days=int(days))
        else:
            credential["ServiceUserName"] = name
            once = {"ServicePassword": secret}
        credentials[credential["ServiceSpecificCredentialId"]] = credential
        return ActionResult({"ServiceSpecificCredential": credential | once})

    def list_service_specific_credentials(self):
        everybody = self._get_bool_param("AllUsers")
        users = list(self.backend.users.values()) if everybody else [self._user()]
        service = self._service() if self._get_param("ServiceName") else None
        found = [
            credential
            for user in users
            for credential in list(self._credentials(user).values())
            if service in (None, credential["ServiceName"])
        ]
        start = int(self._get_param("Marker", 0))
        end = start + int(self._get_param("MaxItems", 100))
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(found) else {"IsTruncated": False}
        return ActionResult({"ServiceSpecificCredentials": found[start:end]} | more)

    def update_service_specific_credential(self):
        self._credential()["Status"] = self._get_param("Status")
        return EmptyResult()

    def delete_service_specific_credential(self):
        del self._credentials(self._user())[self._credential()["ServiceSpecificCredentialId"]]
        return EmptyResult()

    def _user(self):
        """The user that the call names, else the one that made it."""
        if name := self._get_param("UserName"):
            return self.backend.get_user(name)
        if user := self.backend.get_user_from_access_key_id(self.access_key):
            return user
        raise Refusal("ValidationError", "Must specify userName when calling with non-User credentials")

    def _service(self):
        service = self._get_param("ServiceName")
        if service not in self.SERVICES:
            raise Refusal("NotSupportedService", f"{service} does not support service-specific credentials")
        return service

    def _credential(self):
        wanted = self._get_param("ServiceSpecificCredentialId")
        try:
            return self._credentials(self._user())[wanted]
        except KeyError:
            raise NoSuchEntity(f"Service specific credential {wanted} cannot be found.") from None

    @staticmethod
    def _credentials(user):
        return user.__dict__.setdefault("service_specific_credentials", {})

    def simulate_principal_policy(self):
        params = self._all_params()
        statements = list(self._statements(params["PolicySourceArn"]))
        context = {entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in params.get("ContextEntries", [])}
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": self._decision(statements, action, resource, context),
            }
            for action in params["ActionNames"]
            for resource in params.get("ResourceArns") or ["*"]
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    def _statements(self, source):
        name = source.rpartition("/")[2]
        if ":user/" in source:
            user = self.backend.get_user(name)
            owners = [user, *self.backend.get_groups_for_user(name)]
        else:
            owners = [self.backend.get_role(name)]
        texts = [text for owner in owners for text in owner.policies.values()]
        texts += [policy.document for owner in owners for policy in owner.managed_policies.values()]
        for text in texts:
            for statement in listed(json.loads(text if text.startswith("{") else unquote(text))["Statement"]):
                yield statement

    def _decision(self, statements, action, resource, context):
        effects = {
            statement["Effect"]
            for statement in statements
            if fits(statement.get("Action", []), action.lower(), str.lower)
            and fits(statement["Resource"], resource)
            and self._holds(statement.get("Condition", {}), context)
        }
        return "explicitDeny" if "Deny" in effects else "allowed" if "Allow" in effects else "implicitDeny"

    @staticmethod
    def _holds(condition, context):
        assert set(condition) <= {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}, condition
        return all(
            any(fits(values, value) for value in context.get(key.lower(), []))
            for keys in condition.values()
            for key, values in keys.items()
        )

    # Quotas.

    def attach_user_policy(self):
        attached = self.backend.get_user(self._get_param("UserName")).managed_policies
        if CONTROL.enforce_limits and self._get_param("PolicyArn") not in attached:
            if len(attached) >= self.POLICIES_PER_USER:
                raise LimitExceededException(f"Cannot exceed quota for PoliciesPerUser: {self.POLICIES_PER_USER}")
        return super().attach_user_policy()

    def create_policy(self):
        self._check_managed()
        return super().create_policy()

    def create_policy_version(self):
        self._check_managed()
        return super().create_policy_version()

    def _check_managed(self):
        size = len("".join(self._get_param("PolicyDocument").split()))
        if CONTROL.enforce_limits and size > self.MANAGED_POLICY:
            raise LimitExceededException(f"Cannot exceed quota for PolicySize: {self.MANAGED_POLICY}")

    def put_user_policy(self):
        name = self._get_param("UserName")
        self._check_inline(self.backend.get_user(name).policies, self.INLINE_PER_USER, f"user {name}")
        return super().put_user_policy()

    def put_role_policy(self):
        name = self._get_param("RoleName")
        self._check_inline(self.backend.get_role(name).policies, self.INLINE_PER_ROLE, f"role {name}")
        return super().put_role_policy()

    def _check_inline(self, policies, limit, owner):
        """IAM counts the characters of all inline policies together, but no white space."""
        after = policies | {self._get_param("PolicyName"): self._get_param("PolicyDocument")}
        if CONTROL.enforce_limits and sum(len("".join(text.split())) for text in after.values()) > limit:
            raise LimitExceededException(f"Maximum policy size of {limit} bytes exceeded for {owner}")


def listed(one_or_many):
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def fits(patterns, text, form=str):
    return any(fnmatchcase(text, form(pattern).replace("[", "[[]")) for pattern in listed(patterns))


# --- Account Management --------------------------------------------------------


class Account(AccountResponse):
    REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")

    def list_regions(self):
        regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in self.REGIONS]
        return ActionResult({"Regions": regions})


# --- Bedrock -------------------------------------------------------------------


class Bedrock(Observed, BedrockResponse):
    def get_inference_profile(self):
        wanted = self._all_params()["inferenceProfileIdentifier"]
        profile = CONTROL.profiles.get(wanted)
        if profile is None:
            raise Refusal("ResourceNotFoundException", f"no inference profile {wanted}")
        return ActionResult(profile)

    def list_tags_for_resource(self):
        profile = CONTROL.profiles.get(self._get_param("resourceARN"))
        return super().list_tags_for_resource() if profile is None else ActionResult({"tags": profile["tags"]})


# --- CloudWatch Logs -----------------------------------------------------------


class Logs(Observed, LogsResponse):
    def filter_log_events(self):
        name = self._get_param("logGroupName")
        if arn := self._get_param("logGroupIdentifier"):
            if name:
                raise Refusal("InvalidParameterException", "logGroupName and logGroupIdentifier exclude each other")
            name = arn.rpartition(":log-group:")[2]
        keys = ("startTime", "endTime", "limit", "nextToken", "filterPattern", "interleaved")
        events, token, streams = self.logs_backend.filter_log_events(
            name, self._get_param("logStreamNames", []), *(self._get_param(key) for key in keys)
        )
        return json.dumps({"events": events, "nextToken": token, "searchedLogStreams": streams})


# --- Identity Center -----------------------------------------------------------


class Organizations(Observed, OrganizationsResponse):
    pass


class IdentityStore(Observed, IdentityStoreResponse):
    pass


class SsoAdmin(Observed, SSOAdminResponse):
    pass


# --- CloudTrail ----------------------------------------------------------------


class CloudTrail(Observed, CloudTrailResponse):
    MOST = 50

    def lookup_events(self):
        asked = self._all_params()
        start, end = asked.get("StartTime", 0), asked.get("EndTime", datetime.now(timezone.utc).timestamp())
        if start > end:
            raise Refusal("InvalidTimeRangeException", "the start is after the end")
        wanted = [
            one
            for one in (self.event(given["record"]) for given in CONTROL.history if self.is_here(given))
            if start <= one["EventTime"] <= end and self.matches(one, asked.get("LookupAttributes", []))
        ]
        wanted.sort(key=lambda one: one["EventTime"], reverse=True)
        first = int(asked.get("NextToken", 0))
        last = first + min(asked.get("MaxResults", self.MOST), self.MOST)
        more = {"NextToken": str(last)} if last < len(wanted) else {}
        return json.dumps({"Events": wanted[first:last]} | more)

    def is_here(self, given):
        return (given["account"], given["region"]) == (self.current_account, self.region)

    @staticmethod
    def event(record):
        at = datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
        return {
            "EventId": record["eventID"],
            "EventName": record["eventName"],
            "EventSource": record["eventSource"],
            "EventTime": int(at.timestamp()),
            "CloudTrailEvent": json.dumps(record),
        }

    @staticmethod
    def matches(event, attributes):
        if len(attributes) > 1:
            raise Refusal("InvalidLookupAttributesException", "one attribute at a time")
        return all(event[one["AttributeKey"]] == one["AttributeValue"] for one in attributes)


# --- SNS -----------------------------------------------------------------------


class Sns(Observed, SNSResponse):
    """moto has all that Weir needs; here it can be seen and spoilt."""


class Sts(Observed, TokenResponse):
    """The same."""


# --- /weir-test/ ---------------------------------------------------------------

admin = flask.Flask("weir-test")


@admin.post("/weir-test/faults")
def add_faults():
    faults = [Fault(**fault) for fault in flask.request.get_json()]
    with CONTROL.lock:
        CONTROL.faults.extend(faults)
    return "", 204


@admin.get("/weir-test/faults")
def list_faults():
    return [asdict(fault) for fault in chosen(CONTROL.faults)]


@admin.delete("/weir-test/faults")
def delete_faults():
    CONTROL.forget(CONTROL.faults, flask.request.args.get("user"))
    return "", 204


@admin.post("/weir-test/land")
def land():
    late = chosen(CONTROL.late)
    for one in late:
        one.land()
    return {"landed": len(late)}


@admin.get("/weir-test/calls")
def list_calls():
    return flask.Response(json.dumps(chosen(CONTROL.calls), default=str), mimetype="application/json")


@admin.delete("/weir-test/calls")
def delete_calls():
    CONTROL.forget(CONTROL.calls, flask.request.args.get("user"))
    return "", 204


@admin.post("/weir-test/limits")
def set_limits():
    CONTROL.enforce_limits = bool(flask.request.get_json()["enforce"])
    return "", 204


@admin.post("/weir-test/inference-profiles")
def add_inference_profile():
    given = flask.request.get_json()
    arn = given["inferenceProfileArn"]
    now = datetime.now(timezone.utc)
    profile = {
        "inferenceProfileId": arn.rpartition("/")[2],
        "inferenceProfileName": arn.rpartition("/")[2],
        "type": "APPLICATION" if ":application-inference-profile/" in arn else "SYSTEM_DEFINED",
        "status": "ACTIVE",
        "models": [],
        "tags": [],
        "createdAt": now,
        "updatedAt": now,
    } | given
    CONTROL.profiles[arn] = CONTROL.profiles[profile["inferenceProfileId"]] = profile
    return "", 204


@admin.post("/weir-test/event-history")
def add_event_history():
    CONTROL.history.extend(flask.request.get_json())
    return "", 204


@admin.post("/weir-test/users")
def add_users():
    weir_crowds.add_users(**flask.request.get_json())
    return "", 204


@admin.post("/weir-test/people")
def add_people():
    weir_crowds.add_people(**flask.request.get_json())
    return "", 204


@admin.errorhandler(KeyError)
@admin.errorhandler(TypeError)
def bad_request(error):
    return {"error": str(error)}, 400


def chosen(items):
    user = flask.request.args.get("user")
    with CONTROL.lock:
        return [item for item in items if user in (None, CONTROL.user_of(item))]


# --- main ----------------------------------------------------------------------


class Application(moto.server.DomainDispatcherApplication):
    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/weir-test/"):
            return admin(environ, start_response)
        return super().__call__(environ, start_response)


def serve_instead(urls, theirs, ours):
    for path, handler in urls.url_paths.items():
        if handler == theirs.dispatch:
            urls.url_paths[path] = ours.dispatch


if __name__ == "__main__":
    # As in AWS: a bucket of another account is read by credentials of that account.
    os.environ.setdefault("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    serve_instead(moto.account.urls, AccountResponse, Account)
    moto.account.urls.url_paths["{0}/listRegions$"] = Account.dispatch
    weir_crowds.in_pages(Iam)
    serve_instead(moto.iam.urls, IamResponse, Iam)
    serve_instead(moto.bedrock.urls, BedrockResponse, Bedrock)
    serve_instead(moto.cloudtrail.urls, CloudTrailResponse, CloudTrail)
    serve_instead(moto.identitystore.urls, IdentityStoreResponse, IdentityStore)
    serve_instead(moto.organizations.urls, OrganizationsResponse, Organizations)
    serve_instead(moto.ssoadmin.urls, SSOAdminResponse, SsoAdmin)
    serve_instead(moto.logs.urls, LogsResponse, Logs)
    serve_instead(moto.sns.urls, SNSResponse, Sns)
    serve_instead(moto.sts.urls, TokenResponse, Sts)
    moto.server.DomainDispatcherApplication = Application
    moto.server.main()
