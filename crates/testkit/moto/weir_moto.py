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

import json
import os
from dataclasses import asdict
from datetime import datetime, timezone

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
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse
from moto.identitystore.responses import IdentityStoreResponse
from moto.logs.responses import LogsResponse
from moto.organizations.responses import OrganizationsResponse
from moto.sns.responses import SNSResponse
from moto.ssoadmin.responses import SSOAdminResponse
from moto.sts.responses import TokenResponse

import weir_crowds
from weir_control import CONTROL, Fault, Observed, Refusal
from weir_iam import Iam

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
