"""IAM with what moto lacks of it: service-specific credentials, SimulatePrincipalPolicy, quotas."""

import base64
import json
import secrets
import string
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import LimitExceededException, NoSuchEntity
from moto.iam.responses import IamResponse

from weir_control import CONTROL, Observed, Refusal

ALPHABET = string.ascii_uppercase + string.digits


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
