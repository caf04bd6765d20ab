"""What the tests ask of the server, and every call that is seen: recorded, and spoilt where a test wants that."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

ANYBODY = "*"


class Refusal(ServiceException):
    """Of ours, because moto looks for the error's shape by the module of its class."""


@dataclass
class Fault:
    action: str
    user: str = ANYBODY
    times: int | None = 1
    error: str | None = None
    apply: bool = False
    delay_ms: int = 0
    lag_ms: int = 0
    replace: dict | None = None

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
        if fault.replace:
            return self._reworded(fault.replace, operation)
        if fault.error:
            operation = partial(self._spoilt, fault, operation)
        return Late(call["user"], fault.delay_ms).run(operation) if fault.delay_ms else operation()

    def _spoilt(self, fault, operation):
        if fault.apply:
            operation()
        return self._fail(fault.error)

    @staticmethod
    def _reworded(words, operation):
        """The answer as another form of the service would word it."""
        status, headers, body = operation()
        for old, new in words.items():
            body = body.replace(old, new)
        return status, headers, body

    def _all_params(self):
        if self.automated_parameter_parsing:
            return dict(self.params)
        in_path = self.uri_match.groupdict() if self.uri_match else {}
        return {key: unquote(value) for key, value in in_path.items()} | json.loads(self.body or "{}")

    def _fail(self, code):
        error = Refusal(code, f"{code}, because the test asked for it")
        status, headers, body = self.serialized(ActionResult(error))
        return self.STATUS.get(code, status), headers, body
